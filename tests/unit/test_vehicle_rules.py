"""Rules that a class's vehicles have of their own, worked out by hand: stage floors that bind."""

import numpy as np
import pytest

from finance.market.records import NEVER, STARVED, UNUSED
from finance.market.terms import names_of, terms_of
from tests.readable.cases import SURE, flat_tables, one_era, plain_terms
from tests.readable.vehicles import FREE, Vehicle
from tests.support import tiny

BINDS = {"budgets_bind": np.ones(1, dtype=np.int64)}


def run(terms, tables=None, path=0):
    return one_era(terms, flat_tables(terms) if tables is None else tables).run(path)


def close_to(number):
    return pytest.approx(number, rel=1e-12, abs=1e-12)


def terms_with(changes):
    scenario = tiny().with_changes(changes)
    names = names_of(scenario)
    return terms_of(scenario, names), names


# --- stage floors that bind ---


def bound():
    """A vehicle that calls 10 a quarter, of which 5 and 2 are for the two stages; after its second call."""
    vehicle = Vehicle(0, 0, 40.0, 40, 4, [0.5, 0.2], binds=True)
    for _ in range(2):
        vehicle.age_money(2)
        vehicle.call(2)
    return vehicle


@pytest.mark.parametrize("earmark_quarters", [0, 1, 2])
def test_what_binds_is_never_free_for_another_stage(earmark_quarters):
    """All money is meant for the second stage, and the first gets none of it, whatever holds elsewhere."""
    terms = plain_terms(
        n_stages=2, n_quarters=6, earmark_quarters=earmark_quarters, stage_budget=np.array([[0.0, 1.0]]), **BINDS
    )
    assert run(terms).record.closed[0, 0] == NEVER
    (vehicle, _) = run(terms).vehicles
    assert vehicle.money["older", 1] + vehicle.money["newer", 1] == close_to(40.0)


def test_earmarks_that_bind_grow_older_and_stay():
    vehicle = bound()
    vehicle.age_money(2)
    vehicle.age_money(2)
    stay = {FREE: 6.0, ("older", 0): 10.0, ("older", 1): 4.0, ("newer", 0): 0.0, ("newer", 1): 0.0}
    assert vehicle.money == close_to(stay)
    vehicle.free_all()
    assert vehicle.money == close_to(stay), "after the last call too"


def test_of_all_that_binds_the_same_part_lapses():
    """So the floor's shares are those of what is left."""
    vehicle = bound()
    vehicle.age_money(2)
    assert vehicle.lapse_above(20.0) == 0.0
    assert vehicle.lapse_above(15.0) == close_to(5.0)
    assert vehicle.money == close_to(
        {FREE: 4.5, ("older", 0): 7.5, ("older", 1): 3.0, ("newer", 0): 0.0, ("newer", 1): 0.0}
    )
    assert vehicle.lapse_above(0.0) == close_to(15.0)
    assert vehicle.all_money() == 0.0


def test_a_bridge_is_paid_out_of_what_is_kept_for_its_stage_and_then_out_of_free_money():
    vehicle = bound()
    assert (vehicle.money_to_hold_on(0), vehicle.money_to_hold_on(1)) == close_to((16.0, 10.0))
    vehicle.spend_to_hold_on(0, 7.0)
    assert vehicle.money[FREE] == close_to(6.0)
    assert vehicle.money_at(0) == close_to(9.0)
    vehicle.spend_to_hold_on(0, 4.0)
    assert vehicle.money[FREE] == close_to(5.0)
    assert vehicle.money_at(1) == close_to(9.0)


@pytest.mark.parametrize(("binds", "is_paid"), [(False, True), (True, False)])
def test_money_that_binds_elsewhere_saves_no_holding(binds, is_paid):
    """Of 60 a quarter is for the first stage: 4 go into the round, and a bridge of 12 is 1 more than is left there."""
    terms = plain_terms(
        n_stages=2, n_quarters=6, capacity=np.array([60.0]), stage_budget=np.array([[0.25, 0.75]]),
        need=np.full((1, 2), 4.0), burn=np.full((1, 2), 2.56), bridge_share=3.0, min_fill=0.1, search_quarters=2,
        log_odds=np.array([[-SURE, SURE]]), mean_quarters=np.array([[5.0, 2.0]]),
        technical_attempts=np.full((1, 2), 3), budgets_bind=np.array([int(binds)]),
    )  # fmt: skip
    economy = run(terms)
    assert economy.record.supplied[0, 0] == close_to(4.0)
    assert economy.record.bridges[0, 0].tolist() == [1, int(is_paid)]
    assert (economy.record.fate[0] == STARVED) is not is_paid


def test_what_is_left_of_what_binds_lapses_at_the_end_of_life():
    terms = plain_terms(
        n_stages=2, n_quarters=7, entry_quarters=4, life_quarters=np.array([6]),
        stage_budget=np.array([[0.0, 1.0]]), **BINDS,
    )  # fmt: skip
    assert run(terms).record.ledger[0, 6, UNUSED] == close_to(40.0)


def test_a_class_binds_what_it_keeps_for_stages():
    terms, names = terms_with({"classes.patient.budgets_bind": True})
    assert terms.budgets_bind.tolist() == [int(name == "patient") for name in names.classes]
    assert not terms_with({})[0].budgets_bind.any()


def test_where_nothing_is_kept_nothing_binds():
    assert not terms_with({"classes.market.budgets_bind": True})[0].budgets_bind.any()
