"""The plain sentences: what they say, and what they refuse to say."""

import math

import pandas as pd
import pytest

from finance.language import LANGUAGES, set_language
from finance.study.sentence import difference_sentence, level_sentence, sentences
from finance.study.starts import other_ends
from finance.study.values import Value, highest, in_money_unit, lowest, select, value_of, values_by
from tests.study_tables import CAUSES, STAGES, put, tables

NAMES = {"base": "Today", "more": "More money"}
HEADLINE = {"scenario": "more", "table": "headline"}
BY_STAGE = {"scenario": "more", "table": "gap_by_stage", "measure": "conditional_coverage"}


@pytest.fixture(autouse=True)
def speaking_english():
    set_language("en")
    yield
    set_language("en")


@pytest.fixture
def compared():
    return tables("base", "more")


def changed(compared, measure, value, low, high):
    put(compared, "differences", value, low, high, measure=measure, **HEADLINE)
    return difference_sentence(compared, "more", NAMES)


# --- values ---


def test_clear_means_that_the_interval_leaves_out_zero():
    assert Value(0.2, 0.1, 0.3).is_clear
    assert Value(-0.2, -0.3, -0.1).is_clear
    assert not Value(0.2, -0.1, 0.5).is_clear
    assert not Value(0.2, 0.0, 0.4).is_clear
    assert not Value(0.2).is_clear


def test_nothing_is_a_zero_without_spread():
    assert Value(0.0, 0.0, 0.0).is_nothing
    assert not Value(0.0, -1.0, 1.0).is_nothing
    assert not Value(0.0).is_nothing


def test_size_turns_the_interval_with_the_sign():
    assert Value(-2.0, -3.0, -1.0).size() == Value(2.0, 1.0, 3.0)
    assert Value(2.0, 1.0, 3.0).size() == Value(2.0, 1.0, 3.0)


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (Value(10.0, 9.88, 10.12), 2),
        (Value(10.0, 9.8, 10.2), 1),
        (Value(10.0, 9.9004, 10.0996), 2),
        (Value(333.0, 214.0, 452.0), 0),
        (Value(3.33, 2.14, 4.52), 1),
    ],
)
def test_a_half_width_that_begins_with_a_one_may_show_another_digit(value, digits):
    assert value.decimals(fine=True) == digits


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (Value(100.0, 88.0, 112.0), 0),
        (Value(41.2, 40.6, 41.8), 1),
        (Value(41.2, 41.14, 41.26), 2),
        (Value(10.0, 9.9004, 10.0996), 1),
        (Value(10.0, 10.0 - 1e-9, 10.0 + 1e-9), 4),
        (Value(0.30, 0.04, 0.56), 2),
        (Value(1.0, 1.0, 1.0), None),
        (Value(1.0), None),
    ],
)
def test_decimals_follow_the_interval_and_show_that_it_leaves_out_zero(value, digits):
    assert value.decimals() == digits


def test_what_overlaps_the_highest_is_not_ranked_below_it():
    values = {"a": Value(1.0, 0.9, 1.1), "b": Value(3.0, 2.5, 3.5), "c": Value(2.6, 2.2, 3.0)}
    assert highest(values) == ["b", "c"]
    assert lowest(values) == ["a"]
    assert lowest({"a": Value(1.0), "b": Value(5.0, 4.9, 5.1)}) == ["a", "b"]


def test_reading_a_table_that_lacks_rows_columns_or_is_not_there(compared):
    table = compared["headline"]
    assert value_of(table, scenario="base", measure="exits") == Value(6.71, 6.71 - 0.052, 6.71 + 0.052)
    assert value_of(table, scenario="nobody", measure="exits") is None
    assert value_of(None, scenario="base") is None
    assert select(table, stage="a") is None
    assert values_by(table, "stage", scenario="base") == {}
    with pytest.raises(LookupError, match="12 rows"):
        value_of(table, scenario="base")


def test_a_value_that_does_not_exist_is_left_out_of_those_by_label(compared):
    put(compared, "headline", math.nan, math.nan, math.nan, scenario="base", measure="exits")
    assert "exits" not in values_by(compared["headline"], "measure", scenario="base")


@pytest.mark.parametrize(("language", "amount"), [("en", 250.0), ("zh", 2.5)])
def test_money_is_written_in_the_unit_of_the_language(language, amount):
    set_language(language)
    assert in_money_unit(Value(250.0, 200.0, 300.0)).value == amount


