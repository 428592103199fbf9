"""One path of the market, quarter by quarter (docs/model/market.md): the compiled kernel's loop."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.compiling import njit
from finance.market.causes import note_causes
from finance.market.clearing import clear
from finance.market.endings import lapse, look_for_exit, settle_ended
from finance.market.held import hold
from finance.market.holdings import sell_stakes_of_ended_vehicles, value_stakes, value_sub_funds
from finance.market.lookup import continuing_value
from finance.market.packed import Era
from finance.market.records import ALIVE, END_WORTH, NEVER, UNUSED, Notes
from finance.market.state import (
    ACTIVE,
    EXITING,
    GONE,
    HORIZON,
    QUEUEING,
    SEARCHING,
    WORKING,
    Memory,
    clear_memory,
    copy_memory,
    has_room,
)
from finance.market.terms import Floats
from finance.market.vehicles import list_able, look_after_vehicles
from finance.market.ventures import (
    enter,
    extend_or_end,
    open_places,
    pass_stage,
    passes_milestone,
    try_again,
    wait_for_place,
)


@njit
def clear_notes(notes: Notes) -> None:
    """Make the notes ready for a new path."""
    for row in range(notes.rounds.shape[0]):
        for i in range(notes.rounds.shape[1]):
            note = notes.rounds[row, i]
            note.asked = NEVER
            note.closed = NEVER
            note.left = NEVER
            note.passed = False
            note.worthwhile = False
            note.wanted = False
            note.cause_first = 0
            note.cause_last = 0
            note.supplied = 0.0
            note.bridge = 0.0
            note.signal = 0.0
            note.stake = 0.0
            note.price_ratio = 0.0
            note.price_over_floor = 0.0
            note.tightness = 0.0
            note.applied = False
            note.on_platform = False
            note.queued = 0
        notes.ventures[row].fate = 0
        notes.ventures[row].fate_stage = 0
        notes.ventures[row].sector = 0
        notes.ventures[row].end_quarter = NEVER
    notes.social[:] = 0.0
    notes.ledger[:] = 0.0
    notes.tallies[:] = 0
    notes.bridges[:] = 0
    notes.flows[:] = 0.0
    notes.sub_funds[:] = 0.0
    notes.sub_fund_values[:] = 0.0
    notes.company_tax[:] = 0.0
    notes.bargains[:] = 0.0
    notes.platform_cost[:] = 0.0
    notes.support_cost[:] = 0.0
    notes.credit[:] = 0.0
    notes.deployed[:] = 0.0


class Weather(NamedTuple):
    """What the market sees of a path's world."""

    index_ratio: Floats  # (quarter,)
    window: NDArray[np.bool_]  # (quarter,)
    sector_factor: Floats  # (sector, quarter)


def simulate_path(
    root: Era,
    own: Era,
    key0: int | np.uint32,
    key1: int | np.uint32,
    path: int,
    index_ratio: Floats,
    window: NDArray[np.bool_],
    sector_factor: Floats,
    memory: Memory,
    notes: Notes,
) -> int:
    """Simulate one path.

    Parameters
    ----------
    root, own : Era
        Numbers and tables of the root baseline, in force during the warm-up, and of the scenario.
    key0, key1, path : int
        Luck's key and the path's number.
    index_ratio, window : ndarray of shape (quarter,)
    sector_factor : ndarray of shape (sector, quarter)
    memory : Memory
        Working memory, any content.
    notes : Notes
        Filled.

    Returns
    -------
    int
        0, or the limit of the working memory that was met (`state`); the notes are void then.
    """
    weather = Weather(index_ratio, window, sector_factor)
    return simulate_quarters(root, own, key0, key1, path, weather, memory, notes, 0, HORIZON)


@njit
def simulate_quarters(
    root: Era,
    own: Era,
    key0: int | np.uint32,
    key1: int | np.uint32,
    path: int,
    weather: Weather,
    memory: Memory,
    notes: Notes,
    first: int,
    stop: int,
) -> int:
    """Simulate a part of a path: quarters `first` … `stop` − 1, and the end of the clock where `stop` reaches it.

    From quarter 0 memory and notes may hold anything; from a later one they must hold what the quarters before have left
    (`carry_over`). Parameters and return value are those of `simulate_path`.
    """
    held_root, held_own, held, noted = hold(root), hold(own), hold(memory), hold(notes)
    rules, above = own.numbers[0], hold(weather)
    if first == 0:
        clear_memory(held)
        clear_notes(noted)
    memory.now[0].path, memory.now[0].key0, memory.now[0].key1 = path, key0, key1
    for quarter in range(first, min(stop, rules.n_quarters)):
        turn_to(held, held_own, above, quarter)
        live_a_quarter(held, held_own if quarter >= rules.switch_quarter else held_root, noted)
        if memory.counters[0].failure != 0:
            return int(memory.counters[0].failure)
    if stop >= rules.n_quarters:
        end_clock(held, held_own, noted)
    return 0


@njit
def turn_to(memory: Memory, own: Era, weather: Weather, quarter: int) -> None:
    """The next quarter begins."""
    now, rules = memory.now[0], own.numbers[0]
    now.quarter = quarter
    since = quarter - rules.switch_quarter
    now.is_entry = int(0 <= since < rules.entry_quarters)
    now.is_duty_turn = 0
    now.index = weather.index_ratio[quarter]
    now.window = int(weather.window[quarter])
    now.present = (1.0 + rules.social_rate) ** (-0.25 * (quarter - rules.switch_quarter))
    for k in range(len(memory.sector_factor)):
        memory.sector_factor[k] = weather.sector_factor[own.sectors[k].base, quarter]


