"""A result on the terminal: what is shown, and that it fits."""

import io
import math
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from finance.language import LANGUAGES, format_money, message, set_language
from finance.scenario import load_scenario
from finance.show.cells import UNCLEAR, Cell, difference, level
from finance.show.grid import Column, Grid, broken
from finance.show.names import class_names, scenario_names, short_stage_names, stage_names
from finance.show.terminal import Result, RunFacts, show_result
from finance.show.wrapping import wrapped
from finance.study.values import Value
from tests.study_tables import CAUSES, FATES, put, tables

FACTS = RunFacts("0123456789abcdef0123", 2000, 1, 12.34, "patient-capital compare a --paths 2000 --seed 1")


@pytest.fixture(autouse=True)
def speaking_english():
    set_language("en")
    yield
    set_language("en")


@pytest.fixture(scope="module")
def scenarios():
    base = load_scenario("baseline")
    more = base.with_changes({"classes.patient.capacity": 200.0}, name="seeds-patient")
    both = more.with_changes({"tolerance.attempts": 3}, name="seeds-patient-tolerance")
    return base, more, both


def shown(found, scenarios, width=80, facts=FACTS):
    stream = io.StringIO()
    show_result(Console(file=stream, width=width, highlight=False), Result(found, scenarios, scenarios[0], facts))
    return stream.getvalue()


def words(text):
    return " ".join(text.split())


# --- cells ---


@pytest.mark.parametrize(
    ("measure", "value", "cell"),
    [
        ("coverage", Value(0.4123, 0.4063, 0.4183), Cell("41.2%", "±0.6")),
        ("total_gap", Value(7654.3, 7566.3, 7742.3), Cell("7,654", "±88")),
        ("multiple", Value(1.62, 1.59, 1.65), Cell("1.62×", "±0.03")),
        ("pooled_irr", Value(0.0873, 0.0831, 0.0915), Cell("8.7%", "±0.4")),
        ("ventures", Value(240.0, 240.0, 240.0), Cell("240")),
        ("coverage", Value(0.5), Cell("50.0%")),
        ("exits", Value(5.0, 4.8, 6.0), Cell("5.0", "[4.8, 6.0]")),
        ("exits", None, Cell("–")),
        ("coverage", Value(math.nan), Cell("–")),
    ],
)
def test_levels(measure, value, cell):
    assert level(measure, value) == cell


@pytest.mark.parametrize(
    ("measure", "value", "cell"),
    [
        ("coverage", Value(0.031, 0.025, 0.037), Cell("+3.1", "±0.6")),
        ("coverage", Value(0.003, -0.002, 0.008), Cell("+0.3", "±0.5", UNCLEAR)),
        ("budget_cost", Value(-120.0, -130.0, -110.0), Cell("-120", "±10")),
        ("exits", Value(0.0, 0.0, 0.0), Cell("0")),
        ("exits", Value(0.5), Cell("+0.500", "", UNCLEAR)),
        ("exits", None, Cell("–")),
    ],
)
def test_differences_mark_what_cannot_be_told_apart_from_zero(measure, value, cell):
    assert difference(measure, value) == cell


@pytest.mark.parametrize("language", LANGUAGES)
def test_bare_money_is_the_amount_that_language_writes_out(language):
    set_language(language)
    value = Value(7654.0, 7654.0, 7654.0)
    assert level("total_gap", value).number in format_money(7654.0).split()


@pytest.mark.parametrize("width", [20, 41, 80])
def test_wrapping_loses_nothing_and_fits(width):
    text = "覆盖率上升 4.1 个百分点（95% 区间 2.1 至 6.1）；就到达各阶段的轮次而言。 And an English tail, too."
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(line[0] not in "，。；）%" for line in lines)


def test_wrapping_indents():
    assert wrapped("one two three", 9, "  ") == ["  one two", "  three"]
    assert wrapped("one two three", 9, "  ", first="- ") == ["- one two", "  three"]


