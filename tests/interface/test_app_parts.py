"""What the pages are made of: links, questions, kept runs, work in processes of its own, and how the app is served."""

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from typer.testing import CliRunner

from finance.cli import app
from finance.language import set_language
from finance.pages import asking, kept, settings, takeaway
from finance.pages.frames import readable
from finance.pages.jobs import Jobs
from finance.pages.levers import lever_name, lever_of, levers, scenario_of
from finance.pages.link import Choice, Wish, link
from finance.request import Refused
from finance.running.store import RunStore
from finance.scenario import ScenarioError, explain, find_scenarios, load_scenario
from finance.show.report_run import reported
from tests.app_pages import PATIENCE, ending, keep, waiting, wish
from tests.architecture.sources import ROOT
from tests.study_tables import tables
from tests.support import TINY, write_delta


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PATIENT_CAPITAL_RUNS", raising=False)
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "tiny.toml").write_text(TINY.read_text(encoding="utf-8"), encoding="utf-8")
    write_delta(scenarios, "tiny-more", "tiny", classes={"patient": {"capacity": 140.0}}, tolerance={"attempts": 4})
    set_language("en")
    return tmp_path


# --- links ---

NAMES = some.text("abcxyz019-", min_size=1, max_size=12)
CHOICES = some.builds(
    Choice,
    NAMES,
    some.lists(some.tuples(NAMES, some.text("0123456789.", min_size=1, max_size=4)), max_size=3).map(tuple),
)


@given(choices=some.lists(CHOICES, min_size=1, max_size=5, unique=True), paths=some.text(min_size=1, max_size=9))
def test_a_wish_reads_back_from_its_address(choices, paths):
    wished = Wish(tuple(choices), choices[-1], paths, "7")
    assert Wish.read(wished.address()) == wished


@given(text=some.text(max_size=40))
def test_any_text_makes_a_choice_and_a_link(text):
    assert Choice.read(text).name == text.split("@")[0]
    written = link("http://localhost:8501/?old=1", {"key": text})
    assert written.isascii()
    assert " " not in written
    assert "old" not in written


def test_a_link_needs_no_quotes_for_what_it_usually_says():
    address = wish("a", "b-c@classes.patient:0.5").address()
    assert link("http://h/", address) == "http://h/?scenarios=a,b-c@classes.patient:0.5&baseline=a&paths=64&seed=1"


def test_a_dose_of_one_is_the_scenario_itself():
    choice = Choice("a", (("tolerance", "0.5"),))
    assert choice.at({"tolerance": 1.0, "classes.patient": 0.25}) == Choice("a", (("classes.patient", "0.25"),))
    assert str(choice.at({"tolerance": 1.0})) == "a"


# --- levers ---


def test_levers_are_the_tables_that_differ():
    assert levers(load_scenario("tiny")) == []
    assert set(levers(load_scenario("tiny-more"))) == {"tolerance", "classes.patient"}
    assert levers(load_scenario("seeds-patient")) == ["classes.patient"]


def test_a_lever_that_only_one_side_has_is_a_lever(folder):
    changes = {"classes.market": {"absent": True}, "tax.relieved": []}
    own = load_scenario("tiny").with_changes(changes, name="without")
    assert levers(own) == ["tax", "classes.market"]
    assert lever_name(own, "classes.market") == "classes.market"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_lever_and_part_of_a_shipped_scenario_has_a_name(language):
    nameless = set()
    for found in find_scenarios():
        scenario = load_scenario(found.name)
        parts = {*levers(scenario), *(lever_of(one.key) for one in explain(scenario))}
        nameless |= {part for part in parts if lever_name(scenario, part, language) == part}
    assert nameless == set()


@pytest.mark.parametrize(("language", "title"), [("en", "A text. (Patient × 0.5, Tolerance for failure × 2)")])
def test_a_dosed_scenario_says_its_doses_in_its_title(language, title):
    dosed = scenario_of(Choice("tiny-more", (("classes.patient", "0.5"), ("tolerance", "2"))))
    assert dosed.classes["patient"].capacity == 120.0
    name = lever_name(dosed, "classes.patient", language)
    assert getattr(dosed.title, language) == title.replace("Patient", name)
    assert dosed.digest == load_scenario("tiny-more").with_dose({"classes.patient": 0.5, "tolerance": 2.0}).digest


@pytest.mark.parametrize("name", ["/etc/passwd", "../tiny", "a/b.toml", "tiny.toml", ""])
def test_only_names_are_scenarios(name):
    with pytest.raises(ScenarioError):
        scenario_of(Choice(name))


# --- questions ---


def test_the_worker_and_the_study_name_a_run_alike():
    from finance.study import compare

    question = asking.question_of(wish("tiny-more", "tiny", baseline="tiny", paths="128", seed="9"))
    chosen, base = compare._chosen(question.scenarios, question.baseline)
    assert asking.determinants_of(question) == compare._determinants(chosen, base, 128, 9)


