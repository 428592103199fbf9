"""The page on which scenarios are compared: every control, in both languages, without a browser."""

import importlib
import time

import pytest
import streamlit as st

from finance.language import set_language
from finance.pages.jobs import Jobs
from finance.pages.link import Choice
from tests.app_pages import PATIENCE, address_of, ending, has, keep, page, seen, text_of, waiting, widget, wish
from tests.support import TINY, write_delta

LANGUAGES = ("en", "zh")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder with small scenarios and an empty store; nobody's language, and a page without width."""
    for name in ("PATIENT_CAPITAL_RUNS", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "tiny.toml").write_text(TINY.read_text(encoding="utf-8"), encoding="utf-8")
    write_delta(scenarios, "tiny-more", "tiny", classes={"patient": {"capacity": 140.0}}, tolerance={"attempts": 3})
    write_delta(scenarios, "tiny-most", "tiny", tolerance={"attempts": 4})
    st.cache_resource.clear()
    yield tmp_path
    set_language("en")


@pytest.fixture
def worker(monkeypatch):
    """Let another programme stand in for the worker."""

    def put(command):
        monkeypatch.setattr(importlib.import_module("finance.pages.jobs"), "_WORKER", command)

    return put


TWO = wish("tiny", "tiny-more")


def asked(language="en", wished=TWO, **more):
    return {**wished.address(), "language": language, **more}


def until(app, is_so):
    """Draw the page again until something is so."""
    for _ in range(PATIENCE * 4):
        if is_so(seen(app)):
            return app
        time.sleep(0.25)
        app.run()
    raise AssertionError(text_of(app))


# --- at first ---


@pytest.mark.parametrize(("locale", "title"), [("en_GB.UTF-8", "What would"), ("zh_CN.UTF-8", "会改变什么")])
def test_the_first_look_speaks_the_machines_language_and_has_a_question(locale, title, monkeypatch):
    monkeypatch.setenv("LANG", locale)
    app = page()
    assert title in app.title[0].value
    chosen = widget(app, "multiselect", "scenarios").value
    assert 1 <= len(chosen) <= 4
    assert widget(app, "selectbox", "baseline").value == chosen[0]
    assert len(app.info) == 1
    assert not app.error


def test_the_first_look_shows_what_was_asked_last():
    run = keep(TWO)
    app = page()
    assert address_of(app)["run"] == run
    assert widget(app, "multiselect", "scenarios").value == ["tiny", "tiny-more"]


# --- a kept answer ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kept_run_answers_at_once(language):
    run = keep(TWO)
    app = page(**asked(language))
    assert address_of(app)["run"] == run
    assert [one.value for one in app.metric] == ["41.2%", "45.4%"]
    assert {"en": "CNY", "zh": "亿元"}[language] in text_of(app)
    assert app.get("vega_lite_chart")
    assert not app.info
    assert run in text_of(app)


def test_the_order_of_the_names_does_not_matter():
    run = keep(wish("tiny-more", "tiny", baseline="tiny"))
    app = page(**asked())
    assert address_of(app)["run"] == run
    assert [one.label for one in app.metric] == ["A tiny economy", "A text."]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_view_shows_its_pictures_or_says_that_there_are_none(language):
    keep(TWO)
    app = page(**asked(language))
    headings = set()
    for view in ("answer", "valley", "ventures", "money"):
        app = seen(widget(app, "segmented_control", "view").set_value(view).run())
        assert address_of(app)["view"] == view
        headings |= {one.value for one in app.subheader}
        assert app.get("vega_lite_chart")
    assert len(headings) >= 7


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_stands_beside_each_picture_and_can_be_taken_away(language):
    keep(TWO)
    app = page(**asked(language, view="tables"))
    choice = widget(app, "selectbox", "table_choice")
    for name in choice.options:
        app = seen(choice.set_value(choice.options[choice.options.index(name)]).run())
        choice = widget(app, "selectbox", "table_choice")
        (table,) = app.dataframe
        assert len(table.value)
        assert "A tiny economy" in table.value.columns or "微型经济体" in table.value.columns or name
    files = {f"download_{name}" for name in ("chosen", "report", "workbook", "csv", "json")}
    assert {one.key for one in app.get("download_button")} == files


def test_the_tab_beside_a_picture_has_its_table():
    keep(TWO)
    app = page(**asked())
    assert not app.dataframe
    app.session_state["tabs_headline_en"] = "Table"
    app = seen(app.run())
    (table,) = app.dataframe
    assert "Coverage by money" in table.value.iloc[:, 0].tolist()
    assert "41.2% ±0.6" in table.value["A tiny economy"].tolist()


