"""Cost for what it brings: the ratio, Fieller's interval, and when there is no ratio at all."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from finance.outcome.components import ALL
from finance.outcome.estimates import NORMAL_95, Estimates
from finance.outcome.layout import Component, Layout
from finance.outcome.measures import JOINTS
from finance.outcome.registry import Mean, Measure, Registry
from finance.running.threads import run
from finance.study.versus import COMPANIES, COVERAGE, ECONOMIC_COST, ratio_of_differences, versus
from tests.synthetic_paths import ArraySource

STAGE = ("stage", (ALL,))
LAYOUT = Layout(
    [
        Component("exits"),
        Component("fates", (STAGE, ("fate", ("alive", "self_sustaining")))),
        Component("economic_cost"),
        Component("reference_filled", (STAGE,)),
        Component("reference_demand", (STAGE,)),
        Component("private_invested"),
        Component("public_outlay"),
        Component("committed_private", (("class", ("venture",)),)),
    ]
)
EXITS, ALIVE, SUSTAINING, COST, FILLED, DEMAND, PRIVATE, PUBLIC, COMMITTED = range(9)
MEASURES = [Measure("exits", "headline", "count", "m.exits", Mean("exits"))]
REGISTRY = Registry(LAYOUT, MEASURES, JOINTS[1:])


def estimated(vectors, n_pilots=1):
    return Estimates(run(ArraySource(vectors, LAYOUT, n_pilots), REGISTRY, vectors.shape[1], workers=1))


def paired(n_paths=400, seed=0, gain=2.0, cost=100.0):
    """Two scenarios, a and b: b costs `cost` more and brings `gain` more exits, not the same on every path."""
    rng = np.random.default_rng(seed)
    vectors = np.zeros((2, n_paths, LAYOUT.width))
    vectors[:, :, EXITS] = rng.poisson(5.0, n_paths)
    vectors[:, :, DEMAND] = rng.gamma(4.0, 25.0, n_paths)
    vectors[:, :, FILLED] = 0.4 * vectors[:, :, DEMAND] + rng.normal(0.0, 2.0, n_paths)
    vectors[:, :, COST] = rng.normal(50.0, 30.0, n_paths)
    more = gain + rng.normal(0.0, 4.0, n_paths)
    vectors[1, :, EXITS] += more
    vectors[1, :, FILLED] += 0.02 * vectors[1, :, DEMAND] * more
    vectors[1, :, COST] += cost + 10.0 * (more - gain) + rng.normal(0.0, 60.0, n_paths)
    return vectors


def fieller(cost, gain):
    """Both ends from the roots of (c − r g)² = z² var(c − r g), for paired differences path by path."""
    n = len(cost)
    (v_cost, both), (_, v_gain) = np.cov(cost, gain) / n
    c, g, zz = cost.mean(), gain.mean(), NORMAL_95**2
    a, b, left = g**2 - zz * v_gain, c * g - zz * both, c**2 - zz * v_cost
    root = math.sqrt(b**2 - a * left)
    return (b - root) / a, (b + root) / a


def test_cost_per_company_is_the_ratio_of_differences_with_fiellers_interval():
    vectors = paired()
    cost, gain = vectors[1, :, COST] - vectors[0, :, COST], vectors[1, :, EXITS] - vectors[0, :, EXITS]
    found = ratio_of_differences(estimated(vectors), "b", "a", ECONOMIC_COST, COMPANIES)
    assert found[0] == pytest.approx(cost.mean() / gain.mean(), rel=1e-10)
    assert found[1:] == pytest.approx(fieller(cost, gain), rel=1e-8)
    low, high = found[0] - found[1], found[2] - found[0]
    assert high > 1.05 * low > 0.0, "the interval reaches further where the gain would be small"


def test_by_hand():
    """Cost 30 more, 2 companies more, the same on every path: 15 each, without spread."""
    vectors = np.zeros((2, 8, LAYOUT.width))
    vectors[..., DEMAND] = 50.0
    vectors[1, :, COST], vectors[1, :, EXITS], vectors[1, :, FILLED] = 30.0, 2.0, 2.0
    table = versus(estimated(vectors))
    assert table.to_dict("records") == [
        {"scenario": "b", "baseline": "a", "measure": "cost_per_additional_company", "value": 15.0, "low": 15.0,
         "high": 15.0, "unit": "CNY million"},
        {"scenario": "b", "baseline": "a", "measure": "cost_per_coverage_point", "value": pytest.approx(7.5),
         "low": pytest.approx(7.5), "high": pytest.approx(7.5), "unit": "CNY million"},
    ]  # fmt: skip


def test_companies_that_live_on_what_they_earn_count_and_those_still_alive_do_not():
    vectors = np.zeros((2, 8, LAYOUT.width))
    vectors[..., DEMAND] = 1.0
    vectors[1, :, COST], vectors[1, :, EXITS], vectors[1, :, SUSTAINING], vectors[1, :, ALIVE] = 30.0, 2.0, 1.0, 7.0
    assert ratio_of_differences(estimated(vectors), "b", "a", ECONOMIC_COST, COMPANIES) == (10.0, 10.0, 10.0)


def test_cost_per_point_takes_the_covariances_of_both_ratios():
    vectors = paired()
    found = ratio_of_differences(estimated(vectors), "b", "a", ECONOMIC_COST, COVERAGE)
    share = [100.0 * vectors[s, :, FILLED].mean() / vectors[s, :, DEMAND].mean() for s in range(2)]
    pull = [
        (100.0 * vectors[s, :, FILLED] - share[s] * vectors[s, :, DEMAND]) / vectors[s, :, DEMAND].mean()
        for s in range(2)
    ]
    cost = vectors[1, :, COST] - vectors[0, :, COST]
    gain = share[1] - share[0] + pull[1] - pull[0]
    assert found[0] == pytest.approx(cost.mean() / (share[1] - share[0]), rel=1e-10)
    assert found[1:] == pytest.approx(fieller(cost, gain), rel=1e-7)


@pytest.mark.parametrize("gain", [0.1, -0.1, -2.0])
def test_no_ratio_where_the_gain_may_be_nothing_or_is_a_loss(gain):
    assert ratio_of_differences(estimated(paired(gain=gain)), "b", "a", ECONOMIC_COST, COMPANIES) is None
    assert versus(estimated(paired(gain=gain))).empty


def test_no_ratio_from_one_path_nor_where_nothing_changes():
    assert versus(estimated(paired(n_paths=1))).empty
    vectors = paired()
    vectors[1] = vectors[0]
    assert versus(estimated(vectors)).empty


def test_more_for_less_is_below_zero():
    value, low, high = ratio_of_differences(estimated(paired(cost=-100.0)), "b", "a", ECONOMIC_COST, COMPANIES)
    assert low < value < high < 0.0


def test_a_cost_in_step_with_the_gain_leaves_no_spread():
    vectors = paired()
    vectors[1, :, COST] = vectors[0, :, COST] + 7.0 * (vectors[1, :, EXITS] - vectors[0, :, EXITS])
    assert ratio_of_differences(estimated(vectors), "b", "a", ECONOMIC_COST, COMPANIES) == pytest.approx(
        (7.0, 7.0, 7.0), rel=1e-5
    )


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Also where the gain is only three standard errors from zero, and the ratio is far from normal."""
    held, wrong_side = 0, 0
    gain, cost, n_paths, runs = 3.0 * 4.0 / math.sqrt(128), 100.0, 128, 300
    for seed in range(runs):
        found = ratio_of_differences(estimated(paired(n_paths, seed, gain, cost)), "b", "a", ECONOMIC_COST, COMPANIES)
        if found is None:
            wrong_side += 1
        else:
            held += found[1] <= cost / gain <= found[2]
    # left out where the gain does not stand out: with the odds of a normal three errors from zero
    assert wrong_side / runs == pytest.approx(norm.cdf(NORMAL_95 - 3.0), abs=0.06)
    assert 0.92 <= held / (runs - wrong_side) <= 0.985
