"""Doses: from the baseline's values to the scenario's and beyond."""

import math

import pytest

from finance.scenario import ScenarioError, load_scenario
from tests.support import TEXT, angels, tiny


def lever(**more):
    """Return a scenario with one change of each kind."""
    changes = {
        "tolerance.attempts": 5,
        "tolerance.honoured": 0.9,
        "market.queue": "oldest",
        "classes.patient.capacity": 300.0,
        "classes.patient.stages": ["seed", "pilot", "growth"],
        "classes.patient.stage_budgets": {"growth": 0.2},
        "classes.angel": angels(),
    }
    return tiny().with_changes(changes | more, name="lever")


def test_the_dose_runs_from_the_baseline_through_the_scenario_and_beyond():
    scenario = lever()
    for dose, capacity, attempts in [(0, 100, 2), (0.25, 150, 3), (0.5, 200, 4), (1, 300, 5), (1.5, 400, 7)]:
        at_dose = scenario.with_dose({"tolerance": dose, "classes": dose})
        assert at_dose.classes["patient"].capacity == capacity
        assert at_dose.tolerance.attempts == attempts  # 2 + 3d: 2.75, 3.5 and 6.5 round half up


def test_halves_are_rounded_up_whichever_way_the_lever_goes():
    up = tiny().with_changes({"tolerance.attempts": 3}).with_dose({"tolerance": 0.5})
    down = tiny().with_changes({"tolerance.attempts": 1}).with_dose({"tolerance": 0.5})
    assert (up.tolerance.attempts, down.tolerance.attempts) == (3, 2)
    assert isinstance(up.tolerance.attempts, int)


def test_dose_0_is_the_baseline_and_dose_1_the_scenario_to_the_bit():
    scenario = lever(**{"planner.social_rate": 0.07})
    tables = ["tolerance", "market", "classes", "planner"]
    none = scenario.with_dose(dict.fromkeys(tables, 0))
    assert none.values() == tiny().values()
    assert none.digest == tiny().digest
    full = scenario.with_dose(dict.fromkeys(tables, 1.0))
    assert full.values() == scenario.values()
    assert full.digest == scenario.digest


def test_other_tables_stay_as_the_scenario_has_them():
    at_dose = lever().with_dose({"tolerance": 0})
    expected = lever().values()
    expected["tolerance"] = tiny().values()["tolerance"]
    assert at_dose.values() == expected


def test_what_is_no_number_switches_above_0():
    for dose, queue, stages in [(0, "value", 2), (1e-9, "oldest", 3), (0.5, "oldest", 3), (2, "oldest", 3)]:
        at_dose = lever().with_dose({"market": dose, "classes.patient": dose})
        assert at_dose.market.queue == queue
        assert len(at_dose.classes["patient"].stages) == stages


def test_a_new_class_comes_in_with_its_capacity_times_the_dose():
    assert "angel" not in lever().with_dose({"classes.angel": 0}).classes
    for dose in (0.25, 1, 2):
        angel = lever().with_dose({"classes.angel": dose}).classes["angel"]
        assert angel.capacity == 40.0 * dose
        assert angel.model_copy(update={"capacity": 40.0}) == lever().classes["angel"]


def test_a_removed_class_fades_out():
    scenario = tiny().with_changes({"classes.patient": {"absent": True}}, name="without")
    assert scenario.classes.names == ("market",)
    faded = scenario.with_dose({"classes": 0.25})
    assert faded.classes.names == ("market", "patient")
    assert faded.classes["patient"].capacity == 75.0
    assert scenario.with_dose({"classes": 1}).classes.names == ("market",)
    assert scenario.with_dose({"classes": 0}).digest == tiny().digest


def test_the_nearest_path_above_a_value_gives_its_dose():
    doses = {"classes": 0.5, "classes.patient": 2.0, "classes.patient.stage_budgets": 0}
    at_dose = lever().with_dose(doses)
    assert at_dose.classes["angel"].capacity == 20.0
    assert at_dose.classes["patient"].capacity == 500.0
    assert at_dose.classes["patient"].stage_budgets == {"seed": 0.3, "pilot": 0.5}
    assert lever().with_dose({"tolerance.attempts": 0}).tolerance.honoured == 0.9


def test_budgets_by_stage_are_mixed_as_shares():
    budgets = {"seed": 0.1, "pilot": 0.5}
    scenario = tiny().with_changes({"classes.patient.stage_budgets": budgets})
    assert scenario.with_dose({"classes.patient": 0.5}).classes["patient"].stage_budgets == {
        "seed": pytest.approx(0.2),
        "pilot": 0.5,
    }
    one = lever().with_dose({"classes.patient": 0.5}).classes["patient"].stage_budgets
    assert one == {"seed": 0.3, "pilot": 0.5, "growth": pytest.approx(0.1)}


@pytest.mark.parametrize(
    ("changes", "path", "dose", "key", "stopped_at"),
    [
        ({"tolerance.attempts": 5}, "tolerance", 10, "tolerance.attempts", 8),
        ({"tolerance.honoured": 0.9}, "tolerance", 4, "tolerance.honoured", 1.0),
        ({"tolerance.honoured": 0.1}, "tolerance", 4, "tolerance.honoured", 0.0),
        ({"classes.market.return_premium": 0.01}, "classes", 2, "classes.market.return_premium", 0.0),
        ({"classes.market.capacity": 1e8}, "classes", 1e300, "classes.market.capacity", 1e9),
        ({"clock.entry_years": 5}, "clock", 3, "clock.entry_years", 6),
        ({"ventures.distress_low": 0.3}, "ventures", 3, "ventures.distress_low", 0.4),
        ({"classes.patient.investment_years": 10}, "classes", 2, "classes.patient.investment_years", 12),
    ],
)
def test_a_value_is_stopped_at_its_bound_and_this_is_said(changes, path, dose, key, stopped_at):
    at_dose = tiny().with_changes(changes).with_dose({path: dose})
    table, _, last = key.rpartition(".")
    assert value_at(at_dose, table)[last] == stopped_at
    (warning,) = at_dose.warnings
    assert (warning.key, warning.message_id) == (key, "scenario.dose_stopped")
    assert f"{stopped_at:g}" in warning.text("en")