# --- the controls ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_scenarios_and_baseline_change_the_question(language):
    app = page(**asked(language))
    app = seen(widget(app, "multiselect", "scenarios").set_value(["tiny-more", "tiny-most"]).run())
    assert address_of(app)["scenarios"] == "tiny-more,tiny-most"
    app = seen(widget(app, "selectbox", "baseline").set_value("tiny-most").run())
    assert address_of(app)["baseline"] == "tiny-most"
    assert not app.error


@pytest.mark.parametrize("language", LANGUAGES)
def test_precision_names_numbers_of_paths_and_leaves_room_for_others(language):
    app = page(**asked(language, paths="2000"))
    assert widget(app, "segmented_control", "precision").value == "normal"
    assert not has(app, "text_input", "paths")
    for name, paths in {"quick": "300", "fine": "10000"}.items():
        app = seen(widget(app, "segmented_control", "precision").set_value(name).run())
        assert address_of(app)["paths"] == paths
    app = seen(widget(app, "segmented_control", "precision").set_value("own").run())
    app = seen(widget(app, "text_input", "paths").set_value("4,567").run())
    assert address_of(app)["paths"] == "4567"
    app = seen(widget(app, "text_input", "seed").set_value("12").run())
    assert address_of(app)["seed"] == "12"
    assert not app.error


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_wrong_is_said_at_once_and_nothing_is_lost(language):
    app = page(**asked(language, paths="0", seed="-3", scenarios="tiny,nobody,tiny-more@tolerance:much"))
    (error,) = app.error
    for given in ("0", "-3", "nobody", "much"):
        assert given in error.value
    assert widget(app, "text_input", "paths").value == "0"
    assert widget(app, "text_input", "seed").value == "-3"
    chosen = ["tiny", "nobody", "tiny-more@tolerance:much"]
    assert widget(app, "multiselect", "scenarios").value == chosen
    app = seen(widget(app, "button", "run_button").click().run())
    assert app.error
    app = seen(widget(app, "multiselect", "scenarios").set_value(["tiny"]).run())
    app = seen(widget(app, "text_input", "paths").set_value("64").run())
    app = seen(widget(app, "text_input", "seed").set_value("3").run())
    assert not app.error


def test_no_scenario_at_all_is_said():
    app = page(**asked())
    app = seen(widget(app, "multiselect", "scenarios").set_value([]).run())
    assert "at least one" in app.error[0].value


def test_a_path_in_a_link_is_not_read(folder):
    secret = folder / "secret.toml"
    secret.write_text('password = "1234"', encoding="utf-8")
    app = page(**asked(scenarios=f"{secret}"))
    assert "1234" not in text_of(app)
    assert "not the name of a scenario" in app.error[0].value


def test_what_is_shown_stays_until_the_new_question_is_answered():
    run = keep(TWO)
    app = page(**asked())
    app = seen(widget(app, "text_input", "seed").set_value("2").run())
    assert address_of(app)["run"] == run
    assert app.metric
    assert "earlier question" in app.info[0].value
    app = seen(widget(app, "text_input", "seed").set_value("oops").run())
    assert app.metric
    assert app.error


# --- language ---


def test_the_language_can_be_switched_and_the_question_stays():
    keep(TWO)
    app = page(**asked("en"))
    app = seen(widget(app, "text_input", "seed").set_value("9").run())
    app = seen(widget(app, "segmented_control", "language").set_value("zh").run())
    assert "会改变什么" in app.title[0].value
    assert address_of(app) | {"run": ""} == asked("zh", seed="9", page="compare", view="answer", run="")
    assert widget(app, "text_input", "seed").value == "9"
    app = seen(widget(app, "segmented_control", "language").set_value("en").run())
    assert "What would" in app.title[0].value


# --- links ---


def test_a_link_restores_what_is_seen():
    run = keep(wish("tiny", "tiny-more@tolerance:0.5", seed="5"))
    app = page(**asked("zh", wish("tiny", "tiny-more@tolerance:0.5", seed="5"), view="ventures"))
    said = address_of(app)
    assert said["run"] == run
    again = page(**said)
    assert address_of(again) == said
    assert [one.value for one in again.subheader] == [one.value for one in app.subheader]
    assert "tiny-more@tolerance:0.5" in widget(again, "multiselect", "scenarios").value
    shown = [one.value for one in app.code]
    assert any("scenarios=tiny,tiny-more@tolerance:0.5" in text and f"run={run}" in text for text in shown)


def test_a_link_to_a_run_that_is_not_here_says_so():
    app = page(**asked(run="0123456789abcdef0123"))
    assert any("not kept here" in one.value for one in app.info)


def test_a_link_without_numbers_or_with_nonsense_is_a_question_all_the_same():
    app = page(scenarios="tiny", language="fr", view="nothing", page="nowhere", run="../../etc")
    assert address_of(app)["paths"] == "2000"
    assert address_of(app)["view"] == "answer"
    assert not app.error


