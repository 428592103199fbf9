"""``patient-capital compare``: what is asked of the engine, what is printed where, how it ends."""

import errno
import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finance.cli import app
from finance.language import current_language
from finance.scenario import Problem, ScenarioError
from tests.study_tables import FakeEngine
from tests.support import write_delta

RUN = FakeEngine.RUN


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty working folder with two scenarios of its own, and the environment of nobody in particular."""
    monkeypatch.chdir(tmp_path)
    for name in ("PATIENT_CAPITAL_RUNS", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    write_delta(tmp_path / "scenarios", "more", "baseline", tolerance={"attempts": 3})
    write_delta(tmp_path / "scenarios", "most", "baseline", tolerance={"attempts": 4})
    return tmp_path


@pytest.fixture
def engine(monkeypatch):
    def put(**options):
        fake = FakeEngine(**options)
        monkeypatch.setitem(sys.modules, "finance.study.compare", fake)
        return fake

    return put


def run(*arguments, **environment):
    return CliRunner().invoke(app, list(arguments), env=environment)


def contents(folder):
    return sorted(path.name for path in folder.iterdir())


# --- what is asked ---


def test_one_name_is_simulated_with_the_defaults(engine):
    fake = engine()
    result = run("compare", "baseline")
    assert result.exit_code == 0, result.output
    ((names, options),) = fake.calls
    assert names == ["baseline"]
    assert {name: options[name] for name in ("paths", "seed", "workers", "fresh")} == {
        "paths": 2000, "seed": 1, "workers": None, "fresh": False
    }  # fmt: skip
    assert options["store"].folder == Path("runs")
    assert "Differences" not in result.stdout


def test_options_reach_the_engine(engine):
    fake = engine()
    command = "compare more most --baseline baseline --paths 128 --seed 0 --workers 2 --out kept --fresh"
    result = run(*command.split())
    assert result.exit_code == 0, result.output
    ((names, options),) = fake.calls
    assert names == ["baseline", "more", "most"]
    assert options["baseline"] == "baseline"
    assert (options["paths"], options["seed"], options["workers"], options["fresh"]) == (128, 0, 2, True)
    assert options["store"].folder == Path("kept")


def test_the_first_name_is_the_baseline(engine):
    fake = engine()
    assert run("compare", "more", "baseline", "most").exit_code == 0
    ((names, options),) = fake.calls
    assert names == ["more", "baseline", "most"]
    assert options["baseline"] == "more"


def test_a_baseline_among_the_names_keeps_their_order(engine):
    fake = engine()
    assert run("compare", "more", "baseline", "--baseline", "baseline").exit_code == 0
    ((names, options),) = fake.calls
    assert names == ["more", "baseline"]
    assert options["baseline"] == "baseline"


def test_a_baseline_by_its_path_is_the_same_baseline(engine):
    fake = engine()
    assert run("compare", "more", "most", "--baseline", "scenarios/more.toml").exit_code == 0
    assert fake.calls[0][0] == ["more", "most"]


def test_the_store_is_that_of_the_environment(engine, folder):
    fake = engine()
    assert run("compare", "baseline", PATIENT_CAPITAL_RUNS=str(folder / "elsewhere")).exit_code == 0
    assert fake.calls[0][1]["store"].folder == folder / "elsewhere"


# --- what is printed ---


def test_results_go_to_stdout_and_the_rest_to_stderr(engine):
    engine()
    result = run("compare", "baseline", "more", "--paths", "64")
    assert result.stdout.startswith("“Baseline: today's capital”: of the money")
    assert "Differences from baseline" in result.stdout
    assert "patient-capital compare baseline more --paths 64 --seed 1" in result.stdout
    assert result.stderr == f"kept as {RUN} in runs\n"


def test_quiet_says_nothing_but_the_result(engine):
    engine()
    loud, quiet = run("compare", "baseline"), run("compare", "baseline", "--quiet")
    assert quiet.stderr == ""
    assert quiet.stdout.splitlines()[:20] == loud.stdout.splitlines()[:20]


def test_json_is_strict_and_all_there_is(engine):
    engine()
    result = run("compare", "baseline", "more", "--json")

    def refuse(constant):
        raise AssertionError(constant)

    printed = json.loads(result.stdout, parse_constant=refuse)
    assert set(printed) == {"run", "tables"}
    assert printed["run"] == RUN
    (coverage,) = [
        row for row in printed["tables"]["headline"] if row["measure"] == "coverage" and row["scenario"] == "baseline"
    ]
    assert coverage["value"] == 0.4123
    assert {row["low"] for row in printed["tables"]["equilibrium"] if row["measure"] == "residual"} == {None}
    assert {row["measure"] for row in printed["tables"]["versus"]} == {
        "cost_per_additional_company", "cost_per_coverage_point"
    }  # fmt: skip
    assert "differences" in printed["tables"]


def test_json_does_not_depend_on_the_language(engine):
    engine()
    english, chinese = (run("compare", "baseline", "--json", "--language", each) for each in ("en", "zh"))
    assert english.stdout == chinese.stdout
    assert english.stderr != chinese.stderr


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--language", "zh"], {}),
        (["--language=zh"], {"LANG": "en_US.UTF-8"}),
        ([], {"LANG": "zh_CN.UTF-8"}),
        ([], {"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}),
    ],
)
def test_the_language_is_that_of_the_option_or_of_the_locale(engine, arguments, environment):
    engine()
    result = run("compare", "baseline", *arguments, **environment)
    assert "覆盖率（按金额）" in result.stdout
    assert "Coverage" not in result.stdout
    assert current_language() == "en", "the caller's language was changed"


def test_a_kept_answer_is_said_to_be_one(engine):
    engine(timings={}, told=())
    assert "read from the store" in run("compare", "baseline").stdout


def test_warnings_go_to_stderr(engine, folder):
    engine()
    import datetime as dt

    old = {"as_of": dt.date(2001, 1, 1), "expires": dt.date(2002, 2, 2)}
    write_delta(folder / "scenarios", "old", "baseline", tolerance={"attempts": 3}, **old)
    result = run("compare", "old")
    assert "worth knowing:" in result.stderr
    assert "2002-02-02" in result.stderr
    assert "2002" not in result.stdout
    assert run("compare", "old", "--quiet").stderr == ""


# --- bad input ---


def test_everything_wrong_is_said_at_once_and_nothing_is_written(engine, folder):
    fake = engine()
    before = contents(folder)
    (folder / "broken.toml").write_text("format = \n")
    (folder / "empty.toml").write_text("")
    (folder / "binary.toml").write_bytes(b"\x7fELF\x00\x01\x02\x00\x03")
    (folder / "wide.toml").write_bytes("name = 'wide'".encode("utf-16"))
    files = ["./broken.toml", "./empty.toml", "./binary.toml", "./wide.toml", "./missing.toml"]
    numbers = ["--paths", "0", "--seed", "-1", "--workers", "0", "--language", "fr"]
    result = run("compare", "baselin", *files, "--baseline", "nonsense", *numbers, "--out", "empty.toml/runs")
    assert result.exit_code == 2
    assert result.stdout == ""
    for part in (
        *('did you mean "baseline"', "line 1", "says nothing", "no text file", "UTF-16", "no such file"),
        *("paths = 0", "seed -1", "workers = 0", '"fr"', "empty.toml is no folder", '"nonsense"'),
    ):
        assert part in result.stderr, part
    assert result.stderr.startswith("12 to mend")
    assert len(result.stderr.splitlines()) == 13
    assert fake.calls == []
    assert set(contents(folder)) - set(before) == {"broken.toml", "empty.toml", "binary.toml", "wide.toml"}


@pytest.mark.parametrize("paths", ["0", "-1", "10000001", "1.5", "abc", "", "1e3", "9" * 5000])
def test_paths_that_are_none(engine, paths):
    fake = engine()
    result = run("compare", "baseline", "--paths", paths)
    assert result.exit_code == 2
    assert "give a whole number from 1 to 10,000,000" in result.stderr
    assert len(result.stderr) < 200
    assert fake.calls == []


@pytest.mark.parametrize("option", ["--seed=-1", "--seed=x", "--workers=0", "--workers=-2", "--workers=many"])
def test_other_numbers_that_are_none(engine, option):
    fake = engine()
    result = run("compare", "baseline", option)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert fake.calls == []


@pytest.mark.parametrize("paths", ["1", "10000000"])
def test_paths_at_their_limits(engine, paths):
    fake = engine()
    assert run("compare", "baseline", "--paths", paths).exit_code == 0
    assert fake.calls[0][1]["paths"] == int(paths)


def test_no_names_and_bad_options_are_said_together(engine):
    fake = engine()
    result = run("compare", "--paths", "0")
    assert result.exit_code == 2
    assert "name at least one scenario" in result.stderr
    assert "paths = 0" in result.stderr
    assert fake.calls == []


def test_two_scenarios_of_one_name_are_refused(engine, folder):
    fake = engine()
    write_delta(folder / "other", "more", "baseline", tolerance={"attempts": 4})
    for arguments in (["more", "more"], ["more", "other/more.toml"], ["more", "--baseline", "other/more.toml"]):
        result = run("compare", *arguments)
        assert result.exit_code == 2, arguments
        assert "more: two of the scenarios named have this name" in result.stderr
    assert fake.calls == []


def test_a_store_that_cannot_be_written_is_refused(engine, folder, monkeypatch):
    fake = engine()
    monkeypatch.setattr("os.access", lambda path, mode: False)
    result = run("compare", "baseline", "--out", "new/runs")
    assert result.exit_code == 2
    assert f"{folder} is not writable" in result.stderr
    assert fake.calls == []
    assert not (folder / "new").exists()


def test_what_the_engine_refuses_beforehand_is_the_users_to_mend(engine):
    engine(trouble=ValueError("these cannot be compared"), told=())
    result = run("compare", "baseline", "more")
    assert result.exit_code == 2
    assert result.stderr == "these cannot be compared\n"
    problem = Problem("more.toml", "tolerance.attempts", 9, "scenario.source_missing")
    engine(trouble=ScenarioError([problem]), told=())
    result = run("compare", "baseline", "more")
    assert result.exit_code == 2
    assert result.stderr.startswith("more.toml: tolerance.attempts = 9: ")


# --- other ends ---


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (ValueError("operands could not be broadcast\ntogether"), (("equilibrium", 0, 1),)),
        (json.JSONDecodeError("bad", "x", 0), ()),
        (OSError(errno.ENOSPC, "No space left on device"), ()),
        (MemoryError(), ()),
        (ZeroDivisionError("float division by zero"), ()),
    ],
)
def test_a_failure_is_one_line_a_log_and_no_traceback(engine, folder, trouble, told):
    engine(trouble=trouble, told=told)
    (folder / "runs").mkdir()
    result = run("compare", "baseline")
    assert result.exit_code == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    (log,) = (folder / "runs").iterdir()
    assert log.suffix == ".log"
    assert f"runs/{log.name}" in line
    assert type(trouble).__name__ in line
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_an_interruption_keeps_what_is_finished(engine):
    engine(trouble=KeyboardInterrupt(), told=(("equilibrium", 0, 1), ("paths", 640, 2000)))
    result = run("compare", "baseline")
    assert result.exit_code == 130
    assert result.stdout == ""
    assert "finished blocks kept (640 of 2,000 paths, in runs)" in result.stderr


def test_an_interruption_before_anything_has_begun(engine, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    fake = engine()
    monkeypatch.setattr("finance.cli.chosen", interrupted)
    result = run("compare", "baseline")
    assert result.exit_code == 130
    assert result.stderr.strip() == "interrupted"
    assert fake.calls == []


def test_an_interruption_before_the_first_block_promises_nothing(engine):
    engine(trouble=KeyboardInterrupt(), told=(("equilibrium", 0, 1),))
    result = run("compare", "baseline")
    assert result.exit_code == 130
    assert "finished blocks kept" not in result.stderr
    assert "interrupted before" in result.stderr
