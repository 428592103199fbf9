"""The page on which a scenario is looked into and its levers are moved."""

import pytest
import streamlit as st

from finance.language import set_language
from tests.app_pages import address_of, page, seen, text_of, widget
from tests.support import TINY, write_delta

LANGUAGES = ("en", "zh")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder with small scenarios and an empty store."""
    for name in ("PATIENT_CAPITAL_RUNS", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "tiny.toml").write_text(TINY.read_text(encoding="utf-8"), encoding="utf-8")
    sources = {
        "classes.patient.capacity": {"text": "A yearbook (1)", "url": "https://example.org/a(1)", "grade": "S"},
        "tolerance": "assumption: made up for a test",
    }
    write_delta(
        scenarios, "tiny-more", "tiny", classes={"patient": {"capacity": 140.0}}, tolerance={"attempts": 4},
        sources=sources, ranges={"classes.patient.capacity": [120.0, 160.0]},
    )  # fmt: skip
    st.cache_resource.clear()
    yield tmp_path
    set_language("en")


def look(language="en", scenario="tiny-more", **more):
    return page(page="scenarios", scenario=scenario, scenarios="tiny", language=language, **more)


def rows(app):
    (table,) = app.table
    return table.value.to_dict(orient="records")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_differs_stands_with_range_grade_and_source(language):
    app = look(language)
    patient, attempts = sorted((list(row.values()) for row in rows(app)), key=lambda row: "tolerance" in row[0])
    assert "`classes.patient.capacity`" in patient[0]
    assert patient[1:] == ["100", "**140**", "120 – 160", "S"]
    assert "`tolerance.attempts`" in attempts[0]
    assert attempts[-2:] == ["–", "A"]
    said = text_of(app)
    assert "A yearbook \\(1\\)" in said
    assert "https://example.org/a%281%29" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_scenario_of_its_own_shows_its_values_part_by_part(language):
    app = look(language, "tiny")
    assert not app.slider
    first = rows(app)
    app = seen(widget(app, "selectbox", "part").set_value("tolerance").run())
    assert rows(app) != first
    assert any("`tolerance.attempts`" in str(row) for row in rows(app))


@pytest.mark.parametrize("language", LANGUAGES)
def test_levers_are_moved_and_join_the_comparison(language):
    app = look(language)
    assert [one.value for one in app.slider] == [1.0, 1.0]
    app = seen(widget(app, "slider", "dose_tiny-more_classes.patient").set_value(0.5).run())
    assert address_of(app)["scenario"] == "tiny-more@classes.patient:0.5"
    (patient,) = (row for row in rows(app) if "capacity" in str(row))
    assert ":blue[**120**]" in patient.values()
    assert not widget(app, "toggle", "join").value
    app = seen(widget(app, "toggle", "join").set_value(True).run())
    assert address_of(app)["scenarios"] == "tiny,tiny-more@classes.patient:0.5"
    assert widget(app, "toggle", "join").value
    assert [one.value for one in app.slider] == [1.0, 0.5] or [one.value for one in app.slider] == [0.5, 1.0]
    app = seen(widget(app, "button", "to_comparison").click().run())
    assert address_of(app)["page"] == "compare"
    chosen = widget(app, "multiselect", "scenarios").value
    assert chosen == ["tiny", "tiny-more@classes.patient:0.5"]
    assert not app.error


def test_a_scenario_can_be_taken_out_of_the_comparison_but_not_the_baseline():
    app = page(page="scenarios", scenario="tiny-more", scenarios="tiny,tiny-more")
    app = seen(widget(app, "toggle", "join").set_value(False).run())
    assert address_of(app)["scenarios"] == "tiny"
    app = page(page="scenarios", scenario="tiny-more", scenarios="tiny-more")
    assert widget(app, "toggle", "join").value
    assert widget(app, "toggle", "join").disabled


def test_a_moved_lever_does_not_join_by_itself():
    app = page(page="scenarios", scenario="tiny-more", scenarios="tiny,tiny-more")
    app = seen(widget(app, "slider", "dose_tiny-more_tolerance").set_value(0.5).run())
    assert not widget(app, "toggle", "join").value
    assert address_of(app)["scenarios"] == "tiny,tiny-more"
    app = seen(widget(app, "slider", "dose_tiny-more_tolerance").set_value(1.0).run())
    assert widget(app, "toggle", "join").value
    assert address_of(app)["scenarios"] == "tiny,tiny-more"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_stopped_at_a_bound_is_said(language, folder):
    write_delta(folder / "scenarios", "tiny-sure", "tiny", tolerance={"honoured": 0.9})
    app = look(language, "tiny-sure@tolerance:2")
    assert widget(app, "slider", "dose_tiny-sure_tolerance").value == 2.0
    assert "tolerance.honoured" in app.warning[0].value


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_a_click_apart_and_the_question_stays(language):
    app = page(scenarios="tiny,tiny-more", seed="4", language=language)
    app = seen(widget(app, "segmented_control", "page").set_value("scenarios").run())
    assert address_of(app)["page"] == "scenarios"
    assert app.slider
    app = seen(widget(app, "segmented_control", "page").set_value("compare").run())
    assert widget(app, "text_input", "seed").value == "4"
    assert widget(app, "multiselect", "scenarios").value == ["tiny", "tiny-more"]


def test_another_scenario_can_be_looked_at():
    app = look()
    app = seen(widget(app, "selectbox", "scenario").set_value("seeds-patient").run())
    assert address_of(app)["scenario"] == "seeds-patient"
    assert app.slider


def test_a_file_that_cannot_be_read_is_named_and_harms_no_other(folder):
    (folder / "scenarios" / "broken.toml").write_text("name = [", encoding="utf-8")
    app = look()
    assert "broken" in app.warning[0].value
    assert len(rows(app)) == 2


@pytest.mark.parametrize("scenario", ["nobody", "tiny-more@tolerance:much", "tiny-more@nothing:0.5", ""])
def test_a_wrong_scenario_in_a_link_ends_at_one_that_is_there(scenario):
    app = look(scenario=scenario)
    assert app.selectbox
    assert app.table
