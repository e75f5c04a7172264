# %% [markdown]
# # Export, and read back
#
# One trained LSTM, `(None, 20, 2)` to `(None, 1)`, written in three ways and
# read back: as Keras's own file, as a SavedModel, which needs no Keras, and for
# TFLite, with a batch of one, `(1, 20, 2)`. All of them give the same numbers.
# The files are written to the folder in which the program runs.
#
# Needs
# `pip install keras==3.15.1 tensorflow==2.21.0 ai-edge-litert==2.3.0`. The
# shapes are explained in [export](../docs/layers/export.md).

# %%
import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from keras import layers

keras.utils.set_random_seed(0)
tf.get_logger().setLevel("ERROR")  # else it names each file that it writes

# %% [markdown]
# ## A trained model
#
# Two features for 20 steps, made up here. The target is the share of the steps
# at which the first is larger than the second.

# %%
x = np.random.normal(size=(2000, 20, 2)).astype("float32")
assert x.shape == (2000, 20, 2)

y = (x[..., 0] > x[..., 1]).mean(axis=1, keepdims=True)
assert y.shape == (2000, 1)

values = keras.Input(shape=(20, 2))
assert values.shape == (None, 20, 2)

vector = layers.LSTM(16)(values)
assert vector.shape == (None, 16)

share = layers.Dense(1)(vector)
assert share.shape == (None, 1)

model = keras.Model(values, share)
model.summary()

# %%
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mae")
history = model.fit(x[:1500], y[:1500], epochs=5, verbose=0)
print(f"loss at the end: {history.history['loss'][-1]:.3f}")

asked = x[1500:1508]
assert asked.shape == (8, 20, 2)

expected = model.predict(asked, verbose=0)
assert expected.shape == (8, 1)

error = model.evaluate(x[1500:], y[1500:], verbose=0)
always = abs(y[1500:] - y[:1500].mean()).mean()
print(f"mean error: {error:.3f}; always answering the mean: {always:.3f}")
assert error < 0.6 * always


print(f"first answer: {expected[0, 0]:.4f}")


def compare(name, given):
    """Print the first answer, and whether all eight are those of the model."""
    assert given.shape == (8, 1)
    same = np.allclose(given, expected, atol=1e-3)
    print(f"{name:12} {given[0, 0]:.4f}, the same: {same}")
    assert same


# %% [markdown]
# ## Keras's own file
#
# It holds the layers, the weights and the state of the optimizer: training can
# go on.

# %%
model.save("share.keras")
loaded = keras.saving.load_model("share.keras")
assert loaded.input_shape == (None, 20, 2)
assert loaded.output_shape == (None, 1)
compare(".keras", loaded.predict(asked, verbose=0))

# %% [markdown]
# ## SavedModel
#
# For TensorFlow Serving, and for every program that has TensorFlow. The batch
# is open.

# %%
model.export("share", verbose=False)
saved = tf.saved_model.load("share")
answer = saved.serve(asked)
assert answer.shape == (8, 1)
compare("SavedModel", answer.numpy())

# %% [markdown]
# ## TFLite
#
# For phones and small boards. With an open batch, this LSTM can't be converted
# without TensorFlow's own operations; so the batch is declared: one.

# %%
signature = [tf.TensorSpec((1, 20, 2))]
model.export("share_one", verbose=False, input_signature=signature)
lite = tf.lite.TFLiteConverter.from_saved_model("share_one").convert()

interpreter = Interpreter(model_content=lite)
interpreter.allocate_tensors()
(place_in,) = interpreter.get_input_details()
(place_out,) = interpreter.get_output_details()
assert tuple(place_in["shape"]) == (1, 20, 2)
assert tuple(place_out["shape"]) == (1, 1)


def ask(sample):
    """Answer one sample, (1, 20, 2), by (1, 1)."""
    interpreter.set_tensor(place_in["index"], sample)
    interpreter.invoke()
    one = interpreter.get_tensor(place_out["index"])
    assert one.shape == (1, 1)
    return one


rows = [ask(asked[n : n + 1]) for n in range(8)]
answers = np.concatenate(rows)
assert answers.shape == (8, 1)
compare("TFLite", answers)
