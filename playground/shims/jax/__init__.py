"""What Keras 3.15's NumPy backend takes from JAX: convolution, pooling, FFT."""

import sys
import types

import numpy

from jax import lax  # noqa: F401

monitoring = types.SimpleNamespace()  # looked at by keras.src.callbacks.orbax_checkpoint


def _fft(name):
    # Keras hands over the real and the imaginary part, and takes them back.
    def transform(x):
        transformed = getattr(numpy.fft, name)(x[0] + 1j * x[1])
        return transformed.real, transformed.imag

    return transform


# keras.src.backend.numpy.math takes these two from Keras's own JAX backend, which is left out.
math = types.ModuleType("keras.src.backend.jax.math")
math.fft, math.fft2 = _fft("fft"), _fft("fft2")
sys.modules["keras.src.backend.jax"] = types.ModuleType("keras.src.backend.jax")
sys.modules[math.__name__] = math


def __getattr__(name):
    raise AttributeError(f"jax.{name} isn't available in the browser")
