"""What the tax office pays back, in the whole engine: who pays, what moves, what must not."""

from __future__ import annotations

import numpy as np
import pytest

from finance.running.equilibria import Equilibria
from tests.lever_economy import MARKET, economy, engine_of

pytestmark = pytest.mark.slow

PATHS = 96
RELIEFS = {
    "credit": {"tax.relieved": ["market"], "tax.investment_credit_share": 0.3},
    "losses": {"tax.relieved": ["market"], "tax.loss_relief_rate": 0.4},
    "refund": {"tax.refunded_share": 1.0, "tax.refund_rate": 0.145},
    "nobody": {"tax.relieved": [], "tax.investment_credit_share": 0.3, "tax.loss_relief_rate": 0.4},
    "deducted": {"tax.relieved": []},
}


@pytest.fixture(scope="module")
def names():
    return ["plain", *RELIEFS]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    base = economy(tmp_path_factory.mktemp("paid-back"), "plain")
    scenarios = [base, *(base.with_changes(changes, name=name) for name, changes in RELIEFS.items())]
    equilibria = Equilibria(workers=2, folder=tmp_path_factory.mktemp("equilibria"), pilot_paths=64)
    return engine_of(*(equilibria.solved(scenario) for scenario in scenarios))


@pytest.fixture(scope="module")
def view(engine, names):
    vectors = engine.path_vectors(0, PATHS)
    return lambda component, name: engine.layout.view(vectors, component)[names.index(name)]


def total(values):
    """Sum over all axes but the first."""
    return values.reshape(len(values), -1).sum(axis=1)


def outlay(engine, view, instrument, name):
    return total(view("outlay", name)[:, engine.axes.instruments.index(instrument)])


def test_a_relief_for_nobody_is_none_to_the_bit(engine, view):
    for component in engine.layout.components:
        assert np.array_equal(view(component.name, "nobody"), view(component.name, "deducted")), component.name


def test_a_credit_is_paid_by_the_tax_on_investors_as_they_invest(engine, view):
    invested = total(view("invested", "credit")[:, MARKET])
    assert outlay(engine, view, "investor_tax", "credit") == pytest.approx(0.3 * invested)
    assert view("paid_in", "credit")[:, MARKET] == pytest.approx(0.7 * invested), "returns are on what is left"
    assert not outlay(engine, view, "investor_tax", "plain").any()


@pytest.mark.parametrize(("name", "least"), [("credit", 3.0), ("losses", 3.0), ("refund", 3.0)])
def test_more_rounds_are_filled_and_it_costs(view, name, least):
    for component in ("reference_filled_rounds", "economic_cost"):
        gained = view(component, name) - view(component, "plain")
        gained = total(gained)
        assert gained.mean() > least * gained.std() / np.sqrt(PATHS), component


def test_losses_take_from_the_tax_received(engine, view):
    place = engine.axes.instruments.index("investor_tax")
    received = {name: total(view("tax_received", name)[:, place]) for name in ("plain", "losses")}
    assert received["losses"].mean() < received["plain"].mean()
    assert outlay(engine, view, "investor_tax", "losses").max() == 0.0


def test_what_is_paid_for_research_is_companies_tax(engine, view):
    paid = outlay(engine, view, "company_tax", "refund")
    assert (paid > 0.0).all()
    # research is eight tenths of a stage's cash at most, and twice that is paid back at 14.5 %
    share = 0.145 * 2.0 * 0.8
    assert (paid <= share / (1.0 - share) * total(view("invested", "refund")) + 1e-9).all()
    assert not outlay(engine, view, "company_tax", "plain").any()


def test_transfers_leave_what_is_deserved_as_it_is(view):
    for name in RELIEFS:
        for component in ("twin_social_value", "reference_demand"):
            assert view(component, name) == pytest.approx(view(component, "plain")), (name, component)
