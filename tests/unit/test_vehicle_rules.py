"""Rules that a class's vehicles have of their own, worked out by hand: stage floors that bind, extensions."""

import numpy as np
import pytest

from finance.market.records import BY_SECONDARY, IPO, NEVER, STARVED, UNUSED, sub_fund_rows
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


# --- extensions ---


def ending(n_quarters=12, probability=1.0, added=4, **changes):
    """A vehicle at the end of its life of six quarters, with a stake in an attempt of eight that will succeed."""
    return plain_terms(
        n_quarters=n_quarters, life_quarters=np.array([6]), mean_quarters=np.full((1, 1), 8.0),
        extension_quarters=np.array([added]), extension_probability=np.array([probability]),
    )._replace(**changes)  # fmt: skip


def sold(terms, path=0):
    """Quarters in which vehicles sell at the end of their lives."""
    return run(terms, path=path).record.flows[:, BY_SECONDARY].nonzero()[0].tolist()


def test_an_extended_vehicle_keeps_its_stake_until_the_exit():
    assert sold(ending(probability=0.0)) == [6, 10], "the second is of the vehicle raised a year later"
    assert sold(ending()) == []
    economy = run(ending())
    assert economy.record.fate[0] == IPO
    assert [vehicle.life for vehicle in economy.vehicles[:2]] == [10, 10]


def test_it_is_extended_once():
    assert sold(ending(added=1)) == [7, 11]


def test_a_vehicle_that_holds_nothing_is_not_extended():
    """Its money lapses when its agreed life ends."""
    for probability in (0.0, 1.0):
        terms = ending(n_quarters=7, probability=probability)
        economy = run(terms, flat_tables(terms, bids=(0.0,)))
        assert economy.record.ledger[0, 6, UNUSED] == close_to(40.0)
        assert economy.vehicles[0].is_ended


def test_an_extended_vehicle_keeps_its_money_for_its_holdings():
    economy = run(ending(n_quarters=7))
    assert economy.record.ledger[0, 6, UNUSED] == 0.0
    assert economy.vehicles[0].all_money() == close_to(30.0)


def test_extensions_are_agreed_as_often_as_their_probability_says():
    """One draw by vintage and class; a higher probability extends whom a lower one extends, and more."""
    agreed = {p: [sold(ending(n_quarters=9, probability=p), path) == [] for path in range(200)] for p in (0.3, 0.7)}
    assert abs(sum(agreed[0.3]) / 200 - 0.3) < 0.1
    assert abs(sum(agreed[0.7]) / 200 - 0.7) < 0.1
    assert all(high or not low for low, high in zip(agreed[0.3], agreed[0.7], strict=True))


def test_bids_know_of_no_extension():
    """A stage for which the agreed life is too short stays closed."""
    terms = ending(n_quarters=1, shortest_life=np.full((1, 1), 6.5))
    assert not run(terms).record.wanted[0, 0]


def test_a_class_has_extensions_where_partners_may_agree():
    stated = {"classes.patient.extension_years": 2.5, "classes.patient.extension_probability": 0.4}
    terms, names = terms_with(stated)
    c = names.classes.index("patient")
    assert (terms.extension_quarters[c], terms.extension_probability[c]) == (10, 0.4)
    assert terms.extension_quarters.sum() == 10
    never = terms_with(stated | {"classes.patient.extension_probability": 0.0})[0]
    assert not never.extension_quarters.any()
    assert never.life_quarters.tolist() == terms.life_quarters.tolist()


def test_accounts_of_sub_funds_run_until_the_last_extension_ends():
    stated = {"classes.patient.extension_years": 2.5, "classes.patient.extension_probability": 0.4}
    (without, _), (with_it, _) = terms_with({}), terms_with(stated)
    rows = [sub_fund_rows(without, terms)[1].quarters for terms in (without, with_it)]
    assert rows[1] == min(rows[0] + 10, with_it.n_quarters + with_it.pool_quarters)
