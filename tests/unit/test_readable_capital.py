"""The readable market against cases worked out by hand: vehicles, audits, queues; its accounts."""

import math

import numpy as np
import pytest

from finance.market import records
from finance.market.conventions import QUEUES
from finance.market.records import (
    BY_SECONDARY,
    CASH_IN,
    END_VALUE,
    INVESTED,
    NEVER,
    SOURCES,
    TO_OUTSIDE,
    TO_VEHICLES,
    UNUSED,
    USES,
    empty_record,
)
from tests.readable.cases import KEY, SURE, flat_tables, one_era, plain_terms, random_case
from tests.readable.companies import ENDED
from tests.readable.draws import Draws
from tests.readable.market import simulate_path, simulate_quarter
from tests.readable.vehicles import FREE, Vehicle


def run(terms, tables=None, path=0):
    return one_era(terms, flat_tables(terms) if tables is None else tables).run(path)


def close_to(number):
    return pytest.approx(number, rel=1e-12, abs=1e-12)


# --- a vehicle's money ---


@pytest.mark.parametrize(("earmark_quarters", "closed"), [(2, 2), (1, 1), (0, 0)])
def test_a_stage_budget_is_free_for_others_after_its_time(earmark_quarters, closed):
    """All money is meant for the second stage; the first gets what was not used."""
    terms = plain_terms(
        n_stages=2, n_quarters=4, earmark_quarters=earmark_quarters, stage_budget=np.array([[0.0, 1.0]])
    )
    assert run(terms).record.closed[0, 0] == closed


def test_a_stage_is_paid_from_its_earmarks_before_free_money():
    vehicle = Vehicle(0, 0, 40.0, 40, 4, [0.5, 0.2])
    for _ in range(2):
        vehicle.age_money(2)
        vehicle.call(2)
    pots = {FREE: 6.0, ("older", 0): 5.0, ("older", 1): 2.0, ("newer", 0): 5.0, ("newer", 1): 2.0}
    assert vehicle.money == close_to(pots)
    assert (vehicle.money_at(0), vehicle.money_at(1)) == close_to((16, 10))
    vehicle.spend_at(0, 7.0)
    assert vehicle.money == close_to(pots | {("older", 0): 0.0, ("newer", 0): 3.0})
    vehicle.spend_at(0, 4.0)
    assert vehicle.money == close_to(pots | {("older", 0): 0.0, ("newer", 0): 0.0, FREE: 5.0})


def test_bridges_and_lapses_take_free_money_first_then_older_earmarks():
    vehicle = Vehicle(0, 0, 40.0, 40, 4, [0.5, 0.2])
    for _ in range(2):
        vehicle.age_money(2)
        vehicle.call(2)
    assert vehicle.lapse_above(20.0) == 0.0
    vehicle.spend(7.0)
    assert vehicle.lapse_above(9.0) == close_to(4.0)
    left = {FREE: 0.0, ("older", 0): 0.0, ("older", 1): 2.0, ("newer", 0): 5.0, ("newer", 1): 2.0}
    assert vehicle.money == close_to(left)
    vehicle.free_all()
    assert vehicle.money[FREE] == vehicle.all_money() == close_to(9)


def test_money_above_the_carry_over_cap_lapses():
    """Four quarterly calls of 10, at most 15 carried over, nothing spent; what is left lapses at age 6."""
    terms = plain_terms(carry_over_quarters=1.5, life_quarters=np.array([6]))
    record = run(terms, flat_tables(terms, bids=(0.0,))).record
    assert list(record.ledger[0, :, UNUSED]) == close_to([0, 0, 5, 10, 0, 0, 25 + 5, 10])


def test_frozen_money_accrues_and_lapses_but_does_not_pay():
    economy = run(plain_terms(n_quarters=1, carry_over_quarters=1.5, search_quarters=1, capacity=np.array([20.0])))
    venture, (vehicle,) = economy.ventures[0], economy.vehicles
    vehicle.frozen_until = 4
    economy.own = economy.root = economy.own._replace(terms=economy.terms._replace(n_quarters=5))
    economy.asked += [[0.0]] * 4
    economy.record = empty_record(economy.terms)
    for economy.quarter in range(1, 4):
        assert economy.able(venture) == []
        simulate_quarter(economy)
    # calls of 5, at most 7.5 carried over: 10 stand in the second quarter, 12.5 from the third on
    assert vehicle.all_money() == close_to(12.5)
    assert list(economy.record.ledger[0, :, UNUSED]) == close_to([0, 0, 2.5, 5, 0])
    economy.quarter = 4
    assert not vehicle.is_frozen(4)


