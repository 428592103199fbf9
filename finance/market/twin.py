"""The twin: the same ventures and the same luck, every worthwhile round funded at once, technology the only bound.

No venture stands in another's way, so each is followed alone from entry to its end.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance import luck
from finance.compiling import njit
from finance.market.conventions import LONGEST_ATTEMPT
from finance.market.endings import exit_value_of
from finance.market.held import hold
from finance.market.lookup import (
    attempt_burn,
    attempt_cash,
    attempt_quarters,
    node_of,
    runway,
    value_at,
    value_under_way,
    waiting_value,
)
from finance.market.packed import EXTENDED, FRESH, GOING_CONCERN, HOLDING, PlannerEra
from finance.market.records import CASH_IN, END_WORTH, NEVER, PROCEEDS
from finance.market.terms import Floats, Terms
from finance.market.ventures import passes, quality_of, sector_of


class TwinRecord(NamedTuple):
    """One path of the twin: its rounds, all of them worthwhile and funded when asked."""

    asked: NDArray[np.int32]  # (venture, stage) quarter of the round, NEVER if there is none
    net_value: Floats  # (venture, stage) planner's value just after the round less its cash
    sector: NDArray[np.int32]  # (venture,) where it ends up: on a platform, if it found a place
    social: Floats  # (3,) present values of cash, proceeds and what is left at the end


class Walk(NamedTuple):
    """Where the twin of a venture is: who it is and the world it meets."""

    path: int
    key0: int | np.uint32
    key1: int | np.uint32
    who: int
    cohort: int  # owner of the common factor
    sector: int
    quality: float
    index_ratio: Floats
    window: NDArray[np.bool_]
    sector_factor: Floats  # (sector, quarter)


def empty_twin_record(terms: Terms) -> TwinRecord:
    """A record to be filled again and again."""
    n = terms.entrants_a_year * terms.entry_quarters // 4
    cells = (n, terms.need.shape[1])
    return TwinRecord(np.full(cells, NEVER, dtype=np.int32), np.zeros(cells), np.zeros(n, dtype=np.int32), np.zeros(3))


@njit
def simulate_twin(
    era: PlannerEra,
    key0: int | np.uint32,
    key1: int | np.uint32,
    path: int,
    index_ratio: Floats,
    window: NDArray,  # type: ignore[type-arg]
    sector_factor: Floats,
    record: TwinRecord,
) -> None:
    """Follow the twin of every cohort venture of a path.

    Parameters
    ----------
    era : PlannerEra
        Numbers of the scenario whose technology counts, and the planner's values in it.
    key0, key1, path : int
        Luck's key and the path's number.
    index_ratio, window : ndarray of shape (quarter,)
    sector_factor : ndarray of shape (sector, quarter)
    record : TwinRecord
        Filled.
    """
    rules, held, written = era.numbers[0], hold(era), hold(record)
    record.asked[:] = NEVER
    record.net_value[:] = 0.0
    record.social[:] = 0.0
    for year in range(rules.entry_quarters // 4):
        cohort = luck.entrant_code(year, luck.COHORT_ORDINAL)
        for ordinal in range(rules.entrants_a_year):
            who = luck.entrant_code(year, ordinal)
            w0, w1, w2, _ = luck.philox(path, who, luck.slot(luck.COMMON, 0), luck.BIRTH, key0, key1)
            quality = quality_of(rules, luck.uniform(w0), luck.uniform(w1))
            sector = sector_of(era.sectors, luck.uniform(w2))
            walk = Walk(path, key0, key1, who, cohort, sector, quality, index_ratio, window, sector_factor)
            entered = rules.switch_quarter + 4 * year + ordinal % 4
            follow(held, hold(walk), written, year * rules.entrants_a_year + ordinal, entered)


@njit
def present_value(era: PlannerEra, quarter: int) -> float:
    """Discount factor at the social rate, from a quarter to the switch."""
    rules = era.numbers[0]
    return float((1.0 + rules.social_rate) ** (-0.25 * (quarter - rules.switch_quarter)))


@njit
def follow(era: PlannerEra, walk: Walk, record: TwinRecord, row: int, entered: int) -> None:
    """One venture through its stages to its end."""
    rules = era.numbers[0]
    k = walk.sector
    record.sector[row] = k
    before, stage, quarter = NEVER, era.sectors[k].first_stage, entered
    while stage >= 0:
        w0, _, w2, w3 = luck.philox(
            walk.path, walk.who, luck.slot(era.cells[k, stage].stage_code, 0), luck.ROUND, walk.key0, walk.key1
        )
        signal = walk.quality + era.cells[k, stage].signal_sd * luck.normal_quantile(luck.uniform(w0))
        node, weight = node_of(signal)
        index = walk.index_ratio[quarter]
        if before != NEVER and luck.uniform(w2) < era.cells[k, before].offer_probability:
            concern = index * value_at(era.by_signal, k, stage, GOING_CONCERN, node, weight)
            log_premium = rules.offer_log_median + rules.offer_log_sd * luck.normal_quantile(luck.uniform(w3))
            if concern > 0.0 and log_premium > 0.0:
                record.social[PROCEEDS] += math.exp(log_premium) * concern * present_value(era, quarter)
                return
        if era.cells[k, stage].pilot != 0 and era.sectors[k].platform >= 0 and finds_place(era, walk, k, stage):
            k = era.sectors[k].platform
            record.sector[row] = k
        need = era.cells[k, stage].need + era.cells[k, stage].public_cost
        value = index * value_at(era.by_signal, k, stage, FRESH, node, weight)
        if value < need:
            return
        record.asked[row, stage] = quarter
        record.net_value[row, stage] = value - need
        record.social[CASH_IN] += need * present_value(era, quarter)
        quarter = through_stage(era, walk, record, k, stage, node, weight, quarter)
        if quarter < 0:
            return
        before, stage = stage, era.cells[k, stage].next_stage
    through_exit(era, walk, record, k, quarter)


@njit
def finds_place(era: PlannerEra, walk: Walk, sector: int, stage: int) -> bool:
    """Whether a venture finds a place on a pilot platform, where as many ask as in the planner's world."""
    code = era.cells[sector, stage].stage_code
    word, _, _, _ = luck.philox(walk.path, walk.who, luck.slot(code, 0), luck.PLATFORM, walk.key0, walk.key1)
    return bool(luck.uniform(word) < era.place[sector])