# --- one scenario ---


def test_level_says_coverage_cause_and_scarcest_stage():
    assert level_sentence(tables("base"), "base", NAMES, {"b": "B round"}) == (
        "“Today”: of the money that rounds deserving funding needed, 41.2% was supplied (95 % interval 40.6% to 41.8%); "
        "the biggest cause of the observed gap is lack of money, with 62.0% of it (95 % interval 61.6% to 62.4%); "
        "funding is scarcest at B round, where 31.0% of the need of rounds that are asked is met "
        "(95 % interval 30.2% to 31.8%)."
    )


def test_level_without_names_uses_machine_names():
    spoken = level_sentence(tables("base"), "base")
    assert spoken.startswith("“base”: ")
    assert "scarcest at b, " in spoken


def test_the_row_of_all_stages_is_no_stage():
    found = tables("base")
    labels = {"scenario": "base", "measure": "conditional_coverage"}
    put(found, "gap_by_stage", 0.01, 0.005, 0.015, stage="all", **labels)
    assert "scarcest at b, " in level_sentence(found, "base")


def test_causes_that_overlap_are_not_ranked():
    found = tables("base")
    labels = {"scenario": "base", "stage": "all", "order": "capacity_first"}
    put(found, "gap_causes", 0.30, 0.25, 0.35, cause="capacity", **labels)
    put(found, "gap_causes", 0.28, 0.24, 0.32, cause="mandate", **labels)
    spoken = level_sentence(found, "base")
    assert "which cannot be told apart: lack of money, mandates" in spoken
    assert "30" not in spoken.split(";")[1]


def test_capacity_taken_last_does_not_count():
    found = tables("base")
    labels = {"scenario": "base", "stage": "all", "order": "capacity_last"}
    put(found, "gap_causes", 0.9, 0.89, 0.91, cause="mandate", **labels)
    assert "gap is lack of money" in level_sentence(found, "base")


def test_where_everything_overlaps_nothing_is_called_the_biggest():
    found = tables("base")
    for cause in CAUSES:
        labels = {"scenario": "base", "stage": "all", "order": "capacity_first", "cause": cause}
        put(found, "gap_causes", 0.11, 0.0, 0.3, **labels)
    for stage in STAGES:
        labels = {"scenario": "base", "measure": "conditional_coverage", "stage": stage}
        put(found, "gap_by_stage", 0.5, 0.1, 0.9, **labels)
    spoken = level_sentence(found, "base")
    assert "no cause of the observed gap can be called the biggest" in spoken
    assert "at no stage is funding clearly the scarcest" in spoken


def test_one_path_has_no_intervals_and_no_ranking():
    found = tables("base")
    for table in found.values():
        table[["low", "high"]] = math.nan
    spoken = level_sentence(found, "base")
    assert "41.2% was supplied;" in spoken
    assert "interval" not in spoken
    assert "biggest cause" not in spoken
    assert "no cause" in spoken


def test_missing_tables_leave_their_clause_out():
    found = tables("base")
    del found["gap_causes"], found["gap_by_stage"]
    spoken = level_sentence(found, "base", NAMES)
    assert spoken.endswith("41.2% was supplied (95 % interval 40.6% to 41.8%).")


@pytest.mark.parametrize("is_there", [True, False])
def test_no_coverage_where_nothing_deserved_funding(is_there):
    found = tables("base")
    if is_there:
        put(found, "headline", math.nan, math.nan, math.nan, scenario="base", measure="coverage")
    else:
        del found["headline"]
    assert level_sentence(found, "base", NAMES) == (
        "“Today”: no round deserved funding, so there is no coverage to speak of."
    )


# --- against the baseline ---


def test_difference_says_change_stage_and_cost(compared):
    put(compared, "differences", 0.15, 0.14, 0.16, stage="b", **BY_STAGE)
    put(compared, "differences", 120.0, 110.0, 130.0, measure="economic_cost", **HEADLINE)
    assert changed(compared, "coverage", 0.031, 0.025, 0.037) == (
        "“More money”: against the baseline, coverage rises by 3.1 points (95 % interval 2.5 to 3.7); "
        "of rounds that are asked, coverage changes most at b: +15.0 points (95 % interval +14.0 to +16.0); "
        "its economic cost is CNY 120 million higher per simulated economy "
        "(95 % interval CNY 110 million to CNY 130 million)."
    )


