"""Values, intervals and paired differences, against the definitions worked out path by path."""

import math

import numpy as np
import pytest

from finance.fund.measures import irr
from finance.outcome.estimates import NORMAL_95, ComponentAt, MeasureAt
from finance.outcome.layout import Component, Layout
from finance.outcome.linear import linearise
from finance.outcome.registry import Measure, PooledRate, Quantile, Ratio, Registry
from finance.outcome.tables import differences, tables
from tests.synthetic_paths import LAYOUT, REGISTRY, VECTORS, estimated

N = len(VECTORS[0])


def column(name, vectors=VECTORS, layout=LAYOUT, **labels):
    """One number on every path, (scenario, path)."""
    return vectors[:, :, layout.index(name, **labels)]


def error_of_mean(influence):
    return influence.std(ddof=1) / math.sqrt(len(influence))


def ratio_influence(a, b):
    """Each path's pull on the ratio of means."""
    return (a - a.mean() / b.mean() * b) / b.mean()


# --- one scenario ---


def test_a_mean_has_the_error_of_a_mean():
    found = estimated().estimate("b", "headline", "cost")
    cost = column("cost")[1]
    assert found.value == pytest.approx(cost.mean(), rel=1e-13)
    assert found.standard_error == pytest.approx(error_of_mean(cost), rel=1e-10)
    assert found.high - found.value == pytest.approx(NORMAL_95 * found.standard_error)
    assert found.value - found.low == pytest.approx(NORMAL_95 * found.standard_error)


def test_a_ratio_is_a_ratio_of_means_with_linearised_error():
    found = estimated().estimate("c", "gap_by_stage", "coverage", stage="seed")
    a, b = column("filled", stage="seed")[2], column("asked", stage="seed")[2]
    assert found.value == pytest.approx(a.mean() / b.mean(), rel=1e-13)
    assert found.standard_error == pytest.approx(error_of_mean(ratio_influence(a, b)), rel=1e-9)


def test_a_pooled_rate_is_the_rate_of_mean_flows():
    found = estimated().estimate("b", "returns", "pooled_irr", **{"class": "angel"})
    flows = LAYOUT.view(VECTORS, "flow")[1, :, 0]
    rate = irr(flows.mean(axis=0), periods_per_year=1)
    assert found.value == pytest.approx(rate, rel=1e-10)
    # Each path's pull: the present value of its flows at the rate, over the slope of present value.
    years = np.arange(4)
    slope = -(flows.mean(axis=0) * years * (1 + rate) ** (-years - 1.0)).sum()
    influence = -(flows * (1 + rate) ** (-1.0 * years)).sum(axis=1) / slope
    assert found.standard_error == pytest.approx(error_of_mean(influence), rel=1e-8)


def test_a_median_is_interpolated_with_the_density_of_its_bin():
    found = estimated().estimate("a", "funnel", "median_years_in_stage", stage="seed")
    counts = LAYOUT.view(VECTORS, "waited")[0, :, 0]
    c = counts.mean(axis=0)
    k = int(np.searchsorted(c, 0.5 * c[-1]))
    t = (0.5 * c[-1] - c[k - 1]) / (c[k] - c[k - 1])
    assert found.value == pytest.approx(0.25 * (k + t), rel=1e-12)
    at_median = (1 - t) * counts[:, k - 1] + t * counts[:, k] - 0.5 * counts[:, -1]
    influence = -0.25 * at_median / (c[k] - c[k - 1])
    assert found.standard_error == pytest.approx(error_of_mean(influence), rel=1e-8)


@pytest.mark.parametrize("probability", [0.03, 0.25, 0.5, 0.97])
def test_gradients_are_derivatives(probability):
    kinds = {
        "ratio": Ratio("filled", "asked"),
        "rate": PooledRate("flow", periods_per_year=4),
        "quantile": Quantile("waited", "bin", tuple(map(float, range(7))), probability, 0.25),
    }
    registry = Registry(LAYOUT, [Measure("m", name, "u", "d", kind) for name, kind in kinds.items()])
    means = VECTORS.mean(axis=1)
    for rows in registry.rows:
        linear = linearise(rows, means)
        gradient = np.zeros((*linear.value.shape, LAYOUT.width))
        for s, row, term in np.ndindex(linear.index.shape):
            gradient[s, row, linear.index[s, row, term]] += linear.weight[s, row, term]
        for position in np.unique(rows.support):
            step = np.zeros(LAYOUT.width)
            step[position] = 1e-6
            up, down = linearise(rows, means + step), linearise(rows, means - step)
            slope = (up.value - down.value) / 2e-6
            np.testing.assert_allclose(gradient[..., position], slope, rtol=1e-5, atol=1e-7)


