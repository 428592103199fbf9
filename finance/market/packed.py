"""Terms and tables as the kernel takes them: a few structured arrays, whose fields are read by name.

A compiled call pays for every array it passes on, so what belongs together travels in one array: scalars in
`numbers`, what depends on sector and stage in `cells`, and so on. `Terms` and the tables remain what the rest of the
package reads.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.market.conventions import CATEGORIES
from finance.market.relief import RELIEF_STEPS
from finance.market.tables import CompanyTables, MarketTables
from finance.market.terms import Floats, Terms
from finance.policy.commitments import Commitments

Packed = NDArray[Any]

_WHOLE = (
    "n_quarters", "switch_quarter", "entry_quarters", "entrants_a_year", "earmark_quarters", "queue", "attempts",
    "search_quarters", "patience_quarters", "freeze_quarters", "first_audited_deal", "sub_fund_class", "pool_quarters",
    "carry_forward_years", "queue_quarters", "holiday_years", "reduced_years",
)  # fmt: skip
_DECIMAL = (
    "lemon_share", "lemon_quality_mean", "lemon_quality_sd", "quality_log_odds", "factor_correlation",
    "learning_log_odds", "retry_time_share", "bridge_share", "distress_probability", "distress_low", "distress_high",
    "offer_log_median", "offer_log_sd", "truncation_sd", "ipo_floor", "trade_sale_discount", "trade_sale_probability",
    "trade_floor", "min_fill", "sellers_share_short", "sellers_share_ample", "largest_dilution", "distressed_dilution",
    "distressed_preference", "founders_floor", "preference_multiple", "pro_rata_share", "carry_over_quarters",
    "secondary_discount", "social_rate", "continuing_rate", "company_tax_rate", "super_deduction_share",
    "earnings_yield", "transferable_share", "platform_places", "ipo_wait_value", "trade_wait_value",
    "local_share", "reduced_share",
)  # fmt: skip
_BY_SECTOR = (
    "sector_cumulative", "exit_log_median", "quality_log_value", "exit_log_sd", "first_stage", "sector_code", "base",
    "platform",
)  # fmt: skip
_BY_CELL = (
    "need", "burn", "mean_quarters", "log_odds", "signal_sd", "offer_probability", "research_share", "shortest_life",
    "next_stage", "technical_attempts", "category", "factor_code", "pilot", "public_cost",
    "place_cost", "gross", "lent", "owed", "loan_fee",
)  # fmt: skip
_BY_CLASS = (
    "capacity", "required_return", "tax_rate", "tax_deduction", "public_share", "ticket_max", "life_quarters",
    "investment_quarters", "class_code", "owner", "added_noise", "investment_credit", "loss_relief",
    "preservation_rate", "valuation_max",
    "budgets_bind", "extension_quarters", "extension_probability", "honoured", "reserve_share",
)  # fmt: skip
_WHOLE_BY = {
    "first_stage", "sector_code", "next_stage", "technical_attempts", "category", "factor_code", "stage_code",
    "life_quarters", "investment_quarters", "class_code", "first_column", "longest_life", "base", "platform", "pilot",
    "owner", "budgets_bind", "extension_quarters", *(f"relief_quarters_{step}" for step in range(RELIEF_STEPS)),
}  # fmt: skip


def _dtype(names: tuple[str, ...]) -> np.dtype[Any]:
    """Fields of eight bytes: whole numbers or decimals."""
    return np.dtype([(name, np.int64 if name in _WHOLE_BY else np.float64) for name in names])


#: Dates, in quarters from a sub-fund's first closing, at which its holdings are valued: every year from the first, and
#: the last.
_VALUATIONS = ("n_valuations", "first_valuation", "last_valuation")

#: The standing programme: class of its sub-funds, or −1, and quarters within which vehicles are one sub-fund.
_STANDING = ("standing_class", "standing_pool")

#: Steps of a relief by holding period, by class.
_RELIEF = tuple(f"relief_quarters_{step}" for step in range(RELIEF_STEPS))
_RELIEVED = tuple(f"relief_share_{step}" for step in range(RELIEF_STEPS))
_LIMITS = tuple(f"loss_limit_{name}" for name in CATEGORIES)

#: `has_duty`: a class stands for what a duty reserves; `is_managed`: some class bids by what it alone sees, or so.
NUMBERS = np.dtype(
    [
        (name, np.int64)
        for name in (*_WHOLE, "ipo_waits", "is_managed", "has_duty", "has_followers", *_VALUATIONS, *_STANDING)
    ]
    + [(name, np.float64) for name in _DECIMAL]
)
SECTORS, CELLS = _dtype(_BY_SECTOR), _dtype((*_BY_CELL, "stage_code"))
CLASSES = _dtype((*_BY_CLASS, "first_column", "longest_life", *_RELIEF, *_RELIEVED, *_LIMITS))
REACH = np.dtype([("in_mandate", np.int64), ("shortest_life", np.float64), ("follow_share", np.float64)])
DESK = np.dtype([("budget", np.float64), ("shortest_life", np.float64)])

#: Rows of `by_signal`: BEST_BID is the highest of fresh vehicles, CEILING the highest whatever the class and the life
#: left; the fresh values of attempts 0, 1, … follow from FRESH on.
GOING_CONCERN, BEST_BID, CEILING, CERTAIN_VALUE, PLANNER_FRESH, FRESH = range(6)
#: Planes of `by_elapsed`.
EXTENDED, HOLDING = range(2)


class Era(NamedTuple):
    """The numbers that hold at a time: the root baseline's until the switch, then the scenario's."""

    numbers: Packed  # (1,) NUMBERS
    sectors: Packed  # (sector,) SECTORS
    cells: Packed  # (sector, stage) CELLS
    classes: Packed  # (class,) CLASSES
    reach: Packed  # (sector, stage, class) REACH: outside the mandate no life is long enough
    desks: Packed  # (stage, class) DESK: share of a call; shortest life that is enough in some sector
    time_table: Floats  # (sector, stage, node)
    bid: Floats  # (sector, stage, signal, column): what one venture is bid lies together; see `pack_era`
    by_signal: Floats  # (sector, stage, row, signal)
    by_elapsed: Floats  # (sector, stage, attempt, plane, elapsed, signal)
    cause_bid: Floats  # (step, class, sector, stage, signal)
    uncharged: Floats  # (class, sector, stage, signal)
    plain_bid: Floats  # (class, sector, stage, signal)
    support_costs: Floats  # (sector, stage, measure, 2)


class PlannerEra(NamedTuple):
    """What the twin's walk reads."""

    numbers: Packed
    sectors: Packed
    cells: Packed
    time_table: Floats
    by_signal: Floats
    by_elapsed: Floats
    place: Floats  # (sector,) share that finds a place on a pilot platform in the planner's world


