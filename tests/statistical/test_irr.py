"""Internal rates over whole simulations' worth of flows, and over flows made to break a search."""

from collections import Counter

import numpy as np
import pytest
import pyxirr

from finance.fund.measures import IrrStatus, irr, irr_status

N_PERIODS = 80
KINDS = 8


def simulated_funds(n_paths, seed):
    """Quarterly flows of funds that call for five years and pay back from year three, some nothing at all."""
    generator = np.random.default_rng(seed)
    shape = (n_paths, N_PERIODS)
    quarter = np.arange(N_PERIODS)
    calls = np.where(quarter < 20, generator.exponential(size=shape), 0.0)
    exits = np.where(quarter > 12, generator.lognormal(-1.0, 1.2, shape), 0.0) * (generator.random(shape) < 0.2)
    luck = generator.lognormal(0.0, 1.2, (n_paths, 1)) * (generator.random((n_paths, 1)) < 0.97)
    return np.where(generator.random((n_paths, 1)) < 0.001, 0.0, luck * exits - calls)


def flows_made_to_break(n_paths, n_periods, seed):
    """Eight kinds in equal numbers: huge, tiny, extreme multiples, sparse, noise, liabilities, two roots, near ruin."""
    generator = np.random.default_rng(seed)
    n_kind = n_paths // KINDS
    shape = (n_kind, n_periods)

    def ordinary():
        is_call = np.arange(n_periods) < n_periods // 3
        return np.where(is_call, -generator.exponential(size=shape), generator.lognormal(-0.5, 1.0, shape))

    extreme, liability, two_roots, near_ruin = np.zeros(shape), ordinary(), np.zeros(shape), -np.abs(ordinary())
    extreme[:, 0], extreme[:, -1] = -1.0, 10.0 ** generator.uniform(-12.0, 12.0, n_kind)
    liability[:, -1] = -liability.sum(axis=1) * generator.random(n_kind)
    two_roots[:, :3] = np.array([-1.0, 2.3, -1.32]) * generator.uniform(0.95, 1.05, (n_kind, 3))
    near_ruin[:, -1] = 1e-6 * generator.random(n_kind)
    sparse = ordinary() * (generator.random(shape) < 0.15)
    kinds = [1e12 * ordinary(), 1e-9 * ordinary(), extreme, sparse, generator.normal(size=shape), liability]
    return np.concatenate([*kinds, two_roots, near_ruin])


def relative_values(flows, log_growths):
    """Present value of each row at its own growth ÷ the same of all its flows taken as positive."""
    steps = np.arange(flows.shape[1])
    # Weights are at most 1: seen from the first column where growth is positive, else from the last.
    anchors = np.where(log_growths >= 0.0, 0.0, flows.shape[1] - 1.0)[:, np.newaxis]
    worths = flows * np.exp(-log_growths[:, np.newaxis] * (steps - anchors))
    return worths.sum(axis=1) / np.abs(worths).sum(axis=1)


def n_sign_changes(row):
    return np.count_nonzero(np.diff(np.sign(row[row != 0.0])))


def test_every_rate_of_a_hundred_thousand_funds_is_found_or_accounted_for():
    flows = simulated_funds(100_000, seed=31)
    rates, statuses = irr(flows, periods_per_year=1), irr_status(flows)
    counts = Counter(IrrStatus(code).name for code in statuses.tolist())
    nothing_received = ~np.any(flows > 0.0, axis=1)
    assert counts["NO_FLOW"] == np.count_nonzero(~flows.any(axis=1)) > 0
    assert counts["TOTAL_LOSS"] == np.count_nonzero(nothing_received & flows.any(axis=1)) > 0
    assert counts["FOUND"] + counts["TOTAL_LOSS"] + counts["NO_FLOW"] + counts["NO_ROOT"] == 100_000
    assert counts["NOT_CONVERGED"] == 0
    is_rate = (statuses == IrrStatus.FOUND) | (statuses == IrrStatus.TOTAL_LOSS)
    np.testing.assert_array_equal(np.isnan(rates), ~is_rate)
    found = statuses == IrrStatus.FOUND
    assert np.abs(relative_values(flows[found], np.log1p(rates[found]))).max() < 1e-12


def test_ten_thousand_flows_made_to_break_a_search_against_pyxirr():
    flows = flows_made_to_break(10_000, 40, seed=32)
    rates, statuses = irr(flows, periods_per_year=1), irr_status(flows)
    assert not np.any(statuses == IrrStatus.NOT_CONVERGED)
    found = statuses == IrrStatus.FOUND
    assert np.all(found[-10_000 // KINDS :])
    # Near ruin a rate is so close to -1 that it has few digits left; over a hundredth of a column it is not.
    log_growths = 100.0 * np.log1p(irr(flows[found], periods_per_year=0.01))
    assert np.abs(relative_values(flows[found], log_growths)).max() < 1e-11

    # pyxirr stops at a tolerance on the unscaled value: scale first, and hold against it only what is a root.
    scaled = [row / np.abs(row).max() if row.any() else row for row in flows]
    others = np.array([np.nan if rate is None else rate for rate in (pyxirr.irr(row, silent=True) for row in scaled)])
    is_other = np.isfinite(others) & (others > -1.0)
    is_other[is_other] = np.abs(relative_values(flows[is_other], np.log1p(others[is_other]))) < 1e-8
    n_by_kind = is_other.reshape(KINDS, -1).sum(axis=1)
    assert np.all(n_by_kind[:2] == 1250)
    assert np.all(n_by_kind[2:7] > 500)
    assert np.all(statuses[is_other] == IrrStatus.FOUND)
    is_single = np.array([n_sign_changes(row) == 1 for row in flows])
    ours, theirs = np.log1p(rates[is_other]), np.log1p(others[is_other])
    assert ours[is_single[is_other]] == pytest.approx(theirs[is_single[is_other]], rel=1e-6, abs=1e-7)
    # Of several rates ours is the one nearest to no growth.
    assert np.all(np.abs(ours) <= np.abs(theirs) + 1e-6)
