"""Bad input, mistake by mistake: a clear line for each, all at once, exit code 2, no traceback, nothing written."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finance.cli import app
from tests.study_tables import FakeEngine
from tests.support import HEAD, put, tiny_content, to_toml, write_delta, write_scenario

STAGES = "sectors.lab.stages"
#: What a delta on the tiny economy says, and parts of the line that it gets: key and value, and what is allowed.
MISTAKES = {
    "unknown-key": ({"tolerance": {"attempt": 3}}, "tolerance.attempt = 3: ", "did you mean tolerance.attempts"),
    "unknown-table": ({"tolerances": {}}, "tolerances = {  }: ", "did you mean tolerance"),
    "unknown-class": ({"classes": {"patent": {"capacity": 1.0}}}, "classes.patent: ", "did you mean classes.patient?"),
    "text-for-number": ({"tolerance": {"attempts": "3"}}, 'tolerance.attempts = "3": wrong type', "a whole number"),
    "part-for-whole": ({"tolerance": {"attempts": 2.5}}, "tolerance.attempts = 2.5: wrong type", "a whole number"),
    "yes-for-number": ({"tolerance": {"honoured": True}}, "tolerance.honoured = true: wrong type", "a number"),
    "number-for-table": ({"tolerance": {"fund_loss_limit": 3}}, "fund_loss_limit = 3: wrong type", "a table"),
    "number-for-list": ({"classes": {"market": {"stages": 1}}}, "market.stages = 1: wrong type", "list of names"),
    "date-for-number": ({"market": {"min_fill": "2026-11-22"}}, "market.min_fill", "a number, without quotes"),
    "too-large": ({"tolerance": {"attempts": 99}}, "tolerance.attempts = 99: out of range", "1 ≤ x ≤ 8"),
    "too-small": ({"tolerance": {"honoured": -0.1}}, "tolerance.honoured = -0.1: out of range", "0 ≤ x ≤ 1"),
    "just-out": ({"classes": {"market": {"tax_rate": 1.0}}}, "market.tax_rate = 1.0: out of range", "0 ≤ x < 1"),
    "not-a-number": ({"tolerance": {"honoured": math.nan}}, "honoured = nan: not a finite number", "0 ≤ x ≤ 1"),
    "infinite": ({"classes": {"patient": {"capacity": math.inf}}}, "capacity = inf: not a finite number", "CNY million"),
    "no-choice": ({"market": {"queue": "luck"}}, 'market.queue = "luck": ', "lottery"),
    "no-source": ({"tolerance": {"attempts": 3}, "sources": {}}, "tolerance.attempts = 3: ", "no source"),
    "bare-source": ({"tolerance": {"attempts": 3}, "sources": {"tolerance": "assumption"}}, "sources", "says why"),
    "stage-twice": (
        {"reference": True, "sectors": {"lab": {"stages": {"order": ["seed", "pilot", "seed", "growth"]}}}},
        f"{STAGES}.order", '"seed" stands twice',
    ),
    "stage-left-out": (
        {"reference": True, "sectors": {"lab": {"stages": {"order": ["seed", "growth"]}}}},
        f"{STAGES}.order", 'leaves out "pilot"',
    ),
    "stage-unknown": (
        {"reference": True, "sectors": {"lab": {"stages": {"order": ["seed", "pilot", "grow", "growth"]}}}},
        f"{STAGES}.order", 'names "grow", for which there is no table; did you mean: growth?',
    ),
    "stage-moved": (
        {"sectors": {"lab": {"stages": {"order": ["pilot", "seed", "growth"]}}}},
        f"{STAGES}.order", "have to be those of the reference scenario tiny",
    ),
    "mandate-unknown": ({"classes": {"market": {"stages": ["sed"]}}}, "market.stages", 'no stage "sed"; there are: seed'),
}  # fmt: skip
#: What does not go with a value that the baseline states, so that no value of the file itself is wrong alone.
AT_ODDS = {
    "short-life": {"classes": {"patient": {"life_years": 4.0}}},
    "class-without-order": {"classes": {"patent": tiny_content()["classes"]["patient"]}},
    "stage-removed": {"reference": True, "sectors": {"lab": {"stages": {"pilot": {"absent": True}}}}},
}
#: What stands in a file that is no scenario, and what is said of it.
FILES = {
    "empty": (b"", "the file says nothing"),
    "blank": (b"\n\n# only this\n", ""),
    "binary": (b"\x7fELF\x02\x01\x00\x00\xff\xfe\x00", "no text file"),
    "wide": ("format = 1\n".encode("utf-16"), "save it as UTF-8"),
    "wide-without-mark": ("format = 1\n".encode("utf-16-le"), "save it as UTF-8"),
    "gbk": ("format = 1\n# 耐心资本\n".encode("gbk"), "line 2 is not UTF-8"),
    "broken": (b'format = 1\nname = "x\n', "line 2, column"),
    "twice": (b"format = 1\nformat = 1\n", "line 2, column"),
    "deep": (b"x = " + b"[" * 9999 + b"]" * 9999, "nested too deeply"),
    "large": (b"# " + b"x" * 1_000_001, "more than 1,000,000 bytes"),
    "newer": (b"format = 99\nfrobnicate = true\n", "formats up to 1"),
}
OPTIONS = {"--paths": ("0", "-1", "10000001", "nan"), "--workers": ("0", "-1", "1025"), "--seed": ("-1", "0.5")}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder with the tiny economy in it, and nothing in the environment that matters."""
    monkeypatch.chdir(tmp_path)
    for name in ("PATIENT_CAPITAL_RUNS", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    write_scenario(tmp_path, "tiny", tiny_content())
    return tmp_path


@pytest.fixture(autouse=True)
def engine(monkeypatch):
    """An engine that must not be asked anything."""
    fake = FakeEngine()
    monkeypatch.setitem(sys.modules, "finance.study.compare", fake)
    yield fake
    assert fake.calls == []


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(*arguments):
    """Run a command that has to be refused; returns the lines on standard error."""
    before = contents(Path())
    result = run(*arguments)
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    assert contents(Path()) == before
    return result.stderr.splitlines()


def write_mistake(name):
    tables, *parts = MISTAKES[name]
    return write_delta(Path(), name, "tiny", **tables), parts


# --- one at a time ---


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_file_is_a_line_with_key_value_and_what_is_allowed(name):
    path, parts = write_mistake(name)
    lines = refused("compare", f"./{path}")
    (line,) = [line for line in lines if all(part in line for part in parts)]
    assert line.strip().startswith(f"{path}: ")


@pytest.mark.parametrize("name", AT_ODDS)
def test_what_is_at_odds_with_the_baseline_is_blamed_on_the_file_that_changed_it(name):
    path = write_delta(Path(), name, "tiny", **AT_ODDS[name])
    lines = [line.strip() for line in refused("compare", f"./{path}") if "to mend" not in line]
    assert all(line.startswith(f"{path}: ") and "(stated in tiny.toml)" in line for line in lines)


def test_what_the_baseline_broke_is_still_the_baselines(folder):
    """The same breach is met again in whatever is built on it, and said once."""
    write_scenario(folder, "tiny", put(tiny_content(), "classes.patient.investment_years", 13))
    path = write_delta(folder, "more", "tiny", tolerance={"attempts": 3})
    (line,) = refused("compare", str(path))
    assert "tiny.toml: classes.patient.investment_years = 13: may not be above" in line


def test_a_breach_in_the_middle_of_a_chain_belongs_to_the_middle(folder):
    write_delta(folder, "middle", "tiny", **AT_ODDS["short-life"])
    path = write_delta(folder, "more", "middle", tolerance={"attempts": 3})
    (line,) = refused("compare", str(path))
    assert line.startswith(f"{folder / 'middle.toml'}: classes.patient.investment_years = 6 (stated in ")
    mended = write_delta(folder, "mended", "middle", classes={"patient": {"life_years": 12.0}})
    assert refused("compare", str(mended)) == [line]
    again = write_delta(folder, "again", "mended", classes={"patient": {"life_years": 4.0}})
    _, *lines = refused("compare", str(again))
    assert [line.split(": ")[0].strip() for line in lines] == [str(folder / "middle.toml"), str(again)]


def test_a_slip_in_the_name_of_a_table_is_one_line(folder):
    """Whether or not it is in the order too, and whatever the values in it that have no source of their own."""
    patent = {"patent": {"capacity": 1.0}}
    orders = {"slip": {}, "slip-in-order": {"order": ["market", "patent"]}}
    for name, order in orders.items():
        sources = {"classes.patient": "assumption: made up for a test"}
        (line,) = refused("compare", str(write_delta(folder, name, "tiny", classes=patent | order, sources=sources)))
        assert line.startswith(f"{folder / name}.toml: classes.patent: ")
        assert "did you mean classes.patient?" in line
    meant = {"order": ["market", "patient", "patent"], **patent}
    assert len(refused("compare", str(write_delta(folder, "meant", "tiny", classes=meant)))) > 5


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("name", "add a name in quotes, of small letters a–z, digits and hyphens"),
        ("world.curve", "add a name in quotes, of small letters a–z, digits and hyphens"),
        ("title", 'add a text in both languages, { en = "…", zh = "…" }'),
        ("question.zh", "add a text in quotes"),
    ],
)
def test_a_missing_text_is_told_what_text(folder, path, part):
    content = put({"name": "tiny", **tiny_content()}, path, None)
    (folder / "tiny.toml").write_text(to_toml(content), encoding="utf-8")
    (line,) = refused("compare", "./tiny.toml")
    assert line.startswith(f"tiny.toml: {path}: this is missing")
    assert line.endswith(part)


