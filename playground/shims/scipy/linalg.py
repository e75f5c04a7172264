"""Imported by Keras's NumPy backend for `keras.ops.lu_factor` and `solve_triangular`."""


def __getattr__(name):
    raise AttributeError(f"scipy.linalg.{name} isn't available in the browser")
