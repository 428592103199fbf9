"""Simulated paths as calibration looks at them: every round's price in the end, and who paid for it.

The kernel's notes do not keep what a financing brought; a path is therefore watched from outside: the same quarter in
the same order, with a look at the books after bridges, after clearing, and before those who hold a company that is gone
are paid. A test holds the notes of a watched path against those of `market.path.simulate_path`, bit for bit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.compiling import njit
from finance.market.clearing import clear
from finance.market.endings import settle_ended
from finance.market.held import hold
from finance.market.liquidation import split_rounds
from finance.market.packed import Era
from finance.market.path import (
    Weather,
    clear_notes,
    close_searches,
    end_clock,
    let_in,
    live_through,
    sell_stakes,
    turn_to,
)
from finance.market.records import (
    DISTRIBUTED,
    END_TAX,
    END_VALUE,
    INVESTED,
    NEVER,
    TAX,
    UNUSED,
    Notes,
    empty_notes,
)
from finance.market.state import ACTIVE, GONE, NO_HOLDING, Memory, clear_memory, memory_for
from finance.market.terms import Floats, Names, Terms
from finance.market.vehicles import list_able, look_after_vehicles

#: A round of shares that is a bridge or an extension belongs to no stage's round.
_BRIDGE = -1


class Watch(NamedTuple):
    """What is seen of a path beyond its notes."""

    seen: NDArray[np.int64]  # (slot,) rounds of shares looked at so far
    stage: NDArray[np.int64]  # (slot, round) stage whose round it belongs to
    returned: Floats  # (venture, stage) what the round's shares brought at the venture's end, before tax; NaN if alive
    money: Floats  # (class, stage) paid into rounds, bridges and extensions left out


class Sample(NamedTuple):
    """Many paths side by side: cohort ventures only. Quarters count from the clock's start."""

    names: Names
    switch_quarter: int
    entry_quarters: int
    capacity: Floats  # (class,) a year
    pilot: NDArray[np.int64]  # (path,) whose equilibrium the path belongs to
    asked: NDArray[np.int32]  # (path, venture, stage)
    closed: NDArray[np.int32]  # (path, venture, stage)
    supplied: Floats  # (path, venture, stage)
    stake: Floats  # (path, venture, stage)
    returned: Floats  # (path, venture, stage) as in `Watch`
    fate: NDArray[np.int8]  # (path, venture)
    end_quarter: NDArray[np.int32]  # (path, venture)
    money: Floats  # (path, class, stage)
    invested: Floats  # (path, class, quarter) bridges included
    received: Floats  # (path, class, quarter) before tax; what is still held counts at its continuing value
    unused: Floats  # (path, class, quarter)


class Market(NamedTuple):
    """A solved market and the luck under which it is looked at."""

    terms: Terms
    names: Names
    era: Era
    root: Era  # in force during the warm-up
    root_terms: Terms
    key0: int | np.uint32
    key1: int | np.uint32


def sample_of(
    market: Market,
    paths: NDArray[np.int64],
    pilot: int,
    index_ratio: Floats,
    window: NDArray[np.bool_],
    sector_factor: Floats,
) -> Sample:
    """Simulate paths and set what is seen of them side by side.

    Parameters
    ----------
    market : Market
    paths : ndarray of int, shape (path,)
        Numbers of the paths.
    pilot : int
        Whose equilibrium the market is.
    index_ratio, window : ndarray of shape (path, quarter)
    sector_factor : ndarray of shape (path, sector, quarter)

    Returns
    -------
    Sample
    """
    notes, scale = empty_notes(market.terms, market.root_terms), 1
    memory = memory_for(market.root_terms, market.terms)
    watch = _watch_for(memory, notes, market.terms)
    seen: list[dict[str, Any]] = []
    for place, path in enumerate(paths):
        while watch_path(
            market.root, market.era, market.key0, market.key1, int(path),
            Weather(index_ratio[place], window[place], sector_factor[place]), memory, notes, watch,
        ):  # fmt: skip
            scale *= 2
            memory = memory_for(market.root_terms, market.terms, scale)
            watch = _watch_for(memory, notes, market.terms)
        seen.append(_copies(notes, watch, market.terms))
    return Sample(
        names=market.names,
        switch_quarter=market.terms.switch_quarter,
        entry_quarters=market.terms.entry_quarters,
        capacity=market.terms.capacity,
        pilot=np.full(len(paths), pilot),
        **{name: np.stack([each[name] for each in seen]) for name in seen[0]},
    )


def joined(samples: list[Sample]) -> Sample:
    """Samples of the same scenario, their paths one behind the other."""
    by_path = Sample._fields[Sample._fields.index("pilot") :]
    arrays: dict[str, Any] = {name: np.concatenate([getattr(each, name) for each in samples]) for name in by_path}
    return samples[0]._replace(**arrays)


