"""What the tax rules accept as amounts, gains, shares and years."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray, joint_shape, numbers, over_time, refuse_negative, same_columns
from finance.language import message

BoolArray = npt.NDArray[np.bool_]


def gains(**given: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """Read amounts of either sign that belong together.

    Parameters
    ----------
    **given : array_like
        By the name of the argument; shapes broadcast.

    Returns
    -------
    tuple of ndarray
        In the order given, all of one shape.

    Raises
    ------
    ValueError
        If an amount is NaN or infinite, or the shapes do not fit.
    """
    return _together({name: _finite(name, numbers(name, values)) for name, values in given.items()})


def amounts(**given: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """Read amounts that are never negative; what is below zero by rounding is zero. Otherwise as `gains`."""
    read = {name: _finite(name, numbers(name, values)) for name, values in given.items()}
    refuse_negative(**read)
    return tuple(np.maximum(values, 0.0) for values in _together(read))


def yearly_gains(**given: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """Read amounts of either sign over tax years, the last axis. Otherwise as `gains`."""
    read = {name: _finite(name, over_time(name, values)) for name, values in given.items()}
    first_name, first = next(iter(read.items()))
    for name, values in read.items():
        same_columns(first_name, first, name, values)
    return _together(read)


def shares(**given: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """Read rates and shares, from 0 to 1. Otherwise as `gains`."""
    read = {name: _finite(name, numbers(name, values)) for name, values in given.items()}
    for name, values in read.items():
        wrong = values[(values < 0.0) | (values > 1.0)]
        if wrong.size:
            raise ValueError(message("fund.share", name=name, value=f"{wrong.flat[0]:g}"))
    return _together(read)


def columns(name: str, values: npt.ArrayLike, shape: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """Read numbers of columns or of years: whole and not negative.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    values : array_like
        Broadcast to ``shape``.
    shape : tuple of int
        Wanted.

    Returns
    -------
    ndarray of int
        Of that shape.

    Raises
    ------
    ValueError
        If a number is not whole or negative, or the shapes do not fit.
    """
    read = _finite(name, numbers(name, values))
    wrong = read[(read < 0.0) | (read != np.floor(read))]
    if wrong.size:
        raise ValueError(message("policy.not_whole", name=name, value=f"{wrong.flat[0]:g}"))
    if joint_shape(**{name: read.shape, "wanted": shape}) != shape:
        raise ValueError(message("policy.too_many_axes", name=name, shape=read.shape, wanted=shape))
    return np.broadcast_to(read, shape).astype(np.int64)


def _finite(name: str, read: FloatArray) -> FloatArray:
    n_missing = np.count_nonzero(np.isnan(read))
    if n_missing:
        raise ValueError(message("fund.not_finite", name=name, count=n_missing))
    return read


def _together(read: dict[str, FloatArray]) -> tuple[FloatArray, ...]:
    shape = joint_shape(**{name: values.shape for name, values in read.items()})
    return tuple(np.broadcast_to(values, shape) for values in read.values())
