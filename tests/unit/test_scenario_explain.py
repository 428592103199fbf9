"""Explanations, the JSON schema, and the curves."""

import json

import jsonschema
import pytest

from finance.scenario import ScenarioError, explain, json_schema, load_curve, load_scenario
from finance.scenario.curves import CurveFile
from tests.support import angels, tiny, tiny_content, write_delta, write_scenario


def test_every_value_is_explained_once():
    rows = explain(tiny())
    keys = [row.key for row in rows]
    assert len(keys) == len(set(keys))
    assert {"clock.entry_years", "classes.patient.stage_budgets.seed", "sectors.lab.stages.seed.burn"} <= set(keys)
    assert all(row.meaning and row.unit and row.source for row in rows)
    assert not any("title" in key for key in keys)


def test_a_row_says_value_baseline_unit_meaning_range_and_source():
    more = tiny().with_changes(
        {"classes.patient.capacity": 250.0},
        sources={"classes.patient": {"text": "A report", "url": "https://example.org", "grade": "D"}},
    )
    (row,) = explain(more, "classes.patient.capacity", "en")
    assert (row.value, row.baseline_value, row.is_changed) == (250.0, 100.0, True)
    assert (row.source, row.url, row.grade) == ("A report", "https://example.org", "D")
    assert (row.unit, row.allowed) == ("CNY million a year", "0 ≤ x ≤ 1e+09")
    assert (row.low, row.high) == (None, None)
    (other,) = explain(more, "tolerance.attempts", "zh")
    assert (other.value, other.baseline_value, other.is_changed) == (2, 2, False)
    assert (other.low, other.high) == (1.0, 4.0)
    assert "尝试" in other.meaning
    assert other.unit == "个数"


def test_what_no_file_states_is_said_to_be_a_default():
    (row,) = explain(tiny(), "classes.patient.ticket_max", "en")
    assert (row.source, row.grade) == ("not stated in any file: the format's default", "")


def test_a_table_is_explained_by_its_values():
    rows = explain(tiny(), "tolerance.fund_loss_limit")
    assert [row.key.rpartition(".")[2] for row in rows] == ["seed", "venture", "later"]
    assert explain(tiny(), "classes.market.stage_budgets") == []


@pytest.mark.parametrize("key", ["tolerance.attempt", "classes.angel", "title", "tolerancy"])
def test_an_unknown_key_is_refused(key):
    with pytest.raises(ScenarioError) as caught:
        explain(tiny(), key)
    assert caught.value.problems[0].message_id == "scenario.unknown_path"


