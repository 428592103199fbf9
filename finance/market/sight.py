"""What managers of public money see of a venture, and the return that they bid for: what makes their bids another's.

Most classes bid on the signal of the stage, which all share. A manager whose losses others bear looks less closely: it
sees the signal with noise of its own on top. Money that a duty reserves for a place is bid without any look: it knows
the pool. Both are a law of the common signal given what is seen (*sight*), and a bid is what bids on the common signal
are worth on average under it. Holders' later decisions stay on the common signal: the noise is in the choice, not in
the firm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from finance.market.grids import SIGNAL, hat_weights, posterior, share_at_least
from finance.market.laws import StageLaw
from finance.market.terms import Floats, Terms


def has_public_money(terms: Terms) -> NDArray[np.bool_]:
    """Classes (class,) with public money, what the programme places there included: audited, and to be placed."""
    is_public = terms.public_share > 0.0
    if terms.sub_fund_class >= 0 and terms.programme.central + terms.programme.regional > 0.0:
        is_public |= terms.owner == terms.sub_fund_class
    return is_public


def eased(terms: Terms, idle: Floats) -> Floats:
    """What managers take off the return they require (class,), a year: points × idle share, where money is public."""
    return np.where(has_public_money(terms), terms.deployment_points * idle, 0.0)


def is_duty(terms: Terms, c: int) -> bool:
    """Whether a class stands for what a duty reserves."""
    return bool(terms.owner[c] != c)


def sights_at(terms: Terms, law: StageLaw, noise: float, pool: Floats) -> dict[int, Floats]:
    """Sight of every class that sees something else than the common signal, at one stage.

    Parameters
    ----------
    terms : Terms
    law : StageLaw
    noise : float
        Standard deviation of the common signal's noise at the stage.
    pool : ndarray of shape (quality,)
        Quality of those who reach the stage.

    Returns
    -------
    dict of int to ndarray of shape (signal, signal)
        By class: law of the common signal (columns) given what is seen (rows); rows sum to one.

    Notes
    -----
    With m the law of the common signal s in the pool and t = s + N(0, τ²), P(s | t) ∝ m(s) φ((t − s)/τ). A duty's rows
    are all m: the limit of τ without bound.
    """
    sights: dict[int, Floats] = {}
    if not terms.added_noise.any() and (terms.owner == np.arange(len(terms.owner))).all():
        return sights
    seen = pool @ law.signal_weights
    for c in range(len(terms.owner)):
        if is_duty(terms, c):
            sights[c] = np.broadcast_to(seen / seen.sum(), (len(SIGNAL), len(SIGNAL)))
        elif terms.added_noise[c] * noise > 0.0:
            distance = (SIGNAL[:, None] - SIGNAL) / (terms.added_noise[c] * noise)
            sights[c] = posterior(np.exp(-0.5 * distance * distance), seen)
    return sights


def share_that_bids(noise: float, excess: Floats) -> Floats:
    """Share of ventures (signal,), by the common signal, for which a manager with noise of its own bids the floor.

    Parameters
    ----------
    noise : float
        Standard deviation of what it sees around the common signal.
    excess : ndarray of shape (signal,)
        Its bid less the floor, by what it sees.
    """
    share: Floats = hat_weights(SIGNAL, noise, SIGNAL) @ share_at_least(excess)
    return share
