"""What befalls a venture on its way: entry, arrival at a stage, attempts at a milestone, misses, extensions."""

from __future__ import annotations

import math
from typing import Any

from finance import luck
from finance.compiling import njit
from finance.market.bridging import paid_by_holders
from finance.market.company_tax import note_spending
from finance.market.conventions import QUARTERS_A_YEAR
from finance.market.endings import end, reach_exit, who
from finance.market.lookup import (
    attempt_burn,
    attempt_cash,
    attempt_quarters,
    fresh_value,
    node_of,
    runway,
    value_at,
    value_of_attempt,
)
from finance.market.packed import EXTENDED, GOING_CONCERN, PLANNER_FRESH, Era, Packed
from finance.market.records import ACQUISITION, IMPATIENCE, NEVER, TECHNICAL, Notes
from finance.market.state import (
    FIRST_QUARTER,
    HORIZON,
    NO_HOLDING,
    NO_SLOT,
    QUEUEING,
    SEARCHING,
    WORKING,
    Memory,
    new_slot,
)


@njit
def sector_of(sectors: Packed, u: float) -> int:
    """The first sector whose cumulative share exceeds the uniform."""
    for k in range(len(sectors) - 1):
        if u < sectors[k].sector_cumulative:
            return k
    return len(sectors) - 1


@njit
def quality_of(rules: Any, u_kind: float, u: float) -> float:
    """Quality of an entrant: sound or without core technology."""
    z = luck.normal_quantile(u)
    if u_kind < rules.lemon_share:
        return float(rules.lemon_quality_mean + rules.lemon_quality_sd * z)
    return z


@njit
def enter(memory: Memory, era: Era, notes: Notes, year: int, ordinal: int, cohort: int) -> None:
    """A new venture arrives at its sector's first stage."""
    now, slot = memory.now[0], new_slot(memory)
    if slot == NO_SLOT:
        return
    venture = memory.ventures[slot]
    venture.slot = slot
    venture.year = year
    venture.ordinal = ordinal
    venture.cohort = cohort
    w0, w1, w2, _ = luck.philox(now.path, who(venture), luck.slot(luck.COMMON, 0), luck.BIRTH, now.key0, now.key1)
    venture.quality = quality_of(era.numbers[0], luck.uniform(w0), luck.uniform(w1))
    venture.sector = sector_of(era.sectors, luck.uniform(w2))
    w0, _, _, _ = luck.philox(now.path, who(venture), luck.slot(luck.COMMON, 0), luck.PLACE, now.key0, now.key1)
    venture.place = luck.uniform(w0)
    venture.spent = 0.0
    venture.tax_asset = 0.0
    venture.owed = 0.0
    venture.recovered = 0.0
    memory.spending[slot] = 0.0
    venture.founders = 1.0
    venture.total = 1.0
    venture.n_rounds = 0
    venture.first_holding = NO_HOLDING
    venture.next_sale = HORIZON
    if cohort != NEVER:
        notes.ventures[cohort].sector = venture.sector
    arrive(memory, era, notes, venture, era.sectors[venture.sector].first_stage, 0.0)


@njit
def arrive(memory: Memory, era: Era, notes: Notes, venture: Any, stage: int, offer_probability: float) -> None:
    """Arrival at a stage: a new signal, perhaps an offer that is taken, else the round is asked."""
    rules, now, cell = era.numbers[0], memory.now[0], era.cells[venture.sector, stage]
    w0, w1, w2, w3 = luck.philox(now.path, who(venture), luck.slot(cell.stage_code, 0), luck.ROUND, now.key0, now.key1)
    signal = venture.quality + cell.signal_sd * luck.normal_quantile(luck.uniform(w0))
    node, weight = node_of(signal)
    if luck.uniform(w2) < offer_probability:
        concern = now.index * value_at(era.by_signal, venture.sector, stage, GOING_CONCERN, node, weight)
        log_premium = rules.offer_log_median + rules.offer_log_sd * luck.normal_quantile(luck.uniform(w3))
        if concern > 0.0 and log_premium > 0.0:
            end(venture, ACQUISITION, math.exp(log_premium) * concern)
            return
    venture.stage = stage
    venture.signal = signal
    venture.node = node
    venture.weight = weight
    venture.tie = luck.uniform(w1)
    w0, _, _, _ = luck.philox(now.path, who(venture), luck.slot(cell.stage_code, 0), luck.SIGHT, now.key0, now.key1)
    venture.doubt = cell.signal_sd * luck.normal_quantile(luck.uniform(w0))
    venture.asked = now.quarter
    venture.supplied = 0.0
    if cell.pilot != 0 and era.sectors[venture.sector].platform >= 0:
        venture.status = QUEUEING
        if venture.cohort != NEVER:
            notes.rounds[venture.cohort, stage].applied = True
        wait_for_place(memory, era, notes, venture)
    else:
        ask(memory, era, notes, venture)


