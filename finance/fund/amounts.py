"""What the functions on fund flows accept: read it, check shape and sign, say what is wrong."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from finance.language import message

FloatArray = npt.NDArray[np.float64]

#: Below zero by less than this share of the largest amount is rounding, as after subtracting running sums.
ROUNDING_SHARE = 1e-9


class ComparedFlows(NamedTuple):
    """A fund's flows and the index they are compared with, of one shape; see `compared_flows`."""

    paid_in: FloatArray
    distributed: FloatArray
    nav: FloatArray
    growth: FloatArray


def numbers(name: str, values: npt.ArrayLike) -> FloatArray:
    """Read an argument as float64, with NaN for whatever is not finite.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    values : array_like
        Any shape.

    Returns
    -------
    ndarray
        A new array of the same shape.

    Raises
    ------
    ValueError
        If the values are not real numbers in a regular array.
    """
    try:
        read = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(message("fund.not_numbers", name=name)) from error
    return np.where(np.isfinite(read), read, np.nan)


def over_time(name: str, values: npt.ArrayLike) -> FloatArray:
    """Read an argument whose last axis is time, of at least one column.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    values : array_like of shape (…, n_periods)
        Any sign.

    Returns
    -------
    ndarray of shape (…, n_periods)
        NaN for whatever is not finite.

    Raises
    ------
    ValueError
        If there is no time axis, or it is empty.
    """
    read = numbers(name, values)
    if read.ndim == 0 or read.shape[-1] == 0:
        raise ValueError(message("fund.no_time_axis", name=name, shape=read.shape))
    return read


def refuse_negative(**amounts: FloatArray) -> None:
    """Refuse amounts below zero by more than rounding; NaN passes.

    Parameters
    ----------
    **amounts : ndarray
        By the name of the argument. Rounding is judged against the largest amount of all of them.

    Raises
    ------
    ValueError
        If an amount is negative.
    """
    # fmax and fmin pass over NaN.
    largest = max(np.fmax.reduce(np.abs(values), axis=None, initial=0.0) for values in amounts.values())
    for name, values in amounts.items():
        smallest = np.fmin.reduce(values, axis=None, initial=0.0)
        if smallest < -ROUNDING_SHARE * largest:
            raise ValueError(message("fund.negative_amount", name=name, value=f"{smallest:g}"))


def same_columns(first_name: str, first: FloatArray, second_name: str, second: FloatArray) -> None:
    """Refuse two arrays over time with different numbers of columns.

    Parameters
    ----------
    first_name, second_name : str
        Names of the arguments, for the error.
    first, second : ndarray of shape (…, n_periods)
        The arrays.

    Raises
    ------
    ValueError
        If their last axes differ.
    """
    if first.shape[-1] != second.shape[-1]:
        raise ValueError(
            message(
                "fund.columns_differ",
                first=first_name,
                second=second_name,
                n_first=first.shape[-1],
                n_second=second.shape[-1],
            )
        )


def joint_shape(**arguments: tuple[int, ...]) -> tuple[int, ...]:
    """Shape that arguments broadcast to.

    Parameters
    ----------
    **arguments : tuple of int
        Shapes by the name of the argument.

    Returns
    -------
    tuple of int
        The common shape.

    Raises
    ------
    ValueError
        If they do not broadcast.
    """
    try:
        return np.broadcast_shapes(*arguments.values())
    except ValueError as error:
        listed = ", ".join(f"{name} {shape}" for name, shape in arguments.items())
        raise ValueError(message("fund.shapes_differ", shapes=listed)) from error


def known_flows(**flows: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """Read flows that belong together and of which nothing may be missing.

    Parameters
    ----------
    **flows : array_like of shape (…, n_periods)
        By the name of the argument; million CNY, positive. Leading axes broadcast.

    Returns
    -------
    tuple of ndarray of shape (…, n_periods)
        In the order given, all of one shape.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an amount is NaN, infinite or negative.
    """
    read = {name: over_time(name, values) for name, values in flows.items()}
    first_name, first = next(iter(read.items()))
    for name, values in read.items():
        same_columns(first_name, first, name, values)
    shape = joint_shape(**{name: values.shape for name, values in read.items()})
    for name, values in read.items():
        n_missing = np.count_nonzero(np.isnan(values))
        if n_missing:
            raise ValueError(message("fund.not_finite", name=name, count=n_missing))
    refuse_negative(**read)
    return tuple(np.broadcast_to(values, shape) for values in read.values())


def final_value(nav: npt.ArrayLike, leading: int) -> FloatArray:
    """Read the fund's value after the last column, which has no time axis.

    Parameters
    ----------
    nav : array_like of shape (…)
        Million CNY.
    leading : int
        How many axes the flows have before time.

    Returns
    -------
    ndarray of shape (…)
        The value.

    Raises
    ------
    ValueError
        If it has more axes than the flows have before time.
    """
    value = numbers("nav", nav)
    if value.ndim > leading:
        raise ValueError(message("fund.value_over_time", shape=value.shape, n_axes=leading))
    return value


def compared_flows(
    paid_in: npt.ArrayLike,
    distributed: npt.ArrayLike,
    nav: npt.ArrayLike,
    index: npt.ArrayLike,
    nav_over_time: bool = False,
) -> ComparedFlows:
    """Read what every public-market equivalent takes.

    Parameters
    ----------
    paid_in, distributed : array_like of shape (…, n_periods)
        Million CNY, positive.
    nav : array_like of shape (…), or (…, n_periods) if ``nav_over_time``
        The fund's value after the last column, or after each; million CNY.
    index : array_like, broadcast to (…, n_periods)
        Total-return index in any unit, positive.
    nav_over_time : bool
        Whether the value has a time axis.

    Returns
    -------
    ComparedFlows
        All (…, n_periods), a final ``nav`` (…); ``growth`` is I_T / I_t, which carries a flow to the last
        column.

    Raises
    ------
    ValueError
        If the shapes do not fit, an amount is negative or the index not positive.
    """
    calls, receipts = over_time("paid_in", paid_in), over_time("distributed", distributed)
    same_columns("paid_in", calls, "distributed", receipts)
    levels = numbers("index", index)
    if np.any(levels <= 0.0):
        raise ValueError(message("fund.index_not_positive", value=f"{np.nanmin(levels):g}"))
    n_periods = calls.shape[-1]
    if levels.ndim and levels.shape[-1] not in (1, n_periods):
        same_columns("paid_in", calls, "index", levels)
    shape = joint_shape(paid_in=calls.shape, distributed=receipts.shape, index=levels.shape)
    if nav_over_time:
        value = over_time("nav", nav)
        same_columns("paid_in", calls, "nav", value)
        shape = nav_shape = joint_shape(nav=value.shape, flows=shape)
    else:
        value = final_value(nav, len(shape) - 1)
        nav_shape = joint_shape(nav=value.shape, flows=shape[:-1])
        shape = (*nav_shape, n_periods)
    refuse_negative(paid_in=calls, distributed=receipts, nav=value)
    levels = np.broadcast_to(levels, shape)
    return ComparedFlows(
        np.broadcast_to(calls, shape),
        np.broadcast_to(receipts, shape),
        np.broadcast_to(value, nav_shape),
        levels[..., -1:] / levels,
    )


def ratio(numerator: FloatArray, denominator: FloatArray) -> Any:
    """Divide, with NaN where the denominator is not above zero.

    Parameters
    ----------
    numerator, denominator : ndarray
        Shapes that broadcast.

    Returns
    -------
    float or ndarray
        Their ratio; a plain number if both are.
    """
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    quotient = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator > 0.0)
    return quotient[()]
