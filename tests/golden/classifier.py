"""Writes OUT/keras_classifier.safetensors: the source's whole classifier in Keras, shrunk, its first three RMSprop steps on batches of four
clips. usage: classifier.py OUT SEED     (SEED picks the sizes too)"""
import os, sys; os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"; os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np, keras
from safetensors.numpy import save_file
out, seed = sys.argv[1], int(sys.argv[2]); rng = np.random.default_rng(seed); keras.utils.set_random_seed(seed); L = keras.layers
T, H, W, C, F = (int(rng.integers(*r)) for r in ((2, 6), (2, 6), (2, 6), (3, 12), (2, 6))); dense = [int(rng.integers(4, 16)) for _ in range(2)]
m = keras.Sequential([keras.Input((T, H, W, C)), L.ConvLSTM2D(F, 3, padding="same", name="conv_lstm2d"), L.Flatten(), L.BatchNormalization(name="batch_normalization")]
    + [L.Dense(d, "relu", name=n) for d, n in zip(dense, ("dense", "dense_1"))] + [L.Dense(1, "sigmoid", name="dense_2")])
m.compile(keras.optimizers.RMSprop(1e-3), "binary_crossentropy")
state = lambda prefix: {f"{prefix}.{l.name}.{w.name}": w.numpy().copy() for l in m.layers for w in l.weights}
x, y = np.abs(rng.normal(0, 1, (12, T, H, W, C))).astype("f4"), (rng.random((12, 1)) > .5).astype("f4"); d = {"x": x, "y": y} | state("init"); losses = []
for i in range(0, 12, 4): losses.append(float(m.train_on_batch(x[i:i+4], y[i:i+4]))); m.reset_metrics(); d |= state("first") if i == 0 else {}
d |= state("third") | {"losses": np.array(losses, "f4"), "pred": m.predict(x, verbose=0)}
save_file({k: np.ascontiguousarray(v) for k, v in d.items()}, f"{out}/keras_classifier.safetensors")