def test_the_command_of_a_run_is_shown():
    keep(TWO)
    app = page(**asked())
    assert any(one.value == "patient-capital compare tiny tiny-more --paths 64 --seed 1" for one in app.code)


# --- kept runs ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_kept_runs_are_listed_and_opened(language):
    older, newer = keep(TWO), keep(wish("tiny", "tiny-most@tolerance:1.5", "tiny-more", baseline="tiny", paths="128"))
    app = page(**asked(language))
    assert widget(app, "button", f"open_{older}").disabled
    app = seen(widget(app, "button", f"open_{newer}").click().run())
    assert address_of(app)["run"] == newer
    chosen = widget(app, "multiselect", "scenarios").value
    assert chosen == ["tiny", "tiny-most@tolerance:1.5", "tiny-more"]
    assert address_of(app)["paths"] == "128"
    assert not app.info
    assert widget(app, "button", f"open_{newer}").disabled
    assert not widget(app, "button", f"open_{older}").disabled


def test_a_run_of_an_earlier_model_is_shown_and_marked(monkeypatch):
    kept = importlib.import_module("finance.pages.kept")
    run = keep(TWO)
    monkeypatch.setattr(kept, "engine_digest", lambda: "another")
    app = page(**asked(run=run))
    assert app.metric
    assert "earlier version" in app.warning[0].value


# --- simulations ---


@pytest.mark.parametrize(("language", "says"), [("en", "of 8 solved"), ("zh", "共 8")])
def test_a_simulation_is_watched_and_cancelled(language, says, worker):
    step = {"scenario": "tiny-more", "iteration": 7, "pilot": 1, "start": "baseline"}
    worker(waiting({"stage": "equilibrium", "done": 2, "total": 8, **step}))
    app = page(**asked(language))
    app = seen(widget(app, "button", "run_button").click().run())
    app = until(app, lambda app: any(says in str(one.proto.text) for one in app.get("progress")))
    assert widget(app, "button", "run_button").disabled
    assert "tiny-more" in str(app.get("progress")[0].proto.text)
    # Somebody else with the same question watches the same work.
    other = page(**asked(language))
    assert other.get("progress")
    app = seen(widget(app, "button", "cancel_button").click().run())
    app = until(app, lambda app: not app.get("progress"))
    assert any({"en": "Cancelled", "zh": "已取消"}[language] in one.value for one in app.info)
    assert not widget(app, "button", "run_button").disabled


def test_the_answer_is_shown_when_it_is_there(worker):
    run = keep(wish("tiny", "tiny-most"))
    worker(ending(kind="done", run=run, seconds=1.5))
    app = page(**asked())
    app = seen(widget(app, "button", "run_button").click().run())
    app = until(app, lambda app: bool(app.metric))
    assert address_of(app)["run"] == run


NOTHING_CAME_OF_IT = [
    (ending(kind="refused", problems=["this *will* not do"]), r"this \*will\* not do"),
    (ending(kind="failed", text="the log is in x"), "the log is in x"),
    (("false",), "without a word"),
]


@pytest.mark.parametrize(("command", "says"), NOTHING_CAME_OF_IT)
def test_work_that_comes_to_nothing_says_why(command, says, worker):
    worker(command)
    app = page(**asked())
    app = seen(widget(app, "button", "run_button").click().run())
    app = until(app, lambda app: bool(app.error))
    assert says in app.error[0].value
    assert widget(app, "multiselect", "scenarios").value == [str(Choice("tiny")), "tiny-more"]


@pytest.mark.parametrize(("command", "says"), NOTHING_CAME_OF_IT)
def test_work_that_ends_before_the_page_looks_says_why_too(command, says, worker, monkeypatch):
    start = Jobs.start

    def start_and_end(*arguments):
        job = start(*arguments)
        assert job.wait(PATIENCE) is not None
        return job

    monkeypatch.setattr(Jobs, "start", start_and_end)
    worker(command)
    app = page(**asked())
    app = seen(widget(app, "button", "run_button").click().run())
    assert says in app.error[0].value
    assert not widget(app, "button", "run_button").disabled
    # Once told, it is not told again: another try is another job.
    app = seen(widget(app, "text_input", "seed").set_value("2").run())
    assert not app.error


def test_work_that_ends_while_the_question_is_wrong_is_watched_no_more(worker):
    worker(waiting({"stage": "paths", "done": 1, "total": 2}))
    app = page(**asked())
    app = seen(widget(app, "button", "run_button").click().run())
    app = seen(widget(app, "text_input", "seed").set_value("oops").run())
    assert app.get("progress")
    (job,) = importlib.import_module("finance.pages.shelf").jobs().running()
    job.cancel()
    assert job.wait(PATIENCE).kind == "cancelled"
    app = seen(app.run())
    assert not app.get("progress")
    assert "oops" in app.error[0].value
    assert any("Cancelled" in one.value for one in app.info)
