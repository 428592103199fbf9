"""Path sources whose truth is known, for tests of the statistics."""

import numpy as np

from finance.outcome.estimates import Estimates
from finance.outcome.layout import Component, Layout
from finance.outcome.registry import (
    Joint,
    Mean,
    Measure,
    Median,
    Plain,
    PooledRate,
    Quantile,
    Ratio,
    Registry,
)
from finance.running.threads import run

STAGES = ("seed", "venture", "all")
YEARS = (1, 2, 3, 4)
EDGES = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)

LAYOUT = Layout(
    [
        Component("asked", (("stage", STAGES),)),
        Component("filled", (("stage", STAGES),)),
        Component("cause", (("stage", STAGES), ("cause", ("capacity", "other")))),
        Component("flow", (("class", ("angel", "patient")), ("year", YEARS))),
        Component("waited", (("stage", ("seed", "venture")), ("bin", tuple(range(6))))),
        # The same counts again, for a measure that leaves out the pairs of bins.
        Component("waited_apart", (("stage", ("seed", "venture")), ("bin", tuple(range(6))))),
        Component("cost"),
    ]
)

MEASURES = (
    Measure("coverage", "headline", "share", "m.coverage", Ratio("filled", "asked"), {"stage": "all"},
            keep_null=True, headline=True),
    Measure("cost", "headline", "CNY million", "m.cost", Mean("cost"), headline=True),
    Measure("asked", "gap_by_stage", "CNY million", "m.asked", Mean("asked")),
    Measure("coverage", "gap_by_stage", "share", "m.coverage", Ratio("filled", "asked"), keep_null=True),
    Measure("amount", "gap_causes", "CNY million", "m.amount", Mean("cause")),
    Measure("share", "gap_causes", "share", "m.share", Ratio("cause", "asked")),
    Measure("pooled_irr", "returns", "rate a year", "m.irr", PooledRate("flow")),
    Measure("median_years_in_stage", "funnel", "years", "m.median", Median("waited", "bin", EDGES, 0.25)),
    Measure("middle", "funnel", "years", "m.middle",
            Quantile("waited_apart", "bin", EDGES, 0.5, 0.25, pairs_all_bins=False)),
    Measure("invested", "capital", "CNY million", "m.invested", Mean("flow")),
    Measure("iterations", "equilibrium", "count", "m.iterations", Plain((("start", ("low", "high")),))),
)  # fmt: skip

REGISTRY = Registry(LAYOUT, MEASURES)

#: As `REGISTRY`, and cost can be combined with coverage.
JOINT_REGISTRY = Registry(LAYOUT, MEASURES, [Joint(("asked", "filled", "cost"), {"stage": "all"})])


class ArraySource:
    """Serves per-path vectors from an array of shape (n_scenarios, n_paths, width)."""

    def __init__(self, vectors, layout=LAYOUT, n_pilots=4, baseline=0):
        self.vectors, self.layout, self.n_pilots, self.baseline = vectors, layout, n_pilots, baseline
        self.scenarios = tuple("abcdefgh"[: len(vectors)])
        self.calls = []

    def path_vectors(self, first, last):
        self.calls.append((first, last))
        return np.ascontiguousarray(self.vectors[:, first:last])


def simulated(n_paths, seed=0, n_scenarios=3):
    """Draw vectors of `LAYOUT`: all scenarios share the luck, each fills and pays a little more."""
    rng = np.random.default_rng(seed)
    vectors = np.zeros((n_scenarios, n_paths, LAYOUT.width))
    asked = rng.gamma(2.0, 3.0, (n_paths, 2))
    luck = rng.random((n_paths, 2))
    noise = rng.normal(0.0, 0.1, (n_scenarios, n_paths, 2))
    gain = rng.gamma(1.0, 1.0, (n_paths, 2, 3))
    waits = rng.random((n_paths, 2, 5))
    for s in range(n_scenarios):

        def part(name, s=s):
            return LAYOUT.view(vectors[s], name)

        part("asked")[:, :2] = asked
        part("filled")[:, :2] = asked * np.clip(luck**2 + 0.1 * s + noise[s], 0.0, 1.0)
        for name in ("asked", "filled"):
            part(name)[:, 2] = part(name)[:, :2].sum(axis=1)
        part("cause")[..., 0] = 0.7 * (part("asked") - part("filled"))
        part("cause")[..., 1] = 0.3 * (part("asked") - part("filled"))
        part("flow")[..., 0] = -asked
        part("flow")[..., 1:] = asked[..., None] * gain * (0.4 + 0.02 * s)
        years = 6.0 * waits ** (1.0 + 0.5 * s)
        for bin_, edge in enumerate(EDGES[1:]):
            part("waited")[..., bin_] = (years <= edge).sum(axis=-1)
        part("waited_apart")[:] = part("waited")
        part("cost")[:] = 2.0 + s + asked.sum(axis=1) * 0.1 * (s + 1)
    return vectors


VECTORS = simulated(900)


def estimated(vectors=VECTORS, registry=JOINT_REGISTRY, n_pilots=1, plain=None, baseline=0):
    """Estimate all measures of a registry from vectors, whole or in part."""
    source = ArraySource(vectors, layout=registry.layout, n_pilots=n_pilots, baseline=baseline)
    return Estimates(run(source, registry, vectors.shape[1], workers=1), plain)