def test_a_word_longer_than_the_line_stands_alone():
    assert wrapped("a verylongword b", 6) == ["a", "verylongword", "b"]


def test_headings_break_at_hyphens_and_spaces():
    assert broken("seeds-patient-tolerance", 10) == "seeds-\npatient-\ntolerance"
    assert broken("Observed gap", 12) == "Observed gap"
    assert broken("Observed gap", 10) == "Observed\ngap"


def test_a_grid_goes_on_below_where_it_is_too_wide():
    grid = Grid("Title", ["row"], [Column(f"column {k}", [Cell(f"{k}{k}{k}{k}.0", "±1.0")]) for k in range(6)])
    stream = io.StringIO()
    grid.show(Console(file=stream, width=40))
    assert stream.getvalue().count("Title") > 1
    assert all(f"{k}{k}{k}{k}.0" in stream.getvalue() for k in range(6))
    assert max(map(len, stream.getvalue().splitlines())) <= 40


def test_intervals_stand_below_one_another():
    grid = Grid("Title", ["a", "b"], [Column("x", [Cell("1.0", "±0.1"), Cell("1,000", "±20", UNCLEAR)])])
    stream = io.StringIO()
    grid.show(Console(file=stream, width=80))
    first, second = stream.getvalue().splitlines()[-2:]
    assert first.index("±") == second.index("±")


# --- names ---


def test_names_are_titles_without_remarks(scenarios):
    base = scenarios[0]
    assert stage_names(base)["seed"] == "Seed"
    assert short_stage_names(base)["b"] == "B"
    assert class_names(base)["patient"] == "Patient capital"
    set_language("zh")
    assert stage_names(base)["a"] == "A轮·中试"
    assert short_stage_names(base) == {
        "seed": "种子", "angel": "天使", "a": "A轮", "b": "B轮", "c": "C轮", "pre-ipo": "上市前", "all": "合计"
    }  # fmt: skip


def test_two_of_one_title_keep_their_machine_names(scenarios):
    base = scenarios[0]
    again = base.with_changes({}, name="again", title={"en": base.title.en, "zh": "另一个"})
    assert scenario_names((base, again)) == {"baseline": "baseline", "again": "again"}
    set_language("zh")
    assert scenario_names((base, again))["again"] == "另一个"


# --- the whole ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 120])
def test_everything_fits(scenarios, language, width):
    set_language(language)
    text = shown(tables(*(one.name for one in scenarios)), scenarios, width)
    *lines, command = text.splitlines()
    assert max(map(cell_len, lines)) <= width
    assert command.endswith(FACTS.command)
    assert "…" not in text


def test_all_parts_are_there(scenarios):
    text = shown(tables(*(one.name for one in scenarios)), scenarios)
    for part in ("headline", "stages", "causes", "funnel", "fates", "returns", "equilibrium", "inputs", "reading"):
        assert message(f"show.title.{part}") in text, part
    assert "Differences from baseline" in text
    for cause in CAUSES:
        assert message(f"study.cause.{cause}") in text
    for fate in FATES:
        assert message(f"show.fate.{fate}") in text
    assert "Run 0123456789abcdef0123 · 2,000 paths · seed 1 · 12.3 s" in text
    assert text.startswith("“Baseline: today's capital”: ")


def test_scenarios_stand_side_by_side(scenarios):
    text = shown(tables("baseline", "seeds-patient"), scenarios[:2])
    (stages,) = re.findall(r"Funding by stage\n.*?─\n(.*?)\n\n", text, re.S)
    assert [line.strip() for line in stages.splitlines() if "±" not in line] == [
        "Coverage", "Coverage once there", "Observed gap", "Latent gap", "Total gap"
    ]  # fmt: skip
    assert re.search(r"Coverage once there *\n  Seed +71\.0% ±0\.8 +78\.1% ±0\.8", stages)


