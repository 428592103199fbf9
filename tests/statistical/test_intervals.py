"""Whether 95 % intervals hold the truth in 95 of 100 runs, the truth being known."""

import math

import numpy as np
import pytest

from finance.fund.measures import irr
from finance.outcome.estimates import Estimates
from finance.outcome.layout import Component, Layout
from finance.outcome.registry import Mean, Measure, Median, PooledRate, Quantile, Ratio, Registry
from finance.running.threads import run
from tests.synthetic_paths import ArraySource

SEEDS, PATHS = 500, 400
EDGES = tuple(0.25 * k for k in range(25))
GAINS = np.array([0.0, 0.5, 0.9])

LAYOUT = Layout(
    [
        Component("cost"),
        Component("asked"),
        Component("filled"),
        Component("flow", (("year", (1, 2, 3, 4)),)),
        Component("waited", (("bin", tuple(range(24))),)),
        Component("waited_apart", (("bin", tuple(range(24))),)),
    ]
)
KINDS = {
    "mean": Mean("cost"),
    "ratio": Ratio("filled", "asked"),
    "rate": PooledRate("flow"),
    "median": Median("waited", "bin", EDGES),
    "coarse": Quantile("waited_apart", "bin", EDGES, pairs_all_bins=False),
}
REGISTRY = Registry(LAYOUT, [Measure(name, "t", "u", "d", kind) for name, kind in KINDS.items()])
POWERS = (1.5, 2.5)


def simulated(rng):
    """Two scenarios under one luck; all money of a path is correlated, and so are its waits."""
    vectors = np.zeros((2, PATHS, LAYOUT.width))
    size = rng.gamma(2.0, 1.0, PATHS)
    cost = rng.lognormal(0.0, 0.5, PATHS)
    share = rng.beta(2.0, 3.0, PATHS)
    late = rng.exponential(1.0, PATHS)
    gain = rng.exponential(1.0, (PATHS, 3))
    # Each wait is uniform, but those of a path move together.
    waits = (rng.random((PATHS, 1)) + 0.2 * rng.random((2, PATHS, 4))) % 1.0
    number = rng.integers(1, 5, PATHS)
    for s in range(2):

        def part(name, s=s):
            return LAYOUT.view(vectors[s], name)

        part("cost")[:] = cost * (1 + s) + rng.normal(0.0, 0.2, PATHS)
        part("asked")[:] = size
        part("filled")[:] = size * (share + 0.1 * s * late)
        part("flow")[:, 0] = -size
        part("flow")[:, 1:] = size[:, None] * gain * (GAINS + 0.1 * s)
        years = 6.0 * waits[s] ** POWERS[s]
        is_counted = np.arange(4) < number[:, None]
        for bin_, edge in enumerate(EDGES[1:]):
            part("waited")[:, bin_] = ((years <= edge) & is_counted).sum(axis=1)
        part("waited_apart")[:] = part("waited")
    return vectors


def truth(name, s):
    if name == "mean":
        return math.exp(0.125) * (1 + s)
    if name == "ratio":
        return 0.4 + 0.1 * s
    if name == "rate":
        return irr(np.array([-1.0, *(GAINS + 0.1 * s)]), periods_per_year=1)
    shares = (np.array(EDGES) / 6.0) ** (1.0 / POWERS[s])
    return np.interp(0.5, shares, EDGES)


@pytest.fixture(scope="module")
def covered():
    """Share of seeds whose interval holds the truth: (measure, "value" or "difference", pilots) → share."""
    hits = {}
    for seed in range(SEEDS):
        vectors = simulated(np.random.default_rng(seed))
        for n_pilots in (1, 4):
            found = Estimates(run(ArraySource(vectors, LAYOUT, n_pilots), REGISTRY, PATHS, workers=1))
            for name in KINDS:
                value, difference = found.estimate("b", "t", name), found.difference("b", "t", name)
                is_hit = value.low <= truth(name, 1) <= value.high
                hits.setdefault((name, "value", n_pilots), []).append(is_hit)
                change = truth(name, 1) - truth(name, 0)
                is_hit = difference.low <= change <= difference.high
                hits.setdefault((name, "difference", n_pilots), []).append(is_hit)
    return {key: float(np.mean(each)) for key, each in hits.items()}


# The share of 500 runs has a standard error of one point.


@pytest.mark.parametrize("what", ["value", "difference"])
@pytest.mark.parametrize("name", KINDS)
def test_intervals_hold_the_truth(covered, name, what):
    # Without joint counts of bins that lie apart the interval of a difference is too wide, as said there.
    most = 1.0 if (name, what) == ("coarse", "difference") else 0.98
    assert 0.92 <= covered[name, what, 1] <= most


@pytest.mark.parametrize("what", ["value", "difference"])
@pytest.mark.parametrize("name", KINDS)
def test_pilots_that_do_not_differ_widen_intervals_a_little(covered, name, what):
    """The variance between groups is cut off at 0, so chance alone adds some: 97 % instead of 95 %."""
    assert covered[name, what, 4] >= max(0.935, covered[name, what, 1])


def test_intervals_hold_the_truth_when_pilots_differ():
    """Four pilots estimate their variance badly: a normal interval holds it in some 86 %, Student's t with 3.

    Without the part between pilots it would be a quarter of all runs.
    """
    registry = Registry(LAYOUT, [Measure("mean", "t", "u", "d", Mean("cost"))])
    with_pilots, without = [], []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        vectors = np.zeros((1, PATHS, LAYOUT.width))
        cost = LAYOUT.view(vectors, "cost")[0]
        cost[:] = rng.normal(10.0, 1.0, PATHS)
        for group in range(4):
            cost[group::4] += rng.normal(0.0, 0.6)
        for n_pilots, hits in ((4, with_pilots), (1, without)):
            found = Estimates(run(ArraySource(vectors, LAYOUT, n_pilots), registry, PATHS, workers=1))
            estimate = found.estimate("a", "t", "mean")
            hits.append(estimate.low <= 10.0 <= estimate.high)
    assert 0.80 <= np.mean(with_pilots) <= 0.92
    assert np.mean(without) < 0.40


def test_the_error_between_pilots_is_found_on_average():
    """Its square, averaged over many runs, is the variance of the pilots' effects over their number."""
    registry = Registry(LAYOUT, [Measure("mean", "t", "u", "d", Mean("cost"))])
    squares = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        vectors = np.zeros((1, 128, LAYOUT.width))
        effects = rng.normal(0.0, 2.0, 4)
        LAYOUT.view(vectors, "cost")[0] = rng.normal(0.0, 1.0, 128) + np.tile(effects, 32)
        found = Estimates(run(ArraySource(vectors, LAYOUT, 4), registry, 128, workers=1))
        squares.append(found.estimate("a", "t", "mean").pilot_error ** 2)
    # A chi-square with 3 degrees of freedom has a relative deviation of √(2/3); of the mean of 500, 4 %.
    assert np.mean(squares) == pytest.approx(2.0**2 / 4, rel=0.12)
