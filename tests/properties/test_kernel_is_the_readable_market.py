"""The compiled kernel against the readable market, number by number, over many small random markets."""

import functools

import numpy as np
import pytest

from finance.market import packed, records
from finance.market.arrival import WindowLaw
from finance.market.beliefs import starting_beliefs
from finance.market.grids import entrant_quality
from finance.market.path import Weather, carry_over, simulate_path, simulate_quarters
from finance.market.planner import planner_tables
from finance.market.records import empty_notes, record_of
from finance.market.state import HORIZON, TOO_MANY_HOLDINGS, TOO_MANY_ROUNDS, TOO_MANY_VENTURES, memory_for
from finance.market.terms import names_of, terms_of
from finance.market.twin import empty_twin_record
from finance.market.twin import simulate_twin as compiled_twin
from finance.market.values import market_pass
from tests.readable.cases import (
    KEY,
    SURE,
    as_stated,
    flat_tables,
    one_era,
    plain_terms,
    random_case,
    random_world,
    with_duty,
)
from tests.readable.extremes import LEVERS
from tests.readable.twin import simulate_twin as readable_twin
from tests.support import tiny

SEEDS = range(40)


def eras(case):
    """The eras of a case: the root's and its own."""
    return [
        packed.pack_era(packed.pack_terms(terms), tables, case.planner, as_stated(terms))
        for terms, tables in ((case.root, case.root_tables), (case.own, case.own_tables))
    ]


def notes_for(case):
    """Room for what a case's paths bring."""
    return empty_notes(case.own, case.root)


def simulate(case, path=0, key=KEY, scale=1, shrink=None):
    """Run the kernel on a case; returns its code and the record. `shrink` takes room away from the memory."""
    memory = memory_for(case.root, case.own, scale)
    if shrink is not None:
        memory = shrink(memory)
    notes = notes_for(case)
    world = case.world
    failure = simulate_path(
        *eras(case), *key, path, world.index_ratio, world.window, world.sector_factor, memory, notes
    )
    return failure, record_of(notes)


def assert_same(compiled, readable):
    """Counts to the unit, money to rounding."""
    for name in readable._fields:
        ours, theirs = getattr(compiled, name), getattr(readable, name)
        assert ours.shape == theirs.shape, name
        if theirs.dtype.kind == "f":
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9, err_msg=name)
        else:
            np.testing.assert_array_equal(ours, theirs, err_msg=name)


def assert_agreement(case, path):
    failure, record = simulate(case, path)
    assert failure == 0
    assert_same(record, case.run(path).record)


@functools.cache
def compiled_records():
    """What the kernel wrote down of the random cases."""
    return [simulate(random_case(seed), path=seed)[1] for seed in SEEDS]


# --- path by path ---


@pytest.mark.parametrize("seed", SEEDS)
def test_random_markets(seed):
    assert_agreement(random_case(seed), path=seed)


@pytest.mark.parametrize("lever", LEVERS)
def test_levers_at_their_ends(lever):
    for seed in range(100, 104):
        assert_agreement(random_case(seed, **LEVERS[lever]), path=seed)


@pytest.mark.parametrize("lever", LEVERS)
def test_levers_at_their_ends_before_the_switch(lever):
    """The warm-up runs under other rules than the cohort."""
    for seed in range(200, 202):
        case = random_case(seed)
        assert_agreement(case._replace(root=with_duty(case.root._replace(**LEVERS[lever]))), path=seed)


@pytest.mark.parametrize("seed", range(300, 306))
def test_equal_bids(seed):
    """Vehicles of all classes and ages bid the same: the youngest come first, then the first class."""
    case = random_case(seed, min_fill=0.5, ticket_max=np.full(3, 12.0))
    tables = case.own_tables
    mandate = case.own.in_mandate[:, None, :, :, None]
    same = tables._replace(
        bid=np.where(mandate, tables.bid.max(axis=(0, 1)), 0.0), unlimited=np.ones(3, dtype=np.bool_)
    )
    assert_agreement(case._replace(own_tables=same), path=seed)


@pytest.mark.parametrize("seed", range(500, 504))
def test_a_scenario_that_ends_the_programme_still_values_its_old_sub_funds(seed):
    case = random_case(seed, sub_fund_class=-1, n_quarters=24, entry_quarters=8, owner=np.arange(3))
    case = case._replace(root=case.root._replace(sub_fund_class=2, owner=np.arange(3)))
    assert_agreement(case, seed)
    assert simulate(case, seed)[1].sub_funds.any()