@pytest.mark.parametrize("chosen", [1, 3])
def test_every_simulated_number_has_its_interval(scenarios, chosen):
    """In the tables that come from simulation: those before the equilibrium, without what is the same in all paths."""
    text = shown(tables(*(one.name for one in scenarios[:chosen])), scenarios[:chosen])
    simulated = text[text.index("Headline") : text.index("\nEquilibrium\n")]
    for line in simulated.splitlines():
        numbers = re.findall(r"(?<![\w.,±-])[+-]?[\d,]+(?:\.\d+)?[%×]?(?![\w.,])", line)
        bare = [number for number in numbers if not re.search(re.escape(number) + r"\s*[±\[]", line)]
        assert all("." not in number for number in bare), line  # whole numbers: ventures that ask, all the same


def test_costs_for_what_is_gained_stand_with_the_differences(scenarios):
    text = shown(tables("baseline", "seeds-patient"), scenarios[:2])
    assert re.search(r"Economic cost of what it brings *\n  Per additional company +\+43 \[40, 47\] *\n", text)
    assert re.search(r"  Per point of coverage +-9 \[-12, -4\] *\n", text)
    assert "left out where the gain may be nothing" in words(text)
    assert "of what it brings" not in shown(tables("baseline"), scenarios[:1])


def test_one_scenario_alone_has_no_differences(scenarios):
    text = shown(tables("baseline"), scenarios[:1])
    assert "Differences" not in text
    assert "Funding by stage\n" in text


def test_what_is_not_clear_is_marked_and_explained(scenarios):
    found = tables("baseline", "seeds-patient")
    labels = {"scenario": "seeds-patient", "table": "headline", "measure": "coverage"}
    text = shown(found, scenarios[:2])
    assert re.search(r"Coverage by money, points +\+4\.1 ±2\.0 *\n", text)
    put(found, "differences", 0.003, -0.002, 0.008, **labels)
    text = shown(found, scenarios[:2])
    assert re.search(r"Coverage by money, points +\+0\.3 ±0\.5 +\?", text)
    assert message("show.unclear_legend") in words(text)


def test_more_than_one_equilibrium_is_said_before_any_table(scenarios):
    found = tables("baseline", "seeds-patient")
    assert "More than one equilibrium" not in shown(found, scenarios[:2])
    labels = {"scenario": "seeds-patient", "start": "pessimistic", "measure": "gap_ratio"}
    put(found, "equilibrium", 0.9, 0.89, 0.91, **labels)
    text = shown(found, scenarios[:2])
    note = text.index("More than one equilibrium: seeds-patient (see Equilibrium)")
    assert note < text.index("\nHeadline\n")
    assert text.index("Two equilibria exist in “seeds-patient”") < text.index("against the baseline")
    assert re.search(r"from pessimism +14 +0\.1% +90\.0% ±1\.0", text)


def test_what_is_missing_is_left_out(scenarios):
    found = tables("baseline")
    del found["returns"], found["equilibrium"]
    found["headline"] = found["headline"][found["headline"]["measure"] == "coverage"]
    text = shown(found, scenarios[:1])
    assert "Returns" not in text
    assert "Equilibrium" not in text
    assert "Over-investment" not in text
    assert "Coverage by money" in text


def test_one_path_says_that_there_are_no_intervals(scenarios):
    found = tables("baseline")
    for table in found.values():
        table[["low", "high"]] = math.nan
    text = shown(found, scenarios[:1], facts=RunFacts("0123", 1, 1, None, "again"))
    assert "its own values, without intervals" in words(text)
    assert "±" not in text
    assert "read from the store" in text


def test_names_are_not_taken_for_markup(scenarios):
    base = scenarios[0]
    odd = base.with_changes({}, name="odd", title={"en": "[bold]x[/bold]", "zh": "[red]"})
    assert "[bold]x[/bold]" in shown(tables("odd"), (odd,))
