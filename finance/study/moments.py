"""The moments to which a calibration is fitted: what each is, and its value on simulated paths with its error.

Each is a ratio of sums over paths or one internal rate of all money together. None is a headline or derived from one:
no gap, no coverage, nothing that asks whether a round was worthwhile. A round counts once, at its stage; bridges and
extensions are no rounds. Only ventures of the cohort count. Ages run from the day a venture first asks for money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finance.fund import measures
from finance.language import message
from finance.market.conventions import QUARTERS_A_YEAR
from finance.market.records import (
    ACQUISITION,
    DISTRESS_SALE,
    EFFICIENT_REJECTION,
    FROZEN,
    IMPATIENCE,
    IPO,
    NEVER,
    STARVED,
    TECHNICAL,
    TRADE_SALE,
)
from finance.market.terms import Floats
from finance.study.moments_paths import Sample

#: Market statistics count the stages so: early rounds are seed, angel and A, growth rounds B and C.
EARLY, GROWTH, LATE = ("seed", "angel", "a"), ("b", "c"), ("pre-ipo",)
#: Strategic money is that of this class, wherever it invests.
STRATEGIC = "corporate"
_SALES = (TRADE_SALE, ACQUISITION)
_EXITS = (IPO, *_SALES)
_FAILURES = (TECHNICAL, STARVED, IMPATIENCE, FROZEN, EFFICIENT_REJECTION, DISTRESS_SALE)
#: Age at which a Carta cohort is looked at.
_COHORT_YEARS = 7.0
_MULTIPLES = (0.0, 1.0, 5.0, 10.0, 20.0, np.inf)

Sums = tuple[Floats, Floats]  # (path,) numerator and denominator


@dataclass(frozen=True)
class Moment:
    """A share, a mean or a ratio of money, over all paths together.

    Attributes
    ----------
    name : str
        Machine name; the catalogue has the title under ``fit.moment.<name>``.
    unit : str
        As in scenarios: share, years, CNY million, ratio, rate a year.
    definition : str
        What is divided by what.
    sums : callable
        From a sample to numerator and denominator by path.
    """

    name: str
    unit: str
    definition: str
    sums: Callable[[Sample], Sums]

    def estimate(self, sample: Sample) -> Estimate:
        """Return Σ numerator ÷ Σ denominator and its delta-method error over paths; NaN of nothing."""
        above, below = self.sums(sample)
        total = below.sum()
        if total <= 0.0:
            return Estimate(np.nan, np.nan)
        value = above.sum() / total
        return Estimate(float(value), _error((above - value * below) / total, sample.pilot))


@dataclass(frozen=True)
class PooledRate:
    """The internal rate of all money of some classes together, gross of tax, fees and carry.

    Attributes
    ----------
    classes : tuple of str
        Empty for all.
    """

    name: str
    unit: str
    definition: str
    classes: tuple[str, ...] = ()

    def estimate(self, sample: Sample) -> Estimate:
        """Return the rate a year and its error over paths, by the derivative of the present value; NaN of nothing."""
        which = [c for c, name in enumerate(sample.names.classes) if not self.classes or name in self.classes]
        flows = (sample.received[:, which] - sample.invested[:, which]).sum(axis=1)
        rate = float(measures.irr(flows.sum(axis=0), QUARTERS_A_YEAR))
        if not np.isfinite(rate):
            return Estimate(rate, np.nan)
        years = np.arange(flows.shape[1]) / QUARTERS_A_YEAR
        present = flows * (1.0 + rate) ** -years
        slope = (present.sum(axis=0) * years).sum() / (1.0 + rate)
        return Estimate(rate, _error(present.sum(axis=1) / slope, sample.pilot))


@dataclass(frozen=True)
class Estimate:
    """A moment's value and its standard error over paths."""

    value: float
    error: float


def _error(influence: Floats, pilot: NDArray[np.int64]) -> float:
    """Standard error of a sum of influences: within pilots, and what their equilibria differ by beyond that."""
    n, groups = len(influence), [influence[pilot == each] for each in np.unique(pilot)]
    if min(map(len, groups)) < 2:
        return float("nan")
    within = sum(len(group) * group.var(ddof=1) for group in groups)
    if len(groups) == 1:
        return float(np.sqrt(within))
    shifts = np.array([group.mean() for group in groups])
    explained = np.mean([group.var(ddof=1) / len(group) for group in groups])
    between = max(0.0, shifts.var(ddof=1) - explained) / len(groups)
    return float(np.sqrt(within + n**2 * between))