@njit
def ask(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """The round of the venture's stage is asked, now."""
    now, k, stage = memory.now[0], venture.sector, venture.stage
    cell = era.cells[k, stage]
    worth = now.index * value_at(era.by_signal, k, stage, PLANNER_FRESH, venture.node, venture.weight)
    venture.status = SEARCHING
    venture.asked = now.quarter
    venture.worthwhile = int(worth >= cell.need * cell.gross + cell.public_cost)
    venture.asks = cell.need - cell.lent + venture.owed
    memory.by_stage[FIRST_QUARTER + now.quarter, stage] += venture.asks
    if venture.cohort != NEVER:
        note = notes.rounds[venture.cohort, stage]
        note.asked = now.quarter
        note.worthwhile = venture.worthwhile != 0
        note.signal = venture.signal


@njit
def open_places(memory: Memory, era: Era) -> None:
    """The quarter's places on pilot platforms; those not taken are kept for a year."""
    counters, places = memory.counters[0], era.numbers[0].platform_places
    counters.free_places = (
        min(counters.free_places + places, max(1.0, QUARTERS_A_YEAR * places)) if places > 0.0 else 0.0
    )


@njit
def wait_for_place(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """A place if one is free; after the longest wait, on without."""
    counters, quarter = memory.counters[0], memory.now[0].quarter
    waited = quarter - venture.asked
    if counters.free_places >= 1.0:
        counters.free_places -= 1.0
        venture.sector = era.sectors[venture.sector].platform
        if venture.cohort != NEVER:
            notes.ventures[venture.cohort].sector = venture.sector
            notes.rounds[venture.cohort, venture.stage].on_platform = True
            notes.rounds[venture.cohort, venture.stage].queued = waited
    elif waited < era.numbers[0].queue_quarters:
        return
    ask(memory, era, notes, venture)


@njit
def start_attempt(memory: Memory, era: Era, venture: Any, attempt: int, cash: float) -> None:
    """An attempt starts now with so much cash."""
    now, rules, k, i = memory.now[0], era.numbers[0], venture.sector, venture.stage
    cell = era.cells[k, i]
    w0, _, _, _ = luck.philox(
        now.path, who(venture), luck.slot(cell.stage_code, attempt), luck.ATTEMPT, now.key0, now.key1
    )
    venture.status = WORKING
    venture.attempt = attempt
    venture.start = now.quarter
    venture.milestone = now.quarter + attempt_quarters(rules, cell, era.time_table[k, i], attempt, luck.uniform(w0))
    venture.burn = attempt_burn(rules, cell, attempt)
    venture.cash = 0.0
    add_cash(memory, era, venture, cash)


@njit
def add_cash(memory: Memory, era: Era, venture: Any, cash: float) -> None:
    """More cash for the attempt under way moves the quarter in which it runs out."""
    note_spending(memory, era, venture, cash)
    venture.cash += cash
    venture.cash_out = venture.start + runway(venture.cash, venture.burn)


@njit
def passes(rules: Any, cell: Any, u: float, common: float, attempt: int, quality: float) -> bool:
    """Whether an attempt passes its milestone, from its own uniform and the common one of its cohort."""
    if rules.factor_correlation > 0.0:
        z = math.sqrt(rules.factor_correlation) * luck.normal_quantile(common)
        z += math.sqrt(1.0 - rules.factor_correlation) * luck.normal_quantile(u)
        u = 0.5 * math.erfc(-z / math.sqrt(2.0))
    odds = cell.log_odds + rules.quality_log_odds * quality + rules.learning_log_odds * attempt
    return u < 1.0 / (1.0 + math.exp(-odds))


@njit
def passes_milestone(memory: Memory, era: Era, venture: Any) -> bool:
    """Whether the attempt that is settled now passes its milestone."""
    now, attempt, cell = memory.now[0], venture.attempt, era.cells[venture.sector, venture.stage]
    _, own, _, _ = luck.philox(
        now.path, who(venture), luck.slot(cell.stage_code, attempt), luck.ATTEMPT, now.key0, now.key1
    )
    cohort = luck.entrant_code(venture.year, luck.COHORT_ORDINAL)
    common, _, _, _ = luck.philox(
        now.path, cohort, luck.slot(cell.factor_code, attempt), luck.FACTOR, now.key0, now.key1
    )
    return passes(era.numbers[0], cell, luck.uniform(own), luck.uniform(common), attempt, venture.quality)


@njit
def pass_stage(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """The milestone is passed: on to the next stage, or to the exit."""
    cell, row = era.cells[venture.sector, venture.stage], venture.cohort
    if row != NEVER:
        notes.rounds[row, venture.stage].passed = True
        notes.rounds[row, venture.stage].left = memory.now[0].quarter
    if cell.next_stage >= 0:
        arrive(memory, era, notes, venture, cell.next_stage, cell.offer_probability)
    else:
        reach_exit(memory, era, notes, venture)


@njit
def try_again(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """After a miss: another attempt if it is possible, worth its cash, tolerated and paid for."""
    rules, cell, again = era.numbers[0], era.cells[venture.sector, venture.stage], venture.attempt + 1
    if again >= cell.technical_attempts:
        end(venture, TECHNICAL, 0.0)
        return
    bridge = attempt_cash(rules, cell, again)
    fresh = fresh_value(era.by_signal, venture, memory.now[0].index, again)
    if fresh <= bridge or again >= rules.attempts:
        end(venture, TECHNICAL if fresh <= bridge else IMPATIENCE, 0.0)
    elif paid_by_holders(memory, era, notes, venture, bridge, fresh):
        start_attempt(memory, era, venture, again, bridge)


@njit
def extend_or_end(memory: Memory, era: Era, notes: Notes, venture: Any) -> None:
    """Cash has run out before the attempt is settled: another year from the holders, or the end."""
    now, cost = memory.now[0], venture.burn
    value = value_of_attempt(era.by_elapsed, venture, EXTENDED, now)
    if value <= cost:
        end(venture, TECHNICAL, 0.0)
    elif now.quarter - venture.start >= era.numbers[0].patience_quarters:
        end(venture, IMPATIENCE, 0.0)
    elif paid_by_holders(memory, era, notes, venture, cost, value):
        add_cash(memory, era, venture, cost)