def test_a_new_class_has_no_baseline_value():
    rows = explain(tiny().with_changes({"classes.angel": angels()}), "classes.angel")
    assert rows
    assert all(row.baseline_value is None and row.is_changed for row in rows)


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(json.dumps(json_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_takes_whole_files_and_deltas(validator):
    validator.validate(tiny_content())
    for tables in (
        {"tolerance": {"attempts": 3}, "ranges": {"tolerance.attempts": [2, 4]}},
        {"classes": {"market": {"absent": True}}},
        {"classes": {"order": ["market", "patient", "angel"], "angel": angels()}},
    ):
        head = {key: tiny_content()[key] for key in ("format", "name", "title", "question")}
        validator.validate({**head, "baseline": "tiny", **tables})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("tolerance.attempts", 9),
        ("tolerance.attempts", 2.5),
        ("tolerance.attempts", True),
        ("tolerance.attempt", 2),
        ("market.queue", "fifo"),
        ("entry.lemon_share", 1),
        ("classes.patient.capacity", "3"),
        ("classes.patient.capacity", None),
        ("classes.patient.title", {"en": "x"}),
        ("planner", None),
        ("name", "No Name"),
        ("format", 2),
        ("sources.planner", "A report"),
        ("sources.planner", {"text": "A report", "grade": "B"}),
        ("ranges", {"tolerance.attempts": [1, 2, 3]}),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(validator, tmp_path, path, value):
    from tests.support import found, put

    content = put(tiny_content(), path, value)
    assert not validator.is_valid(content)
    assert found(write_scenario(tmp_path, "tiny", content))


def test_the_schema_describes_every_value_in_both_languages_with_its_unit():
    classes = json_schema()["properties"]["classes"]
    capacity = classes["additionalProperties"]["anyOf"][1]["properties"]["capacity"]
    assert capacity["minimum"] == 0
    assert capacity["unit"] == "CNY million a year"
    assert capacity["description"]
    assert capacity["zh"]


@pytest.mark.parametrize(
    ("name", "one_year", "thirty_years"),
    [
        ("chinabond-2024-12-27", 0.010393, 0.019476),
        ("chinabond-2024-03-18", 0.017825, 0.024857),
    ],
)
def test_the_shipped_curves(name, one_year, thirty_years):
    curve = load_curve(name)
    assert isinstance(curve, CurveFile)
    assert name.endswith(curve.as_of.isoformat())
    yields = dict(zip(curve.tenor_years, curve.yield_to_maturity, strict=True))
    assert (yields[1.0], yields[30.0]) == (one_year, thirty_years)
    assert len(curve.digest) == 64


@pytest.mark.parametrize("name", ["none", "../baseline", "/etc/passwd", ""])
def test_there_is_no_such_curve(name):
    with pytest.raises(ScenarioError) as caught:
        load_curve(name)
    assert caught.value.problems[0].message_id == "scenario.curve_not_found"


@pytest.mark.parametrize(
    ("key", "value", "message_id"),
    [
        ("tenor_years", [1.0, 1.0], "curve_not_rising"),
        ("tenor_years", [1.0], "wrong_size"),
        ("tenor_years", [0.0, 1.0], "out_of_range"),
        ("yield_to_maturity", [1.5, 2.0], "out_of_range"),  # per cent where decimals belong
        ("yield_to_maturity", [0.01, 0.02, 0.03], "curve_lengths"),
        ("yield_to_maturity", [0.01, float("nan")], "not_finite"),
        ("yield_to_maturity", "many", "wrong_type"),
        ("name", "other", "name_not_stem"),
        ("source", None, "missing_entry"),
        ("colour", "red", "unknown_key"),
    ],
)
def test_a_curve_that_cannot_be_is_said_to_be_so(tmp_path, key, value, message_id):
    import datetime as dt

    content = {
        "name": "own",
        "as_of": dt.date(2026, 1, 5),
        "title": {"en": "Own", "zh": "自有"},
        "source": "made up for a test",
        "tenor_years": [1.0, 10.0],
        "yield_to_maturity": [0.01, 0.02],
    }
    content = {k: v for k, v in {**content, key: value}.items() if v is not None}
    write_scenario(tmp_path / "data", "own", content)
    with pytest.raises(ScenarioError) as caught:
        load_curve("own", [tmp_path])
    assert message_id in {p.message_id.removeprefix("scenario.") for p in caught.value.problems}


def test_a_baselines_curve_is_found_from_a_file_in_another_folder(tmp_path, monkeypatch):
    below = tmp_path / "scenarios"
    monkeypatch.chdir(tmp_path)
    curve = load_curve("chinabond-2024-12-27")
    text = (tiny().path.parents[2] / "scenarios" / "data" / "chinabond-2024-12-27.toml").read_text("utf-8")
    (below / "data").mkdir(parents=True)
    (below / "data" / "own.toml").write_text(text.replace("chinabond-2024-12-27", "own"), encoding="utf-8")
    content = tiny_content()
    content["world"]["curve"] = "own"
    write_scenario(below, "tiny", content)
    path = write_delta(tmp_path / "far", "more", "tiny", tolerance={"attempts": 3})
    monkeypatch.chdir(tmp_path)
    assert load_scenario(path).curve.yield_to_maturity == curve.yield_to_maturity
