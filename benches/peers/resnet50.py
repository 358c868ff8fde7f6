"""ResNet50 without its classifier over ten 256x256 images, by PyTorch, ONNX Runtime (torchvision's network) or TensorFlow (Keras's).
usage: resnet50.py torch|onnxruntime|keras THREADS"""
import os
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np

from shared import timed

library, threads = sys.argv[1], int(sys.argv[2])
images = np.random.default_rng(0).random((10, 256, 256, 3), dtype="float32")
if library == "keras":
    import keras
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    network = keras.applications.ResNet50(weights=None, include_top=False, input_shape=(256, 256, 3))
    compiled, tensor = tf.function(lambda x: network(x, training=False)), tf.constant(images)
    library, seconds = f"tensorflow {tf.__version__}", timed(lambda: compiled(tensor).numpy(), 5)
else:
    import torch
    import torchvision

    torch.set_num_threads(threads)
    layers = list(torchvision.models.resnet50(weights=None).children())[:-2]
    network, tensor = torch.nn.Sequential(*layers).eval(), torch.tensor(images.transpose(0, 3, 1, 2).copy())
    if library == "torch":
        network, tensor = network.to(memory_format=torch.channels_last), tensor.to(memory_format=torch.channels_last)
        with torch.inference_mode():
            library, seconds = f"torch {torch.__version__}", timed(lambda: network(tensor), 5)
    else:
        import onnxruntime

        with tempfile.TemporaryDirectory() as folder:
            torch.onnx.export(network, tensor, f"{folder}/network.onnx", dynamo=False)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            session = onnxruntime.InferenceSession(f"{folder}/network.onnx", options, providers=["CPUExecutionProvider"])
        feed = {session.get_inputs()[0].name: tensor.numpy()}
        library, seconds = f"onnxruntime {onnxruntime.__version__}", timed(lambda: session.run(None, feed), 5)
print(f"{library} resnet50, {threads} threads: {10 / seconds:.2f} frames/s")
