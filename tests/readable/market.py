"""One path of the market, quarter by quarter, as docs/model/market.md tells it: slow, meant to be read."""

from finance.market.records import CALLED
from finance.policy.sub_funds import PUNISHED
from tests.readable import books, clearing, life, sub_funds
from tests.readable.causes import explain_gap
from tests.readable.draws import Draws
from tests.readable.economy import Economy, World
from tests.readable.lookups import Era
from tests.readable.vehicles import Vehicle

__all__ = ["World", "run_economy", "simulate_path"]


def simulate_path(terms_root, terms_own, tables_root, tables_own, planner, world, key, path):
    """Simulate one path.

    Parameters
    ----------
    terms_root, terms_own : Terms
        Of the root baseline, which hold until the switch, and of the scenario; on the same axes.
    tables_root, tables_own : MarketTables
    planner : CompanyTables
        The scenario's own planner's values, for who is worthwhile.
    world : World
    key : tuple of (int, int)
    path : int

    Returns
    -------
    Record
    """
    return run_economy(terms_root, terms_own, tables_root, tables_own, planner, world, key, path).record


def run_economy(terms_root, terms_own, tables_root, tables_own, planner, world, key, path):
    """Simulate one path and return the Economy as it stands at the end; parameters as in `simulate_path`."""
    economy = Economy(
        root=Era(terms_root, tables_root),
        own=Era(terms_own, tables_own),
        planner=planner,
        world=world,
        draws=Draws(key, path),
        record=sub_funds.empty_record(terms_own, terms_root),
        asked=[[0.0] * terms_own.need.shape[1] for _ in range(terms_own.n_quarters)],
    )
    for quarter in range(terms_own.n_quarters):
        economy.quarter = quarter
        simulate_quarter(economy)
    end_clock(economy)
    return economy


def simulate_quarter(economy):
    """Take the six steps of a quarter."""
    sub_funds.value_holdings(economy)
    step_vehicles(economy)
    audit_vehicles(economy)
    economy.tightness = [stage_tightness(economy, i) for i in range(economy.terms.need.shape[1])]
    open_places(economy)
    for venture in economy.living():
        life.step_venture(economy, venture)
    enter_ventures(economy)
    clearing.clear(economy)
    for venture in economy.living():
        life.end_search(economy, venture)


# --- 1. vehicles ---


def step_vehicles(economy):
    terms = economy.terms
    if economy.quarter % 4 == 0:
        raise_vehicles(economy)
    for vehicle in economy.vehicles:
        if vehicle.is_ended:
            continue
        if vehicle.life_left(economy.quarter) <= 0:
            extend_life(economy, vehicle)
        if vehicle.life_left(economy.quarter) <= 0:
            books.lapse(economy, vehicle, vehicle.lapse_above(0.0))
            books.sell_holdings_of(economy, vehicle)
            vehicle.is_ended = True
        elif vehicle.is_investing(economy.quarter):
            vehicle.age_money(terms.earmark_quarters)
            limit = terms.carry_over_quarters * vehicle.quarterly_call
            books.lapse(economy, vehicle, vehicle.lapse_above(limit))
            vehicle.call(terms.earmark_quarters)
            economy.record.deployed[vehicle.capital_class, CALLED] += economy.is_entry * vehicle.quarterly_call
        else:
            vehicle.free_all()


def extend_life(economy, vehicle):
    """At the end of its life give a vehicle whose manager still holds something more time, once, if partners agree."""
    managed = [vehicle] if vehicle.beside is None else [vehicle, vehicle.beside]
    holders = [
        holding.vehicle for v in economy.living() for r in v.rounds for holding in r.holdings if not holding.is_sold
    ]
    if vehicle.extension > 0 and any(one in holders for one in managed):
        vintage = (vehicle.raised - economy.own.terms.switch_quarter) // 4
        code = economy.terms.class_code[vehicle.capital_class]
        if economy.draws.extension(vintage, code)[0] < vehicle.extension_probability:
            vehicle.life += vehicle.extension
    vehicle.extension = 0