def test_a_kept_run_is_found_whatever_the_order_and_only_if_all_is_the_same():
    run = keep(wish("tiny", "tiny-more"))
    manifests = RunStore().runs()

    def found(*names, **more):
        return asking.find_kept(asking.question_of(wish(*names, **more)), manifests)

    assert found("tiny", "tiny-more") == found("tiny-more", "tiny", baseline="tiny") == run
    for names, more in (
        (("tiny",), {}),
        (("tiny", "tiny-more"), {"seed": "2"}),
        (("tiny", "tiny-more"), {"paths": "65"}),
        (("tiny", "tiny-more"), {"baseline": "tiny-more"}),
        (("tiny", "tiny-more@tolerance:0.5"), {}),
    ):
        assert found(*names, **more) is None


def test_scenarios_that_cannot_be_compared_are_refused():
    with pytest.raises(Refused, match="same sectors and stages"):
        asking.question_of(wish("tiny", "baseline"))


def test_python_for_another_dose_makes_the_same_scenarios():
    wished = wish("tiny", "tiny-more@tolerance:0.5", paths="32", seed="3")
    question = asking.question_of(wished)
    text, language = asking.again(wished, question.scenarios)
    assert language == "python"
    asked = []
    code = text.replace("from finance import compare, load_scenario", "").replace("print(", "str(")
    study = type("Study", (), {"tables": {"headline": None}})

    def compare(scenarios, **options):
        asked.append((scenarios, options))
        return study

    exec(code, {"compare": compare, "load_scenario": load_scenario})
    ((scenarios, options),) = asked
    assert [(one.name, one.digest) for one in scenarios] == [(one.name, one.digest) for one in question.scenarios]
    assert (options["paths"], options["seed"], options["baseline"].name) == (32, 3, "tiny")


