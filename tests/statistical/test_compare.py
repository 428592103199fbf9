"""The main job on a tiny economy: what its tables hold, and that they agree with one another."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from finance.running.equilibria import Equilibria
from finance.running.store import RunStore, to_json
from finance.running.threads import RunCancelled
from finance.scenario import load_scenario
from finance.study import compare as module
from finance.study.compare import compare, simulate
from finance.study.league import COST_FOOTING
from finance.study.values import value_of

TINY = Path(__file__).parents[1] / "scenarios" / "tiny.toml"
PATHS = 256


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("equilibria")


@pytest.fixture(scope="module", autouse=True)
def small_pilots(folder):
    """Equilibria of a few paths, kept in a folder of these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "Equilibria", partial(Equilibria, folder=folder, pilot_paths=8))
        yield


@pytest.fixture(scope="module")
def tiny():
    return load_scenario(str(TINY))


@pytest.fixture(scope="module")
def scenarios(tiny):
    more = tiny.with_changes({"classes.market.capacity": 600.0, "classes.patient.capacity": 300.0}, name="more")
    return tiny, tiny.with_changes({}, name="same"), more


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def study(scenarios, told):
    return compare(scenarios, paths=PATHS, progress=lambda *report: told.append(report))


# --- equilibrium ---


def test_the_equilibrium_table_has_all_starts_and_measures(study):
    table = study.tables["equilibrium"]
    for scenario in ("tiny", "same", "more"):
        rows = table[table["scenario"] == scenario].set_index(["start", "measure"])
        starts = ("baseline", "optimistic", "pessimistic")
        wanted = {(start, measure) for start in starts for measure in ("iterations", "residual", "gap_ratio")}
        assert set(rows.index) == wanted | {("baseline", "pilot_error")}
        assert rows.loc[rows.index.get_level_values("measure") != "gap_ratio", ["low", "high"]].isna().all(axis=None)
        ratios = rows.xs("gap_ratio", level="measure")
        assert (ratios["low"] <= ratios["value"]).all()
        assert (ratios["value"] <= ratios["high"]).all()
        assert (ratios["value"] > 0.0).all()


def test_the_own_starts_gap_ratio_is_near_the_headlines(study):
    for scenario in ("tiny", "more"):
        found = value_of(study.tables["equilibrium"], scenario=scenario, start="baseline", measure="gap_ratio")
        headline = value_of(study.tables["headline"], scenario=scenario, measure="gap_ratio")
        assert found.value == pytest.approx(headline.value, abs=5.0 * (found.half + headline.half))


def test_differences_of_diagnostic_ratios_are_without_interval(study):
    rows = study.tables["differences"]
    rows = rows[(rows["table"] == "equilibrium") & (rows["measure"] == "gap_ratio")]
    assert len(rows) == 2 * 3
    assert rows[["low", "high", "variance_ratio"]].isna().all(axis=None)


def test_few_paths_know_nothing_of_what_lies_between_pilots(tiny):
    table = simulate(tiny, paths=32).tables["equilibrium"]
    assert "pilot_error" not in set(table["measure"])


# --- versus ---


def difference(study, table, measure, **labels):
    return value_of(study.tables["differences"], scenario="more", table=table, measure=measure, **labels)


def test_cost_per_gain_is_the_ratio_of_the_differences(study):
    cost = difference(study, "headline", "economic_cost").value
    living = difference(study, "fates", "ventures", fate="self_sustaining", stage="all").value
    companies = difference(study, "headline", "exits").value + living
    points = 100.0 * difference(study, "headline", "coverage").value
    table = study.tables["versus"]
    assert list(table.columns) == ["scenario", "baseline", "measure", "value", "low", "high", "unit"]
    for measure, gain in (("cost_per_additional_company", companies), ("cost_per_coverage_point", points)):
        found = value_of(table, scenario="more", measure=measure)
        assert found.value == pytest.approx(cost / gain, rel=1e-9)
        assert found.low < found.value < found.high
    costs = table[table["measure"].str.startswith("cost_per")]
    assert set(costs["unit"]) == {"CNY million"}
    assert set(table.drop(costs.index)["unit"]) <= {"ratio"}