def raise_vehicles(economy):
    terms = economy.terms
    for c, capacity in enumerate(terms.capacity):
        if capacity > 0.0:
            owner = int(terms.owner[c])
            sub_fund, first_closing = sub_funds.place_of(economy, owner)
            vehicle = Vehicle(
                capital_class=c,
                raised=economy.quarter,
                commitment=float(capacity),
                life=int(terms.life_quarters[c]),
                investment_quarters=int(terms.investment_quarters[c]),
                budgets=[float(share) for share in terms.stage_budget[c]],
                binds=bool(terms.budgets_bind[c]),
                extension=int(terms.extension_quarters[c]),
                extension_probability=float(terms.extension_probability[c]),
                sub_fund=sub_fund,
                first_closing=first_closing,
            )
            put_beside(economy, vehicle, owner)
            economy.vehicles.append(vehicle)


def put_beside(economy, vehicle, owner):
    """A duty's vehicle and that of the class whose money it is, raised in one year, have one manager."""
    for other in economy.vehicles:
        is_managers = other.raised == vehicle.raised and other.capital_class == owner
        if is_managers and economy.is_duty(vehicle.capital_class):
            vehicle.beside, other.beside = other, vehicle


# --- 2. audits ---


def audit_vehicles(economy):
    terms, own, quarter = economy.terms, economy.own.terms, economy.quarter
    for vehicle in economy.vehicles:
        age = vehicle.age(quarter)
        is_due = age > 0 and age % 4 == 0 and age < vehicle.life
        managed = [vehicle] if vehicle.beside is None else [vehicle, vehicle.beside]
        if economy.vehicles.index(managed[-1]) < economy.vehicles.index(vehicle):
            continue  # audited already, together with the other
        has_deals = sum(one.n_first_deals for one in managed) >= terms.first_audited_deal
        if not (is_due and has_deals and terms.public_share[vehicle.capital_class] > 0.0):
            continue
        if vehicle.is_frozen(quarter):
            continue
        excess = sum(
            max(0.0, sum(losses) - limit * sum(costs))
            for costs, losses, limit in zip(
                zip(*(one.cost for one in managed), strict=True),
                zip(*(one.loss for one in managed), strict=True),
                terms.loss_limit[vehicle.capital_class],
                strict=True,
            )
        )
        is_above = excess > sum(one.reserve for one in managed)
        if economy.is_entry:
            economy.record.audits[vehicle.capital_class] += (1, int(is_above))
        if is_above:
            vintage = (vehicle.raised - own.switch_quarter) // 4
            code = terms.class_code[vehicle.capital_class]
            if economy.draws.audit(vintage, code, age // 4)[0] >= terms.honoured[vehicle.capital_class]:
                sub_funds.note(economy, vehicle, PUNISHED, 1.0)
                for one in managed:
                    one.frozen_until = quarter + terms.freeze_quarters


# --- 3. tightness ---


def stage_tightness(economy, stage):
    """Money that vehicles can spend at a stage, over what was asked there in the last four quarters."""
    last_year = range(max(0, economy.quarter - 4), economy.quarter)
    asked = sum(economy.asked[quarter][stage] for quarter in last_year)
    if asked == 0.0:
        return 1.0
    sectors = range(len(economy.terms.need))
    money = sum(
        vehicle.money_at(stage)
        for vehicle in economy.vehicles
        if any(economy.is_able(vehicle, sector, stage) for sector in sectors)
    )
    return money / asked


# --- 4. places on pilot platforms, and entrants ---


def open_places(economy):
    """Let the quarter's places on pilot platforms come free; those not taken are kept for a year."""
    places = economy.terms.platform_places
    economy.free_places = min(economy.free_places + places, max(1.0, 4.0 * places)) if places > 0.0 else 0.0


def enter_ventures(economy):
    """Ordinal k enters in quarter k mod 4 of its year; its first stage asks at once, without an offer."""
    for ordinal in range(economy.quarter % 4, economy.terms.entrants_a_year, 4):
        venture = life.new_venture(economy, ordinal)
        economy.ventures.append(venture)
        life.arrive(economy, venture, int(economy.terms.first_stage[venture.sector]))


# --- the clock ends ---


def end_clock(economy):
    """Value every company still there; what is still missing is explained as if its search ended now."""
    for venture in economy.living():
        explain_gap(economy, venture)
        books.value_at_the_end(economy, venture)
