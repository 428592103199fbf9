"""How a fund has done: internal rate, multiples, public-market equivalents, call at risk.

This is the one module to import; the parts lie in `internal_rate` and `public_market`. All of it is pure:
arrays in, arrays out, time last, one number for each vector. What does not exist is NaN, and NaN or an
infinite number anywhere in a vector makes what depends on it NaN.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import (
    final_value,
    joint_shape,
    numbers,
    over_time,
    ratio,
    refuse_negative,
    same_columns,
)
from finance.fund.internal_rate import IrrStatus, irr, irr_status
from finance.fund.public_market import direct_alpha, ks_pme, ln_nav, ln_pme, mpme, pme_plus, pme_plus_scale
from finance.language import message

__all__ = [
    "IrrStatus",
    "call_at_risk",
    "direct_alpha",
    "dpi",
    "irr",
    "irr_status",
    "ks_pme",
    "ln_nav",
    "ln_pme",
    "mpme",
    "pme_plus",
    "pme_plus_scale",
    "rvpi",
    "tvpi",
]


def dpi(paid_in: npt.ArrayLike, distributed: npt.ArrayLike) -> Any:
    r"""Distributions over paid-in capital: what has come back.

    Parameters
    ----------
    paid_in, distributed : array_like of shape (…, n_periods)
        Flows, million CNY, positive.

    Returns
    -------
    float or ndarray of shape (…)
        Multiple of paid-in capital; NaN where nothing was paid in.

    Raises
    ------
    ValueError
        If the shapes do not fit or an amount is negative.

    Notes
    -----
    .. math:: DPI = \sum_t D_t \Big/ \sum_t C_t

    References
    ----------
    CFA Institute (2020), Global Investment Performance Standards for Firms, glossary.
    """
    calls, receipts = over_time("paid_in", paid_in), over_time("distributed", distributed)
    same_columns("paid_in", calls, "distributed", receipts)
    joint_shape(paid_in=calls.shape, distributed=receipts.shape)
    refuse_negative(paid_in=calls, distributed=receipts)
    return ratio(np.sum(receipts, axis=-1), np.sum(calls, axis=-1))


def rvpi(paid_in: npt.ArrayLike, nav: npt.ArrayLike) -> Any:
    r"""Residual value over paid-in capital: what is still in the fund.

    Parameters
    ----------
    paid_in : array_like of shape (…, n_periods)
        Capital paid in, million CNY, positive.
    nav : array_like of shape (…)
        The fund's value after the last column, million CNY.

    Returns
    -------
    float or ndarray of shape (…)
        Multiple of paid-in capital; NaN where nothing was paid in.

    Raises
    ------
    ValueError
        If the shapes do not fit or an amount is negative.

    Notes
    -----
    .. math:: RVPI = NAV_T \Big/ \sum_t C_t

    References
    ----------
    CFA Institute (2020), Global Investment Performance Standards for Firms, glossary.
    """
    calls = over_time("paid_in", paid_in)
    value = final_value(nav, calls.ndim - 1)
    joint_shape(paid_in=calls.shape[:-1], nav=value.shape)
    refuse_negative(paid_in=calls, nav=value)
    return ratio(value, np.sum(calls, axis=-1))


def tvpi(paid_in: npt.ArrayLike, distributed: npt.ArrayLike, nav: npt.ArrayLike) -> Any:
    """Total value over paid-in capital: what has come back and what is still in the fund.

    Parameters
    ----------
    paid_in, distributed : array_like of shape (…, n_periods)
        Flows, million CNY, positive.
    nav : array_like of shape (…)
        The fund's value after the last column, million CNY.

    Returns
    -------
    float or ndarray of shape (…)
        Multiple of paid-in capital; NaN where nothing was paid in.

    Raises
    ------
    ValueError
        If the shapes do not fit or an amount is negative.

    Notes
    -----
    .. math:: TVPI = DPI + RVPI

    References
    ----------
    CFA Institute (2020), Global Investment Performance Standards for Firms, glossary.
    """
    returned, remaining = np.asarray(dpi(paid_in, distributed)), np.asarray(rvpi(paid_in, nav))
    joint_shape(distributed=returned.shape, nav=remaining.shape)
    return returned + remaining


def call_at_risk(calls: npt.ArrayLike, probability: float = 0.95) -> Any:
    """Capital call that is not exceeded with the given probability: what to keep ready.

    Parameters
    ----------
    calls : array_like of shape (n_paths, …)
        Capital called on each path, million CNY, positive; (n_paths, n_periods) for each period by itself,
        cumulative calls for a whole stretch of time.
    probability : float
        Share of paths on which the call stays within the result, from 0 to 1.

    Returns
    -------
    float or ndarray of shape (…)
        Million CNY. NaN where a path is.

    Raises
    ------
    ValueError
        If there is no path, a call is negative or the probability is outside 0–1.

    Notes
    -----
    The quantile over paths, interpolated between order statistics (type 7 of Hyndman and Fan).

    References
    ----------
    Hyndman, R. J. and Fan, Y. (1996), "Sample Quantiles in Statistical Packages", The
    American Statistician 50(4).
    """
    if not 0.0 <= probability <= 1.0:
        raise ValueError(message("fund.probability", value=probability))
    called = numbers("calls", calls)
    if called.ndim == 0 or called.shape[0] == 0:
        raise ValueError(message("fund.no_paths", name="calls", shape=called.shape))
    refuse_negative(calls=called)
    return np.quantile(called, probability, axis=0)
