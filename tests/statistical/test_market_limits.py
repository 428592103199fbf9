"""What must hold in the whole engine: money is conserved, nothing changes nothing, no money funds nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from finance.engine import Engine
from finance.market.records import NEVER, SOURCES, USES
from finance.outcome.components import ALL
from finance.running.equilibria import Equilibria
from finance.scenario import load_scenario

TINY = Path(__file__).parents[1] / "scenarios" / "tiny.toml"
PATHS = 64


@pytest.fixture(scope="module")
def tiny():
    return load_scenario(str(TINY))


@pytest.fixture(scope="module")
def equilibria(tmp_path_factory):
    return Equilibria(workers=2, folder=tmp_path_factory.mktemp("equilibria"), pilot_paths=16)


def vectors(equilibria, *scenarios, seed=1, paths=PATHS):
    engine = Engine([equilibria.solved(each) for each in scenarios], [each.name for each in scenarios], 0, seed)
    return engine, engine.path_vectors(0, paths)


def by_stage(engine, numbers, name):
    return engine.layout.view(numbers, name)


def test_sources_are_uses_in_every_quarter_of_every_path(tiny, equilibria):
    engine = Engine([equilibria.solved(tiny)], ["tiny"], 0, 3)
    for path in range(40):
        flows = engine.record(path).flows
        sources, uses = flows[:, list(SOURCES)].sum(axis=1), flows[:, list(USES)].sum(axis=1)
        assert sources.sum() > 0.0
        assert np.abs(sources - uses).max() <= 1e-9 * max(1.0, sources.max())


def test_the_parts_of_the_gap_add_up_on_every_path(tiny, equilibria):
    engine, numbers = vectors(equilibria, tiny)
    part = {name: by_stage(engine, numbers[0], name) for name in (
        "asked", "supplied", "observed_gap", "latent_gap", "total_gap", "asked_or_latent", "potential_demand", "off_twin"
    )}  # fmt: skip
    np.testing.assert_allclose(part["asked"] - part["supplied"], part["observed_gap"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(part["observed_gap"] + part["latent_gap"], part["total_gap"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(part["asked"] + part["latent_gap"], part["asked_or_latent"], rtol=1e-9, atol=1e-9)
    assert (part["off_twin"] <= part["asked"] + 1e-9).all()
    assert (part["latent_gap"] <= part["potential_demand"] + 1e-9).all()
    causes = by_stage(engine, numbers[0], "causes")  # (path, stage, cause, order)
    for order in range(2):
        np.testing.assert_allclose(causes[..., order].sum(axis=2), part["observed_gap"], rtol=1e-9, atol=1e-9)
    for name, values in part.items():
        np.testing.assert_allclose(values[:, :-1].sum(axis=1), values[:, -1], rtol=1e-12, err_msg=f"{name} at {ALL}")


def test_every_entrant_of_the_cohort_has_one_fate(tiny, equilibria):
    engine, numbers = vectors(equilibria, tiny)
    fates = by_stage(engine, numbers[0], "fates")
    entrants = tiny.entry.entrants_a_year * tiny.clock.entry_years
    assert (fates[:, -1].sum(axis=1) == entrants).all()
    assert (fates[:, :-1].sum(axis=(1, 2)) == entrants).all()


def test_a_lever_switched_on_with_no_amount_is_the_baseline_to_the_bit(tiny, equilibria):
    nothing = tiny.with_changes({"tolerance.attempts": tiny.tolerance.attempts}, name="nothing")
    _, numbers = vectors(equilibria, tiny, nothing, tiny.with_changes({"tolerance.attempts": 1}, name="one-try"))
    assert numbers[0].tobytes() == numbers[1].tobytes()
    assert numbers[0].tobytes() != numbers[2].tobytes()


def test_a_change_that_no_investor_sees_leaves_beliefs_untouched(tiny, equilibria):
    dear = tiny.with_changes({"accounts.marginal_cost_of_public_funds": 1.5}, name="dear")
    before, after = equilibria.solved(tiny), equilibria.solved(dear)
    for old, new in zip(before.solutions, after.solutions, strict=True):
        assert new.iterations == 0
        assert all(a.tobytes() == b.tobytes() for a, b in zip(old.beliefs, new.beliefs, strict=True))


def test_without_capital_nothing_is_funded(tiny, equilibria):
    changes = {f"classes.{name}.capacity": 0.0 for name in tiny.classes.names}
    engine, numbers = vectors(equilibria, tiny.with_changes(changes, name="none", reference=True))
    assert by_stage(engine, numbers[0], "reference_filled").sum() == 0.0
    assert by_stage(engine, numbers[0], "reference_demand").sum() > 0.0
    assert by_stage(engine, numbers[0], "funded").sum() == 0.0


def test_same_luck_whatever_the_block_and_the_order(tiny, equilibria):
    engine, numbers = vectors(equilibria, tiny, paths=32)
    again = np.concatenate([engine.path_vectors(16, 32), engine.path_vectors(0, 16)], axis=1)
    assert numbers[:, 16:].tobytes() == again[:, :16].tobytes()
    assert numbers[:, :16].tobytes() == again[:, 16:].tobytes()


def test_a_scenario_alone_is_the_same_as_in_company(tiny, equilibria):
    """What scenarios share, the warm-up among it, is worked out once and shared."""
    patient = tiny.with_changes({"tolerance.patience_quarters": 60}, name="patient")
    _, together = vectors(equilibria, tiny, patient, paths=16)
    _, alone = vectors(equilibria, patient, paths=16)
    assert together[1].tobytes() == alone[0].tobytes()
    assert together[0].tobytes() != alone[0].tobytes()


def test_the_twin_is_worth_more_than_the_market(tiny, equilibria):
    engine, numbers = vectors(equilibria, tiny, paths=256)
    twin, market = (numbers[0][:, engine.layout.index(name)] for name in ("twin_social_value", "social_value"))
    gain = twin - market
    assert gain.mean() > 3.0 * gain.std() / np.sqrt(len(gain))


def test_rounds_are_asked_after_entry_and_closed_after_asking(tiny, equilibria):
    engine = Engine([equilibria.solved(tiny)], ["tiny"], 0, 5)
    record = engine.record(0)
    closed = record.closed != NEVER
    assert closed.any()
    assert (record.closed[closed] >= record.asked[closed]).all()
    assert (record.supplied[closed] > 0.0).all()