def test_bounds_that_are_not_allowed_themselves_are_not_reached():
    at_dose = tiny().with_changes({"entry.lemon_share": 0.9}).with_dose({"entry": 5})
    assert 0.999 < at_dose.entry.lemon_share < 1
    assert [warning.key for warning in at_dose.warnings] == ["entry.lemon_share"]


def test_a_subsidised_class_is_not_stopped_at_the_social_rate():
    changes = {"classes.patient": {"return_premium": -0.02, "subsidised": True}}
    at_dose = tiny().with_changes(changes).with_dose({"classes": 2})
    assert at_dose.classes["patient"].return_premium == -0.04
    assert at_dose.warnings == ()


def test_budgets_are_stopped_at_the_capacity():
    scenario = tiny().with_changes({"classes.patient.stage_budgets": {"seed": 0.5}})
    at_dose = scenario.with_dose({"classes": 3})  # asks for .9 and .5
    assert sum(at_dose.classes["patient"].stage_budgets.values()) == pytest.approx(1)
    assert [warning.key for warning in at_dose.warnings] == ["classes.patient.stage_budgets"]


def two_sectors(share, new_share):
    field = tiny().document()["sectors"]["lab"] | {"share": new_share}
    changes = {"sectors.lab.share": share, "sectors.field": field}
    return tiny().with_changes(changes, name="two", reference=True)


def test_a_new_sector_comes_in_with_its_share_of_entrants():
    scenario = two_sectors(0.6, 0.4)
    half = scenario.with_dose({"sectors": 0.5})
    assert [sector.share for sector in half.sectors.in_order()] == [0.8, 0.2]
    assert scenario.with_dose({"sectors": 0}).digest == tiny().digest
    with pytest.raises(ScenarioError) as caught:
        scenario.with_dose({"sectors.field": 0.5})  # the other sector keeps .6: they sum to .8
    assert caught.value.problems[0].message_id == "scenario.shares_not_one"


def test_shares_of_sectors_give_way_where_one_is_stopped():
    beyond = two_sectors(0.6, 0.4).with_dose({"sectors": 3})
    shares = [sector.share for sector in beyond.sectors.in_order()]
    assert sum(shares) == pytest.approx(1, abs=1e-12)
    assert shares[1] > 0.99
    assert beyond.warnings


def test_a_scenario_without_a_baseline_has_no_doses():
    with pytest.raises(ScenarioError) as caught:
        tiny().with_dose({"tolerance": 0.5})
    assert caught.value.problems[0].message_id == "scenario.dose_without_baseline"


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("tolerances", "tolerance"),
        ("classes.angels", "classes.angel"),
        ("classes.patient.capacities", "classes.patient.capacity"),
        ("title", None),
        ("classes.patient.title", None),
        ("sources", None),
        ("", None),
    ],
)
def test_a_path_of_nothing_is_refused(path, near):
    with pytest.raises(ScenarioError) as caught:
        lever().with_dose({path: 0.5})
    (problem,) = caught.value.problems
    assert problem.message_id == "scenario.unknown_path"
    if near:
        assert problem.values["near"] == near


@pytest.mark.parametrize("dose", [-0.1, math.nan, math.inf, "half", None, True])
def test_a_dose_is_a_number_from_0_up(dose):
    with pytest.raises(ScenarioError) as caught:
        lever().with_dose({"tolerance": dose})
    assert caught.value.problems[0].message_id == "scenario.dose_not_a_number"


def test_all_that_is_wrong_with_doses_is_said_at_once():
    with pytest.raises(ScenarioError) as caught:
        lever().with_dose({"tolerance": -1, "nothing": 1})
    assert len(caught.value.problems) == 2


def test_a_dosed_scenario_keeps_its_baseline_and_sources_and_has_a_name():
    half = lever().with_dose({"tolerance": 0.5, "classes.patient": 2})
    assert half.name == "lever-dose-tolerance-0p5-classes-patient-2"
    assert half.baseline_scenario == tiny()
    assert half.baseline == "tiny"
    assert half.source_of("tolerance.attempts").text == "set in code"
    assert lever().with_dose({"tolerance": 0.5}, name="half").name == "half"


def test_doses_of_doses():
    quarter = lever().with_dose({"classes.patient": 0.5}).with_dose({"classes.patient": 0.5})
    assert quarter.classes["patient"].capacity == 150.0


def test_ranges_that_no_longer_hold_their_value_are_dropped():
    scenario = tiny().with_changes({"classes.patient.capacity": 250.0})
    assert "tolerance.attempts" in scenario.with_dose({"classes": 3}).ranges
    assert "classes.patient.capacity" not in scenario.with_dose({"classes": 3}).ranges


def test_a_lever_that_does_nothing_is_the_baseline_at_any_dose(tmp_path):
    same = tiny().with_changes({}, name="same", title=TEXT)
    for dose in (0, 0.3, 1, 7):
        assert same.with_dose({"classes": dose, "tolerance": dose}).digest == tiny().digest
    assert load_scenario(tiny().path).digest == tiny().digest


def value_at(scenario, path):
    content = scenario.values()
    for name in path.split("."):
        content = content[name]
    return content