# --- the end of a vehicle's life ---


def test_holdings_are_sold_at_the_end_of_life():
    """Six quarters into an attempt of eight the company is worth 40; buyers pay .7 of its part."""
    terms = plain_terms(n_quarters=9, life_quarters=np.array([6]), mean_quarters=np.full((1, 1), 8.0))
    record = run(terms).record
    price = 0.7 * 40 * 10 / 38
    assert list(record.flows[6, [BY_SECONDARY, TO_VEHICLES]]) == close_to([price, price])
    assert record.ledger[0, 6, records.DISTRIBUTED] == close_to(price)
    assert record.deals.tolist() == [[1, 1]], "sold below the cost of 10"
    assert list(record.flows[8, [TO_OUTSIDE, TO_VEHICLES]]) == close_to([200 * 10 / 38, 0])
    assert record.fate[0] == records.IPO
    assert record.ledger[0, 8, records.DISTRIBUTED] == 0.0


def test_a_vehicle_too_near_its_end_joins_nothing():
    terms = plain_terms(n_quarters=1, life_quarters=np.array([6]), shortest_life=np.full((1, 1), 6.5))
    assert not run(terms).record.wanted[0, 0]
    assert run(terms._replace(shortest_life=np.full((1, 1), 6.0))).record.wanted[0, 0]


def test_the_bid_depends_on_the_life_left():
    terms = plain_terms(n_quarters=1, life_quarters=np.array([6]))
    tables = flat_tables(terms)._replace(unlimited=np.array([False]))
    by_life = np.arange(30.0, 36.0).reshape(1, 6, 1, 1, 1) * np.ones(81)  # lives beyond 5 use the last: 35
    limited = run(terms, tables._replace(bid=by_life))
    assert limited.record.stake[0, 0] == close_to(10 / (20 + 0.9 * 15))
    shorter = run(terms._replace(life_quarters=np.array([4])), tables._replace(bid=by_life))
    assert shorter.record.stake[0, 0] == close_to(10 / (20 + 0.9 * 14))


def test_holdings_are_valued_when_the_clock_ends():
    terms = plain_terms(n_quarters=2, tax_rate=np.array([0.2]))
    record = run(terms, flat_tables(terms, holding=76.0)).record
    assert record.ledger[0, 1, END_VALUE] == close_to(20 - 0.2 * 10)
    assert record.ledger[0, 1, records.END_GAIN] == close_to(10)
    assert record.social[records.END_WORTH] == close_to(76)
    assert (record.fate[0], record.end_quarter[0], record.left[0, 0]) == (records.ALIVE, NEVER, NEVER)
    assert record.deals.tolist() == [[1, 0]]


# --- audits ---


def failing(**changes):
    """Public money of which every deal fails after two quarters; its vehicles invest for two years."""
    terms = plain_terms(
        n_quarters=9, entry_quarters=8, log_odds=np.full((1, 1), -SURE), public_share=np.array([0.5]),
        loss_limit=np.array([[0.2, 1.0, 1.0]]), investment_quarters=np.array([8]), capacity=np.array([80.0]),
    )  # fmt: skip
    return terms._replace(**changes)


def test_a_vehicle_above_its_limit_is_frozen():
    economy = run(failing())
    first, second = economy.vehicles[:2]
    assert first.cost == first.loss == close_to([10, 0, 0])
    # audited at 4 (in the cohort's years) and again at 8, when it is no longer frozen
    assert economy.record.audits.tolist() == [[1, 1]]
    assert first.frozen_until == 10
    assert economy.ventures[1].rounds[0].holdings[0].vehicle is second
    assert run(failing(freeze_quarters=5)).vehicles[0].frozen_until == 9, "not audited while frozen"


@pytest.mark.parametrize(
    ("changes", "audits"),
    [
        ({"honoured": np.ones(1)}, [[1, 1]]),
        (
            {"loss_limit": np.array([[1.0, 0.0, 0.0]])},
            [[1, 0]],
        ),  # at the limit is not above, other categories are empty
        ({"first_audited_deal": 2}, [[0, 0]]),
        ({"public_share": np.zeros(1)}, [[0, 0]]),
        ({"log_odds": np.full((1, 1), SURE)}, [[1, 0]]),
    ],
)
def test_no_freeze(changes, audits):
    economy = run(failing(**changes))
    assert all(vehicle.frozen_until < 0 for vehicle in economy.vehicles)
    assert economy.record.audits.tolist() == audits