def tiny_case(odds, seed):
    """The tiny economy with the values that the induction works out, in a made-up world that moves."""
    scenario = tiny()
    names = names_of(scenario)
    terms = terms_of(scenario, names)
    world = scenario.world
    window = WindowLaw(world.window_open_share, 1.0 / (4.0 * world.window_shut_years))
    entrants = entrant_quality(terms.lemon_share, terms.lemon_quality_mean, terms.lemon_quality_sd)
    planner, by_quality, _ = planner_tables(terms, names, window)
    beliefs = starting_beliefs(names, entrants, odds, terms)
    tables, _ = market_pass(terms, names, window, beliefs, by_quality)
    return one_era(terms, tables, planner, random_world(np.random.default_rng(seed), terms))


@pytest.mark.parametrize("odds", [1.0, 0.3])
def test_the_tiny_economy(odds):
    case = tiny_case(odds, seed=1)
    closed = 0
    for path in range(12):
        assert_agreement(case, path)
        closed += (simulate(case, path)[1].closed != records.NEVER).sum()
    assert closed > 20


def test_memory_can_be_used_again():
    """A path leaves nothing behind for the next, whatever happened in it."""
    case = random_case(7)
    both = eras(case)
    memory, notes = memory_for(case.root, case.own), notes_for(case)
    for path in (3, 4, 3):
        assert simulate_path(*both, *KEY, path, *case.world, memory, notes) == 0
        assert_same(record_of(notes), case.run(path).record)


# --- in two parts ---


def carried_over(seed, path, scale=1, shrink=lambda memory: memory):
    """Simulate the warm-up, carry it over to a used memory, and go on there; None if it does not fit."""
    case = random_case(seed)
    root, own = eras(case)
    weather, quarters = Weather(*case.world), case.own.switch_quarter
    memory, notes = memory_for(case.root, case.own), notes_for(case)
    to_memory, to_notes = shrink(memory_for(case.root, case.own, scale)), notes_for(case)
    simulate_quarters(root, own, *KEY, path + 1, weather, to_memory, to_notes, 0, HORIZON)
    assert simulate_quarters(root, own, *KEY, path, weather, memory, notes, 0, quarters) == 0
    if not carry_over(memory, notes, quarters, to_memory, to_notes):
        return None
    assert simulate_quarters(root, own, *KEY, path, weather, to_memory, to_notes, quarters, HORIZON) == 0
    return record_of(to_notes)


@pytest.mark.parametrize("seed", range(12))
def test_what_the_warm_up_leaves_can_be_carried_over(seed):
    case = random_case(seed)
    assert case.own.switch_quarter > 0
    for path, scale in ((seed, 1), (seed + 1, 2)):
        whole, in_parts = simulate(case, path)[1], carried_over(seed, path, scale)
        assert all(a.tobytes() == b.tobytes() for a, b in zip(whole, in_parts, strict=True))


def test_a_warm_up_serves_scenarios_whose_sub_funds_live_shorter_or_are_none():
    """The scenario that was simulated through the warm-up has longer accounts than the one that goes on from it."""
    case = random_case(3)
    root = case.root._replace(sub_fund_class=1, pool_quarters=8)
    longer = case._replace(root=root, own=case.own._replace(sub_fund_class=2))
    shorter = case._replace(root=root, own=case.own._replace(sub_fund_class=-1))
    none = root._replace(sub_fund_class=-1)
    for source, target in (
        (longer, shorter),
        (longer._replace(root=none), shorter._replace(root=none)),
        (shorter, longer),
    ):
        quarters, weather = case.own.switch_quarter, Weather(*case.world)
        memory, notes = memory_for(source.root, source.own), notes_for(source)
        to_memory, to_notes = memory_for(target.root, target.own), notes_for(target)
        assert simulate_quarters(*eras(source), *KEY, 3, weather, memory, notes, 0, quarters) == 0
        assert carry_over(memory, notes, quarters, to_memory, to_notes)
        assert simulate_quarters(*eras(target), *KEY, 3, weather, to_memory, to_notes, quarters, HORIZON) == 0
        assert_same(record_of(to_notes), simulate(target, path=3)[1])