class Rules(NamedTuple):
    """Terms, packed."""

    numbers: Packed
    sectors: Packed
    cells: Packed
    classes: Packed
    reach: Packed
    desks: Packed
    time_table: Floats
    support_costs: Floats


def pack_terms(terms: Terms) -> Rules:
    """Terms as structured arrays."""
    values = terms._asdict()
    numbers = np.zeros(1, NUMBERS)
    for name in (*_WHOLE, *_DECIMAL, "ipo_waits"):
        numbers[name] = values[name]
    numbers["has_duty"] = (terms.owner != np.arange(len(terms.owner))).any()
    dates = terms.valuation_quarters
    numbers["n_valuations"] = len(dates)
    if dates:
        numbers["first_valuation"], numbers["last_valuation"] = dates[0], dates[-1]
    numbers["standing_class"], numbers["standing_pool"] = terms.standing.sub_funds, terms.standing.pool_quarters
    numbers["is_managed"] = numbers["has_duty"] | terms.added_noise.any()
    sectors = np.zeros(len(terms.first_stage), SECTORS)
    cells = np.zeros(terms.need.shape, CELLS)
    classes = np.zeros(len(terms.capacity), CLASSES)
    for packed, names in ((sectors, _BY_SECTOR), (cells, _BY_CELL), (classes, _BY_CLASS)):
        for name in names:
            packed[name] = values[name]
    for step in range(RELIEF_STEPS):
        classes[_RELIEF[step]], classes[_RELIEVED[step]] = terms.relief_quarters[:, step], terms.relief_share[:, step]
    for category, name in enumerate(_LIMITS):
        classes[name] = terms.loss_limit[:, category]
    cells["stage_code"] = terms.stage_code
    in_mandate = np.moveaxis(terms.in_mandate, 0, -1)
    reach = np.zeros(in_mandate.shape, REACH)
    reach["in_mandate"] = in_mandate
    reach["shortest_life"] = np.where(in_mandate, terms.shortest_life[:, :, None], np.inf)
    reach["follow_share"] = np.moveaxis(terms.follow_share, 0, -1)
    numbers["has_followers"] = terms.follow_share.any()
    desks = np.zeros(reach.shape[1:], DESK)
    desks["budget"] = terms.stage_budget.T
    desks["shortest_life"] = reach["shortest_life"].min(axis=0)
    return Rules(numbers, sectors, cells, classes, reach, desks, terms.time_table, terms.support_costs)


