"""A million draws have the distribution they should, and no coordinate of a counter leaks into another."""

import itertools
import math

import numpy as np
import pytest
from numba import njit
from scipy import stats

from finance import luck

N_DRAWS = 1_000_000


@njit
def fill_words(counters, keys, words):
    for i in range(counters.shape[0]):
        found = luck.philox(counters[i, 0], counters[i, 1], counters[i, 2], counters[i, 3], keys[i, 0], keys[i, 1])
        for j in range(4):
            words[i, j] = found[j]


def uniforms(path=0, entrant=0, slot=0, purpose=luck.ROUND, key=(1, 0), n=N_DRAWS):
    """Uniforms (n, 4); each coordinate a number or an array of n."""
    counters = np.empty((n, 4), dtype=np.int64)
    for column, values in enumerate((path, entrant, slot, purpose)):
        counters[:, column] = values
    keys = np.empty((n, 2), dtype=np.int64)
    keys[:, 0], keys[:, 1] = key
    words = np.empty((n, 4), dtype=np.uint32)
    fill_words(counters, keys, words)
    return (words + 0.5) * 2.0**-32


@njit
def fill_quantiles(u, table, success, normals, gammas, waits):
    for i in range(u.shape[0]):
        normals[i] = luck.normal_quantile(u[i])
        gammas[i] = luck.gamma_quantile(table, normals[i])
        waits[i] = luck.geometric_quantile(u[i], success)


@pytest.fixture(scope="module")
def draws():
    return uniforms(path=np.arange(N_DRAWS))


@pytest.mark.parametrize("word", range(4))
def test_uniforms(draws, word):
    assert stats.kstest(draws[:, word], "uniform").pvalue > 0.01


def test_uniforms_fill_the_square(draws):
    for first, second in itertools.combinations(range(4), 2):
        counts, *_ = np.histogram2d(draws[:, first], draws[:, second], bins=32, range=[[0, 1], [0, 1]])
        assert stats.chisquare(counts.ravel()).pvalue > 0.001


def test_quantiles_of_the_draws(draws):
    normals, gammas = np.empty((2, N_DRAWS))
    waits = np.empty(N_DRAWS, dtype=np.int64)
    fill_quantiles(draws[:, 0].copy(), luck.gamma_table(2.5), 0.3, normals, gammas, waits)
    assert stats.kstest(normals, "norm").pvalue > 0.01
    assert stats.kstest(gammas, stats.gamma(2.5, scale=1.0 / 2.5).cdf).pvalue > 0.01
    counts = np.bincount(waits, minlength=41)[1:21]
    expected = N_DRAWS * stats.geom(0.3).pmf(np.arange(1, 21))
    assert np.all(np.abs(counts - expected) < 4.0 * np.sqrt(expected))


INDEX = np.arange(N_DRAWS)
NEIGHBOURS = {
    "path": ({"path": INDEX}, {"path": INDEX + N_DRAWS}),
    "entrant": ({"path": INDEX, "entrant": 7}, {"path": INDEX, "entrant": 8}),
    "year": (
        {"path": INDEX, "entrant": luck.entrant_code(0, 7)},
        {"path": INDEX, "entrant": luck.entrant_code(1, 7)},
    ),
    "quarter": ({"path": INDEX, "slot": luck.slot(9, 4)}, {"path": INDEX, "slot": luck.slot(9, 5)}),
    "name": (
        {"path": INDEX, "slot": luck.slot(luck.name_code("seed"), 0)},
        {"path": INDEX, "slot": luck.slot(luck.name_code("angel"), 0)},
    ),
    "purpose": ({"path": INDEX, "purpose": luck.ROUND}, {"path": INDEX, "purpose": luck.ATTEMPT}),
    "seed": (
        {"path": INDEX, "key": luck.key_of_seed(1)},
        {"path": INDEX, "key": luck.key_of_seed(2)},
    ),
    "pilot": (
        {"path": INDEX, "key": luck.key_of_seed(1)},
        {"path": INDEX, "key": luck.pilot_key(1)},
    ),
    "path and entrant swapped": ({"path": INDEX, "entrant": 7}, {"path": 7, "entrant": INDEX}),
}


@pytest.mark.parametrize("coordinate", NEIGHBOURS)
def test_neighbours_are_independent(coordinate):
    first, second = (uniforms(**counter) for counter in NEIGHBOURS[coordinate])
    if coordinate == "path and entrant swapped":  # (7, 7) is one counter
        first, second = np.delete(first, 7, axis=0), np.delete(second, 7, axis=0)
    assert not np.any(np.all(first == second, axis=1))
    correlation = np.corrcoef(first, second, rowvar=False)
    assert np.abs(correlation - np.eye(8)).max() < 4.5 / math.sqrt(N_DRAWS)
    # Beyond correlation: the distance around the circle is uniform too.
    assert stats.kstest((first[:, 0] - second[:, 0]) % 1.0, "uniform").pvalue > 0.001


@pytest.mark.parametrize("coordinate", ["path", "entrant", "slot", "purpose"])
def test_no_trend_along_a_coordinate(coordinate):
    u = uniforms(**{coordinate: INDEX})[:, 0]
    for lag in (1, 2, 16, 4096, 65_536):
        found = np.corrcoef(u[lag:], u[:-lag])[0, 1]
        assert abs(found) < 4.5 / math.sqrt(N_DRAWS - lag)


def test_an_entrants_luck_is_distinct_for_every_purpose_and_slot():
    slots, purposes = np.meshgrid(np.arange(4096), np.arange(1, 10))
    u = uniforms(path=3, entrant=5, slot=slots.ravel(), purpose=purposes.ravel(), n=slots.size)
    assert np.unique(u[:, 0] + 2.0 * u[:, 1]).size == slots.size
