"""What investors believe of the market they are in, and how it is counted from simulated rounds.

The fixed point of `equilibrium` is in these numbers: odds that a round somebody wants closes, the wait until it does,
how its price stands to the best bid, whether holders have the money for a bridge, how often a vehicle with public money
is found above its loss limit, how much of its money lies idle, and the quality of those who reach each stage.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.market.grids import QUALITY, SIGNAL
from finance.market.terms import Floats, Names, Terms
from finance.policy.managers import idle_share

#: Closing odds and prices are counted at these signals and interpolated between them.
COUNTED_SIGNAL: Floats = np.linspace(-5.0, 5.0, 21)
#: Quarters a search can take at most; later closings count in the last.
LONGEST_SEARCH = 40
_TYPICAL_STAKE = 0.2  # share sold in a round before any was seen (about a fifth at seed and A, see the calibration)


class Beliefs(NamedTuple):
    """The state of the equilibrium."""

    closing: Floats  # (sector, stage, counted signal) odds that a round somebody wants closes
    price_ratio: Floats  # (sector, stage, counted signal) mean of paid ÷ need × best bid ÷ price
    wait: Floats  # (sector, stage, quarter) law of the wait of rounds that close
    stake: Floats  # (sector, stage) mean share of the company sold in a round
    bridge: Floats  # (sector, stage) odds that money for a worthwhile bridge or extension is there
    above_limit: Floats  # (class,) share of audits that find a vehicle above its loss limit
    idle: Floats  # (class,) share of called money that managers of public money leave idle; 0 if it does not count
    pool: Floats  # (sector, stage, quality) quality of those who reach the stage; worked out, not counted
    place: Floats  # (sector,) share of those who ask for a place on a pilot platform that find one
    queue: Floats  # (sector,) mean quarters for which they have waited
    net_return: Floats  # (class,) expected net return of private money above what it requires, a year; NaN if not known


class Counts(NamedTuple):
    """Sums over the cohort's rounds of pilot paths, from which beliefs are updated."""

    wanted: Floats  # (sector, stage, counted signal) rounds somebody wanted
    closed: Floats  # (sector, stage, counted signal) of them closed
    ratio: Floats  # (sector, stage, counted signal) sum of the price ratio over closed rounds
    waits: Floats  # (sector, stage, quarter)
    stakes: Floats  # (sector, stage) sum of shares sold over closed rounds
    bridges_wanted: Floats  # (sector, stage)
    bridges_paid: Floats  # (sector, stage)
    audits: Floats  # (class,)
    audits_above: Floats  # (class,)
    called: Floats  # (class,) money called in the cohort's entry years, where idle money counts
    spent: Floats  # (class,) and spent in them, on whichever venture


def starting_beliefs(names: Names, entrants: Floats, odds: float, terms: Terms) -> Beliefs:
    """Beliefs before anything was seen.

    Parameters
    ----------
    names : Names
    entrants : ndarray of shape (quality,)
        Quality of entrants, taken for every stage until the first pass.
    odds : float
        Closing and bridge odds to start from: 1 is the optimist's, .1 the pessimist's start.
    terms : Terms
        Decides only that nobody expects to be found above a limit if there is none.
    """
    shape = (len(names.sectors), len(names.stages))
    wait = np.zeros((*shape, LONGEST_SEARCH))
    wait[:, :, 0] = 1.0
    limited = float((terms.loss_limit < 1.0).any())
    return Beliefs(
        closing=np.full((*shape, len(COUNTED_SIGNAL)), odds),
        price_ratio=np.ones((*shape, len(COUNTED_SIGNAL))),
        wait=wait,
        stake=np.full(shape, _TYPICAL_STAKE),
        bridge=np.full(shape, odds),
        above_limit=np.full(len(names.classes), 0.5 * limited),
        idle=np.zeros(len(names.classes)),
        pool=np.broadcast_to(entrants, (*shape, len(QUALITY))).copy(),
        place=np.full(len(names.sectors), odds),
        queue=np.zeros(len(names.sectors)),
        net_return=np.full(len(names.classes), np.nan),
    )


def empty_counts(names: Names) -> Counts:
    """Counts of nothing."""
    shape = (len(names.sectors), len(names.stages))
    by_signal = (*shape, len(COUNTED_SIGNAL))
    by_class = len(names.classes)
    return Counts(
        wanted=np.zeros(by_signal),
        closed=np.zeros(by_signal),
        ratio=np.zeros(by_signal),
        waits=np.zeros((*shape, LONGEST_SEARCH)),
        stakes=np.zeros(shape),
        bridges_wanted=np.zeros(shape),
        bridges_paid=np.zeros(shape),
        audits=np.zeros(by_class),
        audits_above=np.zeros(by_class),
        called=np.zeros(by_class),
        spent=np.zeros(by_class),
    )


def on_signal_grid(counted: Floats) -> Floats:
    """Interpolate (…, counted signal) to (…, signal); beyond the ends the end value holds."""
    place = np.clip((SIGNAL - COUNTED_SIGNAL[0]) / (COUNTED_SIGNAL[1] - COUNTED_SIGNAL[0]), 0, len(COUNTED_SIGNAL) - 1)
    lower = np.minimum(place.astype(int), len(COUNTED_SIGNAL) - 2)
    upper = place - lower
    values: Floats = counted[..., lower] * (1.0 - upper) + counted[..., lower + 1] * upper
    return values