def test_the_interval_of_a_ratio_agrees_with_those_of_its_parts(study):
    """Where the gain is sure, Fieller's interval is about as wide as the two parts make it."""
    found = value_of(study.tables["versus"], scenario="more", measure="cost_per_coverage_point")
    cost, coverage = (
        difference(study, "headline", "economic_cost"),
        difference(study, "headline", "coverage").times(100.0),
    )
    apart = np.hypot(cost.half, found.value * coverage.half) / coverage.value
    assert 0.2 * apart < found.half < 2.0 * apart


def test_what_changes_nothing_has_no_ratio_and_no_difference(study):
    assert "same" not in set(study.tables["versus"]["scenario"])
    rows = study.tables["differences"]
    rows = rows[rows["scenario"] == "same"]
    assert (rows["value"] == 0.0).all()


def test_one_scenario_has_no_table_of_comparisons(tiny):
    assert not {"versus", "differences", "gap_change", "league"} & set(simulate(tiny, paths=32).tables)


# --- league ---


def test_the_league_has_the_differences_that_are_reported(study):
    table = study.tables["league"]
    for measure in ("coverage", "economic_cost"):
        found = value_of(table, scenario="more", measure=measure)
        wanted = difference(study, "headline", measure)
        assert (found.value, found.low, found.high) == pytest.approx((wanted.value, wanted.low, wanted.high), rel=1e-9)
    assert set(table[table["scenario"] == "same"]["verdict"]) == {"nothing"}
    assert list(table.drop_duplicates("scenario")["place"]) == list(range(1, table["scenario"].nunique() + 1))


def test_what_is_bought_for_a_cost_is_the_inverse_of_the_cost_of_a_point(study):
    bought = value_of(study.tables["league"], scenario="more", measure="coverage_per_cost")
    price = value_of(study.tables["versus"], scenario="more", measure="cost_per_coverage_point")
    verdict = study.tables["league"].set_index("scenario").loc["more", "verdict"].iloc[0]
    assert (bought is not None) == (verdict == "buys")
    if bought is not None:
        assert 100.0 * bought.value == pytest.approx(COST_FOOTING / price.value, rel=1e-9)


# --- the job ---


def test_workers_and_blocks_change_no_bit(scenarios, study):
    again = compare(scenarios, paths=PATHS, workers=1, block_paths=64)
    for name, table in study.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table, check_exact=True)


def test_tables_are_strict_json(study):
    assert "NaN" not in to_json(study.run_id, study.tables)


def test_progress_goes_through_all_stages(study, told):
    stages = [report[0] for report in told if report[0] != "compiling"]  # which is told of once on a machine
    assert list(dict.fromkeys(stages)) == ["equilibrium", "diagnosis", "paths"]
    for stage in ("equilibrium", "diagnosis", "paths"):
        done = [report[1] for report in told if report[0] == stage]
        assert done == sorted(done)
        assert {report[2] for report in told if report[0] == stage} == {done[-1]}
    starts = {report[3].start for report in told if report[0] == "diagnosis" and report[3] is not None}
    assert starts == {"optimistic", "pessimistic"}


def test_other_stages_are_refused_before_anything_is_solved(tiny):
    def refuse(*report):
        raise AssertionError(report)

    with pytest.raises(ValueError, match="stages"):
        compare([tiny, "baseline"], paths=64, progress=refuse)


def test_a_cancelled_comparison_keeps_its_blocks(tmp_path, tiny):
    cancel, store = threading.Event(), RunStore(tmp_path)

    def progress(stage, done, total, now=None):
        if stage == "paths" and done >= 128:
            cancel.set()

    with pytest.raises(RunCancelled):
        simulate(tiny, paths=100_000, block_paths=64, workers=1, store=store, progress=progress, cancel=cancel)
    (unfinished,) = store.unfinished()
    assert list((tmp_path / f".unfinished-{unfinished}" / "blocks").glob("node-*.npz"))
    assert store.runs() == []
