"""Management fees of sub-funds, on what is invested, paid in or committed, while their vehicles come and go.

A sub-fund is made of a vehicle for each year in which it is raised. Each has its own commitment, investment period and
life, but the market writes down calls and cost of the sub-fund as a whole. So the fee on commitments is exact, vehicle by
vehicle; what is paid in or held divides between vehicles that still invest and those that no longer do by commitments.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from finance.fund.amounts import FloatArray
from finance.language import message
from finance.policy.fund_terms import FeeBase

#: Columns a year of all accounts of sub-funds.
PERIODS_A_YEAR = 4


class Raised(NamedTuple):
    """Commitments of sub-funds' vehicles, (…, quarter since the first closing): those that a quarter's fee is on.

    A fee is for the time since the quarter before, so a vehicle counts from the quarter after its first one. Where the
    clock has ended nothing is left.
    """

    to_date: FloatArray  # of all that have been raised
    investing: FloatArray  # of those in their investment period
    later: FloatArray  # of those behind it, to the end of their life

    def times(self, amount: FloatArray | float) -> Raised:
        """These commitments, each times an amount that broadcasts to them."""
        return Raised(*(np.multiply(each, amount) for each in self))


def vehicles_raised(
    shape: tuple[int, int], pool_quarters: int, investment_quarters: int, life_quarters: int, ends: tuple[int, int]
) -> Raised:
    """Vehicles of sub-funds raised one behind the other, as commitments of one each.

    Parameters
    ----------
    shape : tuple of int
        How many sub-funds there are, and for how many quarters to say it.
    pool_quarters : int
        Quarters from the first closing of one to that of the next; a vehicle is raised in the first quarter of each year.
    investment_quarters, life_quarters : int
        Of a vehicle.
    ends : tuple of int
        Quarters from the first sub-fund's first closing to the last raise, and to the end of the clock.

    Returns
    -------
    Raised
        Each (sub-fund, quarter).
    """
    quarter = np.arange(shape[1])
    counts = np.zeros((3, *shape))
    for place in range(shape[0]):
        first = place * pool_quarters
        for raised in range(0, min(pool_quarters, ends[0] - first), PERIODS_A_YEAR):
            age = quarter - raised
            counts[0, place] += age > 0
            counts[1, place] += (age > 0) & (age <= investment_quarters)
            counts[2, place] += (age > investment_quarters) & (age <= life_quarters)
        counts[1:, place, max(ends[1] - first, 0) :] = 0.0
    return Raised(*counts)


def fees(
    paid: FloatArray, held: FloatArray, rate: float, bases: tuple[FeeBase, FeeBase], raised: Raised | None = None
) -> FloatArray:
    r"""Management fees of sub-funds.

    Parameters
    ----------
    paid : ndarray of shape (…, quarter)
        What they pay for stakes, million CNY.
    held : ndarray of shape (…, quarter)
        Cost of what they hold at the end of each quarter.
    rate : float
        A year.
    bases : tuple of {"invested", "paid-in", "committed"}
        In a vehicle's investment period, and behind it.
    raised : Raised, optional
        Commitments; need not be known where both bases are what is invested.

    Returns
    -------
    ndarray of shape (…, quarter)
        Fees, positive; nothing in the first quarter.

    Raises
    ------
    ValueError
        If commitments are needed and not given.

    Notes
    -----
    With commitments :math:`R` raised to date, of which :math:`C_1` in their investment period and :math:`C_2` behind it,
    and the base :math:`B` (cost held, calls to date, or :math:`R`) at the end of the quarter before,

    .. math:: F_t = \frac{r}{4} \left( \frac{C_1}{R} B_1 + \frac{C_2}{R} B_2 \right).

    What is held is held until it ends: of cost all that does not stand in an investment period counts as later. For one
    vehicle it is `finance.policy.fund_terms.ManagementFee`.
    """
    fee = np.zeros_like(held)
    base, later_base = bases
    if base == later_base == "invested":
        fee[..., 1:] = rate / PERIODS_A_YEAR * np.maximum(held[..., :-1], 0.0)
        return fee
    if raised is None:
        raise ValueError(message("policy.no_commitments", bases=f"{base}, {later_base}"))
    some = raised.to_date > 0.0
    investing, later = (np.where(some, each / np.where(some, raised.to_date, 1.0), 0.0) for each in raised[1:])
    called, cost = np.cumsum(paid, axis=-1), np.maximum(held, 0.0)
    parts = {
        "committed": raised[1:],
        "paid-in": (_before(called) * investing, _before(called) * later),
        "invested": (_before(cost) * investing, _before(cost) * (1.0 - investing)),
    }
    amount = parts[base][0] + parts[later_base][1]
    fee[..., 1:] = rate / PERIODS_A_YEAR * amount[..., 1:]
    return fee


def _before(amounts: FloatArray) -> FloatArray:
    """Amounts (…, quarter) of the quarter before; nothing before the first."""
    earlier = np.zeros_like(amounts)
    earlier[..., 1:] = amounts[..., :-1]
    return earlier
