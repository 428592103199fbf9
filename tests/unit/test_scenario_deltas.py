"""Baseline and delta: tables merge, arrays are replaced, ``absent`` removes, heads are not inherited."""

import pytest

from finance.scenario import load_scenario
from tests.support import angels, found, put, tiny, tiny_content, write_delta, write_scenario


@pytest.fixture
def folder(tmp_path):
    """Return a folder with the tiny economy in it."""
    write_scenario(tmp_path, "tiny", tiny_content())
    return tmp_path


def test_tables_merge_and_the_rest_stays(folder):
    path = write_delta(folder, "more", "tiny", tolerance={"attempts": 3, "fund_loss_limit": {"seed": 0.7}})
    scenario = load_scenario(path)
    expected = tiny().values()
    expected["tolerance"]["attempts"] = 3
    expected["tolerance"]["fund_loss_limit"]["seed"] = 0.7
    assert scenario.values() == expected


def test_arrays_are_replaced_whole(folder):
    patient = {"stages": ["pilot"], "stage_budgets": {"absent": True}}
    scenario = load_scenario(write_delta(folder, "more", "tiny", classes={"patient": patient}))
    assert scenario.classes["patient"].stages == ("pilot",)
    assert scenario.classes["patient"].stage_budgets == {}


def test_values_by_name_merge(folder):
    patient = {"stage_budgets": {"pilot": 0.6}}
    scenario = load_scenario(write_delta(folder, "more", "tiny", classes={"patient": patient}))
    assert scenario.classes["patient"].stage_budgets == {"seed": 0.3, "pilot": 0.6}


def test_a_class_is_added_with_an_order(folder):
    order = ["angel", "market", "patient"]
    path = write_delta(folder, "more", "tiny", classes={"order": order, "angel": angels()})
    assert load_scenario(path).classes.names == tuple(order)
    path = write_delta(folder, "forgot", "tiny", classes={"angel": angels()})
    assert found(path) == {("classes.order", "order_missing")}


@pytest.mark.parametrize("classes", [{}, {"order": ["patient"]}])
def test_a_class_is_removed_with_or_without_a_new_order(folder, classes):
    tax = {"relieved": []}  # which named the class
    path = write_delta(folder, "less", "tiny", classes={**classes, "market": {"absent": True}}, tax=tax)
    assert load_scenario(path).classes.names == ("patient",)


def test_a_removed_class_that_the_order_still_names_is_a_mistake(folder):
    classes = {"order": ["market", "patient"], "market": {"absent": True}}
    path = write_delta(folder, "less", "tiny", classes=classes, tax={"relieved": []})
    assert found(path) == {("classes.order", "order_unknown")}


def test_a_removed_class_that_a_relief_still_names_is_a_mistake(folder):
    path = write_delta(folder, "less", "tiny", classes={"market": {"absent": True}})
    assert found(path) == {("tax.relieved", "class_unknown")}


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        ({"classes": {"angel": {"absent": True}}}, ("classes.angel", "absent_nothing")),
        ({"classes": {"market": {"absent": False}}}, ("classes.market", "absent_not_alone")),
        ({"classes": {"market": {"absent": True, "capacity": 1.0}}}, ("classes.market", "absent_not_alone")),
        ({"tolerance": {"absent": True}}, ("tolerance", "absent_not_removable")),
    ],
)
def test_removals_that_cannot_be(folder, tables, problem):
    assert problem in found(write_delta(folder, "less", "tiny", **tables))


def test_the_head_is_not_inherited(folder):
    scenario = load_scenario(write_delta(folder, "more", "tiny"))
    assert (scenario.reference, scenario.title.en, scenario.baseline) == (False, "A text.", "tiny")
    assert not scenario.sources
    assert scenario.root().name == "tiny"
    assert scenario.digest == tiny().digest


def test_the_root_is_the_nearest_reference_up_the_chain(folder):
    write_delta(folder, "second", "tiny", reference=True, planner={"social_rate": 0.06})
    path = write_delta(folder, "third", "second", tolerance={"attempts": 3})
    third = load_scenario(path)
    assert third.root().name == "second" == third.baseline_scenario.name
    assert third.baseline_scenario.root() is third.baseline_scenario
    assert third.planner.social_rate == 0.06
    put(content := tiny_content(), "reference", False)
    write_scenario(folder / "plain", "tiny", content)
    path = write_delta(folder / "plain", "more", "tiny", tolerance={"attempts": 3})
    assert load_scenario(path).root().name == "tiny"


def test_the_digest_tells_values_apart_and_nothing_else(folder):
    same = {**tiny_content(), "title": {"en": "Other", "zh": "其他"}, "ranges": {}}
    assert load_scenario(write_scenario(folder / "same", "tiny", same)).digest == tiny().digest
    assert tiny().with_changes({"exits.trade_floor": 50}).digest == tiny().digest
    assert tiny().with_changes({"exits.trade_floor": 50.000001}).digest != tiny().digest
    assert tiny().with_changes({"world.index_rate_correlation": 0.0}).digest == (
        tiny().with_changes({"world.index_rate_correlation": -0.0}).digest
    )


def test_the_digest_holds_the_curve(folder):
    other = tiny().with_changes({"world.curve": "chinabond-2024-03-18"})
    assert other.curve.as_of.isoformat() == "2024-03-18"
    values = other.values()
    values["world"]["curve"] = "chinabond-2024-12-27"
    assert values == tiny().values()
    assert other.digest != tiny().digest


def test_two_files_of_one_name_with_other_yields_have_other_digests(folder):
    curve = folder / "data" / "chinabond-2024-12-27.toml"
    curve.parent.mkdir()
    text = tiny().curve.model_dump_json()
    curve.write_text(
        'name = "chinabond-2024-12-27"\nas_of = 2024-12-27\ntitle = { en = "e", zh = "z" }\n'
        'source = "made up"\ntenor_years = [1.0, 10.0]\nyield_to_maturity = [0.01, 0.02]\n',
        encoding="utf-8",
    )
    beside = load_scenario(folder / "tiny.toml")
    assert beside.curve.tenor_years == (1.0, 10.0)
    assert beside.digest != tiny().digest
    assert tiny().curve.model_dump_json() == text