@njit
def through_stage(
    era: PlannerEra,
    walk: Walk,
    record: TwinRecord,
    k: int,
    stage: int,
    node: int,
    weight: float,
    quarter: int,
) -> int:
    """Attempts at a milestone; the quarter in which it is passed, or NEVER."""
    rules = era.numbers[0]
    cell = era.cells[k, stage]
    last = rules.n_quarters - 1
    for attempt in range(cell.technical_attempts):
        if attempt > 0:
            bridge = attempt_cash(rules, cell, attempt)
            fresh = walk.index_ratio[quarter] * value_at(era.by_signal, k, stage, FRESH + attempt, node, weight)
            if fresh <= bridge:
                return NEVER
            record.social[CASH_IN] += bridge * present_value(era, quarter)
        w0, own, _, _ = luck.philox(
            walk.path, walk.who, luck.slot(cell.stage_code, attempt), luck.ATTEMPT, walk.key0, walk.key1
        )
        settled = quarter + attempt_quarters(rules, cell, era.time_table[k, stage], attempt, luck.uniform(w0))
        burn = attempt_burn(rules, cell, attempt)
        cash_out = quarter + runway(attempt_cash(rules, cell, attempt), burn)
        while cash_out < min(settled, last + 1):
            elapsed = min(cash_out - quarter, LONGEST_ATTEMPT)
            value = value_under_way(era.by_elapsed, k, stage, attempt, EXTENDED, elapsed, node, weight)
            if walk.index_ratio[cash_out] * value <= burn:
                return NEVER
            record.social[CASH_IN] += burn * present_value(era, cash_out)
            cash_out += 4
        if settled > last:
            elapsed = min(last - quarter, LONGEST_ATTEMPT)
            worth = value_under_way(era.by_elapsed, k, stage, attempt, HOLDING, elapsed, node, weight)
            record.social[END_WORTH] += walk.index_ratio[last] * worth * present_value(era, last)
            return NEVER
        quarter = settled
        common, _, _, _ = luck.philox(
            walk.path, walk.cohort, luck.slot(cell.factor_code, attempt), luck.FACTOR, walk.key0, walk.key1
        )
        if passes(rules, cell, luck.uniform(own), luck.uniform(common), attempt, walk.quality):
            return quarter
    return NEVER


@njit
def through_exit(era: PlannerEra, walk: Walk, record: TwinRecord, k: int, quarter: int) -> None:
    """The exit state: listing, trade sale, or still waiting when the clock stops."""
    rules, base = era.numbers[0], era.sectors[k].base
    w0, w1, _, _ = luck.philox(
        walk.path, walk.who, luck.slot(era.sectors[k].sector_code, 0), luck.EXIT, walk.key0, walk.key1
    )
    value = exit_value_of(rules, era.sectors[k], walk.quality, luck.uniform(w0))
    if value < rules.trade_floor:
        return
    buyer = quarter + luck.geometric_quantile(luck.uniform(w1), rules.trade_sale_probability) - 1
    may_list = value >= rules.ipo_floor
    while quarter < rules.n_quarters:
        price = value * walk.index_ratio[quarter] * walk.sector_factor[base, quarter]
        if may_list and walk.window[quarter]:
            record.social[PROCEEDS] += price * present_value(era, quarter)
            return
        if (not may_list or rules.ipo_waits == 0) and quarter >= buyer:
            record.social[PROCEEDS] += (1.0 - rules.trade_sale_discount) * price * present_value(era, quarter)
            return
        quarter += 1
    last = rules.n_quarters - 1
    worth = value * waiting_value(rules, value) * walk.index_ratio[last] * walk.sector_factor[base, last]
    record.social[END_WORTH] += worth * present_value(era, last)