def test_a_fall_is_said_without_signs(compared):
    spoken = changed(compared, "coverage", -0.031, -0.037, -0.025)
    assert "coverage falls by 3.1 points (95 % interval 2.5 to 3.7)" in spoken
    assert "lower per simulated economy (95 % interval CNY 110" in changed(
        compared, "economic_cost", -120.0, -130.0, -110.0
    )


@pytest.mark.parametrize(("low", "high"), [(-0.002, 0.008), (0.0, 0.006)])
def test_an_interval_that_covers_zero_is_no_change(compared, low, high):
    spoken = changed(compared, "coverage", 0.003, low, high)
    assert "cannot be told apart from the baseline's: +0.3 points" in spoken
    assert "rises" not in spoken
    assert "falls" not in spoken


def test_a_cost_that_covers_zero_is_no_cost(compared):
    spoken = changed(compared, "economic_cost", 3.0, -2.0, 8.0)
    assert "economic cost cannot be told apart from the baseline's: CNY +3 million" in spoken
    assert "more per simulated economy" not in spoken


def test_the_same_in_every_path_is_said_to_be_the_same(compared):
    spoken = changed(compared, "coverage", 0.0, 0.0, 0.0)
    assert "its coverage is the baseline's in every path" in spoken
    assert "its economic cost is the same in every path" in changed(compared, "economic_cost", 0.0, 0.0, 0.0)


def test_one_path_tells_nothing_of_differences(compared):
    compared["differences"][["low", "high"]] = math.nan
    assert difference_sentence(compared, "more", NAMES) == (
        "“More money”: one path does not tell whether its coverage differs from the baseline's "
        "(+4.1 points in that path)."
    )


def test_stages_that_cannot_be_told_apart_are_not_ranked(compared):
    for stage in STAGES:
        put(compared, "differences", 0.01, -0.01, 0.03, stage=stage, **BY_STAGE)
    assert "at no single stage can the change be told apart from zero" in difference_sentence(compared, "more")
    put(compared, "differences", 0.05, 0.04, 0.06, stage="a", **BY_STAGE)
    put(compared, "differences", -0.055, -0.07, -0.04, stage="c", **BY_STAGE)
    spoken = difference_sentence(compared, "more")
    assert "changes most at one of these stages, which cannot be told apart: c, a" in spoken
    for stage in STAGES:
        put(compared, "differences", 0.05, 0.04, 0.06, stage=stage, **BY_STAGE)
    assert "at none clearly the most: " in difference_sentence(compared, "more")


def test_a_fall_at_a_stage_keeps_its_sign(compared):
    put(compared, "differences", -0.4, -0.41, -0.39, stage="c", **BY_STAGE)
    assert "most at c: -40.0 points (95 % interval -41.0 to -39.0)" in difference_sentence(compared, "more")


def test_missing_rows_are_not_made_up(compared):
    rows = compared["differences"]
    compared["differences"] = rows[(rows["table"] == "headline") & (rows["measure"] == "economic_cost")]
    spoken = difference_sentence(compared, "more", NAMES)
    assert spoken.startswith("“More money”: its coverage cannot be compared with the baseline's; its economic cost is ")
    assert "stage" not in spoken
    del compared["differences"]
    assert difference_sentence(compared, "more", NAMES) == (
        "“More money”: nothing of it can be compared with the baseline."
    )


def test_without_a_cost_nothing_is_said_of_costs(compared):
    rows = compared["differences"]
    compared["differences"] = rows[rows["measure"] != "economic_cost"]
    assert "cost" not in difference_sentence(compared, "more")


# --- two equilibria ---


def ends(found, scenario, start, ratio, residual=0.001):
    labels = {"scenario": scenario, "start": start}
    put(found, "equilibrium", ratio, ratio - 0.001, ratio + 0.001, measure="gap_ratio", **labels)
    put(found, "equilibrium", residual, math.nan, math.nan, measure="residual", **labels)


def test_starts_that_end_within_a_point_are_one_equilibrium(compared):
    assert other_ends(compared, "base") == []
    ends(compared, "base", "optimistic", 0.5561 - 0.0099)
    assert other_ends(compared, "base") == []
    assert "equilibrium" not in level_sentence(compared, "base")
    assert "equilibria" not in difference_sentence(compared, "more")


