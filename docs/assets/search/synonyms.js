// @ts-check
// Words that people use for the same thing. Each group is one concept of the search.

/** @type {string[][]} */
export const SYNONYMS = [
  ["timesteps", "time steps", "sequence length", "seq_len", "seq length", "window size", "window length", "look back", "steps", "n_steps"],
  ["features", "variables", "columns", "input_dim", "channels", "input dimension", "n_features", "input_size"],
  ["units", "hidden size", "neurons", "hidden units", "cells", "nodes", "num_units"],
  ["batch", "samples", "batch_size", "sequences"],
  ["forecast", "predict ahead", "future", "horizon", "multi-step", "next steps"],
  ["error", "raises", "exception", "fails", "ValueError", "message"],
  ["mask", "masking", "padding", "padded", "ignore"],
  ["state", "hidden state", "cell state", "memory", "h and c"],
  ["target", "label", "y", "output shape"],
  ["weights", "parameters", "params"],
  ["last step", "last timestep", "final output", "last output"],
  ["words", "text", "tokens", "vocabulary", "sentences"],
  ["video", "frames", "images"],
  ["save", "load", "export", "convert", "restore"],
  ["stack", "multiple layers", "several layers", "second LSTM", "two LSTM"],
  ["static", "constant features", "metadata", "non-temporal"],
  ["weigh", "sample_weight", "class_weight"],
  ["dataset", "generator", "tf.data"],
  ["average", "mean", "pool", "pooling"],
  ["different lengths", "variable length", "varying length", "unequal length", "ragged"],
  ["one sample", "single sample", "one sequence", "single sequence"],
];
