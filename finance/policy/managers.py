"""Managers of public money: what in a programme's terms makes them invest worse than its partners would.

The manager bids, not the partners. Three things in the terms of public money can make a bid worse than what the partners
would pay: money that lies idle is to be placed (*deployment*), a loss that others bear is looked for less (*cover*; and
few watch where few have money of their own in the fund), and a duty to invest in a place takes what there is there
(*direction*). Each is a rule with a number in it, and with a zero nothing is left of it. ``docs/model/managers.md`` tells
what the market makes of them.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray
from finance.policy.commitments import Commitments
from finance.policy.contracts import Contract

#: What the fund gives back on which a contract's cover is read, over what was paid in.
_GIVEN_BACK = 0.5


def covered_share(contract: Contract, public_share: float) -> float:
    """Share of private partners' loss that the public bears under a contract.

    Parameters
    ----------
    contract : Contract
    public_share : float
        Public share of the capital paid in, 0 to 1.

    Returns
    -------
    float
        0 to 1; 0 pari passu, and where private partners bear more than their part.

    Notes
    -----
    Read on a fund that calls its capital K once and gives back half of it, a year later. Pari passu private partners, who
    paid p K, lose p K/2. Under the contract they lose p K less what it leaves them; the share of the p K/2 that they are
    spared is the cover. Half is a loss that every kind of contract answers to, beyond the part that a first loss takes
    whole: a tenth of the fund lost would read a first loss of 10 % as full cover.
    """
    private_share = 1.0 - public_share
    if private_share <= 0.0:
        return 0.0
    paid, given = np.array([1.0, 0.0]), np.array([0.0, _GIVEN_BACK])
    _, private = contract.split(public_share * paid, private_share * paid, given)
    pari_passu = private_share * (1.0 - _GIVEN_BACK)
    spared = float(private.sum()) - private_share * _GIVEN_BACK
    return min(1.0, max(0.0, spared / pari_passu))


def added_noise(cover_noise: float, covered: float, unwatched_noise: float = 0.0, public_share: float = 0.0) -> float:
    """Noise that a manager's view has beside the signal's own, in standard deviations of the signal's noise.

    Parameters
    ----------
    cover_noise : float
        Growth of the noise with full cover, as a share of it.
    covered : float
        From `covered_share`.
    unwatched_noise : float
        Growth of the noise if all of the money is public: partners who may lose money of their own watch.
    public_share : float
        Public share of the capital paid in.

    Returns
    -------
    float
        √((1 + x)² − 1) with x = cover_noise × covered + unwatched_noise × public share: with it the noise altogether is
        (1 + x) times the signal's.
    """
    growth = cover_noise * covered + unwatched_noise * public_share
    return math.sqrt(growth * (2.0 + growth))


def idle_share(called: FloatArray, spent: FloatArray) -> FloatArray:
    """Share of what was called that was not put to work: it lapsed, or lies there; 0 where nothing was called.

    Parameters
    ----------
    called, spent : ndarray of shape (class,)
        Of all vehicles in the same quarters. What was called is spent, lapses or is added to what lies there, so the
        difference is what lapsed and what more lies idle than before.
    """
    some = called > 0.0
    share: FloatArray = np.where(some, 1.0 - spent / np.where(some, called, 1.0), 0.0)
    return np.clip(share, 0.0, 1.0)


def reserved_share(reinvestment_multiple: float, public_share: float, direction_share: float) -> float:
    """Share of a sub-fund's money that its duty reserves for the place.

    Parameters
    ----------
    reinvestment_multiple : float
        What must be invested in the place, over the public money.
    public_share : float
        Public share of the sub-fund.
    direction_share : float
        Part of the duty that what would be invested there anyhow does not meet.

    Returns
    -------
    float
        min(1, multiple × public share) × direction share.
    """
    return min(1.0, reinvestment_multiple * public_share) * direction_share


def with_duties(
    committed: Commitments, owner: npt.NDArray[np.int64], reinvestment_multiple: float, direction_share: float
) -> Commitments:
    """Divide what classes commit between what their managers are free to invest and what a duty reserves.

    Parameters
    ----------
    committed : Commitments
        By class; nothing yet in those that stand for a duty.
    owner : ndarray of int, shape (class,)
        The class whose money it is: of most their own place, of a duty that of its class.
    reinvestment_multiple, direction_share : float
        As in `reserved_share`.

    Returns
    -------
    Commitments
        Capacity and private money of a class and its duty sum to what the class committed; untouched without duties.
    """
    duties = np.flatnonzero(owner != np.arange(len(owner)))
    if len(duties) == 0:
        return committed
    capacity, private, public = committed.capacity.copy(), committed.private.copy(), committed.public_share.copy()
    for d in duties:
        c = owner[d]
        share = reserved_share(reinvestment_multiple, float(public[c]), direction_share)
        public[d] = public[c]
        for amounts in (capacity, private):
            amounts[d] = share * amounts[c]
            amounts[c] = amounts[c] - amounts[d]
    return committed._replace(capacity=capacity, private=private, public_share=public)
