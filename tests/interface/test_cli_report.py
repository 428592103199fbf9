"""``patient-capital report`` and ``export``: which run, what is written where, and what is refused."""

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from finance.cli import app
from tests.stored_run import RUN, keep_run, write_scenarios
from tests.study_tables import FakeEngine

OTHER = "0123456789ffffffffff"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder with a store that holds one run."""
    monkeypatch.chdir(tmp_path)
    for name in ("PATIENT_CAPITAL_RUNS", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    keep_run(tmp_path / "runs", "baseline", *write_scenarios(tmp_path, 1))
    return tmp_path


def run(*arguments, **environment):
    return CliRunner().invoke(app, list(arguments), env=environment)


# --- what is written where ---


def test_a_report_is_written_beside_the_run_and_its_place_printed(folder):
    result = run("report", RUN)
    assert result.exit_code == 0, result.output
    path = Path("runs") / f"{RUN}.en.html"
    assert result.stdout == f"{path}\n"
    text = path.read_text(encoding="utf-8")
    assert "Coverage by money" in text
    # The command that gives the same run again.
    assert "patient-capital compare baseline more-1 --paths 2000 --seed 1" in text


def test_each_language_has_a_report_of_its_own(folder):
    run("report", RUN)
    assert run("report", RUN, "--language", "zh").exit_code == 0
    assert "死亡谷" in (folder / "runs" / f"{RUN}.zh.html").read_text(encoding="utf-8")
    assert "死亡谷" not in (folder / "runs" / f"{RUN}.en.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("given", [RUN[:5], f"runs/{RUN}"])
def test_a_run_may_be_given_by_its_beginning_or_its_folder(folder, given):
    result = run("export", given, "--format", "csv", "--to", "tables")
    assert result.exit_code == 0, result.output
    assert pd.read_csv("tables/headline.csv")["value"].iloc[0] == 0.4123


def test_a_folder_elsewhere_gets_its_files_beside_it(folder):
    keep_run(folder / "elsewhere", "baseline", run=OTHER)
    result = run("export", f"elsewhere/{OTHER}", "--format", "parquet")
    assert result.exit_code == 0, result.output
    assert (folder / "elsewhere" / f"{OTHER}-parquet" / "headline.parquet").is_file()


def test_formats_have_their_names_and_do_not_disturb_the_store(folder):
    for kind in ("xlsx", "parquet", "csv", "html"):
        assert run("export", RUN, "--format", kind).exit_code == 0
    assert {path.name for path in (folder / "runs").iterdir()} == {
        RUN, f"{RUN}.xlsx", f"{RUN}-parquet", f"{RUN}-csv", f"{RUN}.en.html"
    }  # fmt: skip
    listed = json.loads(run("runs", "--json").stdout)["tables"]["runs"]
    assert [one["run"] for one in listed] == [RUN]


def test_a_file_may_be_named_by_its_folder(folder):
    (folder / "out").mkdir()
    assert run("export", RUN, "--format", "xlsx", "--to", "out").stdout == f"out/{RUN}.xlsx\n"
    assert run("export", RUN, "--format", "xlsx", "--to", "new/mine.xlsx").stdout == "new/mine.xlsx\n"
    assert openpyxl.load_workbook("new/mine.xlsx").sheetnames[0] == "readme"


def test_json_says_the_run_and_the_file(folder):
    result = run("export", RUN[:4], "--format", "csv", "--json")
    assert json.loads(result.stdout) == {"run": RUN, "file": str(Path("runs") / f"{RUN}-csv")}


def test_the_store_is_the_one_asked_for(folder):
    keep_run(folder / "kept", "baseline", run=OTHER)
    assert run("export", OTHER, "--format", "csv", "--out", "kept").exit_code == 0
    assert run("export", OTHER, "--format", "csv", PATIENT_CAPITAL_RUNS=str(folder / "kept")).exit_code == 0
    assert run("export", OTHER, "--format", "csv").exit_code == 2


# --- what is refused ---


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["report"], "name a run"),
        (["report", "ffff"], "no run ffff in runs"),
        (["report", "no such run"], "no run no such run"),
        (["report", "runs/none"], "runs/none: no run is there"),
        (["report", "runs"], "no run runs"),
        (["export", RUN], "choose one of xlsx, parquet, csv, html with --format"),
        (["export", RUN, "--format", "pdf"], 'unknown format "pdf"'),
        (["report", RUN, "--to", "scenarios/more-1.toml/report.html"], "cannot be written"),
        (["export", RUN, "--format", "csv", "--to", "scenarios"], "holds other things"),
        (["report", RUN, "--language", "fr"], 'unknown language "fr"'),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line_and_nothing_is_written(folder, arguments, told):
    before = sorted(folder.rglob("*"))
    result = run(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert sorted(folder.rglob("*")) == before


def test_all_that_is_wrong_is_said_at_once():
    problems = run("export", "--format", "pdf", "--language", "fr").stderr
    for told in ("name a run", "unknown format", "unknown language"):
        assert told in problems


def test_a_beginning_of_several_runs_is_ambiguous(folder):
    keep_run(folder / "runs", "baseline", run=OTHER)
    result = run("report", "01234")
    assert result.exit_code == 2
    assert "01234" in result.stderr
    assert run("export", RUN[:13], "--format", "csv").exit_code == 0


def test_a_broken_run_is_refused(folder):
    (folder / "runs" / RUN / "funnel.parquet").unlink()
    result = run("report", RUN)
    assert result.exit_code == 2
    assert RUN in result.stderr


def test_complaints_speak_chinese():
    assert "请给出一个运行" in run("report", "--language", "zh").stderr


# --- after a comparison ---


@pytest.fixture
def keeping(monkeypatch):
    """An engine that keeps what it answers, as the real one does."""

    class Keeping(FakeEngine):
        def _work(self, names, options):
            super()._work(names, options)
            keep_run(options["store"].folder, *names, run=self.RUN)

    monkeypatch.setitem(sys.modules, "finance.study.compare", Keeping())


def test_compare_writes_the_report_if_asked_and_says_where(folder, keeping):
    result = run("compare", "baseline", "more-1", "--report", "--out", "kept")
    assert result.exit_code == 0, result.output
    path = Path("kept") / f"{RUN}.en.html"
    assert f"report in {path}\n" in result.stderr
    assert path.is_file()
    run("compare", "baseline", "more-1", "--out", "other")
    assert not (folder / "other" / f"{RUN}.en.html").exists()


def test_json_stays_json_beside_a_report(folder, keeping):
    result = run("compare", "baseline", "more-1", "--report", "--json", "--quiet")
    assert set(json.loads(result.stdout)) == {"run", "tables"}
    assert result.stderr == ""
    assert (folder / "runs" / f"{RUN}.en.html").is_file()


def test_help_of_the_new_commands_imports_no_charts():
    script = (
        "import sys\nfrom finance.cli import app\n"
        "try: app(['export', '--help'])\n"
        "except SystemExit: print([n for n in ('altair', 'jinja2', 'xlsxwriter', 'pandas') if n in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines()[-1] == "[]"