@pytest.mark.parametrize("key", ["name", "title", "format"])
def test_what_a_head_lacks_is_not_sought_in_the_baseline(folder, key):
    """A head is not inherited, so what is missing there is missing in the file itself."""
    content = put({"name": "more", **HEAD, "baseline": "tiny"}, key, None)
    (folder / "more.toml").write_text(to_toml(content), encoding="utf-8")
    (line,) = refused("compare", "./more.toml")
    assert line.startswith(f"more.toml: {key}: ")


@pytest.mark.parametrize("name", AT_ODDS)
def test_what_is_at_odds_with_the_baseline_is_refused(name):
    lines = refused("compare", f"./{write_delta(Path(), name, 'tiny', **AT_ODDS[name])}")
    assert any("investment_years" in line or "patent" in line or "pilot" in line for line in lines)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_scenario_is_said_to_be_so(folder, name):
    content, part = FILES[name]
    (folder / f"{name}.toml").write_bytes(content)
    lines = refused("compare", f"./{name}.toml")
    assert part in lines[0]
    assert len(lines) == 1
    assert len(lines[0]) < 200


def test_what_is_there_and_no_file_is_said_to_be_so(folder):
    (folder / "folder.toml").mkdir()
    os.mkfifo(folder / "pipe.toml")
    for name, part in {"missing": "no such file", "folder": "this is a folder", "pipe": "no plain file"}.items():
        (line,) = refused("compare", f"./{name}.toml")
        assert line.startswith(f"{name}.toml: ")
        assert part in line


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_circle_of_baselines_is_shown_whole(folder, length):
    names = [f"turn-{place}" for place in range(length)]
    for name, following in zip(names, [*names[1:], names[0]], strict=True):
        write_delta(folder, name, following)
    (line,) = refused("compare", f"./{names[0]}.toml")
    assert " → ".join([*names, names[0]]) in line


