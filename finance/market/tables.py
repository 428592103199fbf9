"""What the kernel looks up: tables of value by signal, at index 1 (values scale with the index, needs do not)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.market.conventions import LONGEST_ATTEMPT, MOST_ATTEMPTS
from finance.market.grids import SIGNAL
from finance.market.staging import StageValues
from finance.market.terms import Floats, Names

#: Haircuts in the order in which `causes` takes them off; every step keeps the earlier ones off.
CAUSE_STEPS = ("full", "accountability", "investor_tax", "horizon", "required_return")


class CompanyTables(NamedTuple):
    """Values of whole companies, the planner's or the market's continuing values."""

    going_concern: Floats  # (sector, stage, signal) on arrival, before the round
    fresh: Floats  # (sector, stage, attempt, signal) at an attempt's start
    extended: Floats  # (sector, stage, attempt, elapsed, signal) just extended by a year
    holding: Floats  # (sector, stage, attempt, elapsed, signal) under way


class MarketTables(NamedTuple):
    """Everything that investors reckon with."""

    company: CompanyTables
    bid: Floats  # (class, life in quarters, sector, stage, signal) post-money a vehicle offers; 0 outside its mandate
    best_bid: Floats  # (sector, stage, signal) highest among fresh vehicles
    cause_bid: Floats  # (step, class, sector, stage, signal) fresh vehicles' bids, one haircut after another taken off
    certain_value: Floats  # (sector, stage, signal) value with funding certain, beliefs the market's
    uncharged: Floats  # (class, sector, stage, signal) a fresh vehicle's bid without charge over that with it
    plain_bid: Floats  # (class, sector, stage, signal) that bid on the common signal; 0 for those who see no other
    unlimited: NDArray[np.bool_]  # (class,) no horizon: the bid does not depend on life


def empty_company_tables(names: Names) -> CompanyTables:
    """Tables of zeros, with room for as many attempts as any scenario may allow.

    A venture may come out of the warm-up in an attempt that the scenario no longer allows; its value is zero then.
    """
    shape = (len(names.sectors), len(names.stages))
    n_attempts = MOST_ATTEMPTS
    by_attempt = (*shape, n_attempts, len(SIGNAL))
    by_elapsed = (*shape, n_attempts, LONGEST_ATTEMPT + 1, len(SIGNAL))
    return CompanyTables(
        np.zeros((*shape, len(SIGNAL))), np.zeros(by_attempt), np.zeros(by_elapsed), np.zeros(by_elapsed)
    )


def store_stage(tables: CompanyTables, sector: int, stage: int, values: StageValues, going_concern: Floats) -> None:
    """Copy one stage's values into the tables."""
    tables.going_concern[sector, stage] = going_concern
    n = len(values.fresh)
    tables.fresh[sector, stage, :n] = values.fresh
    tables.extended[sector, stage, :n] = values.extended
    tables.holding[sector, stage, :n] = values.holding
