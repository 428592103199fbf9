"""Solved equilibria: what is kept, what is cancelled, and whether a scenario has a second one."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from finance.market import equilibrium
from finance.market.terms import shared_axes
from finance.running.diagnosis import KIND, PILOT, diagnose
from finance.running.equilibria import Equilibria, arrays_of, solution_in
from finance.running.threads import RunCancelled
from finance.scenario import load_scenario
from finance.study.starts import APART, SETTLED

SCENARIOS = Path(__file__).parents[1] / "scenarios"
PILOT_PATHS = 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("equilibria")


def kept_in(folder, **options):
    return Equilibria(**{"workers": 2, "folder": folder, "pilot_paths": PILOT_PATHS} | options)


@pytest.fixture(scope="module")
def tiny():
    return load_scenario(str(SCENARIOS / "tiny.toml"))


@pytest.fixture(scope="module")
def thin():
    return load_scenario(str(SCENARIOS / "thin-exit.toml"))


@pytest.fixture(scope="module")
def told():
    """What was told of the solves of `found`."""
    return []


@pytest.fixture(scope="module")
def found(folder, tiny, thin, told):
    """What the diagnosis finds in both, solved once for all tests."""
    return dict(zip(("tiny", "thin"), diagnose(kept_in(folder, watch=told.append), [tiny, thin]), strict=True))


class Refusing:
    """A watch that no solve may reach."""

    def __call__(self, now):
        raise AssertionError(f"solved again: {now}")


# --- two equilibria ---


def test_beliefs_decide_where_nobody_invests_without_the_next_investor(found):
    """Without acquisitions and sales in distress pessimism comes true: nobody pays, so nobody learns otherwise."""
    ends = found["thin"]
    assert ends["pessimistic"].gap_ratio == 1.0
    for start in ("baseline", "optimistic"):
        assert ends[start].gap_ratio < 0.8
    assert all(end.residual <= SETTLED for end in ends.values())


def test_optimism_and_pessimism_meet_where_there_is_one_equilibrium(found):
    ends = found["tiny"]
    for start in ("optimistic", "pessimistic"):
        assert abs(ends[start].gap_ratio - ends["baseline"].gap_ratio) <= APART
    assert 0.0 < ends["baseline"].standard_error < 0.1


def test_both_equilibria_are_kept_and_each_stands(folder, thin, found):
    """Looked at again under what is kept, the pilot shows what is believed, but for the noise taken off."""
    equilibria = kept_in(folder, watch=Refusing())
    names = shared_axes(thin, thin.root())
    own, setting = equilibria.solved(thin), equilibria.workshop.prepare(thin, names).setting
    arrays = equilibria.kept(thin, names, KIND)
    worlds = equilibrium.pilot_worlds(setting, PILOT, PILOT_PATHS)
    root = own.root_solutions[PILOT]
    for start in ("optimistic", "pessimistic"):
        solution = solution_in(arrays, start, setting, root)
        assert solution.residual == found["thin"][start].residual
        counts, seen = equilibrium.look(setting, solution.beliefs, root, setting.terms, worlds, PILOT, solution.offset)
        assert equilibrium.distance(seen, solution.beliefs, counts) <= SETTLED
        assert (counts.closed.sum() == 0.0) == (start == "pessimistic")


def test_a_diagnosis_is_read_again_and_made_again_if_asked(folder, tiny, thin, found):
    again = diagnose(kept_in(folder, watch=Refusing()), [tiny, thin])
    assert dict(zip(("tiny", "thin"), again, strict=True)) == found
    with pytest.raises(AssertionError, match="solved again"):
        diagnose(kept_in(folder, watch=Refusing(), fresh=True), [tiny])


def test_a_scenario_that_changes_nothing_has_its_baselines_diagnosis(folder, tiny, found):
    same = tiny.with_changes({}, name="same")
    assert diagnose(kept_in(folder, watch=Refusing()), [same, tiny]) == [found["tiny"]] * 2


def test_a_broken_file_counts_as_none(folder, tmp_path, tiny, found):
    names = shared_axes(tiny, tiny)
    assert kept_in(folder).kept(tiny, names, KIND) is not None
    for path in folder.glob(f"*-{KIND}.npz"):
        whole = path.read_bytes()
        for size in (0, 100, len(whole) // 2):
            (tmp_path / path.name).write_bytes(whole[:size])
            assert kept_in(tmp_path).kept(tiny, names, KIND) is None


# --- cancelling ---


@pytest.mark.parametrize("after", [1, 5])
def test_a_cancelled_solve_ends_before_its_next_step_and_keeps_nothing(tmp_path, tiny, after):
    cancel, told = threading.Event(), []

    def watch(now):
        told.append(now)
        if len(told) == after:
            cancel.set()

    equilibria = kept_in(tmp_path, watch=watch, cancel=cancel, pilot_paths=4)
    with pytest.raises(RunCancelled, match="cancelled"):
        equilibria.solved(tiny)
    assert len(told) <= after + equilibria.workers - 1
    assert [path for path in tmp_path.iterdir() if not path.stem.endswith("-shelf")] == []


def test_an_error_in_one_solve_ends_the_others(tmp_path, tiny):
    told = []

    def watch(now):
        told.append(now)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        kept_in(tmp_path, watch=watch, pilot_paths=4).solved(tiny)
    assert len(told) <= 2


@pytest.mark.parametrize(
    ("start", "pilot"), [("baseline", 0), ("baseline", 3), ("optimistic", PILOT), ("pessimistic", PILOT)]
)
def test_solves_are_told_of_from_the_first_step_to_the_end(found, told, start, pilot):
    steps = [now for now in told if (now.scenario, now.start, now.pilot) == ("tiny", start, pilot)]
    assert [now.iteration for now in steps[:-1]] == list(range(len(steps) - 1))
    assert [now.is_done for now in steps] == [False] * (len(steps) - 1) + [True]


def test_arrays_give_the_solution_back(folder, tiny, found):
    equilibria = kept_in(folder)
    solved = equilibria.solved(tiny)
    setting, (first, *_) = solved.prepared.setting, solved.solutions
    again = solution_in(arrays_of({"x": first}), "x", setting, None)
    assert all(np.array_equal(a, b) for a, b in zip(again.beliefs, first.beliefs, strict=True))
    assert (again.iterations, again.residual) == (first.iterations, first.residual)
    assert all(np.array_equal(a, b) for a, b in zip(again.era.cells, first.era.cells, strict=True))
