"""Grants, better work, co-investors and loans in the whole engine: what each moves, what it must leave, who pays."""

from __future__ import annotations

import numpy as np
import pytest

from finance.policy.credit import LENT, LOST, claims
from finance.running.equilibria import Equilibria
from finance.study.compare import compare
from tests.lever_economy import economy, engine_of
from tests.support import TEXT

pytestmark = pytest.mark.slow

PATHS = 96
MEASURES = {
    "grant": {"support.grant": {"title": TEXT, "stages": ["seed", "pilot"], "paid_share": 0.3}},
    "dear": {"support.grant": {"title": TEXT, "stages": ["seed", "pilot"], "paid_share": 0.3, "paid_multiple": 2.0}},
    "odds": {"support.centre": {"title": TEXT, "stages": ["seed"], "odds_ratio": 2.0, "round_cost": 0.5}},
    "cheap": {"support.tools": {"title": TEXT, "stages": ["seed", "pilot"], "cost_reduction_share": 0.3}},
    "loans": {"credit.stages": ["seed", "pilot"], "credit.loan_share": 0.2},
    "guaranteed": {
        "credit.stages": ["seed", "pilot"], "credit.loan_share": 0.2, "credit.claim_cap": 0.1, "credit.fee_rate": 0.01,
        "credit.guarantee_shares": {"state": 0.5, "town": 0.25},
    },
    "nothing": {"support.nothing": {"title": TEXT, "stages": ["seed"]}, "credit.stages": ["seed"]},
}  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return economy(tmp_path_factory.mktemp("support"), "plain")


@pytest.fixture(scope="module")
def scenarios(base):
    return [base, *(base.with_changes(changes, name=name) for name, changes in MEASURES.items())]


@pytest.fixture(scope="module")
def names(scenarios):
    return [scenario.name for scenario in scenarios]


@pytest.fixture(scope="module")
def engine(scenarios, tmp_path_factory):
    equilibria = Equilibria(workers=2, folder=tmp_path_factory.mktemp("equilibria"), pilot_paths=64)
    return engine_of(*(equilibria.solved(scenario) for scenario in scenarios))


@pytest.fixture(scope="module")
def view(engine, names):
    vectors = engine.path_vectors(0, PATHS)
    return lambda component, name: engine.layout.view(vectors, component)[names.index(name)]


def total(values):
    """Sum over all axes but the first."""
    return values.reshape(len(values), -1).sum(axis=1)


def difference(view, component, name, other="plain"):
    """Mean and its standard error, of paired differences."""
    found = total(view(component, name)) - total(view(component, other))
    return found.mean(), found.std() / np.sqrt(len(found))


def test_measures_and_loans_without_an_amount_are_the_baseline_to_the_bit(engine, view):
    for component in engine.layout.components:
        assert np.array_equal(view(component.name, "nothing"), view(component.name, "plain")), component.name


@pytest.mark.parametrize("name", ["grant", "dear", "loans", "guaranteed"])
def test_transfers_leave_what_is_deserved_as_it_is(view, name):
    for component in ("twin_social_value", "reference_demand", "potential_demand"):
        assert view(component, name) == pytest.approx(view(component, "plain")), component


@pytest.mark.parametrize("name", ["grant", "loans", "odds", "cheap"])
def test_help_brings_more_rounds(view, name):
    mean, error = difference(view, "reference_filled_rounds", name)
    assert mean > 2.0 * error


def test_better_work_is_worth_more_to_the_planner(view):
    mean, error = difference(view, "twin_social_value", "cheap")
    assert mean > 3.0 * error
    assert difference(view, "twin_social_value", "odds")[0] > 0.0


def test_a_grant_is_paid_by_its_instrument_and_costs_what_it_pays(engine, view):
    place = engine.axes.instruments.index("grant")
    for name, multiple in (("grant", 1.0), ("dear", 2.0)):
        paid = total(view("outlay", name)[:, place])
        assert (paid > 0.0).all()
        # three tenths of all cash at two stages, of which vehicles pay the rest
        invested = total(view("paid_in", name))
        assert (paid <= multiple * 0.3 / 0.7 * invested + 1e-9).all()
        outlay = total(view("public_outlay", name)) - total(view("outlay", name)[:, : len(engine.axes.classes)])
        assert outlay == pytest.approx(paid)


def test_a_dear_grant_moves_the_market_as_a_cheap_one_does(view):
    for component in ("supplied", "paid_in", "exits", "social_value"):
        assert np.array_equal(view(component, "dear"), view(component, "grant")), component


def test_every_loan_is_repaid_lost_or_still_owed(view):
    lent, repaid, lost = (total(view(f"credit_{name}", "loans")) for name in ("lent", "repaid", "lost"))
    assert (lent > 0.0).all()
    assert (repaid + lost <= 1.5 * lent).all()
    assert lost.sum() > 0.0
    assert total(view("credit_claims", "loans")).sum() == 0.0


def test_tiers_pay_claims_by_their_shares_and_banks_bear_the_rest(engine, view):
    lost, paid, lent = (total(view(f"credit_{name}", "guaranteed")) for name in ("lost", "claims", "lent"))
    assert paid.sum() > 0.0
    assert (paid <= 0.75 * np.minimum(lost, 0.1 * lent) + 1e-9).all()
    state, town = (
        total(view("outlay", "guaranteed")[:, engine.axes.instruments.index(f"guarantee-{tier}")])
        for tier in ("state", "town")
    )
    assert state == pytest.approx(2.0 * town)
    assert state + town == pytest.approx(paid)
    margin = total(view("credit_repaid", "guaranteed")) + paid - total(view("credit_fees", "guaranteed")) - lent
    assert total(view("credit_margin", "guaranteed")) == pytest.approx(margin)


def test_claims_are_those_of_the_rule_path_by_path(engine, names, view):
    """The compiled sums against `policy.credit.claims` on what each path wrote down."""
    claimed = total(view("credit_claims", "guaranteed"))
    for path in range(8):
        accounts = engine.record(path, names.index("guaranteed")).credit
        by_rule = claims(accounts[:, LENT], accounts[:, LOST], 0.75, 0.1)
        assert claimed[path] == pytest.approx(by_rule.sum(), rel=1e-12)


def test_guarantees_are_the_publics_cost(view):
    """The market is that of loans which bear the fee; the public pays claims and takes in fees."""
    paid, fees = (total(view(f"credit_{name}", "guaranteed")).mean() for name in ("claims", "fees"))
    assert paid > fees > 0.0
    assert difference(view, "public_outlay", "guaranteed", "loans")[0] > 0.0


def test_the_table_of_credit_is_there_where_somebody_lends(base):
    lending = base.with_changes(MEASURES["guaranteed"], name="lending")
    table = compare([base, lending], paths=64, workers=2).tables["credit"].set_index(["scenario", "measure"])["value"]
    assert table["plain", "lent"] == 0.0
    assert ("plain", "loss_share") not in table.index
    assert table["lending", "loss_share"] == pytest.approx(table["lending", "lost"] / table["lending", "lent"])
