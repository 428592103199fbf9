"""Accounts that flows run through: a balance owed, what is repaid of it, and how two partners share a repayment.

Columns are gone through in order, with all paths at once. A column's call is owed before its receipt repays.
"""

import numpy as np

from finance.fund.amounts import FloatArray


def period_growth(rate: float, periods_per_year: float) -> float:
    """Growth factor of one column at a rate that compounds by year: (1 + rate)^(1 / periods_per_year).

    Parameters
    ----------
    rate : float
        Decimal, a year.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    float
        The factor, 1 at a rate of 0.
    """
    return float((1.0 + rate) ** (1.0 / periods_per_year))


def repaid(calls: FloatArray, receipts: FloatArray, growth: float = 1.0) -> FloatArray:
    r"""Part of each receipt that goes towards what is owed on calls.

    Parameters
    ----------
    calls, receipts : ndarray of shape (…, n_periods)
        What is lent to the account and what it has to repay with, million CNY.
    growth : float
        Factor by which what is owed grows from column to column: 1 for capital alone.

    Returns
    -------
    ndarray of shape (…, n_periods)
        The repayments, never above the receipts.

    Notes
    -----
    With the balance B and the repayment P,

    .. math:: P_t = \min(R_t, g B_{t-1} + C_t), \qquad B_t = g B_{t-1} + C_t - P_t

    so unpaid interest bears interest, and what has been repaid once is not owed again: a later call opens the
    account anew.
    """
    lent, at_hand = by_column(calls), by_column(receipts)
    repayments = np.empty(lent.shape)
    balance = np.zeros(lent.shape[1:])
    for column in range(len(lent)):
        balance = balance * growth + lent[column]
        repayments[column] = np.minimum(balance, at_hand[column])
        balance = balance - repayments[column]
    return np.moveaxis(repayments, 0, -1)


def by_column(amounts: FloatArray) -> FloatArray:
    """Return amounts (…, n_periods) as (n_periods, …), each column in one piece: steps through time are quick then."""
    return np.ascontiguousarray(np.moveaxis(amounts, -1, 0))


def repaid_together(
    first_calls: FloatArray,
    second_calls: FloatArray,
    receipts: FloatArray,
    first_share: FloatArray,
    growth: float = 1.0,
) -> tuple[FloatArray, FloatArray]:
    """Repay two partners side by side what each is owed on its calls.

    Parameters
    ----------
    first_calls, second_calls, receipts : ndarray of shape (…, n_periods)
        What each has paid in, and what there is to repay them with, million CNY.
    first_share : ndarray of shape (…, n_periods)
        The first partner's part of a repayment while both are owed something. A partner who has all of it back
        leaves the rest to the other.
    growth : float
        Factor by which what each is owed grows from column to column: 1 for capital alone.

    Returns
    -------
    first, second : ndarray of shape (…, n_periods)
        Repayments to each, together never above the receipts.
    """
    first, second = np.empty(receipts.shape), np.empty(receipts.shape)
    owed_first, owed_second = np.zeros(receipts.shape[:-1]), np.zeros(receipts.shape[:-1])
    for column in range(receipts.shape[-1]):
        owed_first = owed_first * growth + first_calls[..., column]
        owed_second = owed_second * growth + second_calls[..., column]
        repayment = np.minimum(owed_first + owed_second, receipts[..., column])
        wanted = np.maximum(first_share[..., column] * repayment, repayment - owed_second)
        first[..., column] = np.minimum(wanted, owed_first)
        second[..., column] = np.minimum(repayment - first[..., column], owed_second)
        owed_first = owed_first - first[..., column]
        owed_second = owed_second - second[..., column]
    return first, second
