"""Small look-ups shared by the kernel's parts: tables by signal, a vehicle's bid, a company's continuing value."""

from __future__ import annotations

import math
from typing import Any

from finance import luck
from finance.compiling import njit
from finance.market.conventions import LONGEST_ATTEMPT, PLANNING_FACTOR, QUARTERS_A_YEAR
from finance.market.grids import SIGNAL, SIGNAL_FIRST, SIGNAL_STEP
from finance.market.packed import FRESH, GOING_CONCERN, HOLDING, Era
from finance.market.state import EXITING, QUEUEING, SEARCHING, Memory
from finance.market.terms import Floats

_LAST_NODE = len(SIGNAL) - 1
_ROUND_OFF = 1e-9


@njit
def node_of(signal: float) -> tuple[int, float]:
    """Lower node of the signal grid and the weight of the node above."""
    place = (signal - SIGNAL_FIRST) / SIGNAL_STEP
    if place <= 0.0:
        return 0, 0.0
    if place >= _LAST_NODE:
        return _LAST_NODE - 1, 1.0
    lower = int(place)
    return lower, float(place - lower)


@njit
def value_at(by_signal: Floats, sector: int, stage: int, row: int, node: int, weight: float) -> float:
    """A row of `Era.by_signal` at a signal, linearly interpolated, at index 1."""
    low, high = by_signal[sector, stage, row, node], by_signal[sector, stage, row, node + 1]
    return float(low * (1.0 - weight) + high * weight)


@njit
def value_under_way(
    by_elapsed: Floats, sector: int, stage: int, attempt: int, plane: int, elapsed: int, node: int, weight: float
) -> float:
    """A plane of `Era.by_elapsed` so many quarters into an attempt, at a signal and index 1."""
    low = by_elapsed[sector, stage, attempt, plane, elapsed, node]
    high = by_elapsed[sector, stage, attempt, plane, elapsed, node + 1]
    return float(low * (1.0 - weight) + high * weight)


@njit
def bid_at(low: Floats, high: Floats, weight: float, column: int) -> float:
    """A column's bid at index 1, from the rows of `Era.bid` at the nodes below and above a venture's signal."""
    return float(low[column] * (1.0 - weight) + high[column] * weight)


@njit
def attempt_cash(rules: Any, cell: Any, attempt: int) -> float:
    """Planned cash of an attempt: the need, or a bridge."""
    return float(cell.need * (1.0 if attempt == 0 else rules.bridge_share))


@njit
def attempt_mean(rules: Any, cell: Any, attempt: int) -> float:
    """Mean quarters of an attempt."""
    return float(cell.mean_quarters * (1.0 if attempt == 0 else rules.retry_time_share))


@njit
def attempt_burn(rules: Any, cell: Any, attempt: int) -> float:
    """Yearly burn of an attempt: its planned cash over its planned time."""
    cash = attempt_cash(rules, cell, attempt)
    return float(QUARTERS_A_YEAR * cash / (PLANNING_FACTOR * attempt_mean(rules, cell, attempt)))


@njit
def runway(cash: float, burn: float) -> int:
    """Whole quarters that cash lasts, at least one."""
    if burn <= 0.0:
        return LONGEST_ATTEMPT
    return min(LONGEST_ATTEMPT * 4, max(1, int(QUARTERS_A_YEAR * cash / burn + _ROUND_OFF)))


@njit
def attempt_quarters(rules: Any, cell: Any, time_table: Floats, attempt: int, u: float) -> int:
    """Quarters until an attempt is settled, from its uniform and the stage's table of time quantiles."""
    time = luck.gamma_quantile(time_table, luck.normal_quantile(u))
    return min(LONGEST_ATTEMPT, max(1, int(attempt_mean(rules, cell, attempt) * time + 0.5)))


@njit
def waiting_value(rules: Any, value: float) -> float:
    """What a venture in the exit state is worth while it waits, of its exit value at the day's index."""
    if value >= rules.ipo_floor and rules.ipo_waits != 0:
        return float(rules.ipo_wait_value)
    return float((1.0 - rules.trade_sale_discount) * rules.trade_wait_value)


@njit
def fresh_value(by_signal: Floats, venture: Any, index: float, attempt: int) -> float:
    """Continuing value of a company at the start of an attempt of its stage, at the quarter's index."""
    value = value_at(by_signal, venture.sector, venture.stage, FRESH + attempt, venture.node, venture.weight)
    return float(index * value)


@njit
def value_of_attempt(by_elapsed: Floats, venture: Any, plane: int, now: Any) -> float:
    """A plane of `Era.by_elapsed` for the attempt under way, at the quarter's index."""
    elapsed = min(now.quarter - venture.start, LONGEST_ATTEMPT)
    k, i, attempt = venture.sector, venture.stage, venture.attempt
    value = value_under_way(by_elapsed, k, i, attempt, plane, elapsed, venture.node, venture.weight)
    return float(now.index * value)


@njit
def continuing_value(memory: Memory, era: Era, venture: Any) -> float:
    """Continuing value of a company as it stands, at the quarter's index."""
    now = memory.now[0]
    k = venture.sector
    if venture.status == EXITING:
        value = venture.exit_value
        return float(value * waiting_value(era.numbers[0], value) * now.index * memory.sector_factor[k])
    if venture.status == SEARCHING or venture.status == QUEUEING:
        value = value_at(era.by_signal, k, venture.stage, GOING_CONCERN, venture.node, venture.weight)
        return float(now.index * max(0.0, value))
    return value_of_attempt(era.by_elapsed, venture, HOLDING, now)


@njit
def largest_sale(rules: Any, founders: float, total: float) -> float:
    """Largest part of the company founders sell in one round, given what they still hold."""
    if rules.founders_floor <= 0.0:
        return float(rules.largest_dilution)
    return float(min(rules.largest_dilution, 1.0 - rules.founders_floor * total / founders))


@njit
def founders_price(rules: Any, venture: Any, need: float) -> float:
    """Post-money at which the need buys all that founders would sell, given what they hold; inf if that is nothing."""
    most = largest_sale(rules, venture.founders, venture.total)
    return float(need / most) if most > _ROUND_OFF else math.inf


@njit
def lowest_price(rules: Any, venture: Any, need: float) -> float:
    """Lowest post-money at which the round's missing money can come in; inf if founders can sell no more.

    A first closing: need ÷ the largest part founders sell. A top-up is a second closing on the terms of the first: what
    the company is worth at the first closing's price a share, plus the money still missing.
    """
    if venture.status == SEARCHING:
        return founders_price(rules, venture, need)
    return float(venture.share_price * venture.total + need - venture.supplied)
