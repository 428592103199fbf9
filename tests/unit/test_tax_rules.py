"""Rules with their days: what holds when, what is said when nothing does, and the page that lists them."""

import dataclasses
import re
from datetime import date, datetime
from pathlib import Path

import pytest

from finance.language import set_language
from finance.policy import tax
from finance.scenario.schema import GRADES

PAGE = Path(__file__).parents[2] / "docs" / "model" / "tax-rules.md"
OLD = tax.Rule("old", 1.0, "S", "a law", last_day=date(2020, 6, 30))
NEW = tax.Rule("new", 2.0, "M", "another law", date(2021, 1, 1), date(2021, 12, 31), otherwise=OLD)

every_rule = pytest.mark.parametrize("rule", tax.RULES.values(), ids=tax.RULES)


@pytest.mark.parametrize(
    ("on", "value"),
    [(date(1990, 1, 1), 1.0), (date(2020, 6, 30), 1.0), (date(2021, 1, 1), 2.0), (date(2021, 12, 31), 2.0)],
)
def test_first_and_last_day_count(on, value):
    assert NEW.at(on) == value
    assert NEW.in_force(on).value == value


@pytest.mark.parametrize("on", [date(2020, 7, 1), date(2020, 12, 31), date(2022, 1, 1)])
def test_where_nothing_holds_all_days_are_named(on):
    with pytest.raises(
        ValueError,
        match=r"new: no such rule on .*; it holds from 1 January 2021 to 31 December 2021, until 30 June 2020\.",
    ):
        NEW.at(on)


def test_rule_without_days_always_holds():
    assert tax.Rule("ever", 3, "A", "assumed here").at(date(1, 1, 1)) == 3


def test_error_names_an_open_period():
    with pytest.raises(ValueError, match=r"super_deduction: .* it holds from 1 January 2023"):
        tax.SUPER_DEDUCTION.at(date(2022, 12, 31))
    both = tax.Rule("closed", 1, "S", "a law", last_day=date(2020, 1, 1), otherwise=tax.Rule("any", 2, "S", "a law"))
    assert both.at(date(2021, 1, 1)) == 2


@pytest.mark.parametrize("on", [datetime(2021, 5, 1, 12), "2021-05-01", 2021, None])
def test_what_is_no_day_is_explained(on):
    with pytest.raises(ValueError, match=r"new: a rule is asked for a day, a datetime\.date"):
        NEW.at(on)


def test_errors_are_in_both_languages():
    try:
        set_language("zh")
        with pytest.raises(
            ValueError, match="new：2022年1月1日没有该规则；有效期为2021年1月1日至2021年12月31日、至2020年6月30日止"
        ):
            NEW.at(date(2022, 1, 1))
    finally:
        set_language("en")


def test_rules_cannot_be_changed_and_recalled_ones_say_so():
    with pytest.raises(dataclasses.FrozenInstanceError):
        OLD.value = 3.0
    assert NEW.is_unverified
    assert not OLD.is_unverified


# --- all of them --------------------------------------------------------------------------------------------


@every_rule
def test_every_rule_has_a_source_and_a_grade_and_says_what_is_recalled(rule):
    assert rule.grade in GRADES
    assert len(rule.source) > 20
    assert ("unverified" in rule.source) == rule.is_unverified
    assert ("https://" in rule.source or "http://" in rule.source or "Seed 1" in rule.source) or rule.grade in "MAD"


@every_rule
def test_days_of_every_rule_are_in_order_and_its_value_is_that_of_its_days(rule):
    for one in rule.chain():
        if one.first_day is not None and one.last_day is not None:
            assert one.first_day <= one.last_day
        for day in (one.first_day, one.last_day):
            assert day is None or one.at(day) == one.value


def test_every_rule_that_ends_with_2027_ends_then():
    ending = {name for name, rule in tax.RULES.items() if rule.last_day == date(2027, 12, 31)}
    assert ending == {
        "company_rate_small",
        "small_company",
        "super_deduction_chips_and_machine_tools",
        "investment_deduction",
        "start_up",
        "single_fund",
        "talent_rate_gba",
        "talent_rate_hainan",
    }
    for name in ending:
        rule = tax.RULES[name]
        assert rule.at(date(2027, 12, 31)) == rule.value
        if name in ("company_rate_small", "super_deduction_chips_and_machine_tools"):
            assert rule.at(date(2028, 1, 1)) == rule.otherwise.value
        else:
            with pytest.raises(ValueError, match=name):
                rule.at(date(2028, 1, 1))


def test_names_of_rules_are_their_own():
    rules = [value for value in vars(tax).values() if isinstance(value, tax.Rule)]
    assert sorted(rule.name for rule in rules) == sorted(tax.RULES)


# --- the page -----------------------------------------------------------------------------------------------


def days_on_page(rule):
    first = rule.first_day.isoformat() if rule.first_day else ""
    last = rule.last_day.isoformat() if rule.last_day else ""
    return f"{first} – {last}".strip() if first or last else "–"


def test_page_lists_every_rule_with_its_days_and_grade():
    rows = re.findall(r"(?m)^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|", PAGE.read_text(encoding="utf-8"))
    listed = {name: (days, grade) for name, _, days, grade in rows}
    assert listed == {name: (days_on_page(rule), rule.grade) for name, rule in tax.RULES.items()}


def test_page_states_every_plain_value():
    rows = re.findall(r"(?m)^\| `(\w+)` \| (.*?) \|", PAGE.read_text(encoding="utf-8"))
    for name, said in rows:
        value = tax.RULES[name].value
        if isinstance(value, int | float):
            first = re.match(r"-?[\d.]+", said)
            assert first, name
            stated = float(first[0]) / (100.0 if said[first.end() :].startswith(" %") else 1.0)
            assert stated == pytest.approx(value), name


def test_page_names_every_function():
    page = PAGE.read_text(encoding="utf-8")
    functions = [name for name in tax.__all__ if callable(getattr(tax, name)) and name[0].islower()]
    assert not [name for name in functions if f"`{name}`" not in page]
