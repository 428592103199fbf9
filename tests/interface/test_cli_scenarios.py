"""``patient-capital``: help, list, check, explain, schema, version, runs, and what is typed wrongly."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import finance
from finance.cli import app
from finance.request import chosen_language
from finance.running.store import Manifest, RunStore
from finance.scenario import json_schema, load_scenario
from tests.study_tables import tables
from tests.support import write_delta

COMMANDS = (
    "list", "check", "explain", "schema", "version", "compare", "league", "concessions", "report", "export", "runs",
    "app",
)  # fmt: skip
HEAVY = ("numpy", "pandas", "numba", "pydantic", "scipy", "pyarrow", "QuantLib")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("PATIENT_CAPITAL_RUNS", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def process(*arguments, **environment):
    """Run the program for real."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    command = [sys.executable, "-m", "finance", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env=kept | environment, check=False
    )


# --- help ---


def test_help_lists_every_command_that_works_and_no_other():
    text = run("--help").stdout
    assert re.findall(r"(?m)^│ ([a-z]+) ", text) == list(COMMANDS)
    assert run().stdout == text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_in_the_language_asked_for(command):
    english, chinese = run(command, "--help"), run(command, "--help", "--language", "zh")
    assert english.exit_code == chinese.exit_code == 0
    assert "Show this text and exit." in english.stdout
    assert "用法：" in chinese.stdout
    assert "显示本帮助并退出。" in chinese.stdout
    for text in (english.stdout, chinese.stdout):
        assert "cli." not in text
        assert "…" not in text


def test_help_imports_nothing_heavy():
    # Typer itself reads its parameters with pydantic.
    script = (
        "import sys, json; from finance.cli import app\n"
        "try: app(['compare', '--help'])\n"
        f"except SystemExit: print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert json.loads(printed.splitlines()[-1]) in ([], ["pydantic"])


def test_importing_the_package_imports_nothing_heavy_and_gives_its_names():
    script = (
        f"import sys, json, finance; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))\n"
        "print(finance.load_scenario.__module__, issubclass(finance.ScenarioError, ValueError))"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == ["[]", "finance.scenario.loading True"]


def test_public_names_are_listed_and_others_refused():
    assert set(finance.__all__) <= set(dir(finance))
    with pytest.raises(AttributeError, match="simulat"):
        finance.simulat  # noqa: B018


# --- language ---


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "C", "LC_ALL": ""}, "en"),
        ([], {"LANG": "zh_CN", "LC_ALL": "en_GB"}, "en"),
        (["--language", "en"], {"LANG": "zh_CN"}, "en"),
        (["--language=zh"], {}, "zh"),
        (["--language", "fr"], {"LANG": "zh_CN"}, "zh"),
        (["--language", "en", "--language", "zh"], {}, "zh"),
        (["--language"], {}, "en"),
    ],
)
def test_choice_of_language(arguments, environment, language):
    assert chosen_language(arguments, environment) == language


def test_the_language_may_stand_before_the_command():
    assert "参照" in run("--language", "zh", "list").stdout
    wrong = run("--language", "fr", "list")
    assert wrong.exit_code == 2
    assert 'unknown language "fr"' in wrong.stderr


# --- list, check, explain, schema, version ---


def test_list_has_own_and_shipped_scenarios(folder):
    write_delta(folder / "scenarios", "mine", "baseline", tolerance={"attempts": 3})
    (folder / "scenarios" / "bad.toml").write_text("format = \n")
    result = run("list")
    assert result.exit_code == 0
    assert "baseline (reference)" in result.stdout
    assert "mine" in result.stdout
    assert "against baseline" in result.stdout
    assert "cannot be read" in result.stdout
    rows = json.loads(run("list", "--json").stdout)["tables"]["scenarios"]
    by_name = {row["scenario"]: row for row in rows}
    assert by_name["mine"]["baseline"] == "baseline"
    assert by_name["baseline"]["reference"] is True
    assert len(by_name["bad"]["problems"]) == 1


def test_check_lists_every_problem_of_every_file(folder):
    fine = write_delta(folder, "fine", "baseline", tolerance={"attempts": 3})
    bad = write_delta(folder, "bad", "baseline", tolerance={"attempts": 99, "honourd": 1})
    result = run("check", str(fine), str(bad), "missing.toml")
    assert result.exit_code == 2
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0] == f"{fine}: nothing wrong"
    assert lines[1] == f"{bad}: 2 to mend"
    assert any("tolerance.attempts = 99" in line for line in lines)
    assert any("did you mean tolerance.honoured" in line for line in lines)
    assert "no such file" in lines[-1]
    rows = json.loads(run("check", str(bad), "--json").stdout)["tables"]["problems"]
    assert {row["key"] for row in rows} == {"tolerance.attempts", "tolerance.honourd"}


def test_check_of_what_is_right_ends_well(folder):
    write_delta(folder, "fine", "baseline", tolerance={"attempts": 3})
    assert run("check", "fine.toml").exit_code == 0
    assert run("check", "baseline").exit_code == 0


