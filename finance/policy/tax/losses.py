"""Losses and deductions carried forward by the year they arose, and a company's tax with them."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray, joint_shape, known_flows, same_columns
from finance.policy.tax.dated import Rule
from finance.policy.tax.reading import columns, gains, shares, yearly_gains

LOSS_LIFE = Rule(
    "loss_life",
    5,
    "M",
    "Corporate income tax law, standard carry-forward of five years (recalled, unverified)",
)
LOSS_LIFE_HIGH_TECH = Rule(
    "loss_life_high_tech",
    10,
    "S",
    "shanghaiinvest.com, newsletter 290: ten years for high-tech enterprises and technology "
    "SMEs from 2018, losses of the five years before included; http://en.shanghaiinvest.com/information-center/"
    "newsletters/item/290-good-tax-news-bring-to-small-low-profit-enterprises-and-hi-tech-enterprises",
    first_day=date(2018, 1, 1),
    otherwise=LOSS_LIFE,
)
REFUND_RATE_SCENARIO = Rule(
    "refund_rate_scenario",
    0.145,
    "A",
    "Policy facts, preset seeds-tax-refundable: the British rate for loss-making small firms, from memory; a comparator, "
    "not in the seeds",
)

#: Losses of so many years before a company first qualifies get the longer life too.
_LOOK_BACK_YEARS = 5
_FIRST_LONG_YEAR = 2018


class CarryForward(NamedTuple):
    """What is used and lost of amounts carried forward; `carry_forward`."""

    used: FloatArray  # (…, year)
    expired: FloatArray  # (…, year), at the end of the last year in which it could be used
    left: FloatArray  # (…, year), at the end of the year
    left_by_origin: FloatArray  # (…, year of origin), at the end of the last year


class CompanyTax(NamedTuple):
    """Tax of a company by year, and its losses; `company_tax`."""

    tax: FloatArray  # (…, year); negative only where a refund is stated
    losses: CarryForward


def carry_forward(
    earned: npt.ArrayLike, income: npt.ArrayLike, life_years: npt.ArrayLike | None = None
) -> CarryForward:
    """Use amounts that arise in one year against the income of that and later ones, the oldest first.

    Parameters
    ----------
    earned : array_like of shape (…, year)
        What arises: losses, or deductions. Million CNY, nominal, positive.
    income : array_like of shape (…, year)
        What it may be used against, positive.
    life_years : array_like of int, optional
        Years after the one of origin in which it can still be used; one number, or one for each year of origin,
        (…, year). None: it never expires.

    Returns
    -------
    CarryForward
        To the end of every year t, Σ earned = Σ used + Σ expired + left(t).

    Raises
    ------
    ValueError
        If amounts are missing or negative, lives not whole, or the shapes do not fit.

    Notes
    -----
    used(t) = min(income(t), Σ over origins s ≤ t ≤ s + life of what is left of s).
    """
    arising, room = known_flows(earned=earned, income=income)
    n_years = arising.shape[-1]
    lives = columns("life_years", n_years if life_years is None else life_years, arising.shape)
    last = np.arange(n_years) + lives
    stock, used, expired, left = (np.zeros(arising.shape) for _ in range(4))
    for t in range(n_years):
        stock[..., t] = np.maximum(arising[..., t], 0.0)
        older = np.zeros(stock.shape)
        older[..., 1:] = np.cumsum(stock, axis=-1)[..., :-1]
        taken = np.clip(room[..., t, np.newaxis] - older, 0.0, stock)
        stock -= taken
        used[..., t] = np.minimum(taken.sum(axis=-1), room[..., t])  # not a rounding error more
        ends = (last == t) & (np.arange(n_years) <= t)
        expired[..., t] = np.where(ends, stock, 0.0).sum(axis=-1)
        stock[ends] = 0.0
        left[..., t] = stock.sum(axis=-1)
    return CarryForward(used, expired, left, stock)


def loss_life_years(origin_year: npt.ArrayLike, qualified_year: npt.ArrayLike | None = None) -> FloatArray:
    """Years for which a loss may be carried forward.

    Parameters
    ----------
    origin_year : array_like of int
        Calendar year in which the loss arose.
    qualified_year : array_like of int, optional
        Calendar year in which the company first is a high-tech or small technology enterprise; broadcasts. None:
        never.

    Returns
    -------
    ndarray
        10 for a loss of a year from five before the first qualified year from 2018 on, else 5.

    Notes
    -----
    That a company stays qualified is assumed.

    References
    ----------
    `LOSS_LIFE_HIGH_TECH` (S), `LOSS_LIFE` (M: recalled, unverified).
    """
    if qualified_year is None:
        (origin,) = gains(origin_year=origin_year)
        return np.full(origin.shape, float(LOSS_LIFE.value))
    origin, qualified = gains(origin_year=origin_year, qualified_year=qualified_year)
    is_long = origin >= np.maximum(qualified, _FIRST_LONG_YEAR) - _LOOK_BACK_YEARS
    return np.where(is_long, float(LOSS_LIFE_HIGH_TECH.value), float(LOSS_LIFE.value))


def company_tax(
    profit: npt.ArrayLike,
    tax_rate: npt.ArrayLike,
    life_years: npt.ArrayLike | None = LOSS_LIFE.value,
    surrendered: npt.ArrayLike = 0.0,
    refund_rate: float = 0.0,
) -> CompanyTax:
    """Income tax of a company whose losses are carried forward.

    A loss brings no cash: a start-up that never earns gets nothing for it, however much of it is deductions. Only
    where a refundable credit is stated does the treasury pay for a loss that the company gives up.

    Parameters
    ----------
    profit : array_like of shape (…, year)
        Before losses of other years, all deductions taken; negative is a loss. Million CNY, nominal.
    tax_rate : array_like
        Decimal; one number or one a year.
    life_years : array_like of int, optional
        As in `carry_forward`; five years if left out, None for no expiry.
    surrendered : array_like
        Part of the year's loss given up for cash instead of carried forward, at most the loss.
    refund_rate : float
        Cash for one of a loss given up; 0 is the law as it stands.

    Returns
    -------
    CompanyTax
        ``tax`` is below zero only with a refund.

    Raises
    ------
    ValueError
        If amounts are missing, rates not from 0 to 1, or the shapes do not fit.

    Notes
    -----
    tax(t) = rate · (max(0, profit) − losses used) − refund rate · min(surrendered, loss).

    References
    ----------
    Facts on the tax account: policy facts, section B (S; five years M). `REFUND_RATE_SCENARIO` (A).
    """
    (earned,) = yearly_gains(profit=profit)
    (rate,), (refund,) = shares(tax_rate=tax_rate), shares(refund_rate=refund_rate)
    (given_up,) = gains(surrendered=surrendered)
    for name, by_year in (("tax_rate", rate), ("surrendered", given_up)):
        if by_year.ndim and by_year.shape[-1] != 1:
            same_columns("profit", earned, name, by_year)
    shape = joint_shape(profit=earned.shape, tax_rate=rate.shape, surrendered=given_up.shape)
    income, loss = np.maximum(np.broadcast_to(earned, shape), 0.0), np.maximum(np.broadcast_to(-earned, shape), 0.0)
    given_up = np.clip(given_up, 0.0, loss)
    losses = carry_forward(loss - given_up, income, life_years)
    return CompanyTax(rate * (income - losses.used) - refund * given_up, losses)
