# %% [markdown]
# # Classify sequences of different lengths
#
# Reviews of 4 to 13 words are padded to one length, `(4000, 13)`. An Embedding
# makes a vector of each word, `(None, None, 16)`, and a mask of the padding. The
# LSTM skips the padding, and gives one vector per review, `(None, 32)`.
# However long the padding is, the answer is the same.
#
# Needs `pip install keras==3.15.1 tensorflow==2.21.0`. The shapes are explained
# in [different lengths](../docs/data/variable-length.md) and
# [masking](../docs/data/masking.md).

# %%
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)

# %% [markdown]
# ## The data
#
# The data is made up here: short reviews. What a review says last counts, and
# "not" turns a word around; so it isn't enough to know which words there are.
# No review comes twice.

# %%
rng = np.random.default_rng(0)
nouns = ["film", "music", "story", "actor", "end"]
adjectives = {"good": 1, "great": 1, "fine": 1, "bad": 0, "dull": 0, "weak": 0}


def statement():
    """The words of a statement, and 1 if it is praise, else 0."""
    negated, stressed = rng.integers(2, size=2)
    adjective = rng.choice(list(adjectives))
    words = ["the", rng.choice(nouns), "was"]
    words += ["not"] * negated + ["very"] * stressed + [adjective]
    praises = adjectives[adjective]
    return words, 1 - praises if negated else praises


label_of = {}
while len(label_of) < 4000:
    words, praises = statement()
    if rng.integers(2):
        more, praises = statement()
        words = [*words, "but", *more]
    label_of[tuple(words)] = praises
reviews = list(label_of)
rng.shuffle(reviews)
labels = [label_of[review] for review in reviews]

print(len(reviews[0]), "words, praise:", labels[0], "-", *reviews[0])
print(len(reviews[1]), "words, praise:", labels[1], "-", *reviews[1])

y = np.array(labels)[:, np.newaxis]
assert y.shape == (4000, 1)

# %% [markdown]
# ## Words to numbers, lists to one array
#
# 0 is kept for the padding. It comes after the words (`padding="post"`): on a
# GPU, Keras 3 can fail with padding before them.

# %%
vocabulary = sorted({word for review in reviews for word in review})
number_of = {word: number for number, word in enumerate(vocabulary, 1)}
rows = [[number_of[word] for word in review] for review in reviews]
assert len(number_of) == 16

x = keras.utils.pad_sequences(rows, padding="post")
assert x.shape == (4000, 13)  # reviews, words of the longest

# %% [markdown]
# ## The model
#
# The length stays open, so that a longer review can be read too.

# %%
numbers = keras.Input(shape=(None,), dtype="int32")
assert numbers.shape == (None, None)  # reviews, words

vectors = layers.Embedding(len(number_of) + 1, 16, mask_zero=True)(numbers)
assert vectors.shape == (None, None, 16)  # a vector for each word

vector = layers.LSTM(32)(vectors)
assert vector.shape == (None, 32)  # a vector for each review

praise = layers.Dense(1, activation="sigmoid")(vector)
assert praise.shape == (None, 1)  # the probability of praise

model = keras.Model(numbers, praise)
model.summary()

# %%
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss="binary_crossentropy",
    metrics=["accuracy"],
)
history = model.fit(x[:3000], y[:3000], batch_size=64, epochs=3, verbose=0)
print(f"loss at the end: {history.history['loss'][-1]:.5f}")

_, accuracy = model.evaluate(x[3000:], y[3000:], verbose=0)
guess = (y[3000:] == round(y[:3000].mean())).mean()
print(f"always the same answer: {guess:.1%} right")
print(f"the model: {accuracy:.1%} right")
assert accuracy > 0.95 > guess

# %% [markdown]
# ## Does the padding change the answer?
#
# With the mask it doesn't: the same reviews, padded to 13 words and to 40, get
# the same answers.


# %%
padded_40 = keras.utils.pad_sequences(rows, maxlen=40, padding="post")
assert padded_40.shape == (4000, 40)


def difference(model):
    """How far apart a model's answers to the same eight reviews are."""
    first, second = model(x[:8]), model(padded_40[:8])
    assert first.shape == second.shape == (8, 1)
    return float(abs(first - second).numpy().max())


print(f"with the mask, the answers differ by {difference(model):.3f}")
assert difference(model) < 0.001

# %% [markdown]
# A model with the same weights and without the mask reads the zeros as words,
# and answers something else.

# %%
vectors = layers.Embedding(len(number_of) + 1, 16)(numbers)
assert vectors.shape == (None, None, 16)

vector = layers.LSTM(32)(vectors)
assert vector.shape == (None, 32)

praise = layers.Dense(1, activation="sigmoid")(vector)
assert praise.shape == (None, 1)

unmasked = keras.Model(numbers, praise)
unmasked.set_weights(model.get_weights())
print(f"without it, by {difference(unmasked):.3f}")
assert difference(unmasked) > 0.1

# %% [markdown]
# ## Reviews of your own
#
# They are a batch too. A word that wasn't there in training has no number, and
# raises a KeyError.

# %%
texts = [
    "the music was not very good",
    "the end was dull but the film was not bad",
    "the actor was weak",
]
own = [[number_of[word] for word in text.split()] for text in texts]
batch = keras.utils.pad_sequences(own, padding="post")
assert batch.shape == (3, 10)  # reviews, words of the longest

probabilities = model.predict(batch, verbose=0)
assert probabilities.shape == (3, 1)

for text, probability in zip(texts, probabilities[:, 0], strict=True):
    print(f"{probability:4.0%} praise: {text}")
