"""Finding and reading files: whatever is wrong with one is said in words, and never leaves as a traceback."""

import datetime as dt
import os
import shutil
from pathlib import Path

import pytest

from finance.language import set_language
from finance.scenario import ScenarioError, check_file, find_scenarios, load_scenario
from finance.scenario.reading import shipped_folder
from tests.support import HEAD, TINY, found, put, tiny, tiny_content, to_toml, write_delta, write_scenario


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty folder with an empty ``scenarios`` folder in it, made the current one."""
    (tmp_path / "scenarios").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("content", "message_id"),
    [
        (b"", "file_empty"),
        (b"  \n\t\n", "file_empty"),
        (b"# only a remark\n", "file_empty"),
        (b"\x7fELF\x02\x01\x00\x00\x00\x00", "file_binary"),
        ("name = 'x'".encode("utf-16"), "file_utf16"),
        ("name = 'x'".encode("utf-16-le"), "file_utf16"),
        ("name = 'x'".encode("utf-16-be"), "file_utf16"),
        ('format = 1\ntitle = "宽容失败"\n'.encode("gbk"), "file_not_utf8"),
        (b"format = 1\nname = \n", "toml_broken_at"),
        (b"format = 1\nformat = 1\n", "toml_broken_at"),
        (b"format = " + b"9" * 5000, "toml_broken"),
        (b"a = " + b"[" * 20000, "toml_broken"),
        (b"#" * 1_000_001, "file_too_large"),
    ],
)
def test_a_file_that_is_no_scenario_is_said_to_be_so(tmp_path, content, message_id):
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    assert found(path) == {("", message_id)}
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert str(path) in str(caught.value)


def test_broken_toml_names_line_and_column(tmp_path):
    path = tmp_path / "odd.toml"
    path.write_text("format = 1\nname = \n", encoding="utf-8")
    (problem,) = check_file(path)
    assert problem.values["line"] == "2"
    assert "line 2" in problem.text("en")
    assert "第 2 行" in problem.text("zh")


def test_a_line_that_is_not_utf8_is_named(tmp_path):
    path = tmp_path / "odd.toml"
    path.write_bytes(b"format = 1\n\ntitle = '\xff'\n")
    (problem,) = check_file(path)
    assert problem.values["line"] == 3


def test_missing_files_and_folders(tmp_path):
    assert found(tmp_path / "none.toml") == {("", "file_missing")}
    assert found(tmp_path) == {("", "file_is_folder")}
    assert found(Path("no\0where.toml")) == {("", "file_missing")}


def test_the_mark_that_windows_editors_write_does_no_harm(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TINY.read_bytes().replace(b"\n", b"\r\n"))
    assert load_scenario(path).digest == tiny().digest


def test_a_newer_format_is_said_and_nothing_else_judged(tmp_path):
    path = write_scenario(tmp_path, "new", {"format": 2, "words": "of the future"})
    assert found(path) == {("format", "newer_format")}


def test_the_name_is_that_of_the_file(tmp_path):
    path = write_scenario(tmp_path, "tiny", {**tiny_content(), "name": "other"})
    assert found(path) == {("name", "name_not_stem")}


@pytest.mark.parametrize("name", ["Tiny", "tiny economy", "tiny_economy", "微型"])
def test_a_name_has_small_letters_digits_and_hyphens(tmp_path, name):
    path = write_scenario(tmp_path, name, {**tiny_content(), "name": name})
    assert found(path) == {("name", "bad_name")}


def test_a_name_is_looked_up_in_the_scenarios_folder_then_among_the_shipped(folder, monkeypatch):
    shipped = folder / "elsewhere"
    monkeypatch.setattr("finance.scenario.reading.shipped_folder", lambda: shipped)
    write_scenario(shipped, "tiny", tiny_content())
    shutil.copytree(TINY.parents[2] / "scenarios" / "data", shipped / "data")
    assert load_scenario("tiny").path == shipped / "tiny.toml"
    write_scenario(folder / "scenarios" / "mine", "tiny", tiny_content())
    assert load_scenario("tiny").path == Path("scenarios/mine/tiny.toml")
    (only,) = find_scenarios()
    assert (only.name, only.path) == ("tiny", Path("scenarios/mine/tiny.toml"))
    assert only.question.zh == "程序是否正常运行？"
    assert only.is_reference


def test_what_ends_in_toml_or_has_a_slash_is_a_path(folder):
    write_scenario(folder / "scenarios", "tiny", tiny_content())
    assert found("tiny.toml") == {("", "file_missing")}
    assert found("./tiny") == {("", "file_missing")}
    assert load_scenario("scenarios/tiny.toml") == load_scenario("tiny")


def test_an_unknown_name_is_told_its_neighbour(folder):
    write_scenario(folder / "scenarios", "tiny", tiny_content())
    (problem,) = check_file("tinyy")
    assert problem.values == {"near": "tiny"}
    assert '"tiny"' in str(problem)


def test_found_scenarios_leave_out_data_and_keep_broken_ones(folder, monkeypatch):
    monkeypatch.setattr("finance.scenario.reading.shipped_folder", lambda: folder / "none")
    scenarios = folder / "scenarios"
    write_scenario(scenarios / "data", "curve", {"tenor_years": [1.0]})
    (scenarios / "broken.toml").write_text("name = \n", encoding="utf-8")
    write_delta(scenarios, "more", "tiny")
    names = {scenario.name: scenario for scenario in find_scenarios()}
    assert set(names) == {"broken", "more"}
    assert names["broken"].problems[0].message_id == "scenario.toml_broken_at"
    assert names["broken"].title is None
    assert names["more"].baseline == "tiny"


def test_a_baseline_is_found_beside_the_file_before_anywhere_else(folder):
    write_scenario(folder / "scenarios", "tiny", put(tiny_content(), "tolerance.attempts", 1))
    write_scenario(folder / "own", "tiny", put(tiny_content(), "tolerance.attempts", 4))
    beside = write_delta(folder / "own", "more", "tiny")
    assert load_scenario(beside).tolerance.attempts == 4
    alone = write_delta(folder / "alone", "more", "tiny")
    assert load_scenario(alone).tolerance.attempts == 1
    assert load_scenario(alone).baseline_scenario.path == Path("scenarios/tiny.toml")


@pytest.mark.parametrize("baseline", ["../outside/tiny", "/etc/passwd", "..", "tiny.toml", "..\\tiny"])
def test_a_baseline_is_no_path(tmp_path, baseline):
    write_scenario(tmp_path / "outside", "tiny", tiny_content())
    path = write_delta(tmp_path / "inside", "more", baseline)
    assert found(path) == {("baseline", "leaves_folders")}


def test_a_baseline_does_not_leave_the_folder_by_a_link(folder):
    outside = write_scenario(folder / "outside", "sly", {**tiny_content(), "name": "sly"})
    path = write_delta(folder / "inside", "more", "sly")
    os.symlink(outside, folder / "inside" / "sly.toml")
    assert found(path) == {("baseline", "leaves_by_link")}


def test_a_baseline_that_is_nowhere(tmp_path):
    write_scenario(tmp_path, "tiny", tiny_content())
    (problem,) = check_file(write_delta(tmp_path, "more", "tinny"))
    assert (problem.key, problem.message_id) == ("baseline", "scenario.not_found_near")
    assert problem.values == {"near": "tiny"}


def test_the_rest_of_a_file_is_checked_although_its_baseline_is_missing(tmp_path):
    path = write_delta(tmp_path, "more", "zzz", tolerance={"attempts": 99, "attempt": 1})
    keys = {key for key, _ in found(path)}
    assert keys == {"baseline", "tolerance.attempts", "tolerance.attempt"}


def test_baselines_that_lead_in_a_circle(tmp_path):
    write_delta(tmp_path, "a", "b")
    write_delta(tmp_path, "b", "c")
    path = write_delta(tmp_path, "c", "a")
    (problem,) = check_file(path)
    assert problem.message_id == "scenario.cycle"
    assert problem.values == {"chain": "c → a → b → c"}
    assert found(write_delta(tmp_path, "self", "self")) == {("baseline", "cycle")}


def test_a_mistake_of_the_baseline_is_said_once_and_blamed_on_the_baseline(tmp_path):
    content = put(put(tiny_content(), "market.min_fill", 2.0), "planner.social_rate", None)
    below = write_scenario(tmp_path, "tiny", content)
    path = write_delta(tmp_path, "more", "tiny", tolerance={"attempts": 9}, planner={})
    problems = check_file(path)
    assert [(p.file, p.key) for p in problems] == [
        (str(below), "planner.social_rate"),
        (str(below), "market.min_fill"),
        (str(path), "tolerance.attempts"),
    ]


def test_a_curve_beside_a_baseline_that_has_mistakes_is_found_all_the_same(folder):
    """From a file elsewhere, which cannot ask the baseline: it became no scenario."""
    shutil.copytree(TINY.parents[2] / "scenarios" / "data", folder / "scenarios" / "mine" / "data")
    for path in (folder / "scenarios" / "mine" / "data").iterdir():
        path.rename(path.with_stem("own")) if path.stem == "chinabond-2024-12-27" else path.unlink()
    own = folder / "scenarios" / "mine" / "data" / "own.toml"
    own.write_text(own.read_text("utf-8").replace("chinabond-2024-12-27", "own"), encoding="utf-8")
    content = put(put(tiny_content(), "market.min_fill", 2.0), "world.curve", "own")
    write_scenario(folder / "scenarios" / "mine", "tiny", content)
    assert found(write_delta(folder / "far", "more", "tiny")) == {("market.min_fill", "out_of_range")}


def test_values_past_their_date_are_a_warning(tmp_path):
    yesterday = dt.date.today() - dt.timedelta(days=1)
    path = write_scenario(tmp_path, "tiny", {**tiny_content(), "expires": yesterday})
    (warning,) = load_scenario(path).warnings
    assert (warning.key, warning.is_warning) == ("expires", True)
    assert check_file(path) == []
    more = load_scenario(path).with_changes({"tolerance.attempts": 3})
    assert more.warnings == (warning,)
    today = write_scenario(tmp_path / "new", "tiny", {**tiny_content(), "expires": dt.date.today()})
    assert load_scenario(today).warnings == ()


def test_values_cannot_expire_before_they_were_true(tmp_path):
    dates = {"as_of": dt.date(2026, 11, 22), "expires": dt.date(2026, 11, 21)}
    path = write_scenario(tmp_path, "tiny", {**tiny_content(), **dates})
    assert found(path) == {("expires", "expires_before")}


def test_problems_speak_the_readers_language(tmp_path):
    path = write_scenario(tmp_path, "tiny", put(tiny_content(), "market.min_fill", 2.0))
    (problem,) = check_file(path)
    set_language("zh")
    try:
        assert "超出范围" in str(problem)
        assert "共有 1 处问题" in str(ScenarioError([problem]))
    finally:
        set_language("en")
    assert "out of range" in str(problem)


def test_the_shipped_folder_is_that_of_the_checkout_here():
    assert (shipped_folder() / "README.md").is_file()


def test_a_file_without_anything_lacks_everything(tmp_path):
    path = tmp_path / "bare.toml"
    path.write_text(to_toml({**HEAD, "name": "bare"}), encoding="utf-8")
    lacking = {key for key, message_id in found(path) if message_id.startswith("missing")}
    assert {"clock.entry_years", "market.queue", "tolerance.fund_loss_limit.seed", "classes"} <= lacking
