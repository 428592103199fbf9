"""Who commits how much: private partners respond to returns, and public money waits for private money.

All amounts are CNY million a year in the small economy of one path. Two responses, both to points of expected net return
above the root baseline's: every private class commits along its own supply curve, and the partners of sub-funds along
theirs, in the return that the contract leaves *them*. Public money follows at each tier of the programme, at most to the
cap of the tier and never beyond what it is offered; what finds no partner is unspent.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from finance.fund.amounts import FloatArray

#: Log of a supply for a point of return and an elasticity of one.
SUPPLY_SLOPE = 0.1
#: Supply is at most this multiple of the baseline's, and at least its inverse.
LARGEST_SUPPLY = 3.0
#: Tiers of the programme, from the top; the last row is the programme as a whole.
TIERS = ("regional", "sub_fund", "all")


class Programme(NamedTuple):
    """What a guidance programme offers, and its rules."""

    sub_funds: int  # class whose vehicles are its sub-funds; −1 for none
    diverted_from: int  # class that partners' additional money is taken from; −1 for none
    central: float  # central money offered
    regional: float  # local money offered beside it
    regional_share_cap: float
    sub_fund_share_cap: float
    diverted_share: float
    is_beside: bool = False  # its sub-funds are a class of their own, which the root baseline does not have


class Tier(NamedTuple):
    """One tier: all money in it, of which public from above, and what was offered above and found no partner."""

    total: float
    public: float
    unspent: float


class Commitments(NamedTuple):
    """What each class's vehicle of a year can call."""

    capacity: FloatArray  # (class,)
    public_share: FloatArray  # (class,)
    private: FloatArray  # (class,) private money in it
    tiers: tuple[Tier, ...]  # one for each of `TIERS`; zeros without a programme


def supply(elasticity: FloatArray, gain: FloatArray) -> FloatArray:
    """Private commitments, as a multiple of the baseline's.

    Parameters
    ----------
    elasticity : ndarray of shape (class,)
        ε: 1 is a tenth more, in logs, for a point of return.
    gain : ndarray of shape (class,)
        Expected net return above the root baseline's, a year, decimal; NaN where it is not known.

    Returns
    -------
    ndarray of shape (class,)
        exp(.1 ε · 100 gain), between ⅓ and 3; exactly 1 where nothing is gained or known.
    """
    points = 100.0 * np.where(np.isnan(gain), 0.0, gain)
    multiple: FloatArray = np.exp(SUPPLY_SLOPE * elasticity * points)
    return np.clip(multiple, 1.0 / LARGEST_SUPPLY, LARGEST_SUPPLY)


def commitments(
    capacity: FloatArray, public_share: FloatArray, elasticity: FloatArray, gain: FloatArray, programme: Programme
) -> Commitments:
    """Commitments of every class.

    Parameters
    ----------
    capacity, public_share, elasticity : ndarray of shape (class,)
        As the scenario states them: what is committed at the baseline's returns.
    gain : ndarray of shape (class,)
        As in `supply`.
    programme : Programme

    Returns
    -------
    Commitments
        Capacity and public share to the bit as stated where nothing is gained and nothing is offered.

    Notes
    -----
    With private money p of the sub-funds, of which p₀ at the baseline's returns, public money in them b, and caps k₁
    (regional) and k₂ (sub-fund): central money follows regional money r up to k₁/(1 − k₁) r; all of it follows private
    money up to k₂/(1 − k₂) p − b. A share of p − p₀ is missing in the class it is diverted from, which keeps a third at
    least. Where the sub-funds are a class that the root baseline does not have, all of p is more than there was: p₀ = 0.
    """
    stated = capacity * (1.0 - public_share)
    more = stated * (supply(elasticity, gain) - 1.0)
    total, private, share = capacity + more, stated + more, public_share.copy()
    s = programme.sub_funds
    if s < 0:
        return Commitments(total, _share(share, total, private, more), private, (Tier(0.0, 0.0, 0.0),) * len(TIERS))
    added = private[s] if programme.is_beside else more[s]
    if programme.diverted_from >= 0 and added != 0.0:
        d = programme.diverted_from
        left = max(total[d] - programme.diverted_share * added, capacity[d] / LARGEST_SUPPLY)
        private[d] += left - total[d]
        total[d] = left
        more[d] = total[d] - capacity[d]
    regional = _regional(programme)
    before, cap = capacity[s] - stated[s], programme.sub_fund_share_cap
    placed = min(regional.total, max(0.0, cap / (1.0 - cap) * private[s] - before))
    share = _share(share, total, private, more)
    if placed > 0.0:
        total[s] += placed
        share[s] = (before + placed) / total[s]
    sub_fund = Tier(float(total[s]), float(before + placed), float(regional.total - placed))
    drawn = placed * regional.public / regional.total if regional.total > 0.0 else 0.0
    whole = Tier(float(total[s]), float(before + drawn), float(programme.central - drawn))
    return Commitments(total, share, private, (regional, sub_fund, whole))


def _regional(programme: Programme) -> Tier:
    """The regional tier: central money follows local money; without the tier it goes on as it is."""
    cap = programme.regional_share_cap
    drawn = programme.central if cap >= 1.0 else min(programme.central, cap / (1.0 - cap) * programme.regional)
    return Tier(drawn + programme.regional, drawn, programme.central - drawn)


def _share(stated: FloatArray, total: FloatArray, private: FloatArray, more: FloatArray) -> FloatArray:
    """Public share of what is committed; as stated where private money is."""
    some = (more != 0.0) & (total > 0.0)
    share: FloatArray = np.where(some, 1.0 - private / np.where(total > 0.0, total, 1.0), stated)
    return share
