"""Tidy tables of estimates and of differences."""

import math

import numpy as np
import pandas as pd
import pytest

from finance.outcome.estimates import NORMAL_95, Estimates
from finance.outcome.layout import Component, Layout
from finance.outcome.registry import Mean, Measure, Plain, Quantile, Registry
from finance.outcome.tables import differences, tables
from tests.synthetic_paths import LAYOUT, VECTORS, estimated


def test_tables_are_tidy():
    found = tables(estimated())
    assert list(found) == [
        "headline",
        "gap_by_stage",
        "gap_causes",
        "returns",
        "funnel",
        "capital",
        "equilibrium",
    ]
    causes = found["gap_causes"]
    assert list(causes) == ["scenario", "stage", "cause", "measure", "value", "low", "high", "unit"]
    assert causes["scenario"].tolist() == ["a"] * 12 + ["b"] * 12 + ["c"] * 12
    assert found["capital"]["year"].dtype == np.int64
    row = causes.query("scenario == 'b' and stage == 'all' and cause == 'other' and measure == 'share'")
    one = estimated().estimate("b", "gap_causes", "share", stage="all", cause="other")
    assert (row["value"].item(), row["low"].item(), row["high"].item()) == (one.value, one.low, one.high)
    assert row["unit"].item() == "share"
    assert found["equilibrium"].empty
    assert list(found["equilibrium"]) == ["scenario", "start", "measure", "value", "low", "high", "unit"]


def test_undefined_values_have_no_row_or_a_null_one():
    vectors = VECTORS.copy()
    for name in ("asked", "filled", "cause"):
        LAYOUT.view(vectors, name)[1, :, 0] = 0.0
    found = tables(estimated(vectors))
    kept = found["gap_by_stage"].query("scenario == 'b' and stage == 'seed' and measure == 'coverage'")
    assert kept[["value", "low", "high"]].isna().all(axis=None)
    assert len(kept) == 1
    assert found["gap_causes"].query("scenario == 'b' and stage == 'seed' and measure == 'share'").empty
    paired = differences(estimated(vectors))
    assert paired.query("scenario == 'b' and stage == 'seed' and measure in ['coverage', 'share']").empty
    assert len(paired.query("scenario == 'c' and stage == 'seed' and measure in ['coverage', 'share']")) == 3
    undefined = estimated(vectors).estimate("b", "gap_by_stage", "coverage", stage="seed")
    assert math.isnan(undefined.value)
    assert math.isnan(undefined.standard_error)


def test_flows_of_one_sign_have_no_rate():
    vectors = VECTORS.copy()
    LAYOUT.view(vectors, "flow")[1, :, 0] = 1.0
    returns = tables(estimated(vectors))["returns"]
    assert returns["scenario"].tolist() == ["a", "a", "b", "c", "c"]


def test_nothing_counted_or_beyond_the_last_edge_has_no_median():
    layout = Layout([Component("waited", (("row", ("none", "beyond", "first")), ("bin", (0, 1))))])
    kind = Quantile("waited", "bin", (0.0, 1.0, math.inf))
    registry = Registry(layout, [Measure("m", "t", "u", "d", kind)])
    vectors = np.zeros((1, 50, 6))
    vectors[..., 2:] = [1.0, 9.0, 3.0, 4.0]
    table = tables(estimated(vectors, registry))["t"]
    assert table["row"].tolist() == ["first"]
    assert table["value"].item() == pytest.approx(2.0 / 3.0)


def test_plain_values_have_no_interval():
    iterations = {("equilibrium", "iterations"): [[3.0, 4.0], [5.0, np.nan], [7.0, 8.0]]}
    found = estimated(plain=iterations)
    table = tables(found)["equilibrium"]
    assert table["value"].tolist() == [3.0, 4.0, 5.0, 7.0, 8.0]
    assert table[["low", "high"]].isna().all(axis=None)
    paired = differences(found).query("table == 'equilibrium'")
    assert paired["value"].tolist() == [2.0, 4.0, 4.0]
    assert paired[["low", "high", "variance_ratio"]].isna().all(axis=None)
    assert found.difference("c", "equilibrium", "iterations", start="low").value == 4.0
    one = found.estimate("c", "equilibrium", "iterations", start="low")
    assert one.value == 7.0
    assert math.isnan(one.low)


def test_plain_values_may_bring_their_errors():
    """Their differences are not paired, so that they have none."""
    key = ("equilibrium", "iterations")
    errors = {key: [[0.5, np.nan], [0.0, np.nan], [np.nan, 1.0]]}
    found = Estimates(estimated().sums, {key: [[3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]}, errors)
    table = tables(found)["equilibrium"]
    half = NORMAL_95 * np.array([0.5, np.nan, 0.0, np.nan, np.nan, 1.0])
    np.testing.assert_allclose(table["high"] - table["value"], half)
    np.testing.assert_allclose(table["value"] - table["low"], half)
    assert differences(found).query("table == 'equilibrium'")[["low", "high"]].isna().all(axis=None)
    with pytest.raises(ValueError, match="shape"):
        Estimates(found.sums, None, {key: [0.0]})


def test_the_table_of_differences():
    paired = differences(estimated())
    assert list(paired) == [
        "scenario", "baseline", "table", "stage", "cause", "class", "year", "start",
        "measure", "value", "low", "high", "unit", "variance_ratio",
    ]  # fmt: skip
    assert set(paired["scenario"]) == {"b", "c"}
    assert set(paired["baseline"]) == {"a"}
    headline = paired.query("table == 'headline'")
    assert headline[["stage", "cause", "class", "year", "start"]].isna().all(axis=None)
    assert paired["year"].dtype == pd.Int64Dtype()
    assert paired.query("table == 'capital'")["year"].tolist() == [1, 2, 3, 4] * 4
    row = paired.query("scenario == 'c' and table == 'gap_by_stage' and stage == 'all' and measure == 'coverage'")
    one = estimated().difference("c", "gap_by_stage", "coverage", stage="all")
    assert row["value"].item() == one.value
    assert row["low"].item() == one.low


def test_one_scenario_has_no_differences():
    assert differences(estimated(VECTORS[:1])).empty


def test_mean_only_registries_work():
    registry = Registry(LAYOUT, [Measure("cost", "headline", "u", "d", Mean("cost"))])
    assert len(tables(estimated(registry=registry))["headline"]) == 3
    assert len(differences(estimated(registry=registry))) == 2


def test_plain_only_registries_work():
    registry = Registry(LAYOUT, [Measure("n", "t", "u", "d", Plain())])
    found = estimated(registry=registry, plain={("t", "n"): [1.0, 2.0, 3.0]})
    assert tables(found)["t"]["value"].tolist() == [1.0, 2.0, 3.0]