def test_what_does_not_fit_is_not_carried_over():
    """Ventures and holdings of the warm-up that another memory has no room for."""
    assert carried_over(0, 0, shrink=lambda memory: memory._replace(slots=memory.slots[:, :1].copy())) is None
    few_holdings = {"spare_holdings": np.zeros(1, dtype=np.uint32)}
    assert carried_over(0, 0, shrink=lambda memory: memory._replace(**few_holdings)) is None
    assert carried_over(0, 0, shrink=lambda memory: memory._replace(payout=memory.payout[:1].copy())) is None


# --- the twin ---


@pytest.mark.parametrize("seed", range(12))
def test_the_twin_of_random_markets(seed):
    assert_twins_agree(random_case(seed), path=seed)


def test_the_twin_of_the_tiny_economy():
    case = tiny_case(odds=1.0, seed=2)
    for path in range(6):
        assert_twins_agree(case, path)


def assert_twins_agree(case, path):
    odds = np.random.default_rng(path).uniform(size=len(case.own.base))
    era = packed.pack_planner(packed.pack_terms(case.own), case.planner, odds)
    record = empty_twin_record(case.own)
    compiled_twin(era, *KEY, path, *case.world, record)
    assert (record.asked != records.NEVER).any()
    assert_same(record, readable_twin(case.own, case.planner, case.world, KEY, path, odds))


# --- what the random markets visit ---


def test_every_fate_is_visited():
    fates = {int(fate) for record in compiled_records() for fate in record.fate}
    assert fates == set(range(len(records.FATES))) - {records.NO_FATE, records.REDEMPTION}


@pytest.mark.parametrize("order", ["cause_first", "cause_last"])
def test_every_cause_is_visited(order):
    causes = {int(cause) for record in compiled_records() for cause in getattr(record, order).ravel()}
    assert causes == set(range(len(records.CAUSES)))


def test_audits_bridges_and_sales_are_visited():
    audits = sum(record.audits.sum(axis=0) for record in compiled_records())
    assert 0 < audits[1] < audits[0], "of the audits some find a vehicle above its limit"
    wanted, paid = sum(record.bridges.sum(axis=(0, 1)) for record in compiled_records())
    assert 0 < paid < wanted, "of the bridges some are not paid"
    flows = sum(record.flows.sum(axis=0) for record in compiled_records())
    assert flows[records.BY_SECONDARY] > 0.0
    assert flows[records.TO_OUTSIDE] > 0.0
    assert sum(record.ledger[..., records.UNUSED].sum() for record in compiled_records()) > 0.0


def test_those_who_join_and_measures_of_support_are_visited():
    joined, supported = (
        [simulate(random_case(seed, **LEVERS[name]), path=seed)[1] for seed in range(12)]
        for name in ("one class joins rounds", "measures of support")
    )
    assert sum(record.ledger[2, :, records.INVESTED].sum() for record in joined) > 0.0
    assert (sum(record.support_cost.sum(axis=0) for record in supported) > 0.0).all()


def test_loans_are_visited_and_each_has_its_end():
    records_of = [simulate(random_case(seed, **LEVERS["banks lend"]), path=seed)[1] for seed in range(20)]
    assert (sum(record.credit.sum(axis=0) for record in records_of) > 0.0).all()


