"""A training step of the clip classifier on maps of 10x8x8x2048 in Keras. usage: conv_lstm_keras.py FILTERS BATCH THREADS"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from shared import timed

filters, batch, threads = map(int, sys.argv[1:4])
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(1)
widths = [layers.Dense(width, "relu") for width in (1000, 256, 10)]
network = keras.Sequential(
    [keras.Input((10, 8, 8, 2048)), layers.ConvLSTM2D(filters, 3, padding="same"), layers.Flatten(), layers.BatchNormalization()]
    + widths
    + [layers.Dense(1, "sigmoid")]
)
network.compile("rmsprop", "binary_crossentropy")
maps = np.random.default_rng(0).random((batch, 10, 8, 8, 2048), dtype="float32")
seconds = timed(lambda: network.train_on_batch(maps, np.ones((batch, 1), "float32")), 3)
print(f"keras {keras.__version__} conv_lstm {filters}, batch {batch}: {batch / seconds:.3f} samples/s")
