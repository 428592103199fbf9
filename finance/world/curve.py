"""Discount factors from a table of government yields, by QuantLib.

The yields are yields to maturity of bonds that trade at par. Up to one year a bond has one payment left and
its yield is simple interest; above, it pays a coupon once a year, so that its yield is its coupon. Between
the maturities of the table the forward rate is flat (assumption: the simplest curve that reprices every
input; a spline may swing between ten and thirty years, where the table says nothing), and beyond the last
maturity the last forward goes on.

QuantLib keeps one evaluation date for the whole process and is not thread-safe: it is called once a curve,
under a lock, and plain arrays leave this file. Time is counted in whole months on a calendar without
holidays, because China's holiday tables end long before the curve does.
"""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from finance.language import message
from finance.world.evaluation import evaluated_on

MONTHS_A_YEAR = 12
LAST_COMMON_DAY = 28
"""Every month has this day, so that whole months stay whole whatever day the yields are of."""


def discount_factors(
    as_of: datetime.date, tenor_years: Sequence[float], yields: Sequence[float], times: ArrayLike
) -> NDArray[np.float64]:
    """Value today of one yuan paid at each time.

    Parameters
    ----------
    as_of : date
        Day the yields were published; QuantLib counts from it. Time is in years from that day, so equal
        yields of two days give equal factors.
    tenor_years : sequence of float of shape (n_tenors,)
        Maturities in years, rising, each a whole number of months.
    yields : sequence of float of shape (n_tenors,)
        Yields to maturity, decimal a year.
    times : array_like of any shape
        Years after ``as_of``, not negative.

    Returns
    -------
    ndarray of the shape of ``times``
        P(0, t), 1 at time 0.

    Raises
    ------
    ValueError
        If the table is empty, not rising or not in whole months, or a time negative.

    Notes
    -----
    A maturity T of at most a year: P(T) (1 + y T) = 1. A longer one, with its n = ⌈T⌉ yearly coupons counted
    back from maturity and any short first coupon accrued by its length: Σ yᵢ δᵢ P(tᵢ) + P(T) = 1.
    """
    when = _checked_times(times)
    with _bootstrapped(as_of, tenor_years, yields) as curve:
        factors = [curve.discount(float(time), True) for time in when.ravel()]
    return np.array(factors, dtype=np.float64).reshape(when.shape)


def instantaneous_forward(
    as_of: datetime.date, tenor_years: Sequence[float], yields: Sequence[float], times: ArrayLike
) -> NDArray[np.float64]:
    """Forward rate of the curve at each time, f(t) = −d ln P(0, t)/dt.

    Parameters
    ----------
    as_of, tenor_years, yields, times
        As in `discount_factors`.

    Returns
    -------
    ndarray of the shape of ``times``
        Decimal a year, continuously compounded; a step function, at a maturity of the table the mean of both
        sides.

    Raises
    ------
    ValueError
        As `discount_factors`.
    """
    import QuantLib as ql  # noqa: N813  (the name all its documentation uses)

    when = _checked_times(times)
    with _bootstrapped(as_of, tenor_years, yields) as curve:
        rates = [
            curve.forwardRate(float(time), float(time), ql.Continuous, ql.NoFrequency, True).rate()
            for time in when.ravel()
        ]
    return np.array(rates, dtype=np.float64).reshape(when.shape)


def _checked_times(times: ArrayLike) -> NDArray[np.float64]:
    when = np.asarray(times, dtype=np.float64)
    if not np.all((when >= 0.0) & np.isfinite(when)):
        raise ValueError(message("world.curve_times"))
    return when


def _checked_months(tenor_years: Sequence[float], yields: Sequence[float]) -> list[int]:
    tenors = np.asarray(tenor_years, dtype=np.float64)
    months = np.rint(tenors * MONTHS_A_YEAR)
    if tenors.ndim != 1 or tenors.shape != np.shape(yields) or tenors.size == 0:
        raise ValueError(message("world.curve_lengths", tenors=str(tenors.size), yields=str(np.size(yields))))
    if not np.all(np.isfinite(tenors)) or not np.all(np.isfinite(np.asarray(yields, dtype=np.float64))):
        raise ValueError(message("world.curve_not_finite"))
    if np.any(np.abs(tenors * MONTHS_A_YEAR - months) > 1e-3) or np.any(np.diff(months, prepend=0) < 1):
        raise ValueError(message("world.curve_tenors", tenors=", ".join(f"{tenor:g}" for tenor in tenors)))
    return [int(month) for month in months]


@contextmanager
def _bootstrapped(as_of: datetime.date, tenor_years: Sequence[float], yields: Sequence[float]) -> Iterator[Any]:
    """Hold the lock and a bootstrapped QuantLib curve, leaving the process's evaluation date as it was."""
    months = _checked_months(tenor_years, yields)
    import QuantLib as ql  # noqa: N813  (the name all its documentation uses)

    today = ql.Date(min(as_of.day, LAST_COMMON_DAY), as_of.month, as_of.year)
    with evaluated_on(today):
        helpers = [_helper(ql, today, month, float(rate)) for month, rate in zip(months, yields, strict=True)]
        curve = ql.PiecewiseLogLinearDiscount(today, helpers, ql.SimpleDayCounter())
        curve.enableExtrapolation()
        yield curve


def _helper(ql: Any, today: Any, months: int, rate: float) -> Any:
    """One row of the table as a QuantLib instrument: simple interest to a year, a par bond beyond."""
    calendar, counter = ql.NullCalendar(), ql.SimpleDayCounter()
    quote = ql.QuoteHandle(ql.SimpleQuote(rate))
    period = ql.Period(months, ql.Months)
    if months <= MONTHS_A_YEAR:
        return ql.DepositRateHelper(quote, period, 0, calendar, ql.Unadjusted, False, counter)
    schedule = ql.Schedule(
        today,
        today + period,
        ql.Period(ql.Annual),
        calendar,
        ql.Unadjusted,
        ql.Unadjusted,
        ql.DateGeneration.Backward,
        False,
    )
    par = ql.QuoteHandle(ql.SimpleQuote(100.0))
    return ql.FixedRateBondHelper(par, 0, 100.0, schedule, [rate], counter, ql.Unadjusted)