@pytest.mark.parametrize("baseline", ["../tiny", "/etc/passwd", "..", ".", "tiny.toml", "C:\\tiny"])
def test_a_baseline_is_not_reached_by_a_path(folder, baseline):
    (line,) = refused("compare", str(write_delta(folder / "inside", "more", baseline)))
    assert "a baseline is named, not reached by a path" in line


def test_a_baseline_outside_the_scenario_folders_is_not_found(folder):
    """The file is two folders up or in a neighbour folder: neither beside, in ./scenarios nor shipped."""
    write_scenario(folder / "elsewhere", "lonely", tiny_content())
    above = write_delta(folder / "inside" / "deeper", "above", "tiny")
    beside = write_delta(folder / "inside", "beside", "lonely")
    for path in (above, beside):
        (line,) = refused("compare", str(path))
        assert "baseline = " in line
        assert "there is no such scenario" in line


def test_a_link_out_of_the_folder_is_said_to_be_one(folder):
    write_scenario(folder / "elsewhere", "lonely", tiny_content())
    (folder / "elsewhere" / "curve.toml").write_text("", encoding="utf-8")
    links = {
        "links/lonely.toml": "lonely.toml",
        "links/data/out.toml": "curve.toml",
        "scenarios/far.toml": "lonely.toml",
    }
    for link, file in links.items():
        (folder / link).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(folder / "elsewhere" / file, folder / link)
    paths = {
        "links/lonely.toml": write_delta(folder / "links", "linked", "lonely"),
        "scenarios/far.toml": write_delta(folder / "links", "farther", "far"),
        "links/data/out.toml": write_delta(folder / "links", "curved", "tiny", world={"curve": "out"}),
    }
    write_scenario(folder / "links", "tiny", tiny_content())
    for link, path in paths.items():
        (line,) = refused("compare", str(path))
        assert f"{link} is a link that leads out of the scenario folders" in line
    (line,) = refused("compare", "far")
    assert "scenarios/far.toml is a link" in line


