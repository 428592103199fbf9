"""What must come out the same to the bit, and what must add up, in the scenarios that are shipped.

A dose of nothing is the baseline; workers, blocks and what is kept move no bit; money, rounds and ventures are all
accounted for on every path. Equilibria are those of the user's cache folder, solved once and kept.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from finance.engine import Engine
from finance.market.records import SOURCES, USES
from finance.running.equilibria import Equilibria
from finance.scenario import find_scenarios, load_scenario
from finance.scenario.shape import at, leaves, values_shape
from finance.study.compare import compare
from tests.support import angels, tiny

BASELINE, BOTH = "baseline", "seeds-patient-tolerance"
#: Shipped scenarios that differ from a baseline; presets of programmes are tried by their values alone, elsewhere.
PARTS = ("patient", "tolerance", "guidance", "tax", "platform")
DELTAS = [
    "baseline-risky", *(f"seeds-{part}" for part in PARTS), BOTH, "seeds-full",
    *(f"seeds-full-without-{part}" for part in PARTS), "public-money-fails",
]  # fmt: skip
#: The last of two blocks of 1,024, and the last leaf of nineteen, are short.
PATHS = 1_200
MONEY = {"rtol": 1e-9, "atol": 1e-9}


@pytest.fixture(scope="module")
def equilibria():
    return Equilibria(workers=2)


@pytest.fixture(scope="module")
def engine(equilibria):
    """The baseline and the scenario with both levers, under one luck."""
    return engine_of(equilibria, load_scenario(BASELINE), load_scenario(BOTH))


@pytest.fixture(scope="module")
def vectors(engine):
    return engine.path_vectors(0, 64)


def engine_of(equilibria, *scenarios, seed=1):
    return Engine([equilibria.solved(each) for each in scenarios], [each.name for each in scenarios], 0, seed)


def lever_tables(scenario):
    """Return the levers of a scenario: tables, or named tables in them, in which it differs from its baseline."""
    below = scenario.baseline_scenario.values()
    changed = [path for path, _, value in leaves(scenario.values(), values_shape()) if value != at(below, path)]
    return sorted({".".join(path[:2]) if path[0] in ("classes", "sectors") else path[0] for path in changed})


def rows_of(table, name):
    return table[table["scenario"] == name].drop(columns="scenario").reset_index(drop=True)


# --- nothing is the baseline ---


def test_the_scenarios_tried_are_those_shipped():
    assert {one.name for one in find_scenarios() if one.baseline and one.group != "programmes"} == set(DELTAS)
    assert lever_tables(load_scenario(BOTH)) == ["classes.patient", "tolerance"]


@pytest.mark.parametrize("name", DELTAS)
def test_a_lever_at_dose_0_has_the_baselines_values_and_leaves_the_others(name):
    own = load_scenario(name)
    levers = lever_tables(own)
    for lever in levers:
        without = own.with_dose({lever: 0.0})
        assert lever_tables(without) == [other for other in levers if other != lever]
    assert own.with_dose(dict.fromkeys(levers, 0.0)).digest == load_scenario(BASELINE).digest


@pytest.mark.parametrize(("lever", "left"), [("tolerance", "seeds-patient"), ("classes.patient", "seeds-tolerance")])
def test_without_one_of_two_levers_the_other_is_left(lever, left):
    """The equilibrium is looked up under, and the run determined by, the digests of a scenario and its baselines."""
    ours, theirs = load_scenario(BOTH).with_dose({lever: 0.0}), load_scenario(left)
    assert [each.digest for each, _ in ours.chain()] == [each.digest for each, _ in theirs.chain()]


def test_dose_0_of_all_levers_is_the_baseline_in_every_table():
    scenarios = [load_scenario(name) for name in DELTAS]
    none = [one.with_dose(dict.fromkeys(lever_tables(one), 0.0), name=f"{one.name}-0") for one in scenarios]
    study = compare([BASELINE, *none], paths=192)
    for name, table in study.tables.items():
        if name in ("differences", "gap_change"):
            assert len(table) > 0
            assert (table[["value", "low", "high"]].fillna(0.0) == 0.0).all(axis=None), name
        elif name == "versus":
            assert table.empty  # nothing is gained, so nothing has a price
        elif name == "league":
            assert set(table["verdict"]) == {"nothing"}
            assert (table[["value", "low", "high"]] == 0.0).all(axis=None)
        else:
            for one in none:
                pd.testing.assert_frame_equal(rows_of(table, one.name), rows_of(table, BASELINE), check_exact=True)


@pytest.mark.parametrize("base", [BASELINE, "tiny"])
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(lambda base: {"classes.patient.capacity": base.classes["patient"].capacity}, id="capacity"),
        pytest.param(lambda base: {"tolerance": base.values()["tolerance"]}, id="tolerance"),
        pytest.param(lambda base: {"classes.patient": base.values()["classes"]["patient"]}, id="patient"),
        pytest.param(lambda base: {"classes.patient.subsidised": True}, id="subsidy of nothing"),
        pytest.param(lambda base: {f"classes.{unbudgeted(base)}.stage_budgets.{last_stage(base)}": 0.0}, id="budget"),
    ],
)
def test_a_lever_switched_on_with_no_amount_is_the_baseline_to_the_bit(equilibria, base, changes):
    scenario = tiny() if base == "tiny" else load_scenario(base)
    nothing = scenario.with_changes(changes(scenario), name="nothing")
    numbers = engine_of(equilibria, scenario, nothing).path_vectors(0, 32)
    assert numbers[0].any()
    assert numbers[0].tobytes() == numbers[1].tobytes()


def unbudgeted(scenario):
    """Return a class that may invest in the last stage and keeps nothing for it."""
    stage = last_stage(scenario)
    return next(
        name for name, one in scenario.classes.items() if stage in one.stages and stage not in one.stage_budgets
    )


def last_stage(scenario):
    ((_, sector),) = scenario.sectors.items()
    return sector.stages.names[-1]


@pytest.fixture(scope="module")
def with_a_penniless_class(equilibria):
    """Engine and vectors of the tiny economy, and of the same with a class more that raises nothing."""
    nothing = tiny().with_changes({"classes.angel": angels() | {"capacity": 0.0}}, name="nothing")
    engine = engine_of(equilibria, tiny(), nothing)
    return engine, engine.path_vectors(0, 64)


def test_a_class_without_money_moves_no_sum(with_a_penniless_class):
    engine, numbers = with_a_penniless_class
    for component in engine.layout.components:
        without, with_it = (engine.layout.view(numbers[s], component.name) for s in (0, 1))
        if component.name != "causes":
            assert without.tobytes() == with_it.tobytes(), component.name


def test_a_class_without_money_moves_no_cause(with_a_penniless_class):
    engine, numbers = with_a_penniless_class
    without, with_it = (engine.layout.view(numbers[s], "causes") for s in (0, 1))
    assert without.tobytes() == with_it.tobytes()


# --- workers, blocks, what is kept ---


@pytest.fixture(scope="module")
def study():
    return compare([BASELINE, BOTH], paths=PATHS, workers=1, block_paths=1024)


@pytest.mark.parametrize(("workers", "block_paths"), [(1, 64), (2, 64), (2, 1024)])
def test_workers_and_blocks_change_no_bit(study, workers, block_paths):
    again = compare([BASELINE, BOTH], paths=PATHS, workers=workers, block_paths=block_paths)
    assert again.run_id == study.run_id
    for name, table in study.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table, check_exact=True)


@pytest.mark.slow
def test_an_equilibrium_solved_afresh_by_one_worker_has_the_same_bits(equilibria, tmp_path):
    """Those kept were solved by two, or in another process."""
    afresh = Equilibria(workers=1, folder=tmp_path)
    for name in (BASELINE, BOTH):
        scenario = load_scenario(name)
        pairs = zip(afresh.solved(scenario).solutions, equilibria.solved(scenario).solutions, strict=True)
        for ours, theirs in pairs:
            assert (ours.iterations, ours.residual) == (theirs.iterations, theirs.residual)
            for kind in ("beliefs", "offset"):
                arrays = zip(getattr(ours, kind), getattr(theirs, kind), strict=True)
                assert all(a.tobytes() == b.tobytes() for a, b in arrays)
            assert all(np.array_equal(a, b) for a, b in zip(ours.era.cells, theirs.era.cells, strict=True))


# --- all is accounted for, on every path ---


@pytest.mark.parametrize("place", [0, 1], ids=[BASELINE, BOTH])
def test_sources_are_uses_in_every_quarter_of_every_path(engine, place):
    for path in range(24):
        flows = engine.record(path, place).flows
        sources, uses = flows[:, list(SOURCES)].sum(axis=1), flows[:, list(USES)].sum(axis=1)
        assert (sources[4:] > 0.0).any()
        assert (np.abs(sources - uses) <= 1e-9 * np.maximum(1.0, sources)).all()


@pytest.mark.parametrize("place", [0, 1], ids=[BASELINE, BOTH])
def test_the_parts_of_the_gap_add_up_on_every_path(engine, vectors, place):
    def part(name):
        return engine.layout.view(vectors[place], name)

    np.testing.assert_allclose(part("asked") - part("supplied"), part("observed_gap"), **MONEY)
    np.testing.assert_allclose(part("observed_gap") + part("latent_gap"), part("total_gap"), **MONEY)
    for order in range(2):
        by_cause = part("causes")[..., order].sum(axis=2)
        np.testing.assert_allclose(by_cause, part("observed_gap"), **MONEY)
    for name in ("asked", "supplied", "observed", "latent", "total"):
        whole = name if name in ("asked", "supplied") else f"{name}_gap"
        np.testing.assert_allclose(part(f"{name}_by_year").sum(axis=2), part(whole), **MONEY)
        np.testing.assert_allclose(part(whole)[:, :-1].sum(axis=1), part(whole)[:, -1], **MONEY)


@pytest.mark.parametrize("place", [0, 1], ids=[BASELINE, BOTH])
def test_every_entrant_has_one_fate_on_every_path(engine, vectors, place):
    scenario = load_scenario((BASELINE, BOTH)[place])
    entrants = scenario.entry.entrants_a_year * scenario.clock.entry_years
    fates, entered = (engine.layout.view(vectors[place], name) for name in ("fates", "entered"))
    assert (fates[:, :-1].sum(axis=(1, 2)) == entrants).all()
    assert (fates[:, -1].sum(axis=1) == entrants).all()
    assert (entered[:, -1] == entrants).all()


# --- the change of the gap ---


def effects(study, name):
    """Return the effects on the gap by stage, and the changes of the tables they have to agree with."""
    change = (
        study.tables["gap_change"].query("scenario == @name").pivot(index="stage", columns="effect", values="value")
    )
    rows = study.tables["differences"].query("scenario == @name and table == 'gap_by_stage'")
    return change.join(rows.pivot(index="stage", columns="measure", values="value"))


def test_the_gap_changes_by_what_is_needed_and_what_is_supplied(study):
    change = effects(study, BOTH)
    np.testing.assert_allclose(change["potential"] + change["supply"], change["total_gap"], **MONEY)
    np.testing.assert_allclose(change["potential"], change["potential_demand"], **MONEY)
    assert change.loc["all", "supply"] < 0.0


def test_money_and_tolerance_move_what_is_supplied_and_never_what_is_needed(study):
    """The twin is bound by technology alone."""
    assert (effects(study, BOTH)["potential"] == 0.0).all()


def test_what_technology_allows_moves_what_is_needed():
    learning = tiny().with_changes({"ventures.learning_log_odds": 1.0}, name="learning")
    change = effects(compare([tiny(), learning], paths=128), "learning")
    assert change.loc["all", "potential"] > 0.0
    np.testing.assert_allclose(change["potential"] + change["supply"], change["total_gap"], **MONEY)
    np.testing.assert_allclose(change["potential"], change["potential_demand"], **MONEY)