def test_a_second_equilibrium_is_told_of_with_both_gap_ratios(compared):
    ends(compared, "base", "pessimistic", 0.8)
    (other,) = other_ends(compared, "base")
    assert (other.start, other.is_settled) == ("pessimistic", True)
    assert level_sentence(compared, "base").endswith(
        "it has a second equilibrium: from pessimistic beliefs the market ends at a gap ratio of 80.0% "
        "(95 % interval 79.9% to 80.1%) instead of 55.6% (95 % interval 54.5% to 56.7%)."
    )


@pytest.mark.parametrize(
    ("scenarios", "first"),
    [
        (("more",), "Two equilibria exist in “More money”. "),
        (("base",), "Two equilibria exist in the baseline. "),
        (("more", "base"), "Two equilibria exist in “More money” and the baseline. "),
    ],
)
def test_no_difference_is_told_before_the_second_equilibrium_is(compared, scenarios, first):
    for scenario in scenarios:
        ends(compared, scenario, "pessimistic", 1.0)
    spoken = difference_sentence(compared, "more", NAMES)
    assert spoken.startswith(
        first + "What follows compares those that policy starts from. “More money”: against the baseline, "
    )


@pytest.mark.parametrize("start", ["baseline", "pessimistic"])
def test_a_solve_that_has_not_settled_proves_nothing(compared, start):
    ends(compared, "more", "pessimistic", 0.8)
    ends(compared, "more", start, 0.8 if start == "pessimistic" else 0.5561, residual=0.05)
    assert difference_sentence(compared, "more").startswith("Two equilibria may exist in “more”. ")
    assert "it may have a second equilibrium: from pessimistic beliefs" in level_sentence(compared, "more")


def test_what_is_settled_and_what_is_not_are_told_apart(compared):
    ends(compared, "more", "pessimistic", 0.8, residual=0.05)
    ends(compared, "base", "optimistic", 0.4)
    assert difference_sentence(compared, "more").startswith(
        "Two equilibria exist in the baseline. Two equilibria may exist in “more”. What follows "
    )


def test_without_gap_ratios_nothing_is_known_of_equilibria(compared):
    table = compared["equilibrium"]
    compared["equilibrium"] = table[table["measure"] != "gap_ratio"]
    assert other_ends(compared, "base") == []
    del compared["equilibrium"]
    assert other_ends(compared, "base") == []


# --- all of them ---


def test_the_baseline_goes_first_wherever_it_was_named(compared):
    assert list(sentences(compared, ["more", "base"], "base")) == ["base", "more"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_branch_has_words_in_both_languages(compared, language):
    set_language(language)
    changes = [(0.1, 0.05, 0.15), (-0.1, -0.15, -0.05), (0.1, -0.1, 0.3), (0.0, 0.0, 0.0), (0.1, math.nan, math.nan)]
    spoken = set()
    for change in changes:
        for measure in ("coverage", "economic_cost"):
            spoken.add(changed(compared, measure, *change))
    assert len(spoken) == 2 * len(changes)
    assert all("{" not in sentence for sentence in spoken)


def test_chinese_writes_money_in_yi_yuan(compared):
    set_language("zh")
    assert "经济成本增加 1.20 亿元（95% 区间 1.10 亿元 至 1.30 亿元）" in changed(
        compared, "economic_cost", 120.0, 110.0, 130.0
    )


def test_where_all_have_two_equilibria_it_is_said_once(compared):
    for name in ("headline", "gap_causes", "gap_by_stage", "equilibrium", "differences"):
        rows = compared[name]
        compared[name] = pd.concat([rows, rows[rows["scenario"] == "more"].assign(scenario="again")], ignore_index=True)
    for scenario in ("base", "more"):
        ends(compared, scenario, "pessimistic", 1.0)
    apart = sentences(compared, ["more", "again"], "base", scenario_names=NAMES)
    assert apart["more"].startswith("Two equilibria exist in “More money” and the baseline. ")
    ends(compared, "again", "pessimistic", 1.0)
    spoken = sentences(compared, ["more", "again"], "base", scenario_names=NAMES)
    assert spoken["base"].endswith(
        ". All that are compared with it have two equilibria too. What follows compares those that policy starts from."
    )
    assert spoken["more"].startswith("“More money”: against the baseline, ")
    assert "equilibria" not in spoken["more"] + spoken["again"]