def test_check_reads_a_file_whatever_it_is_called(folder):
    (folder / "notes").write_text("")
    result = run("check", "notes")
    assert result.exit_code == 2
    assert "says nothing" in result.stdout


def test_check_without_files_is_refused():
    assert run("check").exit_code == 2
    assert "name at least one scenario file" in run("check").stderr


def test_explain_one_value_and_a_table():
    one = run("explain", "baseline", "tolerance.attempts")
    assert one.exit_code == 0
    value = load_scenario("baseline").tolerance.attempts
    assert f"tolerance.attempts = {value}" in one.stdout
    assert "tolerance.honoured" not in one.stdout
    assert "tolerance.honoured" in run("explain", "baseline", "tolerance").stdout
    rows = json.loads(run("explain", "baseline", "tolerance", "--json").stdout)["tables"]["values"]
    assert {"key", "value", "unit", "meaning", "source", "grade", "baseline_value"} <= set(rows[0])


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["baseline", "tolerance.attempt"], "tolerance.attempts"),
        (["baselin"], 'did you mean "baseline"'),
        ([], "name a scenario"),
        (["baseline", "--language", "fr"], '"fr"'),
    ],
)
def test_explain_refuses(arguments, part):
    result = run("explain", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert part in result.stderr


def test_schema_and_version():
    assert json.loads(run("schema").stdout) == json_schema()
    assert run("version").stdout == f"{finance.__version__}\n"


# --- runs ---


def test_runs_are_those_of_the_store(folder):
    assert run("runs").stdout == "No runs in runs yet.\n"
    assert list(folder.iterdir()) == []
    store = RunStore(folder / "kept")
    store.save(Manifest("abcd", {"paths": 64, "seed": 3}, {"baseline": ""}, {"paths": 1.0}), tables("baseline"))
    store.begin("ef01", {"paths": 64})
    result = run("runs", "--out", "kept")
    assert re.search(r"abcd .* 64 +3 +baseline", result.stdout)
    assert "asking the same again: ef01" in result.stdout
    (row,) = json.loads(run("runs", "--out", "kept", "--json").stdout)["tables"]["runs"]
    assert (row["run"], row["paths"], row["seed"], row["scenarios"]) == ("abcd", 64, 3, ["baseline"])


def test_a_broken_run_is_skipped_and_said_so(folder):
    (folder / "kept" / "abcd").mkdir(parents=True)
    result = run("runs", "--out", "kept")
    assert result.exit_code == 0
    assert "broken" in result.stderr
    assert run("runs", "--out", "kept", "--quiet").stderr == ""


# --- typed wrongly ---


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["compar"], "did you mean compare"),
        (["frobnicate"], "there are: list, check"),
        (["list", "--jsn"], "did you mean --json"),
        (["compare", "baseline", "--frobnicate"], "compare --help"),
        (["compare", "baseline", "--paths"], "--paths wants a value"),
        (["list", "extra"], "extra"),
        (["resume"], "there is no command"),
    ],
)
def test_usage_mistakes(arguments, part):
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert part in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert run(*arguments, "--language", "zh").exit_code == 2


# --- for real ---


def test_a_process_tells_results_from_the_rest_and_ends_as_promised(folder):
    fine = process("version")
    assert (fine.returncode, fine.stdout, fine.stderr) == (0, f"{finance.__version__}\n", "")
    wrong = process("compare", "baselin", "--paths", "0")
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert "Traceback" not in wrong.stderr
    assert wrong.stderr.startswith("2 to mend")
    assert list(folder.iterdir()) == []


def test_a_terminal_of_few_letters_still_gets_the_text():
    shown = process("list", PYTHONIOENCODING="ascii", LANG="zh_CN.UTF-8")
    assert shown.returncode == 0
    assert "baseline" in shown.stdout


def test_a_reader_who_leaves_early_is_no_failure():
    command = f"{sys.executable} -m finance schema | head -c 10"
    ran = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_an_interrupted_process_ends_with_130():
    script = (
        "import sys; sys.path.insert(0, sys.argv.pop(1))\n"
        "from tests.study_tables import FakeEngine; from finance.cli import main\n"
        "told = (('equilibrium', 0, 1), ('paths', 64, 2000))\n"
        "sys.modules['finance.study.compare'] = FakeEngine(KeyboardInterrupt(), told)\n"
        "main()"
    )
    root = str(Path(finance.__file__).parents[1])
    command = [sys.executable, "-c", script, root, "compare", "baseline"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 130
    assert ran.stdout == ""
    assert "finished blocks kept" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_concessions_say_all_that_is_wrong_at_once():
    refused = run("concessions", "--paths", "many")
    assert refused.exit_code == 2
    assert "paths = many" in refused.stderr
    assert "name a scenario" in refused.stderr
    too_few = run("concessions", "yozma-1993", "--paths", "40", "--quiet")
    assert too_few.exit_code == 2
    assert "at least 80 paths" in too_few.stderr