def _company(tables: CompanyTables, fresh_from: int) -> tuple[Floats, Floats]:
    """A company's tables as (by_signal, by_elapsed), with `fresh_from` rows left before the fresh values."""
    n_sectors, n_stages, n_attempts, n_signal = tables.fresh.shape
    by_signal = np.zeros((n_sectors, n_stages, fresh_from + n_attempts, n_signal))
    by_signal[:, :, GOING_CONCERN] = tables.going_concern
    by_signal[:, :, fresh_from:] = tables.fresh
    return by_signal, np.stack([tables.extended, tables.holding], axis=3)


def pack_era(rules: Rules, tables: MarketTables, planner: CompanyTables, committed: Commitments) -> Era:
    """Rules and tables of one pilot.

    Parameters
    ----------
    rules : Rules
    tables : MarketTables
        Of one pilot.
    planner : CompanyTables
        By which rounds are judged.
    committed : Commitments
        What each class commits a year in that pilot's equilibrium.

    Notes
    -----
    The columns of `Era.bid` are the classes' vehicles by life left, in quarters, one class behind the other: that of a
    vehicle is `first_column` + the life it has left, at most `longest_life`.
    """
    by_signal, by_elapsed = _company(tables.company, FRESH)
    by_signal[:, :, BEST_BID] = tables.best_bid
    by_signal[:, :, CEILING] = np.maximum(0.0, tables.bid.max(axis=(0, 1)))
    by_signal[:, :, CERTAIN_VALUE] = tables.certain_value
    by_signal[:, :, PLANNER_FRESH] = planner.fresh[:, :, 0]
    classes = rules.classes.copy()
    classes["capacity"], classes["public_share"] = committed.capacity, committed.public_share
    n_lives = tables.bid.shape[1]
    classes["first_column"] = n_lives * np.arange(len(classes))
    classes["longest_life"] = np.where(tables.unlimited, 0, n_lives - 1)
    bid = np.ascontiguousarray(tables.bid.transpose(2, 3, 4, 0, 1).reshape(*tables.bid.shape[2:], -1))
    return Era(
        rules.numbers, rules.sectors, rules.cells, classes, rules.reach, rules.desks,
        rules.time_table, bid, by_signal, by_elapsed, tables.cause_bid, tables.uncharged,
        tables.plain_bid, rules.support_costs,
    )  # fmt: skip


def pack_planner(rules: Rules, planner: CompanyTables, place: Floats) -> PlannerEra:
    """Rules and the planner's tables, for the twin; `place` is the share (sector,) that finds a place on a platform."""
    by_signal, by_elapsed = _company(planner, FRESH)
    return PlannerEra(rules.numbers, rules.sectors, rules.cells, rules.time_table, by_signal, by_elapsed, place)