def test_a_plain_measure_is_no_function_of_means():
    with pytest.raises(TypeError, match="no function"):
        linearise(REGISTRY.rows[-1], VECTORS.mean(axis=1))


def test_steep_losses_have_finite_gradients():
    layout = Layout([Component("flow", (("year", tuple(range(60))),))])
    registry = Registry(layout, [Measure("irr", "t", "u", "d", PooledRate("flow"))])
    flows = np.zeros((1, 200, 60))
    flows[..., 0], flows[..., 59] = -100.0, 1e-12 * np.random.default_rng(0).random((1, 200))
    found = estimated(flows, registry).estimate("a", "t", "irr")
    assert -1.0 < found.value < -0.3
    assert 0.0 < found.standard_error < 0.1


def test_a_total_loss_is_minus_one_without_spread():
    vectors = VECTORS.copy()
    LAYOUT.view(vectors, "flow")[..., 1:] = 0.0
    found = estimated(vectors).estimate("a", "returns", "pooled_irr", **{"class": "angel"})
    assert (found.low, found.value, found.high) == (-1.0, -1.0, -1.0)


def test_a_value_without_spread_has_an_interval_of_no_width():
    vectors = VECTORS.copy()
    LAYOUT.view(vectors, "cost")[:] = 0.1
    LAYOUT.view(vectors, "filled")[:] = LAYOUT.view(vectors, "asked") / 3.0
    found = estimated(vectors, n_pilots=4)
    for one in (found.estimate("b", "headline", "cost"), found.estimate("b", "headline", "coverage")):
        assert one.low == one.value == one.high
        assert one.pilot_error == 0.0


def test_one_path_gives_no_interval():
    found = estimated(VECTORS[:, :1])
    headline = tables(found)["headline"]
    assert headline["value"].notna().all()
    assert headline[["low", "high"]].isna().all(axis=None)
    paired = differences(found)
    assert len(paired)
    assert paired[["low", "high", "variance_ratio"]].isna().all(axis=None)


def test_two_paths_give_one():
    assert estimated(VECTORS[:, :2], n_pilots=4).estimate("a", "headline", "cost").standard_error > 0.0


# --- pilot groups ---


def test_the_variance_between_pilots_is_added():
    vectors = VECTORS.copy()
    cost = LAYOUT.view(vectors, "cost")
    for group, shift in enumerate((0.0, 3.0, -1.0, 2.0)):
        cost[:, group::4] += shift
    found = estimated(vectors, n_pilots=4).estimate("b", "headline", "cost")
    groups = [column("cost", vectors)[1, group::4] for group in range(4)]
    within = sum(len(one) * one.var(ddof=1) for one in groups) / N**2
    between = np.var([one.mean() for one in groups], ddof=1) - np.mean([error_of_mean(one) ** 2 for one in groups])
    assert found.value == pytest.approx(column("cost", vectors)[1].mean())
    assert found.pilot_error**2 == pytest.approx(between / 4, rel=1e-9)
    assert found.standard_error**2 == pytest.approx(within + between / 4, rel=1e-9)


def test_pilots_that_agree_better_than_chance_add_nothing():
    vectors = np.repeat(VECTORS[:, ::4], 4, axis=1)  # all four groups have the same paths
    found = estimated(vectors, n_pilots=4).estimate("b", "headline", "coverage")
    assert found.pilot_error == 0.0
    assert found.standard_error > 0.0


def test_groups_of_few_paths_are_one_group():
    few = VECTORS[:, :60]
    assert estimated(few, n_pilots=4).estimate("b", "headline", "cost").standard_error == pytest.approx(
        error_of_mean(column("cost", few)[1]), rel=1e-9
    )


