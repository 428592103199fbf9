"""Limits that theory knows, each a scenario file under tests/scenarios that lists every switch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from finance import simulate
from finance.engine import Engine
from finance.market.records import IPO, NEVER
from finance.running.equilibria import Equilibria
from finance.scenario import load_scenario

SCENARIOS = Path(__file__).parents[1] / "scenarios"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("equilibria")


@pytest.fixture(scope="module")
def equilibria(folder):
    """Equilibria of economies in which nothing is left to chance: few paths show all there is to see."""
    return Equilibria(workers=2, folder=folder, pilot_paths=16)


def limit(name):
    return load_scenario(SCENARIOS / f"{name}.toml")


def engine_of(equilibria, scenario, seed=1):
    return Engine([equilibria.solved(scenario)], [scenario.name], 0, seed)


def test_a_market_without_obstacles_does_what_the_planner_does(folder):
    """The same rounds as the twin's, venture by venture, in the same quarter; coverage exactly one."""
    engine = engine_of(Equilibria(workers=2, folder=folder), limit("limit-first-best"))
    rounds = 0
    for path in range(150):
        record, twin = engine.record(path), engine.twin_record(path)
        assert (record.closed == twin.asked).all(), f"path {path}"
        rounds += (twin.asked != NEVER).sum()
    assert rounds > 30_000
    numbers = engine.path_vectors(0, 64)[0]
    filled, demand = (engine.layout.view(numbers, f"reference_{part}") for part in ("filled", "demand"))
    np.testing.assert_array_equal(filled, demand)


def test_nobody_without_money_funds_anything(equilibria):
    scenario = limit("limit-first-best").with_changes({"classes.everyone.capacity": 0.0}, name="none")
    engine = engine_of(equilibria, scenario)
    numbers = engine.path_vectors(0, 32)[0]
    assert engine.layout.view(numbers, "reference_filled").sum() == 0.0
    assert engine.layout.view(numbers, "reference_demand").sum() > 0.0


def test_who_pays_what_it_bids_earns_what_it_asks_for():
    """Present value of proceeds ÷ money in is one within half a per cent and two standard errors."""
    scenario = load_scenario(SCENARIOS / "limit-fair-price.toml")
    table = simulate(scenario, paths=8000, seed=11).tables["returns"]
    row = table[table["measure"] == "value_ratio"].iloc[0]
    error = (row["high"] - row["low"]) / (2 * 1.959964)
    assert abs(row["value"] - 1.0) <= 0.005 + 2.0 * error


def test_with_money_certain_the_gates_multiply(equilibria):
    """BIO oncology 2006–15: .628 × .246 × .401 × .824 = .0510 of those that start are approved."""
    engine = engine_of(equilibria, limit("limit-stage-gates"))
    passed = [engine.record(path).passed for path in range(400)]
    through = np.concatenate(passed)
    expected = np.cumprod([0.628, 0.246, 0.401, 0.824])
    shares = through.mean(axis=0)
    errors = np.sqrt(expected * (1.0 - expected) / len(through))
    assert (np.abs(shares - expected) <= 3.5 * errors).all(), (shares, expected)
    assert round(float(expected[-1]), 4) == 0.0510


@pytest.mark.parametrize(("correlation", "published"), [(0.0, 0.981846), (0.10, 0.821387)])
def test_150_shots_on_goal(equilibria, correlation, published):
    """P(at least 3 of 150 pay), alone and with a one-factor Gaussian copula; what a shot returns on average."""
    scenario = limit("limit-150-shots").with_changes(
        {"ventures.factor_correlation": correlation}, name="shots", reference=True
    )
    engine = engine_of(equilibria, scenario)
    wins = np.array([(engine.record(path).fate == IPO).sum() for path in range(1500)])
    share = (wins >= 3).mean()
    assert abs(share - published) <= 3.5 * np.sqrt(published * (1.0 - published) / len(wins))
    hits = wins.mean() / 150
    error = wins.std() / np.sqrt(len(wins)) / 150
    assert abs(hits - 0.05) <= 3.5 * error
    multiple = 0.05 * 12289.134 / 200.0
    assert multiple**0.1 - 1.0 == pytest.approx(0.11878, abs=5e-6)
    single = np.sqrt(0.05 * 0.95) * 12289.134 / 200.0
    assert single / np.sqrt(10.0) == pytest.approx(4.23485, abs=5e-5)
    if correlation == 0.0:
        spread = wins.std() * 12289.134 / 200.0 / 150 / np.sqrt(10.0)
        assert spread == pytest.approx(0.34577, rel=0.07)
