"""Loans to ventures and guarantees of them: what is due, and who bears what is lost.

A loan is for one stage. It comes when the stage's round has closed, and the next round pays it back with interest and the
fee of its guarantee; a venture that ends before that repays what a sale of it brings, to the lender first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finance.fund.amounts import FloatArray

#: Accounts of credit by quarter: lent, fees of guarantees, repaid with interest, and what was due and is lost.
LENT, FEE, REPAID, LOST = range(4)
N_CREDIT_ACCOUNTS = 4


def loan_due(loan: float, years: float, interest_rate: float, fee_rate: float, guaranteed_share: float) -> float:
    """What is owed at the end of a stage: the loan, simple interest and the guarantee's fee for its planned time."""
    return loan * (1.0 + (interest_rate + fee_rate * guaranteed_share) * years)


def claims(lent: FloatArray, lost: FloatArray, guaranteed_share: float, claim_cap: float) -> FloatArray:
    """What guarantees pay in each quarter.

    Parameters
    ----------
    lent, lost : ndarray of shape (…, quarter)
        Lent, and lost of what was due.
    guaranteed_share : float
        Share of a loss that all tiers make good together.
    claim_cap : float
        Most that they pay, over what they have guaranteed so far.

    Returns
    -------
    ndarray of shape (…, quarter)
        Never negative; they sum to g × min(Σ lost, cap × Σ lent) by each quarter.

    Examples
    --------
    >>> claims(np.array([100.0, 0.0, 0.0]), np.array([0.0, 4.0, 10.0]), 0.8, 0.05)
    array([0. , 3.2, 0.8])
    """
    borne = np.minimum(np.cumsum(lost, axis=-1), claim_cap * np.cumsum(lent, axis=-1))
    paid: FloatArray = guaranteed_share * np.diff(borne, axis=-1, prepend=0.0)
    return paid


def by_tier(shares: Mapping[str, float]) -> dict[str, float]:
    """Part of every claim that each tier pays, summing to one; empty where nothing is guaranteed."""
    together = sum(shares.values())
    return {tier: share / together for tier, share in shares.items()} if together > 0.0 else {}