# --- differences ---


def test_a_difference_is_paired():
    found = estimated().difference("c", "gap_by_stage", "coverage", stage="venture")
    a, b = column("filled", stage="venture"), column("asked", stage="venture")
    influence = ratio_influence(a[2], b[2]) - ratio_influence(a[0], b[0])
    value = a[2].mean() / b[2].mean() - a[0].mean() / b[0].mean()
    assert found.value == pytest.approx(value, rel=1e-10)
    assert found.standard_error == pytest.approx(error_of_mean(influence), rel=1e-7)


def test_the_variance_ratio_is_paired_over_unpaired():
    paired = differences(estimated())
    row = paired.query("scenario == 'b' and table == 'headline' and measure == 'cost'").iloc[0]
    cost = column("cost")
    wanted = (cost[1] - cost[0]).var(ddof=1) / (cost[1].var(ddof=1) + cost[0].var(ddof=1))
    assert row["variance_ratio"] == pytest.approx(wanted, rel=1e-7)


@pytest.mark.parametrize("name", ["median_years_in_stage", "middle"])
@pytest.mark.parametrize("stage", ["seed", "venture"])
def test_medians_in_one_bin_are_paired_exactly(stage, name):
    vectors = VECTORS[[0, 0]].copy()
    rng = np.random.default_rng(5)
    counts = LAYOUT.view(vectors, "waited")
    counts[1] += np.cumsum(rng.integers(0, 2, counts[1].shape), axis=-1)
    LAYOUT.view(vectors, "waited_apart")[:] = counts
    found = estimated(vectors, REGISTRY).difference("b", "funnel", name, stage=stage)
    linear = linearise(next(r for r in REGISTRY.rows if r.measure.name == name), vectors.mean(axis=1))
    row = ("seed", "venture").index(stage)
    assert linear.index[0, row].tolist() == linear.index[1, row].tolist()
    pull = [(vectors[s][:, linear.index[s, row]] * linear.weight[s, row]).sum(axis=1) for s in (1, 0)]
    assert found.standard_error == pytest.approx(error_of_mean(pull[0] - pull[1]), rel=1e-6)


@pytest.mark.parametrize("name", ["median_years_in_stage", "middle"])
def test_medians_bins_apart_are_paired(name):
    """Exactly where all bins' pairs are summed; without them never closer than the truth nor as apart."""
    found = estimated()
    linear = linearise(next(r for r in REGISTRY.rows if r.measure.name == name), found.means)
    assert linear.index[0, 0].tolist() != linear.index[2, 0].tolist()
    pull = [(VECTORS[s][:, linear.index[s, 0]] * linear.weight[s, 0]).sum(axis=1) for s in (2, 0)]
    paired = found.difference("c", "funnel", name, stage="seed").standard_error
    apart = math.hypot(error_of_mean(pull[0]), error_of_mean(pull[1]))
    exact = error_of_mean(pull[0] - pull[1])
    if name == "median_years_in_stage":
        assert paired == pytest.approx(exact, rel=1e-7)
    else:
        assert exact * 0.98 < paired < apart


@pytest.mark.parametrize("n_pilots", [1, 4])
def test_identical_scenarios_differ_by_exactly_nothing(n_pilots):
    vectors = VECTORS[[1, 1, 2]]
    paired = differences(estimated(vectors, n_pilots=n_pilots))
    same = paired[paired["scenario"] == "b"]
    assert len(same) == sum(len(rows) for rows in REGISTRY.rows) - 2  # no plain values were given
    assert (same[["value", "low", "high"]] == 0.0).all(axis=None)
    assert same["variance_ratio"].isna().all()
    assert (paired.query("scenario == 'c' and measure == 'cost'")["variance_ratio"] > 0.0).all()
    one = estimated(vectors, n_pilots=n_pilots).difference("b", "returns", "pooled_irr", **{"class": "patient"})
    assert (one.value, one.standard_error) == (0.0, 0.0)