def moments_of(sample: Sample) -> dict[str, Estimate]:
    """Return all moments of a sample, by name.

    Raises
    ------
    ValueError
        If the scenario lacks one of the stages or classes that the moments are about.
    """
    wanted = (*EARLY, *GROWTH, *LATE)
    missing = [name for name in wanted if name not in sample.names.stages]
    missing += [] if STRATEGIC in sample.names.classes else [STRATEGIC]
    if missing:
        raise ValueError(message("fit.missing_names", names=", ".join(missing)))
    return {moment.name: moment.estimate(sample) for moment in MOMENTS}


def _at(sample: Sample, stage: str) -> int:
    return sample.names.stages.index(stage)


def _by_path(counts: NDArray[np.bool_] | Floats) -> Floats:
    """Sum over everything but paths."""
    total: Floats = counts.reshape(len(counts), -1).sum(axis=1, dtype=float)
    return total


def _age_closed(sample: Sample, stage: str) -> Floats:
    """Years from entry to the closing of a round, inf if it never closed (path, venture)."""
    closed, entered = sample.closed[:, :, _at(sample, stage)], sample.asked.clip(min=0)[:, :, 0]
    return np.where(closed != NEVER, (closed - entered) / QUARTERS_A_YEAR, np.inf)


def _by_age(stage: str, given: str, years: float = _COHORT_YEARS) -> Callable[[Sample], Sums]:
    """Reached one stage by an age, of those that reached another by that age."""

    def sums(sample: Sample) -> Sums:
        base = _age_closed(sample, given) <= years
        return _by_path(base & (_age_closed(sample, stage) <= years)), _by_path(base)

    return sums


def _within(stage: str, given: str, years: float) -> Callable[[Sample], Sums]:
    """Closed one round within some years after another, of those that closed the other."""

    def sums(sample: Sample) -> Sums:
        first, second = _age_closed(sample, given), _age_closed(sample, stage)
        base = np.isfinite(first)
        return _by_path(base & (second <= np.where(base, first, 0.0) + years)), _by_path(base)

    return sums


def _between(given: str, stage: str) -> Callable[[Sample], Sums]:
    """Years between two closings, of those that closed both."""

    def sums(sample: Sample) -> Sums:
        first, second = _age_closed(sample, given), _age_closed(sample, stage)
        both = np.isfinite(first) & np.isfinite(second)
        return _by_path(np.where(both, second, 0.0) - np.where(both, first, 0.0)), _by_path(both)

    return sums


def _returns(low: float, high: float) -> Callable[[Sample], Sums]:
    """Rounds that brought so many times what was paid, of rounds of companies that have come to an end."""

    def sums(sample: Sample) -> Sums:
        over = ~np.isnan(sample.returned) & (sample.supplied > 0.0)
        multiple = np.where(over, sample.returned, 0.0) / np.where(over, sample.supplied, 1.0)
        return _by_path(over & (multiple >= low) & (multiple < high)), _by_path(over)

    return sums


def _age_at(fates: tuple[int, ...]) -> Callable[[Sample], Sums]:
    """Years from entry to the end, of ventures that were funded at least once and met one of the fates."""

    def sums(sample: Sample) -> Sums:
        met = np.isin(sample.fate, fates) & (sample.closed != NEVER).any(axis=2)
        age = (sample.end_quarter - sample.asked.clip(min=0)[:, :, 0]) / QUARTERS_A_YEAR
        return _by_path(np.where(met, age, 0.0)), _by_path(met)

    return sums


def _dilution(stage: str) -> Callable[[Sample], Sums]:
    """Share of the company sold at the first closing, of rounds that closed."""

    def sums(sample: Sample) -> Sums:
        closed = sample.closed[:, :, _at(sample, stage)] != NEVER
        return _by_path(np.where(closed, sample.stake[:, :, _at(sample, stage)], 0.0)), _by_path(closed)

    return sums


def _rounds(sample: Sample, stages: Iterable[str]) -> tuple[Floats, Floats]:
    """Money put into rounds of some stages, and their number, by path."""
    which = [_at(sample, stage) for stage in stages]
    return _by_path(sample.supplied[:, :, which]), _by_path(sample.closed[:, :, which] != NEVER)


def _mean_early_round(sample: Sample) -> Sums:
    return _rounds(sample, EARLY)


def _early_share(sample: Sample) -> Sums:
    return _rounds(sample, EARLY)[1], _rounds(sample, sample.names.stages)[1]


def _growth_to_early(sample: Sample) -> Sums:
    return _rounds(sample, GROWTH)[0], _rounds(sample, EARLY)[0]