def _watch_for(memory: Memory, notes: Notes, terms: Terms) -> Watch:
    """Room for what is seen of one path."""
    slots, n_ventures, n_stages = len(memory.ventures), *notes.rounds.shape
    return Watch(
        np.zeros(slots, dtype=np.int64),
        np.full((slots, memory.rounds.shape[1]), _BRIDGE),
        np.full((n_ventures, n_stages), np.nan),
        np.zeros((len(terms.capacity), n_stages)),
    )


def _copies(notes: Notes, watch: Watch, terms: Terms) -> dict[str, Any]:
    """One path's part of a `Sample`."""
    ledger = notes.ledger
    after_tax = ledger[:, :, DISTRIBUTED] + ledger[:, :, END_VALUE]
    copies = {name: notes.rounds[name].copy() for name in ("asked", "closed", "supplied", "stake")}
    copies |= {name: notes.ventures[name].copy() for name in ("fate", "end_quarter")}
    return copies | {
        "returned": watch.returned.copy(),
        "money": watch.money.copy(),
        "invested": ledger[:, :, INVESTED].copy(),
        "received": after_tax + ledger[:, :, TAX] + ledger[:, :, END_TAX],
        "unused": ledger[:, :, UNUSED].copy(),
    }


@njit
def watch_path(
    root: Era,
    own: Era,
    key0: int | np.uint32,
    key1: int | np.uint32,
    path: int,
    weather: Weather,
    memory: Memory,
    notes: Notes,
    watch: Watch,
) -> int:
    """`market.path.simulate_path`, with a look at the books on the way (fills `watch` too)."""
    held_root, held_own, held, noted = hold(root), hold(own), hold(memory), hold(notes)
    rules, above, watching = own.numbers[0], hold(weather), hold(watch)
    clear_memory(held)
    clear_notes(noted)
    watch.seen[:] = 0
    watch.returned[:] = np.nan
    watch.money[:] = 0.0
    memory.now[0].path, memory.now[0].key0, memory.now[0].key1 = path, key0, key1
    for quarter in range(rules.n_quarters):
        turn_to(held, held_own, above, quarter)
        watch_a_quarter(held, held_own if quarter >= rules.switch_quarter else held_root, noted, watching)
        if memory.counters[0].failure != 0:
            return int(memory.counters[0].failure)
    end_clock(held, held_own, noted)
    return 0


@njit
def watch_a_quarter(memory: Memory, era: Era, notes: Notes, watch: Watch) -> None:
    """`market.path.live_a_quarter`, with a look at the books."""
    if look_after_vehicles(memory, era, notes):
        sell_stakes(memory, era, notes)
    list_able(memory, era)
    live_through(memory, era, notes)
    look_at_rounds(memory, watch, True)
    let_in(memory, era, notes)
    clear(memory, era, notes)
    look_at_rounds(memory, watch, False)
    close_searches(memory, era, notes)
    look_at_ends(memory, watch)
    settle_ended(memory, era, notes)


@njit
def look_at_rounds(memory: Memory, watch: Watch, are_bridges: bool) -> None:
    """Rounds of shares that are new since the last look, and who paid for them."""
    for position in range(memory.counters[0].n_active):
        slot = memory.slots[ACTIVE, position]
        venture = memory.ventures[slot]
        first, stage = watch.seen[slot], venture.stage
        if venture.n_rounds == first:
            continue
        for r in range(first, venture.n_rounds):
            watch.stage[slot, r] = _BRIDGE if are_bridges else stage
        watch.seen[slot] = venture.n_rounds
        if are_bridges or venture.cohort == NEVER:
            continue
        h = venture.first_holding
        while h != NO_HOLDING:
            holding = memory.holdings[h]
            if holding.round >= first:
                watch.money[memory.vehicles[holding.vehicle].capital_class, stage] += holding.paid
            h = holding.following


@njit
def look_at_ends(memory: Memory, watch: Watch) -> None:
    """What the rounds of companies that are gone bring, just before it is paid out."""
    for position in range(memory.counters[0].n_active):
        slot = memory.slots[ACTIVE, position]
        venture = memory.ventures[slot]
        if venture.status != GONE:
            continue
        watch.seen[slot] = 0
        row = venture.cohort
        if row == NEVER:
            continue
        n = venture.n_rounds
        split_rounds(venture.price, memory.rounds, slot, venture.founders, n, memory.payout)
        for r in range(n):
            stage = watch.stage[slot, r]
            if stage != _BRIDGE:
                before = watch.returned[row, stage]
                watch.returned[row, stage] = memory.payout[r] + (0.0 if np.isnan(before) else before)