@njit
def carry_over(memory: Memory, notes: Notes, quarters: int, to_memory: Memory, to_notes: Notes) -> bool:
    """Copy what the first quarters of a path, before any cohort entered, have left; False if there is no room for it.

    Parameters
    ----------
    memory, notes
        As `simulate_quarters` has left them.
    quarters : int
        How many quarters it has simulated.
    to_memory, to_notes
        Made for the same axes; the room for ventures and holdings may be another, and so may the clock behind the
        switch.
    """
    source, target = hold(memory), hold(to_memory)
    if not has_room(target, source):
        return False
    copy_memory(source, target, quarters)
    clear_notes(hold(to_notes))
    for quarter in range(quarters):
        for flow in range(notes.flows.shape[1]):
            to_notes.flows[quarter, flow] = notes.flows[quarter, flow]
        for c in range(notes.ledger.shape[0]):
            to_notes.ledger[c, quarter, UNUSED] = notes.ledger[c, quarter, UNUSED]
    for row in range(min(-(-quarters // 4), len(notes.sub_funds), len(to_notes.sub_funds))):
        for column in range(min(quarters, notes.sub_funds.shape[1], to_notes.sub_funds.shape[1])):
            for account in range(notes.sub_funds.shape[2]):
                to_notes.sub_funds[row, column, account] = notes.sub_funds[row, column, account]
    return True


@njit
def live_a_quarter(memory: Memory, era: Era, notes: Notes) -> None:
    """One quarter of the market, in the order of docs/model/market.md."""
    value_sub_funds(memory, era, notes)
    if look_after_vehicles(memory, era, notes):
        sell_stakes(memory, era, notes)
    list_able(memory, era)
    open_places(memory, era)
    live_through(memory, era, notes)
    let_in(memory, era, notes)
    clear(memory, era, notes)
    close_searches(memory, era, notes)
    settle_ended(memory, era, notes)


@njit
def sell_stakes(memory: Memory, era: Era, notes: Notes) -> None:
    """Vehicles that have just come to the end of their life sell what they hold."""
    for position in range(memory.counters[0].n_active):
        venture = memory.ventures[memory.slots[ACTIVE, position]]
        sell_stakes_of_ended_vehicles(memory, era, notes, venture)


@njit
def live_through(memory: Memory, era: Era, notes: Notes) -> None:
    """Milestones, extensions and exits that fall in this quarter, in the order of entry."""
    quarter = memory.now[0].quarter
    for position in range(memory.counters[0].n_active):
        venture = memory.ventures[memory.slots[ACTIVE, position]]
        if venture.status == EXITING:
            look_for_exit(memory, era, notes, venture)
        elif venture.status == QUEUEING:
            wait_for_place(memory, era, notes, venture)
        if venture.status != WORKING or (quarter < venture.milestone and quarter < venture.cash_out):
            continue
        passed = quarter == venture.milestone and passes_milestone(memory, era, venture)
        if quarter < venture.milestone:
            extend_or_end(memory, era, notes, venture)
        elif not passed:
            try_again(memory, era, notes, venture)
        if passed or venture.status == GONE:
            note_causes(memory, era, notes, venture)
        if passed:
            pass_stage(memory, era, notes, venture)


@njit
def let_in(memory: Memory, era: Era, notes: Notes) -> None:
    """Entrants of the quarter: ordinal k enters in quarter k mod 4 of its year."""
    rules, quarter = era.numbers[0], memory.now[0].quarter
    since = quarter - rules.switch_quarter
    in_cohort = 0 <= since < rules.entry_quarters
    for ordinal in range(quarter % 4, rules.entrants_a_year, 4):
        cohort = since // 4 * rules.entrants_a_year + ordinal if in_cohort else NEVER
        enter(memory, era, notes, since // 4, ordinal, cohort)


@njit
def close_searches(memory: Memory, era: Era, notes: Notes) -> None:
    """Searches that end with this quarter: open remainders are written down, unclosed rounds lapse."""
    asked_by = memory.now[0].quarter - era.numbers[0].search_quarters + 1
    for position in range(memory.counters[0].n_active):
        venture = memory.ventures[memory.slots[ACTIVE, position]]
        status = venture.status
        if venture.asked > asked_by or (status != SEARCHING and (status != WORKING or venture.asked < asked_by)):
            continue
        note_causes(memory, era, notes, venture)
        if status == SEARCHING:
            lapse(memory, era, venture)


@njit
def end_clock(memory: Memory, era: Era, notes: Notes) -> None:
    """The clock stops: what is still there is valued, and open rounds count as if they lapsed now."""
    for position in range(memory.counters[0].n_active):
        venture = memory.ventures[memory.slots[ACTIVE, position]]
        row = venture.cohort
        if row == NEVER:
            if len(notes.sub_funds) > 0:  # also where the scenario ends the root's programme
                value_stakes(memory, era, notes, venture, continuing_value(memory, era, venture))
            continue
        if venture.status != EXITING and venture.status != QUEUEING:
            note_causes(memory, era, notes, venture)
        value = continuing_value(memory, era, venture)
        notes.social[END_WORTH] += value * memory.now[0].present
        value_stakes(memory, era, notes, venture, value)
        notes.ventures[row].fate = ALIVE
        notes.ventures[row].fate_stage = venture.stage
