"""The numbers of one scenario as arrays: what the market's compiled kernel reads.

Axis order, stated once for the whole package: ``(pilot, class, life, sector, stage, attempt, elapsed, signal)``; an array
leaves out the axes that it does not need and never changes the order of the rest. Quarters count from the first of the
warm-up; money is CNY million at constant prices.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.market.capital import Standing, class_terms, duty_of, programme_terms
from finance.market.conventions import CATEGORIES, QUARTERS_A_YEAR, QUEUES
from finance.market.marks import PLATFORM_MARK, own_name
from finance.market.sectors import sector_terms
from finance.policy.commitments import Programme
from finance.policy.sub_funds import Agreement

if TYPE_CHECKING:
    from finance.scenario import Scenario

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Codes = NDArray[np.uint32]


class Terms(NamedTuple):
    """One scenario's numbers (see `terms_of`): scalars, then arrays by sector, by sector and stage, by class."""

    n_quarters: int
    switch_quarter: int  # first quarter of year 0, where levers switch on
    entry_quarters: int  # the cohort enters in this many quarters from the switch on
    entrants_a_year: int
    lemon_share: float
    lemon_quality_mean: float
    lemon_quality_sd: float
    quality_log_odds: float
    factor_correlation: float
    learning_log_odds: float
    retry_time_share: float
    bridge_share: float
    distress_probability: float
    distress_low: float
    distress_high: float
    offer_log_median: float
    offer_log_sd: float
    truncation_sd: float
    ipo_floor: float
    trade_sale_discount: float
    trade_sale_probability: float
    trade_floor: float
    min_fill: float
    sellers_share_short: float
    sellers_share_ample: float
    largest_dilution: float
    distressed_dilution: float
    distressed_preference: float
    founders_floor: float
    preference_multiple: float
    pro_rata_share: float
    carry_over_quarters: float  # of a vehicle's quarterly call
    earmark_quarters: int
    secondary_discount: float
    continuing_rate: float  # a year
    company_tax_rate: float
    super_deduction_share: float  # of research, beyond its cost; below zero where its cost is paid out instead
    carry_forward_years: int
    holiday_years: int  # without tax on its income, from a company's exit on
    reduced_years: int  # behind them
    reduced_share: float  # of the tax that is paid in these
    earnings_yield: float  # a year, of an exit's price
    transferable_share: float  # of losses in a trade sale
    queue: int  # index into QUEUES
    attempts: int
    search_quarters: int
    patience_quarters: int
    freeze_quarters: int
    penalty: float
    first_audited_deal: int
    social_rate: float  # a year
    ipo_waits: bool  # a venture that may list waits for the window rather than sell at the trade discount
    ipo_wait_value: float  # expected discount factor, at the continuing rate, of a wait for the window that is shut now
    trade_wait_value: float  # the same for a wait for a trade buyer
    loss_limit: Floats  # (class, category) from which a vehicle's realised loss is too much
    honoured: Floats  # (class,) odds that a vehicle above its limit is not punished
    reserve_share: Floats  # (class,) of each realised gain, against losses beyond the limits
    sector_cumulative: Floats  # (sector,)
    exit_log_median: Floats  # (sector,)
    quality_log_value: Floats  # (sector,)
    exit_log_sd: Floats  # (sector,)
    first_stage: Integers  # (sector,)
    sector_code: Codes  # (sector,)
    stage_code: Codes  # (stage,)
    factor_code: Codes  # (sector, stage)
    class_code: Codes  # (class,)
    next_stage: Integers  # (sector, stage): TO_EXIT behind the last, ABSENT where the sector has no such stage
    need: Floats  # (sector, stage)
    burn: Floats  # (sector, stage) a year
    mean_quarters: Floats  # (sector, stage)
    time_shape: Floats  # (sector, stage) shape of the gamma time of an attempt; 0 = fixed
    time_table: Floats  # (sector, stage, node): quantiles of that time, mean 1
    log_odds: Floats  # (sector, stage)
    signal_sd: Floats  # (sector, stage)
    technical_attempts: Integers  # (sector, stage)
    offer_probability: Floats  # (sector, stage)
    research_share: Floats  # (sector, stage) of the cash spent
    category: Integers  # (sector, stage)
    shortest_life: Floats  # (sector, stage) quarters a vehicle must have left for a first deal
    capacity: Floats  # (class,) CNY million a year
    required_return: Floats  # (class,) a year
    life_quarters: Integers  # (class,) as agreed, without the extension
    extension_quarters: Integers  # (class,) of a vehicle that holds stakes at its end; 0 where partners never agree
    extension_probability: Floats  # (class,) that partners agree
    investment_quarters: Integers  # (class,)
    tax_rate: Floats  # (class,) on gains, exemptions taken off
    tax_deduction: Floats  # (class,) share of an investment that is deducted from its gain
    investment_credit: Floats  # (class,) share of an investment that is paid back at once, public partners left out
    loss_relief: Floats  # (class,) of a loss less that credit, paid back when it is made
    relief_quarters: Integers  # (class, step) quarters held from which a relief on gains holds
    relief_share: Floats  # (class, step) of the tax that is not raised then
    public_share: Floats  # (class,)
    ticket_max: Floats  # (class,)
    valuation_max: Floats  # (class,) of a company before the round: who bids more than that stays out
    preservation_rate: Floats  # (class,) a year, of what a stake cost: a sale for less is a loss in audits
    in_mandate: NDArray[np.bool_]  # (class, sector, stage)
    follow_share: Floats  # (class, sector, stage) most that a class pays of a round which others lead; 0 if it leads
    stage_budget: Floats  # (class, stage) share of capacity
    budgets_bind: Integers  # (class,) 1 where what is kept for a stage is never free for another
    supply_elasticity: Floats  # (class,) of private commitments
    owner: Integers  # (class,) the class itself; of what a duty reserves the class whose money it is
    added_noise: Floats  # (class,) of managers whose losses others bear: beside the signal's, in its own sd
    local_share: float  # of ventures that belong to the place
    reinvestment_multiple: float  # in the place, of a sub-fund's public money
    direction_share: float  # of the duty that would not be met anyhow
    deployment_points: float  # a year, off the required return of a manager whose money is all idle
    sub_fund_class: int  # whose vehicles are the guidance programme's sub-funds; −1 for none
    pool_quarters: int  # vehicles raised within so many quarters are one sub-fund
    valuation_quarters: tuple[int, ...]  # from a sub-fund's first closing, rising by a year but for the last; () never
    programme: Programme
    agreement: Agreement  # between the partners of a sub-fund
    standing: Standing  # the programme that there was before, if the scenario's has sub-funds of its own beside it
    platform_places: float  # that become free a quarter, in the economy of one path
    queue_quarters: int
    base: Integers  # (sector,) the sector itself; of those on a platform the one they come from
    platform: Integers  # (sector,) where its ventures go that find a place; −1 if nowhere
    pilot: Integers  # (sector, stage) 1 where platforms serve
    public_cost: Floats  # (sector, stage) public money that a round costs beside its cash, platforms' places included
    place_cost: Floats  # (sector, stage) of it, for a place on a platform
    lent: Floats  # (sector, stage) what banks lend beside a round
    owed: Floats  # (sector, stage) what is owed for the stage before, and paid out of the round
    loan_fee: Floats  # (sector, stage) the guarantee's, of a loan
    gross: Floats  # (sector, stage) cash for each unit that investors pay; what is above one the public pays
    support_costs: Floats  # (sector, stage, measure, 2) public money of each measure, PER_UNIT and PER_ROUND