# --- tightness and the queue ---


def test_tightness_is_money_over_what_was_asked_in_the_last_year():
    """One venture a year asks 10; nobody pays; a year's vehicle calls 10 a quarter for two years."""
    terms = plain_terms(investment_quarters=np.array([8]), capacity=np.array([80.0]))
    tables = flat_tables(terms, bids=(0.0,))
    seen = [run(terms._replace(n_quarters=n), tables).tightness[0] for n in range(1, 9)]
    assert seen == close_to([1, 2, 3, 4, 5 + 1, 6 + 2, 7 + 3, 8 + 4])


def test_equal_bids_go_to_the_youngest_vehicle_and_then_to_the_first_class():
    """A venture a year: the first class pays, a year later with its new vehicle though the old has money."""
    terms = plain_terms(n_classes=2, n_quarters=5, entry_quarters=8, investment_quarters=np.full(2, 8))
    terms = terms._replace(capacity=np.full(2, 80.0))
    economy = run(terms, flat_tables(terms, bids=(40.0, 40.0)))
    payers = [venture.rounds[0].holdings[0].vehicle for venture in economy.ventures]
    assert [(vehicle.capital_class, vehicle.raised) for vehicle in payers] == [(0, 0), (0, 4)]
    assert [len(venture.rounds[0].holdings) for venture in economy.ventures] == [1, 1]


@pytest.mark.parametrize("rule", QUEUES)
def test_the_queue(rule):
    """Two ventures, of the first and the second quarter, and money for one of them in the second."""
    terms = plain_terms(
        n_quarters=2, entrants_a_year=2, capacity=np.array([20.0]), min_fill=1.0, queue=QUEUES.index(rule)
    )
    tables = flat_tables(terms)
    tables.bid[0, 0, 0, 0] = np.linspace(30.0, 90.0, 81)  # rises in the signal, here the true quality
    first_won = []
    for path in range(12):
        economy = run(terms, tables, path=path)
        signals, draws = economy.record.signal[:, 0], Draws(KEY, path)
        ties = [draws.round(0, ordinal, terms.stage_code[0])[1] for ordinal in range(2)]
        winner = {"value": int(np.argmax(signals)), "oldest": 0, "lottery": int(np.argmax(ties))}[rule]
        assert economy.record.closed[winner, 0] == 1
        assert economy.record.closed[1 - winner, 0] == NEVER
        first_won.append(winner == 0)
    assert rule == "oldest" or 0 < sum(first_won) < 12


# --- the switch ---


def test_levers_switch_on_at_year_zero():
    """Before, the root's class calls 5 a quarter and bids too little; then the scenario's rules hold."""
    root = plain_terms(n_quarters=8, switch_quarter=4, investment_quarters=np.array([8]))
    own = root._replace(capacity=np.array([160.0]), life_quarters=np.array([20]))
    case = one_era(own, flat_tables(own))._replace(root=root, root_tables=flat_tables(root, bids=(10.0,)))
    economy = case.run()
    old, new = economy.vehicles
    assert (old.commitment, old.life, old.quarterly_call) == (40.0, 40, 5.0)
    assert (new.commitment, new.life, new.quarterly_call) == (160.0, 20, 20.0)
    before, after = economy.ventures
    assert (before.year, before.row, before.state) == (-1, None, ENDED)
    assert (after.year, after.row) == (0, 0)
    assert economy.record.asked[0, 0] == economy.record.closed[0, 0] == 4
    assert economy.record.ledger[0, :4].sum() == 0.0


def test_an_attempt_under_way_keeps_its_time():
    root = plain_terms(n_quarters=8, switch_quarter=4, mean_quarters=np.full((1, 1), 6.0))
    own = root._replace(mean_quarters=np.full((1, 1), 2.0))
    economy = one_era(own, flat_tables(own))._replace(root=root).run()
    assert [venture.attempt for venture in economy.ventures] == [None, None]
    assert economy.record.flows[:, records.BY_BUYERS].nonzero()[0].tolist() == [6], "both are sold at 6"
    assert economy.record.flows[6, records.BY_BUYERS] == close_to(400)


# --- accounts, whatever happens ---

SEEDS = range(24)


@pytest.fixture(scope="module")
def economies():
    return [random_case(seed).run(path=seed) for seed in SEEDS]