def test_the_pages_look_things_up_without_the_compiler():
    keep(wish("tiny", "tiny-more"))
    script = (
        "import json, sys; from tests.app_pages import page, wish;"
        "app = page(**wish('tiny', 'tiny-more').address()); assert app.metric;"
        "print(json.dumps([m for m in ('numba', 'llvmlite', 'QuantLib', 'typer') if m in sys.modules]))"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == []


# --- kept runs ---


def test_a_wish_comes_back_from_its_run():
    wished = wish("tiny", "tiny-more@classes.patient:0.25@tolerance:1.5", paths="128", seed="6")
    keep(wished)
    (manifest,) = RunStore().runs()
    assert kept.wish_of(manifest) == wished
    titles = kept.titles_in(manifest)
    assert titles["tiny"] == {"en": "A tiny economy", "zh": "微型经济体"}
    assert all("× 0.25" in titles[name]["zh"] for name in titles if "dose" in name)


def test_a_run_of_scenarios_that_nobody_knows_still_has_names():
    keep(wish("tiny", "tiny-more@tolerance:0.5"))
    (manifest,) = RunStore().runs()
    Path("scenarios/tiny-more.toml").unlink()
    assert [str(choice) for choice in kept.wish_of(manifest).choices] == ["tiny", "tiny-more-dose-tolerance-0p5"]


def test_a_scenario_made_in_code_keeps_its_title_though_it_has_a_date():
    text = "{'as_of': datetime.date(2026, 11, 22), 'title': {'en': 'One', 'zh': '一'}}"
    assert kept._title("it", text) == {"en": "One", "zh": "一"}


@pytest.mark.parametrize("text", ["", "{", "[[[", "title = 3", "{'title': 3}", "(" * 500])
def test_a_text_without_a_title_leaves_the_name(text):
    assert kept._title("it", text) == {"en": "it", "zh": "it"}


# --- tables ---


@pytest.mark.parametrize(("language", "heading", "gap"), [("en", "Measure", "7,654 ±88"), ("zh", "指标", "76.5 ±0.9")])
def test_a_table_for_reading_has_a_column_a_scenario(language, heading, gap):
    set_language(language)
    frame = tables("a", "b")["headline"]
    read = readable(frame, {"a": "Alpha", "b": "Beta"}, {})
    assert next(iter(read.columns)) == heading
    assert list(read.columns)[-2:] == ["Alpha", "Beta"]
    assert gap in read["Alpha"].tolist()


def test_a_run_can_be_taken_away():
    run = keep(wish("tiny", "tiny-more"))
    shown = kept.shown(reported(RunStore().load(run)), ["tiny", "tiny-more"])
    made = tables("a", "b")
    assert takeaway.csv(made["headline"]).decode("utf-8-sig").splitlines()[0] == "scenario,measure,value,low,high,unit"
    assert takeaway.zipped(made)[:2] == takeaway.workbook(shown, "", "en")[:2] == b"PK"
    assert json.loads(takeaway.as_json(shown))["run"] == run
    pages = {language: takeaway.report(shown, "type this", language).decode() for language in ("en", "zh")}
    assert all("type this" in page for page in pages.values())
    assert "微型经济体" in pages["zh"]
    assert "微型经济体" not in pages["en"]


@pytest.mark.parametrize("name", list(tables("a", "b")))
def test_every_table_can_be_read(name):
    read = readable(tables("a", "b")[name], {"a": "A", "b": "B"}, {})
    assert len(read)
    assert not read.duplicated(list(read.columns)[:-1]).any() or name == "differences"


# --- work ---


def test_two_who_ask_the_same_wait_for_the_same_work():
    jobs = Jobs()
    command = waiting({"stage": "paths", "done": 1, "total": 2})
    job = jobs.start("a", wish("tiny"), "en", command)
    assert jobs.start("a", wish("tiny"), "en", command) is job
    assert jobs.running() == [job]
    job.cancel()
    job.cancel()
    assert job.wait(PATIENCE).kind == "cancelled"
    assert job.report.done == 1
    other = jobs.start("a", wish("tiny"), "en", ending(kind="done", run="b", seconds=1.0))
    assert other is not job
    assert other.wait(PATIENCE).run == "b"
    assert jobs.running() == []


@pytest.mark.parametrize("command", [("false",), (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")])
def test_work_that_is_gone_without_a_word_is_lost(command):
    assert Jobs().start("a", wish("tiny"), "en", command).wait(PATIENCE).kind == "lost"


def test_what_is_no_report_is_passed_over():
    """A library may print to where reports go, and not even in UTF-8."""
    script = (
        "import os, json; os.write(1, b'\\xff {\\n3\\n[]\\n{}\\n');"
        "print(json.dumps({'ending': {'kind': 'done', 'run': 'b', 'seconds': 1.0}}), flush=True); print('bye')"
    )
    found = Jobs().start("a", wish("tiny"), "en", (sys.executable, "-c", script)).wait(PATIENCE)
    assert (found.kind, found.run) == ("done", "b")


def test_the_worker_says_what_it_refuses_in_the_readers_language():
    found = Jobs().start("a", wish("tiny", "nobody"), "zh").wait(PATIENCE)
    assert found.kind == "refused"
    assert "没有该情景" in found.problems[0]


@pytest.mark.slow
def test_the_worker_simulates_and_keeps_the_run():
    jobs, wished = Jobs(), wish("tiny", paths="64")
    question = asking.question_of(wished)
    job = jobs.start(asking.job_id(question), wished, "en")
    found = job.wait(600)
    assert found.kind == "done"
    assert found.run == job.id == asking.find_kept(question, RunStore().runs())
    assert job.report.stage == "paths"


@pytest.mark.slow
@pytest.mark.parametrize("inherited", [signal.SIG_DFL, signal.SIG_IGN])
def test_the_worker_stops_when_told_even_where_interrupts_are_ignored(inherited):
    """They are in what a shell starts in the background."""
    kept_handler = signal.getsignal(signal.SIGINT)
    jobs, long = Jobs(), wish("tiny", paths="10000000")
    try:
        signal.signal(signal.SIGINT, inherited)
        job = jobs.start(asking.job_id(asking.question_of(long)), long, "en")
    finally:
        signal.signal(signal.SIGINT, kept_handler)
    while job.report.stage != "paths":
        assert job.ending is None
        time.sleep(0.2)
    job.cancel()
    assert job.wait(600).kind == "cancelled"


# --- serving ---


def test_the_command_serves_as_the_checkout_does():
    written = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    flat = dict(_flat(written))
    assert flat.pop("server.headless") is True
    assert flat == dict(settings.SETTINGS)
    command = settings.command(8599, open_browser=False)
    assert Path(command[4]).is_file()
    assert {"--server.headless=true", "--server.port=8599", "--browser.gatherUsageStats=false"} <= set(command)


@pytest.mark.parametrize(
    ("arguments", "status", "says"), [(["--port", "seven"], 2, "--port seven"), (["--port", "0"], 2, "--port 0")]
)
def test_the_app_is_not_served_at_a_port_that_is_none(arguments, status, says, capsys):
    assert settings.main(arguments) == status
    assert says in capsys.readouterr().err


def test_without_streamlit_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(settings, "find_spec", lambda name: None)
    assert settings.main([]) == 2
    assert "patient-capital[app]" in capsys.readouterr().err


def test_serving_becomes_streamlit(monkeypatch):
    became = []
    monkeypatch.setattr(os, "execv", lambda program, arguments: became.append(arguments))
    settings.main(["--port", "8600"])
    assert became == [settings.command(8600)]


@pytest.mark.parametrize(("typed", "passed"), [([], []), (["--port", "8600", "--language", "zh"],) * 2])
def test_the_command_becomes_the_app(typed, passed, monkeypatch):
    became = []
    monkeypatch.setattr(os, "execv", lambda program, arguments: became.append(arguments))
    assert CliRunner().invoke(app, ["app", *typed]).exit_code == 0
    assert became == [[sys.executable, "-m", "finance.pages", *passed]]


def test_both_scripts_do_the_same():
    scripts = [ROOT / "app.py", ROOT / "finance" / "pages" / "entry" / "app.py"]
    assert len({path.read_text(encoding="utf-8").partition('"""\n')[2] for path in scripts}) == 1


def _flat(table, path=""):
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value
