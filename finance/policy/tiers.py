"""Funds of funds: how much money a chain of tiers gathers, and how the flows of the lowest fund go up through it.

A tier is a fund whose money comes partly from the tier above (public) and partly from others: local government in a
regional fund, private partners in a sub-fund. Tiers of commitments are listed from the top; flows start at the bottom.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray, joint_shape, known_flows, numbers, refuse_negative
from finance.fund.terms import refuse_bad_periods, refuse_bad_share, refuse_below
from finance.language import message
from finance.policy.contracts import Contract, PariPassu


class TierCommitment(NamedTuple):
    """Money of one tier, million CNY; all of one shape."""

    from_above: FloatArray
    others: FloatArray
    unspent: FloatArray  # offered from above, and without others to join it

    @property
    def total(self) -> FloatArray:
        """All money of the tier, which is what it offers to the next."""
        return self.from_above + self.others


def commit_down(
    offered: npt.ArrayLike, others: Sequence[npt.ArrayLike], share_caps: Sequence[float]
) -> tuple[TierCommitment, ...]:
    r"""Commit money down a chain of funds: what comes from above waits for the others' money at each tier.

    Parameters
    ----------
    offered : array_like
        What the top offers to the first tier, million CNY.
    others : sequence of array_like
        What others commit at each tier, from the top; shapes broadcast.
    share_caps : sequence of float
        Largest share of each tier that may come from above, from 0 to 1; 1 where it waits for nobody.

    Returns
    -------
    tuple of TierCommitment
        One for each tier, from the top.

    Raises
    ------
    ValueError
        If there is not a cap for each tier and at least one tier, a cap is not from 0 to 1, or an amount is NaN or
        negative.

    Notes
    -----
    With the offer O, the others' money p and the cap k a tier takes

    .. math:: \min\left(O, \frac{k}{1 - k}\, p\right)

    from above, and offers all that it has to the next.
    """
    if not others or len(others) != len(share_caps):
        raise ValueError(message("policy.tiers_and_caps", tiers=len(others), caps=len(share_caps)))
    names = ["offered", *(f"others[{tier}]" for tier in range(len(others)))]
    read = {name: numbers(name, amount) for name, amount in zip(names, [offered, *others], strict=True)}
    for name, amount in read.items():
        if np.isnan(amount).any():
            raise ValueError(message("fund.not_finite", name=name, count=np.count_nonzero(np.isnan(amount))))
    refuse_negative(**read)
    shape = joint_shape(**{name: amount.shape for name, amount in read.items()})
    offer, *moneys = (np.broadcast_to(np.maximum(amount, 0.0), shape) for amount in read.values())
    tiers: list[TierCommitment] = []
    for money, cap in zip(moneys, share_caps, strict=True):
        refuse_bad_share("share_caps", cap)
        drawn = np.array(offer) if cap == 1.0 else np.minimum(offer, cap / (1.0 - cap) * money)
        tiers.append(TierCommitment(drawn, np.array(money), offer - drawn))
        offer = tiers[-1].total
    return tuple(tiers)


def accounting_leverage(public_shares: Sequence[float]) -> float:
    r"""All money of the lowest tier, over the top's part of it.

    Parameters
    ----------
    public_shares : sequence of float
        Share of each tier that comes from above, from 0 to 1.

    Returns
    -------
    float
        :math:`1 / \prod_k s_k`; infinite where a share is 0. It counts money that would have come anyhow.

    Raises
    ------
    ValueError
        If a share is not from 0 to 1.
    """
    for share in public_shares:
        refuse_bad_share("public_shares", share)
    top = math.prod(public_shares)
    return 1.0 / top if top > 0.0 else math.inf


def multiplied(sources: npt.ArrayLike, multiples: Sequence[float]) -> FloatArray:
    """Money that each source is counted for, at each step of a cascade of multipliers.

    Parameters
    ----------
    sources : array_like of shape (n_sources,)
        What each source puts at risk, any unit.
    multiples : sequence of float
        What each step multiplies money by.

    Returns
    -------
    ndarray of shape (n_steps + 1, n_sources)
        The sources themselves, then after each step; a row's sum is the whole.

    Raises
    ------
    ValueError
        If a multiple is below 0 or not finite, or the sources are no row of numbers.

    References
    ----------
    European Commission (2014), European Fund for Strategic Investments: 16 of guarantee and 5 of the bank's, three times
    within the bank and five times outside it.
    """
    row = numbers("sources", sources)
    if row.ndim != 1 or np.isnan(row).any():
        raise ValueError(message("fund.not_numbers", name="sources"))
    for multiple in multiples:
        refuse_below("multiples", multiple, 0.0)
    steps = np.cumprod([1.0, *multiples])
    return np.outer(steps, row)


@dataclass(frozen=True)
class FundTier:
    """One fund of a chain that flows go up through.

    Parameters
    ----------
    name : str
        What it is called.
    public_share : float
        Share of its money that comes from the tier above, from 0 to 1.
    contract : Contract
        How it shares its receipts between the tier above and the others.
    fee_rate : float
        Fee a year on what its own partners have paid in to date, fees not counted; at least 0.
    """

    name: str
    public_share: float
    contract: Contract = field(default_factory=PariPassu)
    fee_rate: float = 0.0

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_share("public_share", self.public_share)
        refuse_below("fee_rate", self.fee_rate, 0.0)


class TierFlows(NamedTuple):
    """Flows of one tier, (…, n_periods), million CNY."""

    name: str
    public_paid_in: FloatArray  # by the tier above, fees of this one included
    public_received: FloatArray  # by the tier above; below zero where it pays the others
    others_paid_in: FloatArray
    others_received: FloatArray
    fee: FloatArray


def pass_up(
    paid_in: npt.ArrayLike, distributions: npt.ArrayLike, tiers: Sequence[FundTier], periods_per_year: float = 1
) -> tuple[TierFlows, ...]:
    """Pass the flows of the lowest fund up through the tiers that own it.

    Parameters
    ----------
    paid_in, distributions : array_like of shape (…, n_periods)
        What the lowest fund calls, its own fees not counted, and gives out; million CNY, positive.
    tiers : sequence of FundTier
        From the lowest fund to the highest.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    tuple of TierFlows
        As ``tiers``. All that others receive at any tier, with what the top receives, is the distributions column by
        column; all that others pay in, with what the top does, is the calls and the fees.

    Raises
    ------
    ValueError
        If there is no tier, or as in `Contract.split`.

    Notes
    -----
    Both sides pay a tier's calls and fee by their shares. A fee of a column is rate ÷ columns a year × what has been paid
    in before it. What a tier receives goes on to its own partners in the same column. Where it has to pay (a
    guarantee), it calls that from its partners.
    """
    if not tiers:
        raise ValueError(message("policy.no_tiers"))
    refuse_bad_periods(periods_per_year)
    calls, receipts = known_flows(paid_in=paid_in, distributions=distributions)
    calls, receipts = np.maximum(calls, 0.0), np.maximum(receipts, 0.0)
    passed: list[TierFlows] = []
    for tier in tiers:
        fee = np.zeros(calls.shape)
        fee[..., 1:] = tier.fee_rate / periods_per_year * np.cumsum(calls, axis=-1)[..., :-1]
        charged = calls + fee
        agreed = (tier.public_share * charged, charged - tier.public_share * charged)
        public, others = tier.contract.split(*agreed, receipts, periods_per_year)
        paid_by_public, paid_by_others = tier.contract.calls(*agreed, receipts, periods_per_year)
        passed.append(TierFlows(tier.name, paid_by_public, public, paid_by_others, others, fee))
        calls, receipts = paid_by_public + np.maximum(-public, 0.0), np.maximum(public, 0.0)
    return tuple(passed)
