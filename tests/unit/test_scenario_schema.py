"""The models: everything documented in both languages, bounded, strict and frozen all the way down."""

import copy
import math
import pickle
import subprocess
import sys

import pytest
from pydantic import ValidationError

from finance import luck
from finance.language import LANGUAGES, message, message_ids
from finance.scenario.checking import unit_phrase
from finance.scenario.curves import CurveFile
from finance.scenario.schema import FrozenMap
from finance.scenario.schema_base import UNITS
from finance.scenario.shape import Node, dotted, scenario_shape, shape_of, values_shape
from tests.support import found, put, tiny, tiny_content, write_scenario


def values_of(node: Node, path=()):
    if node.kind == "value":
        yield dotted(path), node
    for name, child in node.children.items():
        yield from values_of(child, (*path, name))
    if node.element is not None:
        yield from values_of(node.element, (*path, "*"))


EVERY_VALUE = dict([*values_of(scenario_shape()), *values_of(shape_of(CurveFile), ("curve",))])
EVERY_NUMBER = {key: node for key, node in values_of(values_shape()) if node.is_number}


@pytest.mark.parametrize("key", EVERY_VALUE)
def test_every_value_has_meaning_in_both_languages_and_a_known_unit(key):
    node = EVERY_VALUE[key]
    if key == "ranges.*":
        return  # a range has the unit of its value
    assert node.meaning.en.endswith(".")
    assert node.meaning.zh.endswith("。")
    assert any("一" <= letter <= "鿿" for letter in node.meaning.zh)
    assert node.unit in UNITS


@pytest.mark.parametrize("key", EVERY_NUMBER)
def test_every_number_is_bounded_on_both_sides(key):
    node = EVERY_NUMBER[key]
    assert -math.inf < node.low < node.high < math.inf


def test_every_entrant_that_may_be_asked_for_has_luck_of_its_own():
    assert EVERY_NUMBER["entry.entrants_a_year"].high < luck.ORDINALS


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_has_a_word(unit, language):
    assert message(unit_phrase(unit), language)


def test_every_message_of_the_catalogue_is_used_and_every_used_one_is_there():
    import re
    from pathlib import Path

    import finance.scenario

    folder = Path(finance.scenario.__file__).parent
    sources = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    used = {word for word in re.findall(r'"(scenario\.[a-z_.0-9]+)"', sources) if not word.endswith(".")}
    types = {node.type for node in EVERY_VALUE.values()} | {"table", "named", "mapping", "name", "two_languages"}
    used |= {f"scenario.type.{name}" for name in types} | {str(unit_phrase(unit)) for unit in UNITS}
    assert used == {word for word in message_ids("en") if word.startswith("scenario.")}


@pytest.mark.parametrize(
    ("path", "value", "message_id"),
    [
        ("tolerance.attempts", 3.0, "wrong_type"),
        ("tolerance.attempts", "3", "wrong_type"),
        ("tolerance.attempts", True, "wrong_type"),
        ("tolerance.attempts", 9, "out_of_range"),
        ("tolerance.attempts", 0, "out_of_range"),
        ("market.min_fill", True, "wrong_type"),
        ("market.min_fill", "0.7", "wrong_type"),
        ("market.min_fill", [0.7], "wrong_type"),
        ("market.min_fill", {"share": 0.7}, "wrong_type"),
        ("market.min_fill", math.nan, "not_finite"),
        ("market.min_fill", math.inf, "not_finite"),
        ("market.min_fill", 1.0000001, "out_of_range"),
        ("entry.lemon_share", 1.0, "out_of_range"),
        ("entry.national_entrants", 0, "out_of_range"),
        ("entry.national_entrants", 10**400, "out_of_range"),
        ("market.queue", "fifo", "not_allowed"),
        ("market.queue", 3, "not_allowed"),
        ("classes.patient.subsidised", "no", "wrong_type"),
        ("classes.patient.subsidised", 0, "wrong_type"),
        ("classes.patient.stages", "seed", "wrong_type"),
        ("classes.patient.stages", [1], "wrong_type"),
        ("classes.patient", 3, "wrong_type"),
        ("classes", 3, "wrong_type"),
        ("classes.patient.stage_budgets", {"seed": -0.1}, "out_of_range"),
        ("world.curve", "../secret", "bad_name"),
        ("format", "1", "wrong_type"),
        ("format", True, "wrong_type"),
        ("format", 0, "out_of_range"),
        ("title", "only English", "wrong_type"),
        ("title", {"en": "only English"}, "missing_entry"),
        ("question", {"en": "", "zh": "问"}, "wrong_size"),
        ("as_of", "2026-11-22", "wrong_type"),
        ("reference", 1, "wrong_type"),
        ("baseline", 3, "wrong_type"),
        ("ranges", 3, "ranges_no_table"),
        ("tolerance", None, "missing_value"),
        ("classes.patient.capacity", None, "missing_value"),
        ("classes.order", None, "missing_entry"),
        ("title", None, "missing_table"),
    ],
)
def test_what_is_of_another_type_or_out_of_bounds_is_refused(tmp_path, path, value, message_id):
    file = write_scenario(tmp_path, "tiny", put(tiny_content(), path, value))
    assert any(key.startswith(path) and said == message_id for key, said in found(file)), found(file)