class Names(NamedTuple):
    """The labels behind the axes."""

    sectors: tuple[str, ...]
    stages: tuple[str, ...]
    classes: tuple[str, ...]


def names_of(scenario: Scenario) -> Names:
    """Names of sectors, stages (in chain order over all sectors) and classes."""
    stages: list[str] = []
    for sector in scenario.sectors:
        position = 0
        for name in scenario.sectors[sector].stages:
            if name in stages:
                position = stages.index(name) + 1
            else:
                stages.insert(position, name)
                position += 1
    on_platform = tuple(f"{name}{PLATFORM_MARK}" for name in scenario.sectors if _is_served(scenario, name))
    return Names((*scenario.sectors, *on_platform), tuple(stages), (*scenario.classes, *duty_of(scenario)))


def _is_served(scenario: Scenario, sector: str) -> bool:
    """Whether pilot platforms have places for a sector."""
    stages = scenario.sectors[sector].stages
    return scenario.pilot_platform.places > 0.0 and any(stages[name].pilot for name in stages)


def window_wait_value(open_share: float, shut_years: float, rate: float) -> float:
    """Expected discount factor of the wait for the exit window when it is shut now.

    Parameters
    ----------
    open_share : float
        Stationary share of quarters in which the window is open.
    shut_years : float
        Mean length of a shut spell, years.
    rate : float
        Discount rate, a year.

    Returns
    -------
    float
        Σ p(1−p)ⁿ⁻¹ dⁿ = p d / (1 − (1 − p) d) with p = 1 / (4 shut_years), d the quarterly factor; 1 if never shut.
    """
    if open_share >= 1.0:
        return 1.0
    reopening = min(1.0, 1.0 / (QUARTERS_A_YEAR * shut_years))
    factor = (1.0 + rate) ** (-1.0 / QUARTERS_A_YEAR)
    return float(reopening * factor / (1.0 - (1.0 - reopening) * factor))


