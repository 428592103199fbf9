"""Changes made by a program: the same checks as a file, missing sources filled in."""

import numpy as np
import pytest

from finance.scenario import ScenarioError
from tests.support import angels, tiny


def problems_of(changes, **more):
    with pytest.raises(ScenarioError) as caught:
        tiny().with_changes(changes, **more)
    return {(p.key, p.message_id.removeprefix("scenario.")): p for p in caught.value.problems}


def test_a_changed_copy_differs_in_what_was_changed_alone():
    more = tiny().with_changes({"classes.patient.capacity": 250.0}, name="more")
    expected = tiny().values()
    expected["classes"]["patient"]["capacity"] = 250.0
    assert more.values() == expected
    assert tiny().classes["patient"].capacity == 100.0
    assert (more.name, more.baseline, more.reference) == ("more", "tiny", False)
    assert more.baseline_scenario == tiny()
    assert more.root().name == "tiny"
    assert more.path is None
    assert more.title.en == "more"


def test_missing_sources_are_filled_in_and_given_ones_kept():
    sources = {"tolerance": {"text": "A report", "grade": "D"}}
    changes = {"tolerance.attempts": 3, "planner.social_rate": 0.07}
    more = tiny().with_changes(changes, sources=sources)
    assert more.source_of("tolerance.attempts").grade == "D"
    assert more.source_of("planner.social_rate").text == "set in code"
    assert more.source_of("planner.social_rate").grade == "A"
    assert set(more.sources) == {"tolerance", "planner.social_rate"}


def test_a_table_may_be_given_for_a_table_and_the_more_exact_path_wins():
    changes = {"tolerance.attempts": 4, "tolerance": {"attempts": 3, "penalty": 1.0}}
    more = tiny().with_changes(changes)
    assert (more.tolerance.attempts, more.tolerance.penalty) == (4, 1.0)
    assert more.tolerance.search_quarters == tiny().tolerance.search_quarters


def test_a_new_class_is_put_last_unless_the_order_is_given():
    assert tiny().with_changes({"classes.angel": angels()}).classes.names == ("market", "patient", "angel")
    order = ["angel", "market", "patient"]
    changes = {"classes.angel": angels(), "classes.order": order}
    assert tiny().with_changes(changes).classes.names == tuple(order)
    changes = {"classes": {"angel": angels(), "market": {"absent": True}}, "tax.relieved": ["angel"]}
    assert tiny().with_changes(changes).classes.names == ("patient", "angel")
    changes = {"classes.angel": angels(), "classes.angel.capacity": 7.0}
    assert tiny().with_changes(changes).classes["angel"].capacity == 7.0


def test_other_sectors_need_another_calibration():
    stage = tiny().document()["sectors"]["lab"]["stages"]["growth"]
    changes = {"sectors.lab.stages.listing": stage}
    assert ("sectors.lab.stages.order", "not_the_references") in problems_of(changes)
    other = tiny().with_changes(changes, name="longer", reference=True)
    assert other.stages == ("seed", "pilot", "growth", "listing")
    assert other.root() is other


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("tolerance.attempt", "tolerance.attempts"),
        ("tolerances.attempts", "tolerance.attempts"),
        ("classes.patiant.capacity", "classes.patient.capacity"),
        ("classes.patient", None),
        ("name", None),
        ("title.en", None),
        ("reference", None),
        ("", None),
    ],
)
def test_a_path_of_nothing_is_refused(path, near):
    (problem, *_) = problems_of({path: 3}).values()
    if path == "classes.patient":  # a table, which is no number
        assert problem.message_id == "scenario.wrong_type"
    else:
        assert (problem.key, problem.message_id) == (path, "scenario.unknown_path")
    if near:
        assert problem.values["near"] == near


def test_all_that_is_wrong_is_said_at_once():
    problems = problems_of(
        {"tolerance.attempts": "3", "market.min_fill": 7, "clock.entry_years": 7, "nothing.here": 1},
        name="No Name",
        sources={"exits": "assumption"},
    )
    assert set(problems) == {
        ("tolerance.attempts", "wrong_type"),
        ("market.min_fill", "out_of_range"),
        ("clock.entry_years", "above_other"),
        ("nothing.here", "unknown_path"),
        ("name", "bad_name"),
        ('sources."exits"', "source_bare"),
    }


def test_numbers_of_numpy_are_numbers():
    changes = {
        "tolerance.attempts": np.int64(3),
        "planner.social_rate": np.float32(0.125),
        "classes.patient.stages": np.array(["seed", "pilot"]),
        "classes.market.stages": ("seed", "pilot"),
    }
    more = tiny().with_changes(changes)
    assert type(more.tolerance.attempts) is int
    assert type(more.planner.social_rate) is float
    assert more.classes["patient"].stages == ("seed", "pilot")


def test_changes_leave_the_callers_tables_alone():
    angel = angels()
    more = tiny().with_changes({"classes.angel": angel})
    angel["stages"].append("pilot")
    assert more.classes["angel"].stages == ("seed",)
    values = more.values()
    values["classes"]["angel"]["stages"].append("pilot")
    assert more.classes["angel"].stages == ("seed",)


def test_an_unknown_curve_is_refused():
    problem = problems_of({"world.curve": "chinabond-2024-12-28"})["world.curve", "curve_not_found"]
    assert problem.values["near"] == "chinabond-2024-12-27"


def test_changes_of_changes_name_the_right_sources_and_baselines():
    once = tiny().with_changes({"tolerance.attempts": 3}, name="once")
    twice = once.with_changes({"tolerance.penalty": 1.0}, name="twice", sources={"tolerance": "assumption: to see it"})
    assert twice.baseline_scenario == once
    assert twice.source_of("tolerance.attempts").text == "set in code"
    assert twice.source_of("tolerance.penalty").text == "to see it"
    assert twice.root() == tiny()
