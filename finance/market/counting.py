"""Counting what investors learn from: one pass over a path's notes, compiled."""

from __future__ import annotations

from typing import Any

from finance.compiling import njit
from finance.market.beliefs import COUNTED_SIGNAL, LONGEST_SEARCH, Counts
from finance.market.records import AUDITS, AUDITS_ABOVE, CALLED, NEVER, SPENT, Notes
from finance.market.terms import Floats

_FIRST, _STEP, _LAST = float(COUNTED_SIGNAL[0]), float(COUNTED_SIGNAL[1] - COUNTED_SIGNAL[0]), len(COUNTED_SIGNAL) - 1


@njit
def add_counts(notes: Notes, counts: Counts) -> None:
    """Add a path's cohort rounds, bridges and audits, and its classes' calls, to the counts.

    A round counts at the two counted signals around its own, in proportion to nearness.
    """
    for row in range(notes.rounds.shape[0]):
        k = notes.ventures[row].sector
        for i in range(notes.rounds.shape[1]):
            note = notes.rounds[row, i]
            if note.asked != NEVER and note.wanted:
                place = min(max((note.signal - _FIRST) / _STEP, 0.0), float(_LAST))
                node = min(int(place), _LAST - 1)
                _add_round(note, counts, k, i, node, 1.0 - (place - node))
                _add_round(note, counts, k, i, node + 1, place - node)
                if note.closed != NEVER:
                    counts.waits[k, i, min(note.closed - note.asked, LONGEST_SEARCH - 1)] += 1.0
                    counts.stakes[k, i] += note.stake
    for k in range(notes.bridges.shape[0]):
        for i in range(notes.bridges.shape[1]):
            counts.bridges_wanted[k, i] += notes.bridges[k, i, 0]
            counts.bridges_paid[k, i] += notes.bridges[k, i, 1]
    for c in range(notes.tallies.shape[0]):
        counts.audits[c] += notes.tallies[c, AUDITS]
        counts.audits_above[c] += notes.tallies[c, AUDITS_ABOVE]
        counts.called[c] += notes.deployed[c, CALLED]
        counts.spent[c] += notes.deployed[c, SPENT]


@njit
def _add_round(note: Any, counts: Counts, k: int, i: int, node: int, weight: Floats) -> None:
    """A wanted round at one counted signal."""
    counts.wanted[k, i, node] += weight
    if note.closed != NEVER:
        counts.closed[k, i, node] += weight
        counts.ratio[k, i, node] += weight * note.price_ratio