def trade_wait_value(probability: float, rate: float) -> float:
    """Expected discount factor of the wait for a trade buyer, who may come in the quarter of success itself."""
    factor = (1.0 + rate) ** (-1.0 / QUARTERS_A_YEAR)
    return float(probability / (1.0 - (1.0 - probability) * factor))


def terms_of(scenario: Scenario, names: Names) -> Terms:
    """Arrays of a scenario on the axes of `names` (a class that the scenario lacks has no capacity).

    Parameters
    ----------
    scenario : Scenario
        A checked scenario.
    names : Names
        Axes, of the scenario itself or of a set that contains its classes.

    Returns
    -------
    Terms
    """
    by_sector = sector_terms(scenario, names.sectors, names.stages)
    return Terms(
        **_entry_terms(scenario),
        **_venture_terms(scenario),
        **_exit_terms(scenario),
        **_market_terms(scenario),
        **_tolerance_terms(scenario, names),
        **_same(
            scenario.tax, "company_tax_rate", "carry_forward_years", "earnings_yield", "transferable_share",
            "holiday_years", "reduced_years",
        ),
        super_deduction_share=_deduction_left(scenario),
        reduced_share=_reduced_share(scenario),
        **by_sector,
        **class_terms(scenario, names, by_sector["need"] - by_sector["lent"] + by_sector["owed"]),
        **programme_terms(scenario, names),
    )  # fmt: skip


def _entry_terms(scenario: Scenario) -> dict[str, Any]:
    """The clock, and who enters."""
    clock, entry = scenario.clock, scenario.entry
    return {
        "n_quarters": QUARTERS_A_YEAR * (clock.warm_up_years + clock.simulated_years),
        "switch_quarter": QUARTERS_A_YEAR * clock.warm_up_years,
        "entry_quarters": QUARTERS_A_YEAR * clock.entry_years,
        **_same(entry, "entrants_a_year", "lemon_share", "lemon_quality_mean", "lemon_quality_sd"),
    }


def _venture_terms(scenario: Scenario) -> dict[str, Any]:
    """What holds for ventures of every sector."""
    ventures = scenario.ventures
    return {
        **_same(
            ventures, "quality_log_odds", "factor_correlation", "learning_log_odds", "retry_time_share", "bridge_share",
            "distress_probability", "distress_low", "distress_high",
        ),
        "offer_log_median": math.log(ventures.offer_premium_median),
        "offer_log_sd": ventures.offer_premium_log_sd,
        "social_rate": scenario.planner.social_rate,
    }  # fmt: skip


