"""Convolution and pooling by NumPy, as `jax.lax` defines them."""

import collections

import numpy
from numpy.lib.stride_tricks import sliding_window_view

ConvDimensionNumbers = collections.namedtuple("ConvDimensionNumbers", "lhs_spec rhs_spec out_spec")
add, max = numpy.add, numpy.maximum


def reduce_window(operand, init_value, computation, window_dimensions, window_strides, padding):
    """The windows of an array, each reduced to a value by `computation`, add or max."""
    windows = _windows(operand, window_dimensions, window_strides, padding, fill=init_value)
    inner = tuple(range(operand.ndim, 2 * operand.ndim))
    return computation.reduce(windows, axis=inner, initial=init_value, dtype=operand.dtype)


def conv_general_dilated(
    lhs,
    rhs,
    window_strides,
    padding,
    lhs_dilation=None,
    rhs_dilation=None,
    dimension_numbers=None,
    feature_group_count=1,
):
    """Convolution; see the operation of the same name in XLA's documentation."""
    lhs = numpy.transpose(lhs, dimension_numbers.lhs_spec)  # batch, channels, space
    rhs = numpy.transpose(rhs, dimension_numbers.rhs_spec)  # filters, channels of a group, space
    if lhs_dilation:
        lhs = _dilated(lhs, lhs_dilation)
    if rhs_dilation:
        rhs = _dilated(rhs, rhs_dilation)
    space, groups = rhs.shape[2:], feature_group_count
    windows = _windows(lhs, (1, 1, *space), (1, 1, *window_strides), padding)
    count = len(space)
    windows = windows.reshape(*windows.shape[: 2 + count], *space)
    parts = [
        numpy.tensordot(
            part, kernel, ((1, *range(2 + count, 2 + 2 * count)), (1, *range(2, 2 + count)))
        )
        for part, kernel in zip(
            numpy.split(windows, groups, 1), numpy.split(rhs, groups, 0), strict=True
        )
    ]
    out = numpy.moveaxis(numpy.concatenate(parts, axis=-1), -1, 1)
    return numpy.transpose(out, numpy.argsort(dimension_numbers.out_spec))


def conv_transpose(
    lhs, rhs, strides, padding, rhs_dilation=None, dimension_numbers=None, transpose_kernel=False
):
    """Convolution of the array with zeros between its values, by the kernel turned round."""
    out, into, *space = dimension_numbers.rhs_spec
    rhs = numpy.flip(numpy.swapaxes(rhs, out, into), space)
    ones = (1,) * len(space)
    return conv_general_dilated(lhs, rhs, ones, padding, strides, rhs_dilation, dimension_numbers)


def _windows(x, sizes, strides, padding, fill=0):
    """All windows of an array: its dimensions, then those of a window."""
    if isinstance(padding, str):
        padding = [
            _same(length, size, step) if padding.upper() == "SAME" else (0, 0)
            for length, size, step in zip(x.shape, sizes, strides, strict=True)
        ]
    elif len(padding) < x.ndim:
        padding = [(0, 0), (0, 0), *padding]
    x = numpy.pad(x, padding, constant_values=fill)
    if any(size > length for size, length in zip(sizes, x.shape, strict=True)):
        # No window fits along some axis; NumPy refuses that.
        counts = [
            numpy.maximum(0, -(-(length - size + 1) // step))
            for length, size, step in zip(x.shape, sizes, strides, strict=True)
        ]
        return numpy.zeros((*counts, *sizes), x.dtype)
    return sliding_window_view(x, sizes)[tuple(slice(None, None, step) for step in strides)]


def _same(length, size, step):
    missing = numpy.maximum(0, (-(-length // step) - 1) * step + size - length)
    return missing // 2, missing - missing // 2


def _dilated(x, rates):
    """The array with `rate - 1` zeros between each two of its values, along the axes of space."""
    shape = [(n - 1) * rate + 1 for n, rate in zip(x.shape[2:], rates, strict=True)]
    wide = numpy.zeros((*x.shape[:2], *shape), x.dtype)
    wide[(slice(None), slice(None), *(slice(None, None, rate) for rate in rates))] = x
    return wide


def __getattr__(name):
    raise AttributeError(f"jax.lax.{name} isn't available in the browser")