def test_a_difference_that_never_varies_is_certain():
    vectors = VECTORS[[0, 0]].copy()
    LAYOUT.view(vectors, "cost")[1] += 2.5
    row = differences(estimated(vectors)).query("measure == 'cost'").iloc[0]
    assert row["value"] == pytest.approx(2.5)
    assert row["low"] == row["value"] == row["high"]
    assert row["variance_ratio"] == 0.0


def test_the_baseline_may_stand_anywhere():
    turned = estimated(VECTORS[::-1].copy(), baseline=2).difference("a", "headline", "coverage")
    straight = estimated().difference("c", "headline", "coverage")
    assert turned.value == pytest.approx(straight.value, rel=1e-10)
    assert turned.standard_error == pytest.approx(straight.standard_error, rel=1e-8)


# --- functions of several numbers ---


def test_a_function_of_component_means():
    """Cost of a point of coverage: Δcost ÷ Δcoverage, over two scenarios."""
    names = [("cost", {}), ("filled", {"stage": "all"}), ("asked", {"stage": "all"})]
    inputs = [ComponentAt(s, name, labels) for s in ("b", "a") for name, labels in names]

    def cost_of_a_point(x):
        return (x[0] - x[3]) / (x[1] / x[2] - x[4] / x[5])

    def gradient(x):
        return [(cost_of_a_point(x + h) - cost_of_a_point(x - h)) / 2e-6 for h in 1e-6 * np.eye(6)]

    found = estimated().function(inputs, cost_of_a_point, gradient)
    paths = np.stack([column(name, **labels)[s] for s in (1, 0) for name, labels in names])
    assert found.value == pytest.approx(cost_of_a_point(paths.mean(axis=1)), rel=1e-10)
    influence = np.array(gradient(paths.mean(axis=1))) @ paths
    assert found.standard_error == pytest.approx(error_of_mean(influence), rel=1e-6)
    combined = estimated().combine(
        [MeasureAt(s, "headline", name) for s in ("b", "a") for name in ("cost", "coverage")],
        lambda m: (m[0] - m[2]) / (m[1] - m[3]),
        lambda m: (
            np.array([1.0, 0, -1.0, 0]) / (m[1] - m[3])
            + (m[0] - m[2]) / (m[1] - m[3]) ** 2 * np.array([0, -1.0, 0, 1.0])
        ),
    )
    assert combined.value == pytest.approx(found.value, rel=1e-10)
    assert combined.standard_error == pytest.approx(found.standard_error, rel=1e-6)


def test_headlines_combine_over_all_scenarios():
    weights = np.array([0.5, -1.5, 1.0])
    inputs = [MeasureAt(s, "headline", "coverage") for s in "abc"]
    found = estimated().combine(inputs, lambda x: weights @ x, lambda x: weights)
    a, b = column("filled", stage="all"), column("asked", stage="all")
    influence = sum(w * ratio_influence(a[s], b[s]) for s, w in enumerate(weights))
    assert found.standard_error == pytest.approx(error_of_mean(influence), rel=1e-7)


def test_what_is_not_summed_is_refused():
    inputs = [MeasureAt(s, "gap_by_stage", "asked", {"stage": "seed"}) for s in "bc"]
    with pytest.raises(ValueError, match="not summed"):
        estimated().combine(inputs, lambda x: x[0] - x[1], lambda x: [1.0, -1.0])
    inputs = [ComponentAt("a", "cost"), ComponentAt("a", "asked", {"stage": "all"})]
    with pytest.raises(ValueError, match="not summed"):
        estimated(registry=REGISTRY).function(inputs, lambda x: x[0] - x[1], lambda x: [1.0, -1.0])


def test_names_that_are_not_there_are_refused():
    found = estimated()
    with pytest.raises(KeyError, match="no scenario"):
        found.estimate("z", "headline", "cost")
    with pytest.raises(KeyError, match="registered"):
        found.estimate("a", "headline", "price")
    with pytest.raises(KeyError, match="plain"):
        estimated(plain={("headline", "cost"): [0.0, 0.0, 0.0]})
    with pytest.raises(ValueError, match="shape"):
        estimated(plain={("equilibrium", "iterations"): [0.0, 0.0]})