def _exit_terms(scenario: Scenario) -> dict[str, Any]:
    """Exits, and whether a venture that may list waits for the window rather than sell at once."""
    exits, world, rate = scenario.exits, scenario.world, scenario.market.continuing_rate
    ipo_wait = window_wait_value(world.window_open_share, world.window_shut_years, rate)
    trade_wait = trade_wait_value(exits.trade_sale_probability, rate)
    return {
        **_same(
            exits, "truncation_sd", "ipo_floor", "trade_sale_discount", "trade_sale_probability", "trade_floor"
        ),
        "ipo_waits": bool(ipo_wait >= (1.0 - exits.trade_sale_discount) * trade_wait),
        "ipo_wait_value": ipo_wait,
        "trade_wait_value": trade_wait,
    }  # fmt: skip


def _market_terms(scenario: Scenario) -> dict[str, Any]:
    """How rounds close, and at what price."""
    market = scenario.market
    return {
        **_same(
            market, "min_fill", "sellers_share_short", "sellers_share_ample", "largest_dilution", "distressed_dilution",
            "distressed_preference", "founders_floor", "preference_multiple", "pro_rata_share", "earmark_quarters",
            "secondary_discount", "continuing_rate",
        ),
        "carry_over_quarters": QUARTERS_A_YEAR * market.carry_over_years,
        "queue": QUEUES.index(market.queue),
    }  # fmt: skip


def _tolerance_terms(scenario: Scenario, names: Names) -> dict[str, Any]:
    """What capital tolerates; a class may have loss limits, and odds that they are honoured, of its own."""
    tolerance = scenario.tolerance
    known = [scenario.classes.tables.get(own_name(name)) for name in names.classes]
    limits = [(one and one.fund_loss_limit) or tolerance.fund_loss_limit for one in known]
    return {
        **_same(
            tolerance, "attempts", "search_quarters", "patience_quarters", "freeze_quarters", "penalty",
            "first_audited_deal",
        ),
        "honoured": np.array(
            [tolerance.honoured if one is None or one.honoured is None else one.honoured for one in known]
        ),
        "reserve_share": np.array([0.0 if one is None else one.reserve_share for one in known]),
        "loss_limit": np.array([[getattr(limit, name) for name in CATEGORIES] for limit in limits]),
    }  # fmt: skip


def _deduction_left(scenario: Scenario) -> float:
    """What research is deducted beyond its cost, on average over what is paid out in cash and what is not.

    What is paid out is given up: neither the cost nor what enlarges it is a loss any more.
    """
    tax = scenario.tax
    return (1.0 - tax.refunded_share) * tax.super_deduction_share - tax.refunded_share


def _reduced_share(scenario: Scenario) -> float:
    """Part of its tax that a company pays at the reduced rate; never more than all."""
    rate = scenario.tax.company_tax_rate
    return min(1.0, scenario.tax.reduced_rate / rate) if rate > 0.0 else 1.0


def _same(table: object, *names: str) -> dict[str, Any]:
    """Values that have one name in the scenario and in the terms."""
    return {name: getattr(table, name) for name in names}


def planners_view(terms: Terms) -> Terms:
    """The terms with all the cash of each stage, whoever pays it: payments by the public and loans are transfers."""
    if (terms.gross == 1.0).all() and not terms.lent.any():
        return terms
    nothing = np.zeros_like(terms.lent)
    return terms._replace(
        need=terms.need * terms.gross, burn=terms.burn * terms.gross, gross=np.ones_like(terms.gross),
        lent=nothing, owed=nothing, loan_fee=nothing,
    )  # fmt: skip


def asked_of_vehicles(terms: Terms) -> Floats:
    """What a round asks vehicles for (sector, stage): its cash, less what is lent beside it, plus what is owed."""
    return terms.need - terms.lent + terms.owed


def shared_axes(scenario: Scenario, root: Scenario) -> Names:
    """Axes that hold a scenario and its root baseline at once: the scenario's, plus classes only the root has."""
    own, base = names_of(scenario), names_of(root)
    more = tuple(name for name in base.classes if name not in own.classes)
    platforms = tuple(name for name in base.sectors if name.endswith(PLATFORM_MARK) and name not in own.sectors)
    return Names(own.sectors + platforms, own.stages, own.classes + more)
