"""The price study's networks in JAX, an epoch compiled as one: seconds of a training epoch, compilation left out.
usage: forecast_jax.py lstm|hybrid HORIZON EPOCHS BATCH"""
import sys
import time

import jax
import jax.numpy as jnp
import optax

from shared import median, walk, windows

name, horizon, epochs, batch = sys.argv[1], *map(int, sys.argv[2:5])
inputs, targets = (jnp.array(part) for part in windows(walk(1851 + horizon), horizon))
sigmoid, tanh = jax.nn.sigmoid, jnp.tanh


def uniform(key, shape, fan):
    return jax.random.uniform(key, shape, minval=-(fan**-0.5), maxval=fan**-0.5)


def recurrent(key, features, hidden, gates):
    keys = jax.random.split(key, 4)
    shapes = [(features, gates * hidden), (hidden, gates * hidden), (gates * hidden,), (gates * hidden,)]
    return [uniform(k, shape, hidden) for k, shape in zip(keys, shapes)]


def dense(key, features, width):
    keys = jax.random.split(key)
    return [uniform(keys[0], (features, width), features), uniform(keys[1], (width,), features)]


def run_lstm(weights, steps):
    of_input, of_hidden, bias_input, bias_hidden = weights
    zeros = jnp.zeros((steps.shape[1], of_hidden.shape[0]))

    def step(state, x):
        hidden, cell = state
        i, f, g, o = jnp.split(x + hidden @ of_hidden, 4, -1)
        cell = sigmoid(f) * cell + sigmoid(i) * tanh(g)
        hidden = sigmoid(o) * tanh(cell)
        return (hidden, cell), hidden

    return jax.lax.scan(step, (zeros, zeros), steps @ of_input + bias_input + bias_hidden)[1]


def run_gru(weights, steps):
    of_input, of_hidden, bias_input, bias_hidden = weights

    def step(hidden, x):
        r, z, n = jnp.split(x, 3, -1)
        hr, hz, hn = jnp.split(hidden @ of_hidden + bias_hidden, 3, -1)
        keep = sigmoid(z + hz)
        hidden = (1 - keep) * tanh(n + sigmoid(r + hr) * hn) + keep * hidden
        return hidden, hidden

    return jax.lax.scan(step, jnp.zeros((steps.shape[1], of_hidden.shape[0])), steps @ of_input + bias_input)[1]


def apply(weights, x):
    return x @ weights[0] + weights[1]


def drop(key, x):
    return jnp.where(jax.random.bernoulli(key, 0.9, x.shape), x / 0.9, 0)


def forward(weights, x, key):
    steps = x.transpose(1, 0, 2)
    if name == "lstm":
        return apply(weights["head"], apply(weights["dense"], run_lstm(weights["lstm"], steps)[-1]))
    first, second = jax.random.split(key)
    lstm = run_lstm(weights["second"], drop(first, run_lstm(weights["first"], steps)))[-1]
    gru = drop(second, run_gru(weights["gru"], steps)[-1])
    joined = jnp.concatenate([apply(weights["after_lstm"], lstm), apply(weights["after_gru"], gru)], -1)
    return apply(weights["head"], joined)


keys = jax.random.split(jax.random.PRNGKey(0), 7)
if name == "lstm":
    weights = {"lstm": recurrent(keys[0], 1, 30, 4), "dense": dense(keys[1], 30, 30), "head": dense(keys[2], 30, horizon)}
else:
    weights = {
        "first": recurrent(keys[0], 1, 30, 4),
        "second": recurrent(keys[1], 30, 50, 4),
        "gru": recurrent(keys[2], 1, 30, 3),
        "after_lstm": dense(keys[3], 50, 30),
        "after_gru": dense(keys[4], 30, 30),
        "head": dense(keys[5], 60, horizon),
    }
optimizer = optax.adam(1e-3)


@jax.jit
def epoch(weights, state, key):
    key, shuffle = jax.random.split(key)
    batches = jax.random.permutation(shuffle, len(inputs))[: len(inputs) // batch * batch].reshape(-1, batch)

    def step(carry, indices):
        weights, state, key = carry
        key, drawn = jax.random.split(key)

        def loss(weights):
            return jnp.mean((forward(weights, inputs[indices], drawn) - targets[indices]) ** 2)

        value, gradient = jax.value_and_grad(loss)(weights)
        change, state = optimizer.update(gradient, state, weights)
        return (optax.apply_updates(weights, change), state, key), value

    (weights, state, _), losses = jax.lax.scan(step, (weights, state, key), batches)
    return weights, state, losses.mean()


state, key, seconds = optimizer.init(weights), keys[6], []
for _ in range(epochs + 1):
    start = time.perf_counter()
    key, drawn = jax.random.split(key)
    weights, state, loss = epoch(weights, state, drawn)
    loss.block_until_ready()
    seconds.append(time.perf_counter() - start)
print(f"jax {jax.__version__} {name} horizon {horizon}, {len(inputs)} windows, batch {batch}: {median(seconds[1:]):.4f} s/epoch")
