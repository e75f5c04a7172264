# %% [markdown]
# # Tag every step
#
# Each word of a sentence gets a tag, so the LSTM returns its output at every
# step: words `(None, None)` in, probabilities of five tags `(None, None, 5)`
# out. The target has a number for each step, `(3000, 10)`. Padding counts
# neither in the loss nor in the accuracy.
#
# Needs `pip install keras==3.15.1 tensorflow==2.21.0`. The shapes are explained
# in [`return_sequences`](../docs/learn/return-sequences.md),
# [targets](../docs/learn/targets.md) and [masking](../docs/data/masking.md).

# %%
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)

# %% [markdown]
# ## The data
#
# The data is made up here: sentences of words that can be several things. In
# "the cook can water the can", only its place tells what each "can" is. Some
# sentences have two readings, so nobody could be right always.

# %%
rng = np.random.default_rng(0)
tags = ["article", "adjective", "noun", "auxiliary", "verb"]
lexicon = {
    "article": ["the", "this", "my"],
    "adjective": ["old", "light", "cool"],
    "noun": ["can", "will", "cook", "water", "light", "watch", "plant", "cool"],
    "auxiliary": ["can", "will"],
    "verb": ["can", "cook", "water", "light", "watch", "plant", "cool"],
}


def sentence():
    """Words, and the tag of each."""
    pattern = []
    for part in "subject", "verb", "object":
        if part == "verb":
            pattern += ["auxiliary", "verb"] if rng.integers(2) else ["verb"]
        else:
            adjectives = ["adjective"] * rng.integers(3)
            pattern += ["article", *adjectives, "noun"]
    return [str(rng.choice(lexicon[tag])) for tag in pattern], pattern


pairs = [sentence() for _ in range(3000)]
for word, tag in zip(*pairs[0], strict=True):
    print(f"{word:8}{tag}")

# %% [markdown]
# ## Words and tags to numbers
#
# Words and tags are padded alike. 0 is kept for padding among the words, and
# the mask comes from there. A tag may be 0: where the word is padding, the
# tag is never looked at.

# %%
vocabulary = sorted(set().union(*lexicon.values()))
number_of = {word: number for number, word in enumerate(vocabulary, 1)}
assert len(number_of) == 12

rows = [[number_of[word] for word in words] for words, _ in pairs]
x = keras.utils.pad_sequences(rows, padding="post")
assert x.shape == (3000, 10)  # sentences, words of the longest

rows = [[tags.index(tag) for tag in pattern] for _, pattern in pairs]
y = keras.utils.pad_sequences(rows, padding="post")
assert y.shape == (3000, 10)  # a tag for each word

# %% [markdown]
# ## The model
#
# What a word is depends on the words after it too, so the LSTM runs in both
# directions. `Dense` is applied to each step by itself.

# %%
numbers = keras.Input(shape=(None,), dtype="int32")
assert numbers.shape == (None, None)  # sentences, words

vectors = layers.Embedding(len(number_of) + 1, 16, mask_zero=True)(numbers)
assert vectors.shape == (None, None, 16)  # a vector for each word

steps = layers.Bidirectional(layers.LSTM(16, return_sequences=True))(vectors)
assert steps.shape == (None, None, 32)  # 16 forward and 16 backward, each step

probabilities = layers.Dense(len(tags), activation="softmax")(steps)
assert probabilities.shape == (None, None, 5)  # of each tag, at each step

model = keras.Model(numbers, probabilities)
model.summary()

# %%
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
history = model.fit(x[:2500], y[:2500], batch_size=64, epochs=3, verbose=0)
print(f"loss at the end: {history.history['loss'][-1]:.3f}")

# %% [markdown]
# ## How many tags are right?
#
# The baseline gives each word its most frequent tag.

# %%
x_test, y_test = x[2500:], y[2500:]
real = x_test > 0
assert real.shape == (500, 10)  # False where there is padding

frequency = np.zeros((len(number_of) + 1, len(tags)))
np.add.at(frequency, (x[:2500], y[:2500]), 1)
assert frequency.shape == (13, 5)  # words and padding, tags

naive = frequency.argmax(axis=-1)[x_test]
assert naive.shape == (500, 10)

probabilities = model.predict(x_test, verbose=0)
assert probabilities.shape == (500, 10, 5)  # of each tag, for each word

predicted = probabilities.argmax(axis=-1)
assert predicted.shape == (500, 10)  # the most probable tag

print(f"most frequent tag: {(naive == y_test)[real].mean():.1%} right")
print(f"the model: {(predicted == y_test)[real].mean():.1%} right")
assert (predicted == y_test)[real].mean() > 0.95

# %% [markdown]
# ## Does the padding count?
#
# With other tags at the padding, loss and accuracy stay what they are.

# %%
other = np.where(real, y_test, tags.index("verb"))
assert other.shape == (500, 10)

results = model.evaluate(x_test, y_test, verbose=0)
changed = model.evaluate(x_test, other, verbose=0)
print(f"loss {results[0]:.4f}, with other tags {changed[0]:.4f}")
print(f"accuracy {results[1]:.4f}, with other tags {changed[1]:.4f}")
assert np.allclose(results, changed)

# %% [markdown]
# ## One sentence
#
# It is a batch of one.

# %%
text = "the old cook can water the can"
sample = np.array([[number_of[word] for word in text.split()]])
assert sample.shape == (1, 7)  # one sentence, seven words

probabilities = model(sample).numpy()
assert probabilities.shape == (1, 7, 5)

best = probabilities.argmax(axis=-1)
assert best.shape == (1, 7)  # the most probable tag of each word

for word, tag in zip(text.split(), best[0], strict=True):
    print(f"{word:8}{tags[tag]}")