def test_sources_equal_uses_in_every_quarter(economies):
    for economy in economies:
        flows = economy.record.flows
        sources, uses = flows[:, SOURCES].sum(axis=1), flows[:, USES].sum(axis=1)
        assert sources == pytest.approx(uses, rel=0, abs=1e-9)
        assert sources.sum() > 0.0
        assert np.delete(flows, records.TO_TREASURY, axis=1).min() > -1e-9, "the treasury alone may pay: for losses"


def test_what_vehicles_called_is_spent_left_or_lapsed(economies):
    for economy in economies:
        last = economy.own.terms.n_quarters - 1
        called = sum(
            vehicle.quarterly_call * min(vehicle.investment_quarters, vehicle.age(last) + 1)
            for vehicle in economy.vehicles
        )
        spent = economy.record.flows[:, records.BY_VEHICLES].sum()
        left = sum(vehicle.all_money() for vehicle in economy.vehicles)
        assert called == pytest.approx(spent + left + economy.record.ledger[:, :, UNUSED].sum())
        assert min(min(vehicle.money.values()) for vehicle in economy.vehicles) >= 0.0


def test_the_ledger_agrees_with_rounds_and_bridges(economies):
    for economy in economies:
        record = economy.record
        invested = record.ledger[:, :, INVESTED]
        assert invested.sum() == pytest.approx(record.supplied.sum() + record.bridge.sum())
        quarters = np.arange(invested.shape[1]) - economy.own.terms.switch_quarter
        cash = invested.sum(axis=0) + record.platform_cost  # what places on pilot platforms cost the public is cash too
        assert record.social[CASH_IN] == pytest.approx((cash * 1.08 ** (-quarters / 4)).sum())
        assert (record.supplied <= economy.own.terms.need[record.sector] + 1e-9).all()
        assert ((record.supplied > 0) == (record.closed != NEVER)).all()


def test_rounds_happen_in_order(economies):
    for economy in economies:
        record = economy.record
        asked, closed, left = record.asked, record.closed, record.left
        assert (closed[closed != NEVER] >= asked[closed != NEVER]).all()
        assert (left[record.passed] > closed[record.passed]).all()
        assert record.wanted[closed != NEVER].all()
        assert (record.fate != records.NO_FATE).all()
        assert ((record.end_quarter == NEVER) == (record.fate == records.ALIVE)).all()
        explained = record.cause_first != records.NO_CAUSE
        missing = economy.own.terms.need[record.sector] - record.supplied > 1e-9
        assert (explained == (record.worthwhile & missing & (asked != NEVER))).all()


def test_the_random_markets_visit_every_fate_and_cause(economies):
    fates = {int(fate) for economy in economies for fate in economy.record.fate}
    assert fates == set(range(len(records.FATES))) - {records.NO_FATE, records.REDEMPTION}
    causes = {int(cause) for economy in economies for cause in economy.record.cause_first.ravel()}
    assert causes == set(range(len(records.CAUSES)))
    assert sum(
        int(economy.record.bridges[..., 0].sum() - economy.record.bridges[..., 1].sum()) for economy in economies
    )
    assert any(vehicle.frozen_until > 0 for economy in economies for vehicle in economy.vehicles)
    assert any(economy.record.flows[:, BY_SECONDARY].any() for economy in economies)
    assert any(
        holding.is_sold for economy in economies for v in economy.ventures for r in v.rounds for holding in r.holdings
    )
    assert any(venture.attempt.number > 1 for economy in economies for venture in economy.ventures if venture.attempt)


def test_the_same_path_twice_and_another():
    case = random_case(3)
    once, again, other = (simulate_path(*case, KEY, path) for path in (5, 5, 6))
    for name in once._fields:
        assert np.array_equal(getattr(once, name), getattr(again, name)), name
    assert not np.array_equal(once.signal, other.signal)
    assert math.isfinite(once.social.sum())


@pytest.mark.parametrize(("limit", "closes"), [(1e12, True), (100.0, True), (89.9, False), (0.5, False)])
def test_who_thinks_a_company_worth_more_than_its_limit_makes_no_offer(limit, closes):
    """All bid 100 for a round of 10: before it the company is worth 90."""
    terms = plain_terms(n_quarters=4, valuation_max=np.array([limit]))
    tables = flat_tables(terms)
    bids = np.full_like(tables.bid, 100.0)
    need = float(terms.need[0, 0])
    assert run(terms._replace(valuation_max=np.array([limit + 10.0 - need])), tables._replace(bid=bids)).record.closed[
        0, 0
    ] == (0 if closes else NEVER)
