"""A league table: verdicts by intervals, places, who cannot be told from whom, and what cannot be compared."""

import io

import numpy as np
import pytest
from rich.console import Console

from finance.language import current_language, set_language
from finance.outcome.estimates import Estimate
from finance.scenario import find_scenarios, load_scenario
from finance.show.league import NOT_TOLD, notes, show_league
from finance.study import league as league_module
from finance.study.comparability import assumed_share, caveats
from finance.study.league import VERDICTS, league
from finance.study.versus import COVERAGE


class Known:
    """Stands in for estimates: Δ coverage in points and Δ economic cost, each with its standard error."""

    def __init__(self, **standings):
        self.standings = standings
        self.scenarios, self.baseline = ("base", *standings), 0


@pytest.fixture
def table(monkeypatch):
    def difference_of(estimates, scenario, base, gain):
        coverage, cost = estimates.standings[scenario]
        return Estimate(*(coverage if gain is COVERAGE else cost), 0.0)

    def ratio_of_differences(estimates, scenario, base, top, gain):
        (points, _), (cost, error) = estimates.standings[scenario]
        return (points / cost, 0.9 * points / cost, 1.1 * points / cost) if cost - 1.96 * error > 0.0 else None

    monkeypatch.setattr(league_module, "difference_of", difference_of)
    monkeypatch.setattr(league_module, "ratio_of_differences", ratio_of_differences)
    return lambda **standings: league(Known(**standings))


def test_verdicts_ask_whether_intervals_hold_zero(table):
    found = table(
        worse=((-1.0, 0.1), (50.0, 1.0)),
        unknown=((0.1, 0.1), (50.0, 1.0)),
        dear=((1.0, 0.1), (50.0, 1.0)),
        vague=((1.0, 0.1), (1.0, 1.0)),
        best=((1.0, 0.1), (-50.0, 1.0)),
    )
    first = found.drop_duplicates("scenario")
    assert list(first["scenario"]) == ["best", "vague", "dear", "unknown", "worse"]
    assert list(first["verdict"]) == list(VERDICTS)
    assert list(first["place"]) == [1, 2, 3, 4, 5]
    assert first["told_from_next"].all(), "another verdict tells them apart"
    assert set(found[found["measure"] == "coverage_per_cost"]["scenario"]) == {"dear"}


def test_those_that_buy_stand_by_what_the_same_cost_buys(table):
    found = table(large=((4.0, 0.1), (400.0, 1.0)), cheap=((1.0, 0.1), (20.0, 1.0)))
    assert list(found.drop_duplicates("scenario")["scenario"]) == ["cheap", "large"]
    bought = found[found["measure"] == "coverage_per_cost"].set_index("scenario")["value"]
    assert bought["cheap"] == pytest.approx(0.05), "5 points for 100 million"
    assert bought["large"] == pytest.approx(0.01)


def test_neighbours_are_told_apart_beyond_the_error_of_both(table):
    error = 0.1
    for gap, is_told in ((1.9 * np.hypot(error, error), False), (2.0 * np.hypot(error, error), True)):
        found = table(first=((3.0, error), (-50.0, 1.0)), second=((3.0 - gap, error), (-50.0, 1.0)))
        told = found.drop_duplicates("scenario").set_index("scenario")["told_from_next"]
        assert told["first"] == is_told
        assert told["second"], "nobody stands behind it"


def test_nothing_differs_from_itself(table):
    found = table(same=((0.0, 0.0), (0.0, 0.0)))
    assert set(found["verdict"]) == {"nothing"}


def test_caveats_say_what_stands_in_the_way():
    base = load_scenario("baseline")
    assert caveats(load_scenario("seeds-patient"), base) == ()
    assert caveats(load_scenario("seeds-tax"), base) == ("no_money",)
    waiting = base.with_changes({"guidance_fund.commitment": 1000.0, "guidance_fund.sub_fund_share_cap": 0.2})
    assert "waits" in caveats(waiting, base)
    assert "moves_class" in caveats(load_scenario("baseline-10y-fund"), base)
    for name in ("yozma-1993", "de-dtcf-25y"):
        assert caveats(load_scenario(name), base) == ("stand_in",), "money of its own, in a class of its own"
    grant = {"title": {"en": "Grant", "zh": "资助"}, "stages": ["seed"], "paid_share": 0.1}
    assert caveats(base.with_changes({"support.grant": grant}), base) == ()
    assert all(
        "stand_in" in caveats(load_scenario(one.name), base) for one in find_scenarios() if one.group == "programmes"
    )


def test_the_share_of_assumptions_is_of_what_a_scenario_sets():
    assert assumed_share(load_scenario("yozma-1993")) == pytest.approx(1 / 6)
    assert 0.0 < assumed_share(load_scenario("baseline")) < 1.0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_is_shown_with_its_notes(table, language):
    names = ("seeds-patient", "seeds-tax", "de-dtcf-25y")
    scenarios = [load_scenario(name) for name in ("baseline", *names)]
    found = table(**{name: ((1.0 + place, 0.8), (50.0, 1.0)) for place, name in enumerate(names)})
    console = Console(width=200, record=True, file=io.StringIO())
    before = current_language()
    set_language(language)
    try:
        show_league(console, found, scenarios, scenarios[0])
        wanted = notes(scenarios, scenarios[0])
    finally:
        set_language(before)
    said = console.export_text()
    assert all(note[:20] in said for note in wanted)
    assert NOT_TOLD in said
    assert all(f"  {place} " in said for place in (1, 2, 3))
