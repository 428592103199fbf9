"""Prices of options on a lognormal value, by QuantLib: at one date, at several with a price that changes, or at any time.

The value pays nothing out before it is bought or sold. Prices of one date are Black's formula; a right of several
dates is solved on a grid by finite differences; one that can be used at any time by the method of Andersen, Lake and
Offengenden (2016). Where there is nothing to choose (no volatility, a strike of zero or without end) the price is worked
out here.

QuantLib counts in whole days. Dates are therefore laid on a calendar stretched so that the last one is far away, and
the volatility is shrunk to match: what is rounded is a fraction of an hour to a few hours.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from finance.language import message
from finance.world.evaluation import evaluated_on

Kind = Literal["call", "put"]

#: Days that the last date may lie ahead, and where they are counted from: QuantLib's calendar ends with 2199.
LONGEST_DAYS, FIRST_YEAR = 100_000, 1901
#: Steps of the grid in time and in value; twice as many move an option at the money by less than .0001 of its price.
TIME_STEPS, VALUE_STEPS = 800, 800
DAMPING_STEPS = 2
DAYS_A_YEAR = 365


def european(
    kind: Kind, spot: ArrayLike, strike: ArrayLike, volatility: ArrayLike, discount: ArrayLike, years: ArrayLike
) -> NDArray[np.float64]:
    r"""Value today of the right to buy or sell at one date.

    Parameters
    ----------
    kind : {"call", "put"}
        A right to buy or to sell.
    spot : array_like
        Value today of what is bought or sold, at least 0.
    strike : array_like
        Price, at least 0; may be infinite for a call.
    volatility : array_like
        Standard deviation of its log a year, at least 0.
    discount : array_like
        Value today of one yuan at the date, above 0.
    years : array_like
        Time to the date, at least 0. All broadcast.

    Returns
    -------
    ndarray
        In the unit of ``spot``.

    Raises
    ------
    ValueError
        If the kind is unknown, or an argument out of range.

    Notes
    -----
    Black's formula, with the standard normal :math:`\Phi`, the forward F = S / P and :math:`s = \sigma \sqrt T`:

    .. math:: C = P (F \Phi(d) - K \Phi(d - s)), \qquad d = \ln(F / K) / s + s / 2.

    References
    ----------
    Black, F. (1976), "The Pricing of Commodity Contracts", Journal of Financial Economics 3(1-2).
    """
    _refuse_bad(kind, spot=spot, strike=strike, volatility=volatility, years=years)
    _refuse_bad_discounts(discount)
    arguments = np.broadcast_arrays(*(np.asarray(each, float) for each in (spot, strike, volatility, discount, years)))
    prices = [_black(kind, *map(float, row)) for row in zip(*(each.ravel() for each in arguments), strict=True)]
    return np.array(prices, dtype=np.float64).reshape(arguments[0].shape)


def bermudan(
    kind: Kind,
    spot: float,
    strikes: Sequence[float],
    exercise_years: Sequence[float],
    volatility: float,
    discounts: Sequence[float],
) -> float:
    r"""Value today of the right to buy or sell at one of several dates, each with its price.

    Parameters
    ----------
    kind : {"call", "put"}
        A right to buy or to sell.
    spot : float
        Value today of what is bought or sold, at least 0.
    strikes : sequence of float of shape (n_dates,)
        Price at each date, above 0; infinite where it cannot be used.
    exercise_years : sequence of float of shape (n_dates,)
        Dates in years from today, rising from above 0.
    volatility : float
        Standard deviation of its log a year, at least 0.
    discounts : sequence of float of shape (n_dates,)
        Value today of one yuan at each date.

    Returns
    -------
    float
        In the unit of ``spot``, under the best exercise.

    Raises
    ------
    ValueError
        If the kind is unknown, lists are not equally long, or an argument out of range.

    Notes
    -----
    A price that changes is a constant price in other units. With :math:`m_t = K_t / K_1`, exercise pays
    :math:`m_t (S_t / m_t - K_1)`: the same right on :math:`S / m` at the constant price :math:`K_1`, discounted by
    :math:`P_t m_t`. So a constant strike and that curve go to the grid, whose rates may be below zero.
    """
    _refuse_bad(kind, spot=spot, volatility=volatility)
    _refuse_bad_discounts(discounts)
    times, prices, factors = (np.asarray(each, float) for each in (exercise_years, strikes, discounts))
    if not (times.ndim == 1 and times.size and times.shape == prices.shape == factors.shape):
        raise ValueError(message("world.option_dates"))
    if not (np.all(np.isfinite(times)) and np.all(np.diff(times, prepend=0.0) > 0.0) and np.all(prices > 0.0)):
        raise ValueError(message("world.option_dates"))
    can_be_used = np.isfinite(prices)
    if kind == "put" and not can_be_used.all():
        raise ValueError(message("world.option_dates"))
    times, prices, factors = times[can_be_used], prices[can_be_used], factors[can_be_used]
    if not times.size:
        return 0.0
    if volatility == 0.0 or spot == 0.0:
        sign = 1.0 if kind == "call" else -1.0
        return float(np.max(np.maximum(sign * (spot - factors * prices), 0.0)))
    if times.size == 1:
        return float(european(kind, spot, prices[0], volatility, factors[0], times[0]))
    return _on_a_grid(kind, spot, prices, times, volatility, factors)


def american(kind: Kind, spot: float, strike: float, volatility: float, rate: float, years: float) -> float:
    """Value today of the right to buy or sell at any time up to a date, at a constant price.

    Parameters
    ----------
    kind : {"call", "put"}
        A right to buy or to sell.
    spot, strike : float
        Value today of what is bought or sold, and the price; at least 0.
    volatility : float
        Standard deviation of its log a year, at least 0.
    rate : float
        Riskless rate, a year, compounding by year.
    years : float
        Time to the date, above 0.

    Returns
    -------
    float
        In the unit of ``spot``.

    Raises
    ------
    ValueError
        If the kind is unknown, or an argument out of range.

    References
    ----------
    Andersen, L., Lake, M. and Offengenden, D. (2016), "High-performance American Option Pricing", Journal of
    Computational Finance 20(1).
    """
    _refuse_bad(kind, spot=spot, strike=strike, volatility=volatility, years=years)
    discount = (1.0 + rate) ** -years
    _refuse_bad_discounts(discount)
    at_once = max(spot - strike, 0.0) if kind == "call" else max(strike - spot, 0.0)
    if years == 0.0 or volatility == 0.0 or spot == 0.0 or strike in (0.0, math.inf):
        return max(at_once, float(european(kind, spot, strike, volatility, discount, years)))
    import QuantLib as ql  # noqa: N813  (the name all its documentation uses)

    today = ql.Date(1, 1, FIRST_YEAR)
    days_a_year = _days_a_year(years)
    dates = [today + max(round(years * days_a_year), 1)]
    with evaluated_on(today):
        process = _process(ql, today, dates, [discount], spot, volatility, days_a_year)
        exercise = ql.AmericanExercise(today, dates[-1])
        option = ql.VanillaOption(ql.PlainVanillaPayoff(_type(ql, kind), strike), exercise)
        option.setPricingEngine(ql.QdFpAmericanEngine(process))
        return float(option.NPV())


def _black(kind: Kind, spot: float, strike: float, volatility: float, discount: float, years: float) -> float:
    spread = volatility * math.sqrt(years)
    if strike == math.inf:
        return 0.0
    if spread == 0.0 or spot == 0.0 or strike == 0.0:
        sign = 1.0 if kind == "call" else -1.0
        return max(sign * (spot - discount * strike), 0.0)
    import QuantLib as ql  # noqa: N813  (the name all its documentation uses)

    # A formula of its arguments alone: no date, no lock.
    return float(ql.blackFormula(_type(ql, kind), strike, spot / discount, spread, discount))


def _on_a_grid(
    kind: Kind,
    spot: float,
    strikes: NDArray[np.float64],
    times: NDArray[np.float64],
    volatility: float,
    discounts: NDArray[np.float64],
) -> float:
    import QuantLib as ql  # noqa: N813  (the name all its documentation uses)

    today = ql.Date(1, 1, FIRST_YEAR)
    days_a_year = _days_a_year(times[-1])
    days = np.maximum(np.rint(times * days_a_year).astype(int), 1)
    if np.any(np.diff(days) < 1):
        raise ValueError(message("world.option_dates"))
    dates = [today + int(day) for day in days]
    factors = [float(factor) for factor in discounts * strikes / strikes[0]]
    with evaluated_on(today):
        process = _process(ql, today, dates, factors, spot, volatility, days_a_year)
        option = ql.VanillaOption(ql.PlainVanillaPayoff(_type(ql, kind), float(strikes[0])), ql.BermudanExercise(dates))
        option.setPricingEngine(ql.FdBlackScholesVanillaEngine(process, TIME_STEPS, VALUE_STEPS, DAMPING_STEPS))
        return float(option.NPV())


def _process(
    ql: Any, today: Any, dates: list[Any], discounts: list[float], spot: float, volatility: float, days_a_year: int
) -> Any:
    """Law of the value on the stretched calendar, on which a year has ``days_a_year`` days and QuantLib's 365."""
    counter = ql.Actual365Fixed()
    discounting = ql.DiscountCurve([today, *dates], [1.0, *discounts], counter)
    shrunk = volatility * math.sqrt(DAYS_A_YEAR / days_a_year)
    return ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(spot)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, counter)),
        ql.YieldTermStructureHandle(discounting),
        ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), shrunk, counter)),
    )


def _days_a_year(years: float) -> int:
    return max(LONGEST_DAYS // max(math.ceil(years), 1), 1)


def _type(ql: Any, kind: Kind) -> Any:
    return ql.Option.Call if kind == "call" else ql.Option.Put


def _refuse_bad(kind: Kind, **amounts: ArrayLike) -> None:
    if kind not in ("call", "put"):
        raise ValueError(message("world.option_kind", kind=kind))
    for name, amount in amounts.items():
        read = np.asarray(amount, dtype=np.float64)
        may_be_infinite = name == "strike" and kind == "call"
        if np.any(np.isnan(read)) or np.any(read < 0.0) or (np.any(np.isinf(read)) and not may_be_infinite):
            raise ValueError(message("world.option_amount", name=name))


def _refuse_bad_discounts(discounts: ArrayLike) -> None:
    factors = np.asarray(discounts, dtype=np.float64)
    if not np.all(np.isfinite(factors) & (factors > 0.0)):
        raise ValueError(message("world.option_discount"))