def counted_beliefs(counts: Counts, previous: Beliefs, noise: Beliefs | None = None) -> Beliefs:
    """Beliefs that the counts support; a cell nobody visited keeps its previous value.

    Signals above the highest one seen are so rare that only the end of what was seen can speak for them.

    Parameters
    ----------
    counts : Counts
    previous : Beliefs
        With the pools just worked out.
    noise : Beliefs, optional
        Taken off what was seen, and off the pools; where nothing was seen there is nothing to take it off.
    """

    def ratio(kind: str, numerator: Floats, denominator: Floats) -> Floats:
        visited, before = denominator > 0.0, getattr(previous, kind)
        seen = numerator / np.where(visited, denominator, 1.0)
        if noise is not None:
            seen = seen - getattr(noise, kind)
        return np.where(visited, seen, before)

    closings = counts.waits.sum(axis=-1, keepdims=True)
    believed = Beliefs(
        closing=_held_above(ratio("closing", counts.closed, counts.wanted), counts.wanted > 0.0),
        price_ratio=_held_above(ratio("price_ratio", counts.ratio, counts.closed), counts.closed > 0.0),
        wait=ratio("wait", counts.waits, np.broadcast_to(closings, counts.waits.shape)),
        stake=ratio("stake", counts.stakes, closings[..., 0]),
        bridge=ratio("bridge", counts.bridges_paid, counts.bridges_wanted),
        above_limit=ratio("above_limit", counts.audits_above, counts.audits),
        idle=ratio("idle", counts.called * idle_share(counts.called, counts.spent), counts.called),
        pool=previous.pool if noise is None else previous.pool - noise.pool,
        place=previous.place,  # these three are taken from a pilot's sums, in `returns`
        queue=previous.queue,
        net_return=previous.net_return,
    )
    return believed if noise is None else within_bounds(believed)


def within_bounds(beliefs: Beliefs) -> Beliefs:
    """Beliefs brought back to odds between 0 and 1, positive ratios, laws that sum to one."""

    def law(masses: Floats) -> Floats:
        kept: Floats = np.maximum(masses, 0.0)
        kept /= np.maximum(kept.sum(axis=-1, keepdims=True), 1e-300)
        return kept

    return Beliefs(
        closing=np.clip(beliefs.closing, 0.0, 1.0),
        price_ratio=np.maximum(beliefs.price_ratio, 0.0),
        wait=law(beliefs.wait),
        stake=np.clip(beliefs.stake, 0.0, 1.0),
        bridge=np.clip(beliefs.bridge, 0.0, 1.0),
        above_limit=np.clip(beliefs.above_limit, 0.0, 1.0),
        idle=np.clip(beliefs.idle, 0.0, 1.0),
        pool=law(beliefs.pool),
        place=np.clip(beliefs.place, 0.0, 1.0),
        queue=np.maximum(beliefs.queue, 0.0),
        net_return=beliefs.net_return,
    )


def _held_above(values: Floats, visited: NDArray[np.bool_]) -> Floats:
    """The value of the highest visited signal for those above it; stages nobody visited stay as they are."""
    last = values.shape[-1] - 1 - np.argmax(visited[..., ::-1], axis=-1)
    highest = np.where(visited.any(axis=-1), last, values.shape[-1] - 1)
    place = np.minimum(np.arange(values.shape[-1]), highest[..., None])
    held: Floats = np.take_along_axis(values, place, axis=-1)
    return held


def distance(new: Beliefs, old: Beliefs, counts: Counts) -> float:
    """Visit-weighted mean change between beliefs, the residual of the fixed point.

    Odds count as they are, price ratios relative to one; each kind is averaged with the number of rounds, bridges or
    audits, or the money called, behind each cell, and the largest of the kinds is returned.
    """

    def weighted(change: Floats, weight: Floats) -> float:
        total = weight.sum()
        return float((np.abs(change) * weight).sum() / total) if total > 0 else 0.0

    return max(
        weighted(new.closing - old.closing, counts.wanted),
        weighted(new.price_ratio - old.price_ratio, counts.closed),
        weighted(np.abs(new.wait - old.wait).sum(axis=-1) / 2.0, counts.waits.sum(axis=-1)),
        weighted(new.stake - old.stake, counts.waits.sum(axis=-1)),
        weighted(new.bridge - old.bridge, counts.bridges_wanted),
        weighted(new.above_limit - old.above_limit, counts.audits),
        weighted(new.idle - old.idle, counts.called),
        float(np.abs(new.place - old.place).max()),
    )


def mixed(new: Beliefs, old: Beliefs, step: float) -> Beliefs:
    """A damped step from `old` towards `new`; what was not known before is taken as it is."""
    halfway = Beliefs(*(step * a + (1.0 - step) * b for a, b in zip(new, old, strict=True)))
    return halfway._replace(net_return=np.where(np.isnan(old.net_return), new.net_return, halfway.net_return))
