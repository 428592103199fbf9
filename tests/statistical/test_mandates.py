"""Limits on what public funds buy, and the duty to preserve state assets, in the whole engine."""

from __future__ import annotations

import numpy as np
import pytest

from finance.running.equilibria import Equilibria
from tests.lever_economy import PATIENT, economy, engine_of

pytestmark = pytest.mark.slow

PATHS = 64
CAP = 60.0
#: Nobody is tolerated, so that the fear of audits weighs in bids.
STRICT = {
    "tolerance__honoured": 0.0,
    "tolerance__first_audited_deal": 1,
    "tolerance__penalty": 1.0,
    "tolerance__fund_loss_limit": {"seed": 0.3, "venture": 0.3, "later": 0.3},
}
CHANGES = {
    "capped": {"classes.patient.valuation_max": CAP},
    "dutiful": {"classes.patient.preservation_rate": 0.15},
    "nothing": {"classes.patient.valuation_max": 1e12, "classes.patient.preservation_rate": 0.0},
}


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    base = economy(tmp_path_factory.mktemp("mandates"), "plain", **STRICT)
    equilibria = Equilibria(workers=2, folder=tmp_path_factory.mktemp("equilibria"), pilot_paths=64)
    scenarios = {"plain": base} | {name: base.with_changes(changes, name=name) for name, changes in CHANGES.items()}
    return {name: equilibria.solved(scenario) for name, scenario in scenarios.items()}


@pytest.fixture(scope="module")
def view(solved):
    engine = engine_of(*solved.values())
    vectors = engine.path_vectors(0, PATHS)
    return lambda component, name: engine.layout.view(vectors, component)[list(solved).index(name)]


def bids(each):
    """Bids of patient funds by (pilot, sector, stage, signal, life)."""
    first = int(each.solutions[0].era.classes[PATIENT]["first_column"])
    return np.array([solution.era.bid[..., first:] for solution in each.solutions])


def test_no_limit_and_no_growth_are_the_baseline_to_the_bit(view):
    for component in ("supplied", "paid_in", "social_value", "causes"):
        assert np.array_equal(view(component, "nothing"), view(component, "plain")), component


def test_a_limit_on_valuation_keeps_its_class_out_of_dear_rounds(view):
    capped, plain = (view("invested", name)[:, PATIENT].sum(axis=1) for name in ("capped", "plain"))
    gap = capped - plain
    assert gap.mean() < -3.0 * gap.std() / np.sqrt(PATHS)


def test_who_must_preserve_and_grow_is_found_above_the_limit_more_often_and_bids_less(solved):
    above = {
        name: np.mean([solution.beliefs.above_limit[PATIENT] for solution in solved[name].solutions])
        for name in ("plain", "dutiful")
    }
    assert above["dutiful"] > above["plain"]
    assert bids(solved["dutiful"]).sum() < 0.99 * bids(solved["plain"]).sum()