def test_a_link_to_itself_is_nowhere(folder):
    (folder / "scenarios").mkdir()
    os.symlink("turn.toml", folder / "scenarios" / "turn.toml")
    (line,) = refused("compare", "turn")
    assert "is a link" in line
    assert run("list").exit_code == 0


@pytest.mark.parametrize("tables", [{"baseline": "x" * 300}, {"baseline": "tiny", "world": {"curve": "x" * 300}}])
def test_a_name_too_long_for_a_file_is_refused(folder, tables):
    path = write_delta(folder, "more", **tables)
    for line in (refused("compare", str(path))[-1], run("check", str(path)).stdout.splitlines()[-1]):
        assert "there is no such " in line
        assert len(line) < 800  # the shipped scenarios are named


def test_a_folder_that_only_looks_writable_is_refused(monkeypatch):
    from finance.request import store_in

    monkeypatch.setattr(os, "access", lambda *_: True)
    _, problems = store_in("/proc/runs", print)
    assert problems


@pytest.mark.parametrize(("option", "given"), [(option, given) for option in OPTIONS for given in OPTIONS[option]])
def test_a_number_out_of_range_is_told_its_range(option, given):
    (line,) = refused("compare", "baseline", f"{option}={given}")
    assert given in line
    assert "whole number" in line


# --- all at once ---


def everything_wrong(folder):
    """Write every mistake, each in a file of its own; returns what to type and the files."""
    paths = [write_mistake(name)[0] for name in MISTAKES]
    for name, (content, _) in FILES.items():
        paths.append(Path(f"{name}.toml"))
        paths[-1].write_bytes(content)
    paths += [write_delta(Path(), "turn", "turn"), write_delta(Path(), "astray", "../tiny"), Path("missing.toml")]
    options = [f"{option}={given[0]}" for option, given in OPTIONS.items()]
    return ["compare", *(f"./{path}" for path in paths), *options], paths


def test_every_mistake_is_said_at_once(folder):
    command, paths = everything_wrong(folder)
    heading, *lines = refused(*command)
    assert heading.startswith(f"{len(lines)} to mend")
    for option in OPTIONS:
        assert any(line.strip().startswith(option.removeprefix("--")) for line in lines), option
    for path in paths:
        assert any(line.strip().startswith(f"{path}: ") for line in lines), path


def test_several_mistakes_of_one_file_are_said_at_once(folder):
    tables = {"attempts": "3", "honoured": math.nan, "search_quarters": 0, "patience": 4}
    path = write_delta(folder, "several", "tiny", tolerance=tables, sources={})
    text = "\n".join(refused("compare", str(path)))
    for part in ('attempts = "3"', "honoured = nan", "search_quarters = 0", "patience = 4", "no source"):
        assert part in text


def test_check_says_what_compare_says(folder):
    command, paths = everything_wrong(folder)
    files = [str(path) for path in paths]
    checked = run("check", *files)
    assert (checked.exit_code, checked.stderr) == (2, "")
    said = {line.strip() for line in refused(*(word for word in command if not word.startswith("--")))[1:]}
    assert said <= {line.strip() for line in checked.stdout.splitlines()}


def test_in_chinese_every_line_is_chinese(folder):
    command, _ = everything_wrong(folder)
    english, chinese = refused(*command), refused(*command, "--language", "zh")
    assert len(chinese) == len(english)
    assert all(any("一" <= letter <= "鿿" for letter in line) for line in chinese)


def test_a_process_ends_with_2_and_no_traceback(folder):
    command, _ = everything_wrong(folder)
    before = contents(folder)
    environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache"), "LANG": "C.UTF-8"}
    ran = subprocess.run(
        [sys.executable, "-m", "finance", *command], capture_output=True, text=True, encoding="utf-8", check=False,
        env=environment,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Traceback" not in ran.stderr
    assert ran.stderr.splitlines() == refused(*command)
    assert contents(folder) == before


def test_python_gets_the_same_problems(folder):
    from finance.scenario import ScenarioError, load_scenario

    path = write_delta(folder, "several", "tiny", tolerance={"attempts": 99, "honoured": math.nan}, sources={})
    with pytest.raises(ScenarioError) as raised:
        load_scenario(path)
    said = {line.strip() for line in refused("compare", str(path))[1:]}
    assert {problem.text() for problem in raised.value.problems} == said
    assert isinstance(raised.value, ValueError)
    assert HEAD["title"]["en"] not in str(raised.value)
