"""Scenarios in groups, those past their day, and the note on what a preset cannot say: in lists and explanations."""

import datetime as dt
import io
from pathlib import Path

import pytest
from rich.console import Console

from finance.language import LANGUAGES, message, set_language
from finance.scenario import check_file, explain, find_scenarios, in_groups, json_schema, load_scenario
from finance.scenario.groups import GROUPS, group_of
from finance.scenario.schema_base import LONGEST_NOTE
from finance.show.grids import Compared
from finance.show.listing import group_title, show_explained, show_scenarios
from finance.show.report_inputs import changed_inputs
from tests.support import TEXT, found, write_delta

NOTE = {"en": "Grants are not in the schema.", "zh": "格式无法表达赠款。"}


@pytest.fixture(autouse=True)
def speaking_english():
    set_language("en")
    yield
    set_language("en")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "scenarios"


def printed(show, *arguments, width=100):
    stream = io.StringIO()
    show(Console(file=stream, width=width, highlight=False), *arguments)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("place", "group"),
    [
        ("baseline.toml", ""),
        ("mine.toml", ""),
        ("seeds-tax.toml", "seeds"),
        ("programmes/uk-ecf.toml", "programmes"),
        ("stress/crash.toml", "stress"),
        ("ours/2027/more.toml", "ours"),
        ("ours/seeds-more.toml", "ours"),
    ],
)
def test_a_file_belongs_to_its_folder(place, group):
    assert group_of(Path("scenarios") / place, Path("scenarios")) == group


def test_known_groups_come_first_and_nothing_is_lost():
    scenarios = find_scenarios()
    groups = in_groups(scenarios)
    names = [name for name, _ in groups]
    assert names == [name for name in GROUPS if name in names]
    assert sorted(one.name for _, group in groups for one in group) == [one.name for one in scenarios]
    assert {"", "seeds", "programmes"} <= set(names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_has_a_heading_for_each_group(folder, language):
    write_delta(folder / "zoo", "mine", "baseline", tolerance={"attempts": 3})
    set_language(language)
    lines = printed(show_scenarios, find_scenarios()).splitlines()
    groups = in_groups(find_scenarios())
    headings = [message("show.list.heading", group=group_title(name), count=len(group)) for name, group in groups]
    assert [line for line in lines if line in headings] == headings
    assert headings[-1].startswith("zoo")
    assert lines.index(headings[-1]) > next(k for k, line in enumerate(lines) if line.startswith("zhengzhou-angel-15y"))
    assert lines[lines.index(headings[1]) - 1] == ""


def test_one_group_needs_no_heading():
    (alone,) = [one for one in find_scenarios() if one.name == "seeds-tax"]
    assert "(1)" not in printed(show_scenarios, [alone])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_says_until_when_and_what_has_expired(folder, language):
    dates = {"as_of": dt.date(2020, 1, 1)}
    write_delta(folder, "past", "baseline", tolerance={"attempts": 3}, expires=dt.date(2021, 12, 31), **dates)
    write_delta(folder, "ahead", "baseline", tolerance={"attempts": 3}, expires=dt.date(2999, 12, 31), **dates)
    set_language(language)
    by_name = {one.name: one for one in find_scenarios()}
    assert by_name["past"].has_expired
    assert not by_name["ahead"].has_expired
    assert by_name["past"].expires == dt.date(2021, 12, 31)
    for name, said in (("past", "show.list.expired"), ("ahead", "show.list.until")):
        date = {"en": "31 December ", "zh": f"{by_name[name].expires.year}年12月31日"}[language]
        line = printed(show_scenarios, [by_name[name]]).splitlines()[0]
        assert message(said, date=date).split(date)[0] in line
        assert date in line
    assert by_name["baseline"].expires is None


# --- as modelled ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_note_is_explained_in_the_language_of_the_reader(folder, language):
    write_delta(folder, "mine", "baseline", tolerance={"attempts": 3}, as_modelled=NOTE)
    set_language(language)
    mine = load_scenario("mine")
    assert message("show.explain.as_modelled", text=NOTE[language]) in printed(show_explained, mine, explain(mine))
    base = load_scenario("baseline")
    assert message("show.explain.as_modelled", text="") not in printed(show_explained, base, explain(base))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_note_stands_below_the_question_in_a_report(folder, language):
    write_delta(folder, "mine", "baseline", tolerance={"attempts": 3}, as_modelled=NOTE)
    set_language(language)
    scenarios = (load_scenario("baseline"), load_scenario("mine"), load_scenario("seeds-tax"))
    noted, bare = changed_inputs(Compared({}, scenarios, scenarios[0]))
    assert noted.note == message("report.inputs.question", question=TEXT[language])
    assert noted.as_modelled == message("report.inputs.as_modelled", text=NOTE[language])
    assert bare.as_modelled == ""


def test_the_note_is_the_files_own_and_moves_no_digest(folder):
    write_delta(folder, "mine", "baseline", tolerance={"attempts": 3}, as_modelled=NOTE)
    write_delta(folder, "bare", "baseline", tolerance={"attempts": 3})
    write_delta(folder, "more", "mine", tolerance={"attempts": 4})
    mine = load_scenario("mine")
    assert mine.as_modelled.zh == NOTE["zh"]
    assert mine.digest == load_scenario("bare").digest
    assert load_scenario("more").as_modelled is None
    assert mine.with_dose({"tolerance": 0.0}).as_modelled == mine.as_modelled
    assert mine.with_changes({"tolerance.attempts": 4}).as_modelled is None
    assert mine.document()["as_modelled"] == NOTE


@pytest.mark.parametrize(
    ("note", "problem"),
    [
        ("only English", ("as_modelled", "wrong_type")),
        ({"en": "Only English."}, ("as_modelled.zh", "missing_entry")),
        ({"en": "", "zh": "说明"}, ("as_modelled.en", "wrong_size")),
        ({"en": "x" * (LONGEST_NOTE + 1), "zh": "说明"}, ("as_modelled.en", "too_long")),
        ({**TEXT, "fr": "…"}, ("as_modelled.fr", "unknown_key")),
    ],
)
def test_a_note_wants_both_languages_and_a_paragraph_each(folder, note, problem):
    assert problem in found(write_delta(folder, "mine", "baseline", tolerance={"attempts": 3}, as_modelled=note))


def test_how_long_a_note_may_be_is_said(folder):
    long = {"en": "x" * (LONGEST_NOTE + 1), "zh": "说明"}
    (problem,) = check_file(write_delta(folder, "mine", "baseline", tolerance={"attempts": 3}, as_modelled=long))
    assert "2,000 letters" in problem.text("en")
    assert "2,000 字" in problem.text("zh")


def test_the_json_schema_has_the_note():
    note = json_schema()["properties"]["as_modelled"]
    assert note["required"] == ["en", "zh"]
    assert note["properties"]["zh"]["maxLength"] == LONGEST_NOTE
    assert "as_modelled" not in json_schema()["required"]
