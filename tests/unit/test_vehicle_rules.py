"""Rules that a class's vehicles have of their own, worked out by hand: stage floors that bind, extensions, reserves."""

from itertools import pairwise

import numpy as np
import pytest

from finance.market.bids import accountability_charge
from finance.market.records import BY_SECONDARY, IPO, NEVER, STARVED, TECHNICAL, UNUSED, sub_fund_rows
from finance.market.terms import names_of, terms_of
from finance.scenario import load_scenario
from tests.readable.cases import SURE, flat_tables, one_era, plain_terms, random_case
from tests.readable.vehicles import FREE, Vehicle
from tests.support import found, put, tiny, tiny_content, write_delta, write_scenario

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


# --- tolerance of a class's own ---


def test_a_class_has_its_own_odds_that_limits_are_honoured_and_else_everybodys():
    terms, names = terms_with({"classes.patient.honoured": 0.9, "tolerance.honoured": 0.2})
    assert dict(zip(names.classes, terms.honoured.tolist(), strict=True)) == {"market": 0.2, "patient": 0.9}
    assert terms_with({})[0].honoured.tolist() == [0.5, 0.5]


def test_whose_limits_are_always_honoured_bears_no_charge():
    above = np.full(2, 0.4)
    public = {"classes.market.public_share": 0.5}
    charges = {
        honoured: accountability_charge(terms_with(public | {"classes.patient.honoured": honoured})[0], above)
        for honoured in (0.5, 0.8, 1.0)
    }
    assert charges[0.5].tolist() == close_to([0.5 * 0.4 * 3.0] * 2)
    assert charges[0.8].tolist() == close_to([0.6, 0.2 * 0.4 * 3.0])
    assert charges[1.0].tolist() == close_to([0.6, 0.0])


@pytest.mark.parametrize("value", [-0.1, 1.1])
@pytest.mark.parametrize("key", ["honoured", "reserve_share", "extension_probability"])
def test_shares_and_probabilities_are_within_bounds(tmp_path, key, value):
    path = write_scenario(tmp_path, "tiny", put(tiny_content(), f"classes.patient.{key}", value))
    assert found(path) == {(f"classes.patient.{key}", "out_of_range")}


@pytest.mark.parametrize(("dose", "value"), [(0.5, 0.7), (1.0, 0.9), (2.0, 1.0)])
def test_a_dose_moves_what_a_class_states_from_what_holds_for_all(dose, value):
    scenario = tiny().with_changes({"classes.patient.honoured": 0.9})
    assert scenario.with_dose({"classes.patient": dose}).classes["patient"].honoured == pytest.approx(value)


def test_at_dose_0_a_class_states_nothing():
    stated = {"classes.patient.honoured": 0.9, "classes.patient.reserve_share": 0.1}
    assert tiny().with_changes(stated).with_dose({"classes.patient": 0.0}).digest == tiny().digest


def test_what_a_baselines_class_states_fades_towards_what_holds_for_all(tmp_path):
    write_scenario(tmp_path, "tiny", put(tiny_content(), "classes.patient.honoured", 0.9))
    path = write_delta(tmp_path, "without", "tiny", classes={"patient": {"honoured": {"absent": True}}})
    own = load_scenario(str(path))
    assert own.classes["patient"].honoured is None
    assert own.with_dose({"classes.patient": 0.25}).classes["patient"].honoured == pytest.approx(0.8)


# --- reserves ---


def two_deals(**changes):
    """Of two ventures in a year one fails at a loss of 10 and one lists at a gain of 200 × 10 / 38 − 10."""
    return plain_terms(
        n_quarters=5, entry_quarters=8, entrants_a_year=2, capacity=np.array([160.0]), public_share=np.ones(1),
        freeze_quarters=8, quality_log_odds=SURE, loss_limit=np.array([[0.2, 1.0, 1.0]]),
        investment_quarters=np.array([8]),
    )._replace(log_odds=np.zeros((1, 1)), **changes)  # fmt: skip


def audited(share, **changes):
    """The first vehicle after its audit, in the first path in which one venture fails and one lists."""
    for path in range(40):
        economy = run(two_deals(reserve_share=np.array([share]), **changes), path=path)
        if sorted(economy.record.fate[:2].tolist()) == sorted([TECHNICAL, IPO]):
            return economy, economy.vehicles[0]
    raise AssertionError("no such path")


def test_a_reserve_is_a_share_of_realised_gains_and_covers_what_is_lost_beyond_the_limit():
    """Lost is 10 of 20, tolerated a fifth of 20: the excess of 6 is covered by a reserve of 6 or more."""
    gain = 200.0 * 10.0 / 38.0 - 10.0
    for share, is_above in ((0.0, True), (5.99 / gain, True), (6.01 / gain, False), (1.0, False)):
        economy, vehicle = audited(share)
        assert vehicle.loss == close_to([10.0, 0.0, 0.0])
        assert vehicle.reserve == close_to(share * gain)
        assert economy.record.audits.tolist() == [[1, int(is_above)]]
        assert (vehicle.frozen_until > 0) is is_above


def test_a_reserve_moves_no_money():
    without, with_it = (audited(share, freeze_quarters=0)[0].record for share in (0.0, 1.0))
    assert (without.flows == with_it.flows).all()
    assert (without.ledger == with_it.ledger).all()


@pytest.mark.parametrize("seed", range(6))
def test_a_larger_reserve_never_leaves_more_vehicles_above_the_limit(seed):
    """Where a freeze takes no time, so that nothing else moves."""
    strict = {"public_share": np.ones(3), "loss_limit": np.full((3, 3), 0.1), "first_audited_deal": 1}
    cases = [
        random_case(seed, freeze_quarters=0, reserve_share=np.full(3, share), **strict).run(path=seed).record.audits
        for share in (0.0, 0.1, 0.5, 1.0)
    ]
    for less, more in pairwise(cases):
        assert (less[:, 0] == more[:, 0]).all()
        assert (less[:, 1] >= more[:, 1]).all()
    assert cases[0][:, 1].sum() > cases[-1][:, 1].sum()
