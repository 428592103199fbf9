"""The moments are what their definitions say, and the shipped calibrations still show those that the docs print."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from finance import luck
from finance.market import equilibrium
from finance.market.packed import pack_era
from finance.market.path import simulate_path
from finance.market.records import ACQUISITION, ALIVE, IPO, NEVER, TECHNICAL, TRADE_SALE, empty_notes
from finance.market.returns import committed_by
from finance.market.state import memory_for
from finance.market.terms import Names, shared_axes
from finance.market.values import market_pass
from finance.preparing import Workshop
from finance.scenario import load_scenario
from finance.study.fit_market import Luck, TrialMarkets
from finance.study.fit_plan import read_plan
from finance.study.fit_search import as_burn, value_of
from finance.study.fit_write import with_tables, with_values
from finance.study.moments import MOMENTS, moments_of
from finance.study.moments_paths import Market, Sample, sample_of
from tests.support import tiny

ROOT = Path(__file__).parents[2]
PLANS = ("fit-baseline", "fit-baseline-risky")
STAGES = ("seed", "angel", "a", "b", "c", "pre-ipo")


# --- a watched path is a simulated path --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def watched():
    """The tiny market under its first beliefs: (market, its worlds)."""
    scenario = tiny()
    setting = Workshop().prepare(scenario, shared_axes(scenario, scenario)).setting
    beliefs = equilibrium.first_beliefs(setting)
    tables, _ = market_pass(setting.terms, setting.names, setting.window, beliefs)
    era = pack_era(setting.rules, tables, setting.planner, committed_by(setting.terms, beliefs, None))
    market = Market(setting.terms, setting.names, era, era, setting.terms, *luck.pilot_key(0))
    return market, equilibrium.pilot_worlds(setting, 0, 8)


def test_a_watched_path_is_the_simulated_path_to_the_bit(watched):
    market, worlds = watched
    sample = sample_of(market, np.arange(8), 0, *worlds)
    notes, memory = empty_notes(market.terms), memory_for(market.root_terms, market.terms)
    assert (sample.closed != NEVER).any()
    for path in range(8):
        simulate_path(
            market.root, market.era, market.key0, market.key1, path, *(each[path] for each in worlds), memory, notes
        )
        for name in ("asked", "closed", "supplied", "stake"):
            assert getattr(sample, name)[path].tobytes() == notes.rounds[name].tobytes(), name
        for name in ("fate", "end_quarter"):
            assert getattr(sample, name)[path].tobytes() == notes.ventures[name].tobytes(), name


def test_who_paid_and_what_came_back_add_up(watched):
    market, worlds = watched
    sample = sample_of(market, np.arange(8), 0, *worlds)
    np.testing.assert_allclose(sample.money.sum(axis=1), sample.supplied.sum(axis=1), rtol=1e-9, atol=1e-9)
    over = (sample.fate != ALIVE)[:, :, None] & (sample.supplied > 0.0)
    assert np.array_equal(~np.isnan(sample.returned), over)
    assert np.nanmax(sample.returned[np.isin(sample.fate, (IPO, TRADE_SALE, ACQUISITION))]) > 0.0
    assert np.nanmax(sample.returned[sample.fate == TECHNICAL]) == 0.0


# --- definitions, by hand ----------------------------------------------------------------------------------------------


def by_hand(**changes):
    """Two paths of two ventures. Closings by stage, in quarters; NEVER is −1."""
    asked = np.full((2, 2, 6), NEVER, dtype=np.int32)
    closed = asked.copy()
    closed[0, 0] = (0, 8, 14, 22, 30, 38)  # all the way: B and later beyond age 7 from C on
    closed[0, 1] = (1, 12, -1, -1, -1, -1)
    closed[1, 0] = (4, 10, 19, -1, -1, -1)  # A nine quarters after angel
    closed[1, 1] = (-1, -1, -1, -1, -1, -1)
    asked[:, :, 0] = [[0, 0], [4, 4]]
    supplied = np.where(closed != NEVER, 10.0, 0.0)
    returned = np.where(closed != NEVER, 0.0, np.nan)
    returned[0, 0] = (250.0, 150.0, 70.0, 30.0, 10.0, 9.0)
    money = np.zeros((2, 2, 6))
    money[:, 0] = supplied.sum(axis=1)
    flows = np.zeros((2, 2, 9))
    given = {
        "names": Names(("one",), STAGES, ("venture", "corporate")),
        "switch_quarter": 0,
        "entry_quarters": 8,
        "capacity": np.ones(2),
        "pilot": np.zeros(2, dtype=np.int64),
        "asked": asked,
        "closed": closed,
        "supplied": supplied,
        "stake": np.where(closed != NEVER, 0.2, 0.0),
        "returned": returned,
        "fate": np.array([[IPO, TECHNICAL], [ACQUISITION, TECHNICAL]], dtype=np.int8),
        "end_quarter": np.array([[48, 20], [28, 8]], dtype=np.int32),
        "money": money,
        "invested": flows,
        "received": flows.copy(),
        "unused": flows.copy(),
    }
    return Sample(**(given | changes))


def test_moments_are_what_they_say():
    moments = {name: estimate.value for name, estimate in moments_of(by_hand()).items()}
    expected = {
        "angel_given_seed_7y": 3 / 3,
        "a_given_angel_7y": 2 / 3,
        "a_given_angel_2y": 1 / 3,
        "b_given_a_7y": 1 / 2,
        "b_given_a_4y": 1 / 2,
        "c_given_b_7y": 0.0,  # C closed at 30 quarters, beyond age seven
        "returned_below_1": 6 / 11,
        "returned_1_5": 2 / 11,
        "returned_5_10": 1 / 11,
        "returned_10_20": 1 / 11,
        "returned_above_20": 1 / 11,
        "years_angel_a": (6 / 4 + 9 / 4) / 2,
        "age_at_ipo": 12.0,
        "age_at_acquisition": 6.0,
        "age_at_failure": 5.0,  # the one that never was funded does not count
        "dilution_seed": 0.2,
        "mean_early_round": 10.0,
        "early_share_of_deals": 8 / 11,
        "growth_to_early_money": 2 / 8,
        "late_and_strategic_share": 1 / 11,
        "ipo_share_of_exits": 1 / 2,
        "exit_given_angel": 2 / 3,
    }
    assert {name: moments[name] for name in expected} == pytest.approx(expected)


def test_strategic_money_counts_once_where_it_is_late():
    money = np.zeros((2, 2, 6))
    money[:, 0] = (4.0, 3.0, 2.0, 1.0, 0.0, 6.0)
    money[:, 1] = (0.0, 0.0, 1.0, 1.0, 0.0, 2.0)
    assert moments_of(by_hand(money=money))["late_and_strategic_share"].value == pytest.approx((6 + 2 + 1 + 1) / 20)


def test_the_pooled_rate_is_that_of_all_money_together():
    invested, received = np.zeros((2, 2, 9)), np.zeros((2, 2, 9))
    invested[:, 0, 0] = (100.0, 50.0)
    received[:, 0, 8] = (121.0, 60.5)
    received[:, 1, 4] = 1.0
    moments = moments_of(by_hand(invested=invested, received=received))
    assert moments["irr_vc"].value == pytest.approx(0.1)
    assert moments["irr_vc"].error == pytest.approx(0.0, abs=1e-12)
    assert moments["irr_all"].value > 0.1
    assert np.isnan(moments["irr_late"].value)


def test_errors_are_those_that_resampling_paths_shows():
    rng = np.random.default_rng(5)
    n = 400
    reached = rng.integers(1, 9, n)
    passed = rng.binomial(reached, 0.4)
    place = np.arange(9)[None, :]
    closed = np.full((n, 9, 6), NEVER, dtype=np.int32)
    closed[:, :, 0] = np.where(place < reached[:, None], 0, NEVER)
    closed[:, :, 1] = np.where(place < passed[:, None], 4, NEVER)
    asked = np.zeros((n, 9, 6), dtype=np.int32)
    blank = np.zeros((n, 9, 6))
    sample = by_hand(
        asked=asked, closed=closed, supplied=blank, stake=blank, returned=np.full_like(blank, np.nan),
        fate=np.full((n, 9), TECHNICAL, np.int8), end_quarter=np.full((n, 9), 20, np.int32),
        money=np.ones((n, 2, 6)), invested=np.zeros((n, 2, 9)), received=np.zeros((n, 2, 9)),
        pilot=np.zeros(n, dtype=np.int64),
    )  # fmt: skip
    estimate = next(moment for moment in MOMENTS if moment.name == "angel_given_seed_7y").estimate(sample)
    draws = rng.integers(0, n, (2000, n))
    resampled = passed[draws].sum(axis=1) / reached[draws].sum(axis=1)
    assert estimate.value == pytest.approx(passed.sum() / reached.sum())
    assert estimate.error == pytest.approx(resampled.std(), rel=0.1)


def test_the_error_knows_that_pilots_differ():
    same, apart = by_hand(), by_hand()
    twice = Sample(*(np.concatenate([each, each]) if isinstance(each, np.ndarray) and len(each) == 2 and k >= 4 else each
                     for k, each in enumerate(same)))  # fmt: skip
    one = twice._replace(pilot=np.zeros(4, dtype=np.int64))
    two = twice._replace(pilot=np.array([0, 1, 0, 1]))  # the two paths of a pilot are alike, the pilots are not
    assert moments_of(two)["exit_given_angel"].error > 1.2 * moments_of(one)["exit_given_angel"].error
    assert apart.pilot.tolist() == [0, 0]


# --- the shipped calibrations ------------------------------------------------------------------------------------------


def documented(scenario: str) -> dict[str, tuple[float, float]]:
    """Moments and their errors as the table of the scenario in docs/validation.md prints them."""
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    section = text.split(f"<!-- moments: {scenario} -->")[1].split("<!--")[0]
    row = re.compile(r"^\| (\w+) \| \S+ \| \S+ \| (\S+) \| (\S+) \|", re.M)
    return {name: (float(value), float(error)) for name, value, error in row.findall(section)}


@pytest.mark.parametrize("plan_name", PLANS)
def test_a_calibration_still_shows_the_moments_that_the_docs_print(plan_name):
    plan, targets = read_plan(plan_name)
    shown = documented(plan.scenario)
    assert set(shown) == set(targets.moments) == {moment.name for moment in MOMENTS}
    markets = TrialMarkets(load_scenario(plan.scenario), plan.charge, 2, Luck(1, 64, 128))
    market = markets.solved({}, markets.first_states())
    off = {}
    for name, (value, error) in shown.items():
        band = 0.25 * targets.moments[name].tolerance + 3.0 * np.hypot(error, market.errors[name])
        if abs(market.moments[name] - value) > band:
            off[name] = (market.moments[name], value, band)
    assert not off


@pytest.mark.parametrize("plan_name", PLANS)
def test_no_target_is_a_headline_and_every_free_value_is_near_its_prior(plan_name):
    plan, targets = read_plan(plan_name)
    assert not [name for name in targets.moments if re.search("gap|coverage|worthwhile", name)]
    scenario = load_scenario(plan.scenario)
    far = {path: free.place(value_of(scenario, path)) for path, free in plan.values.items()}
    assert not {path: place for path, place in far.items() if abs(place) > 3.0}


def test_a_need_sets_the_burn_of_its_stage_and_keeps_where_nothing_is_said():
    scenario = load_scenario("baseline")
    (sector,) = scenario.sectors
    above = f"sectors.{sector}.stages"
    changes = as_burn(scenario, {f"{above}.seed.need": 10.0, f"{above}.b.mean_years": 2.5})
    changed = scenario.with_changes(changes, reference=True).sectors[sector].stages
    assert changed["seed"].need == pytest.approx(10.0)
    assert changed["b"].need == pytest.approx(scenario.sectors[sector].stages["b"].need)


def test_fitted_values_are_put_where_the_file_states_them():
    text = "[a.b]\nx = 1.0  # said why\ny = 2\n\n[a.c]\nx = 3.0\n"
    assert with_values(text, {"a.b.x": 0.123456, "a.c.x": 4567.8}) == (
        "[a.b]\nx = 0.123  # said why\ny = 2\n\n[a.c]\nx = 4570.0\n"
    )
    with pytest.raises(ValueError, match=r"a\.d\.x"):
        with_values(text, {"a.d.x": 1.0})


def test_tables_go_where_the_page_has_a_place_for_them():
    page = "a\n\n<!-- one -->\n<!-- end -->\n\n<!-- two -->\nold\n<!-- end -->\nb\n"
    once = with_tables(page, {"one": "| 1 |", "two": "| 2 |"})
    assert once == "a\n\n<!-- one -->\n\n| 1 |\n\n<!-- end -->\n\n<!-- two -->\n\n| 2 |\n\n<!-- end -->\nb\n"
    assert with_tables(once, {"one": "| 1 |", "two": "| 2 |"}) == once
    with pytest.raises(ValueError, match="three"):
        with_tables(page, {"three": ""})


def test_mistakes_in_a_plan_and_its_targets_are_said(tmp_path, monkeypatch):
    shipped = ROOT / "scenarios" / "data"
    plan = (shipped / "fit-baseline.toml").read_text(encoding="utf-8")
    targets = (shipped / "targets-cn-2026.toml").read_text(encoding="utf-8")
    (tmp_path / "scenarios" / "data").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    def said(name, plan_text, targets_text=targets):
        folder = tmp_path / "scenarios" / "data"
        (folder / f"{name}.toml").write_text(plan_text, encoding="utf-8")
        (folder / "targets-cn-2026.toml").write_text(targets_text, encoding="utf-8")
        with pytest.raises(ValueError) as error:  # noqa: PT011 (the texts are the catalogue's)
            read_plan(name)
        return str(error.value)

    assert "fit-nowhere" in said("fit-other", plan.replace('name = "fit-baseline"', 'name = "fit-nowhere"'))
    assert "gap_ratio" in said("fit-baseline", plan, targets.replace("[moments.irr_vc]", "[moments.gap_ratio]"))
    assert "quality_log_odds" in said("fit-baseline", plan.replace("prior = 0.92", "prior = 9.2"))
    assert "sd" in said("fit-baseline", plan.replace("sd = 0.25", "width = 0.25", 1))
