"""A calibration looked at whole: moments on its full equilibrium under fresh luck, who funds whom, use of capacity."""

from __future__ import annotations

import numpy as np

from finance import luck
from finance.language import message
from finance.market.conventions import QUARTERS_A_YEAR
from finance.market.equilibrium import N_PILOTS
from finance.market.terms import Floats
from finance.preparing import Solved
from finance.study.fit_plan import PlanFile, TargetsFile
from finance.study.fit_search import Fit, Search
from finance.study.moments import Estimate
from finance.study.moments_paths import Market, Sample, joined, sample_of
from finance.world.kernel import fill_world


def sample_of_solved(solved: Solved, paths: int, seed: int = 1) -> Sample:
    """Simulate paths of a solved scenario as a run does, spread over the pilots.

    Parameters
    ----------
    solved : Solved
        With the equilibria of all pilots.
    paths : int
        Rounded down to whole rounds of pilots.
    seed : int
        As in a run.
    """
    setting, key = solved.prepared.setting, luck.key_of_seed(seed)
    n, n_sectors = setting.terms.n_quarters, len(np.unique(setting.terms.base))
    samples = []
    for pilot in range(N_PILOTS):
        numbers = np.arange(pilot, paths, N_PILOTS)
        index, window = np.ones((len(numbers), n)), np.ones((len(numbers), n), dtype=np.bool_)
        sectors = np.ones((len(numbers), n_sectors, n))
        unused = np.ones(n)
        for place, path in enumerate(numbers):
            fill_world(
                setting.world, *key, int(path), index[place], unused, unused.copy(), window[place], sectors[place]
            )
        era, root = solved.solutions[pilot].era, solved.root_solutions[pilot].era
        market = Market(setting.terms, setting.names, era, root, solved.root_terms, *key)
        samples.append(sample_of(market, numbers, pilot, index, window, sectors))
    return joined(samples)


def moment_table(targets: TargetsFile, estimates: dict[str, Estimate]) -> str:
    """Return targets beside the model as a table in Markdown."""
    lines = _head(message("fit.header.moments"))
    for name, aim in targets.moments.items():
        value, error = estimates[name].value, estimates[name].error
        miss = (value - aim.value) / aim.tolerance
        lines.append(f"| {name} | {aim.value:g} | {aim.tolerance:g} | {value:.3g} | {error:.1g} | {miss:+.1f} |")
    return "\n".join(lines)


def value_table(plan: PlanFile, targets: TargetsFile, search: Search, fit: Fit, penalty: float) -> str:
    """Return the fitted values as a table in Markdown: priors, distances, how far and by what each is pinned down."""
    lines, values = _head(message("fit.header.values")), search.values(fit.places)
    aims = np.array(list(targets.moments))
    for i, (path, free) in enumerate(plan.values.items()):
        most = ", ".join(aims[np.argsort(-np.abs(fit.slopes[:, i]))[:3]])
        place, known = fit.places[i], fit.known_share[i]
        lines.append(f"| {path} | {free.prior:g} | {values[path]:.3g} | {place:+.1f} | {known:.2f} | {most} |")
    lines.append(f"| tolerance.penalty | | {penalty:.3g} | | {message('fit.solved')} | |")
    return "\n".join(lines)


def funding_table(sample: Sample) -> str:
    """Return who funds whom as a table in Markdown: each class's share of the money of each stage's rounds."""
    lines = _head(" | ".join((message("fit.header.class"), *sample.names.stages)))
    money = sample.money.mean(axis=0)
    shares = money / np.maximum(money.sum(axis=0), 1e-12)
    for name, row in zip(sample.names.classes, shares, strict=True):
        lines.append("| " + " | ".join([name, *(f"{share:.2f}" for share in row)]) + " |")
    return "\n".join(lines)


def use_of_capacity(sample: Sample) -> tuple[Floats, Floats]:
    """Share of each class's yearly commitment that did not lapse unused, over the cohort's entry years.

    Returns
    -------
    use : ndarray of shape (path, class, year)
    trend : ndarray of shape (path, class)
        Change a year, by least squares.
    """
    first, quarters = sample.switch_quarter, sample.entry_quarters
    unused = sample.unused[:, :, first : first + quarters]
    by_year = unused.reshape(*unused.shape[:2], -1, QUARTERS_A_YEAR).sum(axis=3)
    use = 1.0 - by_year / np.maximum(sample.capacity, 1e-12)[None, :, None]
    years = np.arange(use.shape[2]) - (use.shape[2] - 1) / 2.0
    return use, (use * years).sum(axis=2) / (years**2).sum()


def use_table(sample: Sample) -> str:
    """Return the use of capacity by class as a table in Markdown: mean, first and last year, trend with its error."""
    lines = _head(message("fit.header.use"))
    use, trend = use_of_capacity(sample)
    error = trend.std(axis=0, ddof=1) / np.sqrt(len(trend))
    for c, name in enumerate(sample.names.classes):
        mean, first, last = use[:, c].mean(), use[:, c, 0].mean(), use[:, c, -1].mean()
        told = f"{trend[:, c].mean():+.4f} ({error[c]:.4f})"
        lines.append(f"| {name} | {mean:.2f} | {first:.2f} | {last:.2f} | {told} |")
    return "\n".join(lines)


def _head(header: str) -> list[str]:
    """The first two lines of a table."""
    return [f"| {header} |", "|" + "---|" * (header.count("|") + 1)]
