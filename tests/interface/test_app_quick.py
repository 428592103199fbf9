"""Whoever clicks on at once: the browser tells several clicks in one, and the drawing in between is broken off."""

import pytest
import streamlit as st

from finance.language import set_language
from tests.app_pages import address_of, page, seen, widget, wish
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
    write_delta(scenarios, "tiny-more", "tiny", classes={"patient": {"capacity": 140.0}}, tolerance={"attempts": 4})
    write_delta(scenarios, "tiny-most", "tiny", tolerance={"attempts": 4})
    st.cache_resource.clear()
    yield tmp_path
    set_language("en")


def asked(language="en", **more):
    return {**wish("tiny", "tiny-more").address(), "language": language, **more}


def look(**more):
    return page(page="scenarios", scenarios="tiny", **{"scenario": "tiny-more", **more})


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_typed_right_before_the_page_is_left_stays(language):
    app = page(**asked(language))
    widget(app, "multiselect", "scenarios").set_value(["tiny", "tiny-most"])
    widget(app, "selectbox", "baseline").set_value("tiny-most")
    widget(app, "text_input", "paths").set_value("4,567")
    widget(app, "text_input", "seed").set_value("9")
    app = seen(widget(app, "segmented_control", "page").set_value("scenarios").run())
    said = {"scenarios": "tiny,tiny-most", "baseline": "tiny-most", "paths": "4567", "seed": "9"}
    assert {**address_of(app), "page": "scenarios", **said} == address_of(app)
    app = seen(widget(app, "segmented_control", "page").set_value("compare").run())
    assert widget(app, "multiselect", "scenarios").value == ["tiny", "tiny-most"]
    assert widget(app, "text_input", "seed").value == "9"


def test_what_was_chosen_right_before_the_language_is_stays():
    app = page(**asked("en", paths="2000"))
    widget(app, "multiselect", "scenarios").set_value(["tiny"])
    widget(app, "segmented_control", "precision").set_value("fine")
    app = seen(widget(app, "segmented_control", "language").set_value("zh").run())
    assert (address_of(app)["scenarios"], address_of(app)["paths"]) == ("tiny", "10000")
    assert widget(app, "segmented_control", "precision").value == "fine"


def test_an_old_address_of_its_own_undoes_nothing():
    """A busy browser tells it long after it has been replaced."""
    app = page(**asked())
    old = address_of(app)
    for seed in ("8", "9"):
        app = seen(widget(app, "text_input", "seed").set_value(seed).run())
    for key, value in old.items():
        app.query_params[key] = value
    app = seen(app.run())
    assert widget(app, "text_input", "seed").value == "9"
    assert address_of(app)["seed"] == "9"


def test_a_scenario_that_joined_right_before_is_in_the_comparison():
    app = look(scenario="tiny-more@tolerance:0")
    widget(app, "toggle", "join").set_value(True)
    app = seen(widget(app, "button", "to_comparison").click().run())
    assert address_of(app)["page"] == "compare"
    assert widget(app, "multiselect", "scenarios").value == ["tiny", "tiny-more@tolerance:0"]


def test_it_joins_at_the_dose_that_was_moved_right_before():
    app = look()
    widget(app, "slider", "dose_tiny-more_tolerance").set_value(0.5)
    app = seen(widget(app, "toggle", "join").set_value(True).run())
    assert address_of(app)["scenarios"] == "tiny,tiny-more@tolerance:0.5"
    assert address_of(app)["scenario"] == "tiny-more@tolerance:0.5"
    assert widget(app, "toggle", "join").value


def test_the_scenario_that_was_chosen_right_before_is_looked_at_on_return():
    app = look()
    widget(app, "selectbox", "scenario").set_value("tiny")
    app = seen(widget(app, "segmented_control", "page").set_value("compare").run())
    app = seen(widget(app, "segmented_control", "page").set_value("scenarios").run())
    assert widget(app, "selectbox", "scenario").value == "tiny"