def test_the_programme_and_its_valuations_are_visited():
    accounts = sum(record.sub_funds.sum(axis=(0, 1)) for record in compiled_records() if record.sub_funds.size)
    assert (accounts > 0.0).all()
    assert sum(record.sub_fund_values.sum() for record in compiled_records()) > 0.0
    switch = random_case(0).own.switch_quarter
    warm_up = sum(record.sub_funds[: switch // 4].sum() for record in compiled_records())
    assert 0.0 < warm_up < sum(record.sub_funds.sum() for record in compiled_records())


def test_taxes_are_visited():
    received, forgone = sum(record.company_tax.sum(axis=0) for record in compiled_records())
    assert received > 0.0
    assert forgone > 0.0
    ledger = sum(record.ledger.sum(axis=(0, 1)) for record in compiled_records())
    highest = 0.3 * (ledger[records.GAIN] + ledger[records.END_GAIN])
    assert 0.0 < ledger[records.TAX] + ledger[records.END_TAX] < highest
    for account in (records.TAX, records.END_TAX):  # raised on gains, paid back of losses
        amounts = np.concatenate([record.ledger[:, :, account].ravel() for record in compiled_records()])
        assert amounts.min() < 0.0 < amounts.max()


def test_platforms_are_visited():
    applied, found, waited = (sum(getattr(record, name).sum() for record in compiled_records())
                              for name in ("applied", "on_platform", "queued"))  # fmt: skip
    assert 0 < found < applied
    assert waited > 0
    assert sum(record.platform_cost.sum() for record in compiled_records()) > 0.0


def test_managers_are_visited():
    """Some see something else, some have a duty that is spent; what is called is more than what is spent."""
    cases = [random_case(seed) for seed in SEEDS]
    assert any(case.own.added_noise.any() for case in cases)
    called = spent = 0.0
    for case, record in zip(cases, compiled_records(), strict=True):
        for c in np.flatnonzero(case.own.owner != np.arange(3)):
            called, spent = called + record.deployed[c, records.CALLED], spent + record.deployed[c, records.SPENT]
    assert 0.0 < spent < called


def test_two_vehicles_of_a_manager_are_audited_once():
    both, apart = 0, 0
    for seed in range(100, 110):
        owners = LEVERS["a duty whose losses freeze both"]
        both += simulate(random_case(seed, **owners), path=seed)[1].audits[2, 0]
        apart += simulate(random_case(seed, **(owners | {"owner": np.arange(3)})), path=seed)[1].audits[2, 0]
    assert both < apart


def test_bargains_are_visited():
    paid, worth = sum(record.bargains.sum(axis=0) for record in compiled_records())
    assert 0.0 < paid < worth


def test_searches_that_lapse_by_a_freeze_are_visited():
    found = 0
    for seed in range(100, 120):
        record = simulate(random_case(seed, **LEVERS["all money freezes"]), path=seed)[1]
        rows = np.arange(len(record.fate))
        frozen = (record.fate == records.FROZEN) & (record.closed[rows, record.fate_stage] == records.NEVER)
        causes = record.cause_first[rows, record.fate_stage][frozen]
        assert (causes == records.BY_ACCOUNTABILITY).all()
        found += frozen.sum()
    assert found > 0


def test_second_closings_are_visited():
    """At the first stage founders hold everything, so what the first closing paid can be told from its price."""
    topped_up = partly = 0
    for seed, record in zip(SEEDS, compiled_records(), strict=True):
        terms = random_case(seed).own
        first = terms.first_stage[record.sector]
        rows = np.arange(len(first))
        need = terms.need[record.sector, first]
        floor = need / min(terms.largest_dilution, 1.0 - terms.founders_floor)
        paid = record.stake[rows, first] * record.price_over_floor[rows, first] * floor
        closed = record.closed[rows, first] != records.NEVER
        topped_up += (closed & (record.supplied[rows, first] > paid + 1e-6)).sum()
        partly += (closed & (record.supplied[rows, first] < need - 1e-6)).sum()
    assert topped_up > 0
    assert partly > 0


def test_rights_are_visited():
    moved = [
        not np.allclose(simulate(random_case(seed, pro_rata_share=0.0), seed)[1].ledger, record.ledger)
        for seed, record in zip(range(8), compiled_records(), strict=False)
    ]
    assert any(moved)


# --- limits of the working memory ---


def test_a_path_that_does_not_fit_says_so():
    case = random_case(0)
    few_ventures = simulate(case, shrink=lambda memory: memory._replace(slots=memory.slots[:, :3].copy()))
    few_holdings = simulate(
        case, shrink=lambda memory: memory._replace(spare_holdings=memory.spare_holdings[:2].copy())
    )
    assert few_ventures[0] == TOO_MANY_VENTURES
    assert few_holdings[0] == TOO_MANY_HOLDINGS


def test_too_many_rounds():
    """Attempts that take ten times as long as planned are extended every year, for decades."""
    terms = plain_terms(
        n_quarters=400, mean_quarters=np.full((1, 1), 8.0), time_table=np.full((1, 1, 514), np.log(10.0)),
        log_odds=np.full((1, 1), -SURE), technical_attempts=np.full((1, 1), 8), attempts=8, patience_quarters=400,
        capacity=np.array([4000.0]), life_quarters=np.array([500]), investment_quarters=np.array([80]),
    )  # fmt: skip
    case = one_era(terms, flat_tables(terms, fresh=1e6, extended=1e6))
    assert simulate(case)[0] == TOO_MANY_ROUNDS
    assert simulate(case, scale=4)[0] == 0