def _late_and_strategic(sample: Sample) -> Sums:
    late = [_at(sample, stage) for stage in LATE]
    strategic = sample.money[:, sample.names.classes.index(STRATEGIC)].copy()
    strategic[:, late] = 0.0
    return sample.money[:, :, late].sum(axis=(1, 2)) + strategic.sum(axis=1), sample.money.sum(axis=(1, 2))


def _listed_share(sample: Sample) -> Sums:
    return _by_path(sample.fate == IPO), _by_path(np.isin(sample.fate, _EXITS))


def _exit_given_angel(sample: Sample) -> Sums:
    funded = sample.closed[:, :, _at(sample, "angel")] != NEVER
    return _by_path(funded & np.isin(sample.fate, _EXITS)), _by_path(funded)


def _bucket(place: int) -> Callable[[Sample], Sums]:
    return _returns(_MULTIPLES[place], _MULTIPLES[place + 1])


_AGED = "by age seven, of those that closed {} by then"
_PAID = "rounds that brought {} the money paid into them, of all rounds of companies that have come to an end"
_SOLD = "share of the company sold at the first closing, mean over rounds that closed"
MOMENTS: tuple[Moment | PooledRate, ...] = (
    Moment("angel_given_seed_7y", "share", f"closed angel {_AGED.format('seed')}", _by_age("angel", "seed")),
    Moment("a_given_angel_7y", "share", f"closed A {_AGED.format('angel')}", _by_age("a", "angel")),
    Moment("a_given_angel_2y", "share", "closed A within two years after angel", _within("a", "angel", 2.0)),
    Moment("b_given_a_7y", "share", f"closed B {_AGED.format('A')}", _by_age("b", "a")),
    Moment("b_given_a_4y", "share", "closed B within four years after A", _within("b", "a", 4.0)),
    Moment("c_given_b_7y", "share", f"closed C {_AGED.format('B')}", _by_age("c", "b")),
    Moment("late_given_c_7y", "share", f"closed pre-IPO {_AGED.format('C')}", _by_age("pre-ipo", "c")),
    Moment("returned_below_1", "share", _PAID.format("less than"), _bucket(0)),
    Moment("returned_1_5", "share", _PAID.format("1 to 5 times"), _bucket(1)),
    Moment("returned_5_10", "share", _PAID.format("5 to 10 times"), _bucket(2)),
    Moment("returned_10_20", "share", _PAID.format("10 to 20 times"), _bucket(3)),
    Moment("returned_above_20", "share", _PAID.format("more than 20 times"), _bucket(4)),
    Moment("years_angel_a", "years", "closing of angel to closing of A, mean", _between("angel", "a")),
    Moment("years_a_b", "years", "closing of A to closing of B, mean", _between("a", "b")),
    Moment("years_b_c", "years", "closing of B to closing of C, mean", _between("b", "c")),
    Moment("age_at_ipo", "years", "age at listing, mean", _age_at((IPO,))),
    Moment("age_at_acquisition", "years", "age at acquisition or trade sale, mean", _age_at(_SALES)),
    Moment("age_at_failure", "years", "age at any other end, distress sale included, mean", _age_at(_FAILURES)),
    Moment("dilution_seed", "share", _SOLD, _dilution("seed")),
    Moment("dilution_angel", "share", _SOLD, _dilution("angel")),
    Moment("dilution_a", "share", _SOLD, _dilution("a")),
    Moment("dilution_b", "share", _SOLD, _dilution("b")),
    Moment("dilution_c", "share", _SOLD, _dilution("c")),
    Moment("dilution_late", "share", _SOLD, _dilution("pre-ipo")),
    Moment("mean_early_round", "CNY million", "money per closed round of seed, angel and A", _mean_early_round),
    Moment("early_share_of_deals", "share", "closed rounds of seed, angel and A, of all", _early_share),
    Moment("growth_to_early_money", "ratio", "money of B and C ÷ money of seed, angel and A", _growth_to_early),
    Moment(
        "late_and_strategic_share", "share", "pre-IPO money and what corporate investors pay before, of all money",
        _late_and_strategic,
    ),
    PooledRate("irr_vc", "rate a year", "pooled gross internal rate of market venture capital", ("venture",)),
    PooledRate("irr_all", "rate a year", "pooled gross internal rate of all classes"),
    PooledRate("irr_late", "rate a year", "pooled gross internal rate of late-stage funds", ("late",)),
    Moment("ipo_share_of_exits", "share", "listings, of listings, acquisitions and trade sales", _listed_share),
    Moment("exit_given_angel", "share", "listed, acquired or sold, of those that closed angel", _exit_given_angel),
)  # fmt: skip
