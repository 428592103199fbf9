"""Who gets what when a company is sold: non-participating preferences, pari passu, converting when better."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from finance.compiling import njit
from finance.market.terms import Floats

ROUND = np.dtype(
    [
        ("category", np.uint32),
        ("opened", np.uint32),
        ("preference", np.float64),
        ("shares", np.float64),
        ("outside", np.float64),
    ],
    align=True,
)
"""A round of shares of one company: the category of the stage whose money it was, the quarter it was paid in, its
preference in money, its shares, and how many of them buyers outside the classes hold."""


def split_proceeds(proceeds: float, preference: Floats, shares: Floats, common: float) -> Floats:
    """Split sale proceeds between rounds of preferred shares and common shares.

    Each round takes either its preference or its part as common shares, whichever is more given what the others do.
    Rounds convert in the order of preference per share, so the outcome is the unique equilibrium. Without preferences
    the split is linear in shares, to the bit.

    Parameters
    ----------
    proceeds : float
        Price of the company, CNY million.
    preference : ndarray of shape (rounds,)
        Liquidation preference of each round, CNY million.
    shares : ndarray of shape (rounds,)
        Shares of each round.
    common : float
        Shares without preference (founders).

    Returns
    -------
    ndarray of shape (rounds,)
        What each round receives. The rest of the proceeds goes to the common shares.
    """
    rounds = np.zeros((1, len(shares)), ROUND)
    rounds["preference"], rounds["shares"] = preference, shares
    paid = np.zeros(len(shares))
    split_rounds(proceeds, rounds, 0, common, len(shares), paid)
    return paid


@njit
def split_rounds(proceeds: float, rounds: NDArray[Any], slot: int, common: float, n_rounds: int, paid: Floats) -> None:
    """`split_proceeds` for the first rounds of one company, in an array of ROUND ``(slot, round)``; fills `paid`."""
    if proceeds == 0.0:
        for r in range(n_rounds):
            paid[r] = 0.0
        return
    total_preference, total_shares = 0.0, common
    for r in range(n_rounds):
        total_preference += rounds[slot, r].preference
        total_shares += rounds[slot, r].shares
    if total_preference == 0.0:
        for r in range(n_rounds):
            paid[r] = proceeds * rounds[slot, r].shares / total_shares
        return
    if proceeds <= total_preference:
        for r in range(n_rounds):
            paid[r] = proceeds * rounds[slot, r].preference / total_preference
        return
    standing, converted = total_preference, common
    for r in range(n_rounds):
        paid[r] = -1.0  # undecided
    while True:
        lowest, best = -1, 0.0
        for r in range(n_rounds):
            if paid[r] < 0.0 and rounds[slot, r].shares > 0.0:
                price = rounds[slot, r].preference / rounds[slot, r].shares
                if lowest < 0 or price < best:
                    lowest, best = r, price
        if lowest < 0:
            break
        per_share = (proceeds - standing + rounds[slot, lowest].preference) / (converted + rounds[slot, lowest].shares)
        if per_share < best:
            break
        standing -= rounds[slot, lowest].preference
        converted += rounds[slot, lowest].shares
        paid[lowest] = 0.0  # converts
    per_share = (proceeds - standing) / converted if converted > 0.0 else 0.0
    for r in range(n_rounds):
        paid[r] = per_share * rounds[slot, r].shares if paid[r] == 0.0 else rounds[slot, r].preference