def test_whole_numbers_are_numbers():
    assert tiny().with_changes({"planner.social_rate": 0}).planner.social_rate == 0.0


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("tolerance.attempt", "tolerance.attempts"),
        ("tolerances", "tolerance"),
        ("tolerance.social_rate", "planner.social_rate"),
        ("classes.patient.capacty", "classes.patient.capacity"),
        ("sectors.lab.stages.seed.burnrate", "sectors.lab.stages.seed.burn"),
    ],
)
def test_an_unknown_key_is_told_the_key_that_was_meant(tmp_path, key, near):
    from finance.scenario import check_file

    file = write_scenario(tmp_path, "tiny", put(tiny_content(), key, 1.0))
    problem = next(problem for problem in check_file(file) if problem.key == key)
    assert problem.values["near"] == near
    assert near in problem.text("en")
    assert near in problem.text("zh")


def test_all_problems_are_said_at_once_each_with_file_key_value_and_what_is_allowed(tmp_path):
    from finance.scenario import ScenarioError, load_scenario

    content = put(put(put(tiny_content(), "market.min_fill", 2.0), "exits.foo", 1), "planner", None)
    file = write_scenario(tmp_path, "tiny", content)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    keys = {problem.key for problem in caught.value.problems}
    assert {"market.min_fill", "exits.foo", "planner.social_rate"} <= keys
    text = str(caught.value)
    assert f"{file}: market.min_fill = 2.0: out of range; allowed: 0 ≤ x ≤ 1, unit: share" in text
    assert isinstance(caught.value, ValueError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == text


def test_a_scenario_is_frozen_all_the_way_down():
    scenario = tiny()
    with pytest.raises(ValidationError):
        scenario.tolerance.attempts = 5
    with pytest.raises(TypeError):
        scenario.classes["patient"].stage_budgets["seed"] = 1.0
    with pytest.raises(TypeError):
        scenario.sources.clear()
    assert isinstance(scenario.classes["patient"].stages, tuple)
    assert isinstance(scenario.ranges, FrozenMap)
    assert hash(scenario) == hash(tiny())


def test_a_scenario_travels_between_processes():
    scenario = tiny().with_changes({"tolerance.attempts": 3}, name="more")
    copied = pickle.loads(pickle.dumps(scenario))
    assert copied == scenario
    assert copied.digest == scenario.digest
    assert copied.baseline_scenario == tiny()
    assert copy.deepcopy(scenario) == scenario


def test_named_tables_come_in_order():
    scenario = tiny()
    assert list(scenario.classes) == ["market", "patient"] == list(scenario.classes.names)
    assert scenario.classes["patient"].capacity == 100.0
    assert [name for name, _ in scenario.classes.items()] == ["market", "patient"]
    assert [table.capacity for table in scenario.classes.in_order()] == [300.0, 100.0]
    assert "patient" in scenario.classes
    assert len(scenario.classes) == 2
    assert scenario.stages == ("seed", "pilot", "growth")
    assert scenario.sectors["lab"].stages["pilot"].need == 40.0 * 1.25


def test_importing_scenarios_imports_no_heavy_library():
    heavy = ("numpy", "pandas", "scipy", "numba", "QuantLib", "babel")
    program = f"import sys, finance.scenario; print([m for m in {heavy} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
