"""Every process of the world against its law, and the kernel against its readable twin."""

import math

import numpy as np
import pytest
from numba import njit
from scipy import stats

from finance.luck import key_of_seed
from finance.world.curve import discount_factors
from finance.world.kernel import HISTORY, _fill_before, fill_world
from finance.world.rates import integral_covariance, integral_variance, reach
from finance.world.terms import WorldNumbers, world_terms
from tests.statistical import world_twin
from tests.unit.test_curve import DAYS, DECEMBER, TENORS

N_PATHS = 20_000
# Of the largest of some hundred normal deviations; the draws are fixed, so a pass stays a pass.
LARGEST_DEVIATION = 4.2


def chinabond(times):
    return discount_factors(DAYS[0], TENORS, DECEMBER, times)


NUMBERS = WorldNumbers(
    warm_up_years=3,
    simulated_years=25,
    discount_factor=chinabond,
    mean_reversion=0.1,
    rate_volatility=0.01,
    index_volatility=0.28,
    index_premium=0.05,
    index_rate_correlation=-0.3,
    window_open_share=0.65,
    window_shut_years=1.5,
    window_tilt=0.0,
    sector_names=("chips", "biotech"),
    sector_volatility=0.3,
    sector_persistence=0.9,
    sector_correlation=0.4,
    sector_index_loading=0.5,
    inflation_rate=0.02,
)
SWITCH = 4 * NUMBERS.warm_up_years
YEARS = np.arange(4 * NUMBERS.simulated_years) / 4.0


def empty_world(terms):
    n = terms.n_quarters
    return np.empty(n), np.empty(n), np.empty(n), np.empty(n, np.bool_), np.empty((len(terms.sector_code), n))


def one_world(numbers, path, seed=1):
    terms = world_terms(numbers)
    world = empty_world(terms)
    fill_world(terms, *key_of_seed(seed), path, *world)
    return world


@njit
def fill_paths(terms, key0, key1, index_ratio, discount, deflator, window, sector_factor):
    for path in range(index_ratio.shape[0]):
        fill_world(
            terms,
            key0,
            key1,
            path,
            index_ratio[path],
            discount[path],
            deflator[path],
            window[path],
            sector_factor[path],
        )


def worlds(numbers, n_paths=N_PATHS, seed=11):
    terms = world_terms(numbers)
    shape = (n_paths, terms.n_quarters)
    arrays = (
        np.empty(shape),
        np.empty(shape),
        np.empty(shape),
        np.empty(shape, np.bool_),
        np.empty((n_paths, len(terms.sector_code), terms.n_quarters)),
    )
    fill_paths(terms, *key_of_seed(seed), *arrays)
    return terms, *arrays


@pytest.fixture(scope="module")
def many():
    return worlds(NUMBERS)


def deviations(draws, expected):
    """Distance of each column's mean from its expectation, in standard errors."""
    error = draws.std(axis=0, ddof=1) / math.sqrt(draws.shape[0])
    distance = draws.mean(axis=0) - expected
    return np.where(np.abs(distance) < 1e-12, 0.0, distance / np.maximum(error, 1e-300))


# --- the twin ------------------------------------------------------------------------------------

VARIANTS = {
    "plain": {},
    "tilted": {"window_tilt": 1.5, "window_open_share": 0.4},
    "slow": {"mean_reversion": 0.001, "sector_persistence": 0.99, "warm_up_years": 15},
    "fast": {"mean_reversion": 2.0, "sector_persistence": 0.0, "index_rate_correlation": 0.95},
    "always open": {"window_open_share": 1.0, "window_tilt": 2.0},
    "alternating": {"window_open_share": 0.5, "window_shut_years": 0.25},
    "shut for a quarter": {"window_open_share": 0.8, "window_shut_years": 0.25, "window_tilt": 1.0},
    "still index": {"index_volatility": 0.0, "index_premium": 0.0},
    "still rate": {"rate_volatility": 0.0},
    "no warm-up": {"warm_up_years": 0, "window_tilt": 0.5, "sector_names": ("a",)},
    "no sectors": {"sector_volatility": 0.0},
}


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "alternating"])
@pytest.mark.parametrize("path", [0, 1, 2**31 + 5])
def test_kernel_equals_its_readable_twin(variant, path):
    numbers = NUMBERS._replace(**VARIANTS[variant])
    found = one_world(numbers, path, seed=2**40 + 3)
    expected = world_twin.world_of(numbers, key_of_seed(2**40 + 3), path)
    for mine, twin in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine.astype(float), twin.astype(float), rtol=1e-12, atol=0.0)


def test_a_window_that_never_settles_starts_in_its_stationary_share():
    # It opens and shuts in turn for ever: no past quarter makes the rest irrelevant.
    numbers = NUMBERS._replace(**VARIANTS["alternating"])
    window = worlds(numbers, n_paths=2000)[4]
    assert np.all(window[:, 1:] != window[:, :-1])
    assert abs(deviations(window[:, 0].astype(float), 0.5)) < 3.0
    longer = worlds(numbers._replace(warm_up_years=9), n_paths=2000)[4]
    np.testing.assert_array_equal(longer[:, 24:], window)


# --- luck ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("warm_up_years", [0, 1, 12, 60])
@pytest.mark.parametrize("tilt", [0.0, 1.0])
def test_the_warm_ups_length_moves_nothing(warm_up_years, tilt):
    numbers = NUMBERS._replace(window_tilt=tilt)
    for path in range(20):
        short = one_world(numbers, path)
        other = one_world(numbers._replace(warm_up_years=warm_up_years), path)
        shared = 4 * min(warm_up_years, NUMBERS.warm_up_years) + YEARS.size
        for mine, theirs in zip(short, other, strict=True):
            np.testing.assert_array_equal(mine[..., -shared:], theirs[..., -shared:])


def test_order_of_paths_and_what_lay_in_the_arrays_move_nothing():
    terms, key = world_terms(NUMBERS), key_of_seed(1)
    world = empty_world(terms)
    for path in (5, 3, 9, 5):
        fill_world(terms, *key, path, *world)
    for mine, theirs in zip(world, one_world(NUMBERS, 5), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_another_sector_or_a_longer_clock_moves_no_draw():
    more = one_world(NUMBERS._replace(sector_names=("space", "chips"), simulated_years=30), 4)
    base = one_world(NUMBERS, 4)
    for mine, theirs in zip(base[:4], more[:4], strict=True):
        np.testing.assert_array_equal(mine, theirs[: mine.size])
    np.testing.assert_array_equal(base[4][0], more[4][1][: base[0].size])


def test_paths_and_seeds_differ():
    base = one_world(NUMBERS, 4)[0][-1]
    assert len({base, one_world(NUMBERS, 5)[0][-1], one_world(NUMBERS, 4, seed=2)[0][-1]}) == 3


def test_all_off_is_one_and_open():
    off = NUMBERS._replace(
        discount_factor=np.ones_like,
        rate_volatility=0.0,
        index_volatility=0.0,
        index_premium=0.0,
        window_open_share=1.0,
        sector_volatility=0.0,
        inflation_rate=0.0,
    )
    for values in one_world(off, 0):
        assert np.all(values == 1)


def test_everything_is_one_up_to_year_0():
    for values in one_world(NUMBERS, 0)[:3]:
        assert np.all(values[: SWITCH + 1] == 1.0)
        assert np.all(values[SWITCH + 1 :] != 1.0)


# --- rate, index, deflator -----------------------------------------------------------------------


@pytest.mark.parametrize("reversion", [0.001, 0.1, 2.0])
def test_closed_moments_are_those_of_the_step_by_step_law(reversion):
    h, variance_x, covariance, variance_y, with_w = 0.25, 0.0, 0.0, 0.0, 0.0
    decay, b = math.exp(-reversion * h), float(reach(reversion, h))
    loading = float(integral_covariance(reversion, h))
    for k in range(1, 101):
        with_w += b * (k - 1 and float(reach(reversion, h * (k - 1)))) + loading
        variance_y += 2.0 * b * covariance + b * b * variance_x + float(integral_variance(reversion, h))
        covariance = decay * (covariance + b * variance_x) + b * b / 2.0
        variance_x = decay * decay * variance_x + float(reach(2.0 * reversion, h))
        assert variance_y == pytest.approx(float(integral_variance(reversion, h * k)), rel=1e-10)
        assert with_w == pytest.approx(float(integral_covariance(reversion, h * k)), rel=1e-10)


def test_discount_reprices_the_curve(many):
    expected = chinabond(YEARS) * 1.02**YEARS
    assert np.abs(deviations(many[2][:, SWITCH:], expected)).max() < LARGEST_DEVIATION
    # The curve itself, at nominal prices, reprices its table to 1e-10: tests/unit/test_curve.py.


def test_integrated_rate_has_the_variance_of_hull_white(many):
    integral = np.log(many[2][:, -1])
    expected = 0.01**2 * float(integral_variance(0.1, YEARS[-1]))
    assert integral.var() == pytest.approx(expected, rel=4.0 * math.sqrt(2.0 / N_PATHS))
    assert stats.kstest(stats.zscore(integral), "norm").pvalue > 0.01


def test_index_ratio_has_mean_one(many):
    assert np.abs(deviations(many[1], 1.0)).max() < LARGEST_DEVIATION


def test_index_is_a_martingale_at_zero_premium():
    terms, index_ratio, discount, deflator, *_ = worlds(NUMBERS._replace(index_premium=0.0))
    discounted = (index_ratio * terms.expected_index * discount)[:, SWITCH:]
    assert np.abs(deviations(discounted, 1.0)).max() < LARGEST_DEVIATION
    np.testing.assert_array_equal(deflator, discount)


def test_index_earns_its_premium(many):
    terms, index_ratio, discount, *_ = many
    discounted = (index_ratio * terms.expected_index * discount)[:, SWITCH:]
    assert np.abs(deviations(discounted, np.exp(0.05 * YEARS))).max() < LARGEST_DEVIATION


def test_deflator_prices_index_and_bonds(many):
    terms, index_ratio, _, deflator, *_ = many
    priced = (deflator * index_ratio * terms.expected_index)[:, SWITCH:]
    assert np.abs(deviations(priced, 1.0)).max() < LARGEST_DEVIATION
    expected = chinabond(YEARS) * 1.02**YEARS
    assert np.abs(deviations(deflator[:, SWITCH:], expected)).max() < LARGEST_DEVIATION


def test_index_has_its_volatility_and_its_correlation_with_the_rate(many):
    terms, index_ratio, discount, *_ = many
    moves = np.diff(np.log(index_ratio[:, SWITCH:]), axis=1)
    # With the integrated rate taken out, the index is left with its own shocks.
    integral = np.log(discount[:, SWITCH:]) - terms.discount_drift[SWITCH:]
    moves += np.diff(integral, axis=1)
    assert moves.std() == pytest.approx(0.28 / 2.0, rel=0.002)
    brownian = moves[:, :40].sum(axis=1)
    slope = 0.28 * -0.3 * 0.01 * float(integral_covariance(0.1, 10.0))
    assert np.cov(brownian, -integral[:, 40])[0, 1] == pytest.approx(slope, rel=0.08)


def test_a_premium_without_volatility_is_refused():
    with pytest.raises(ValueError, match=r"index_premium is 0\.05 but world\.index_volatility is 0"):
        world_terms(NUMBERS._replace(index_volatility=0.0))


# --- exit window ---------------------------------------------------------------------------------


def test_window_has_its_stationary_share_and_mean_spell(many):
    window = many[4]
    for quarter in (0, SWITCH, window.shape[1] - 1):
        assert abs(deviations(window[:, quarter].astype(float), 0.65)) < 3.5
    shut = ~window[:, :-1]
    assert (window[:, 1:] & shut).sum() / shut.sum() == pytest.approx(1.0 / 6.0, rel=0.01)
    opened = window[:, :-1]
    assert (shut[:, 1:] & opened[:, :-1]).sum() / opened[:, :-1].sum() == pytest.approx(0.35 / 0.65 / 6.0, rel=0.01)


def test_tilt_moves_both_directions_with_the_trailing_return():
    numbers = NUMBERS._replace(window_tilt=1.0, rate_volatility=0.0)
    terms, index_ratio, _, _, window, _ = worlds(numbers)
    log_index = np.log(index_ratio[:, SWITCH:]) - terms.index_drift[SWITCH:]
    trailing = ((log_index[:, 4:] - log_index[:, :-4]) / 0.28)[:, 40]
    assert trailing.std() == pytest.approx(1.0, rel=0.02)
    was_open, is_open = window[:, SWITCH + 43], window[:, SWITCH + 44]
    for state, chance in ((True, 1.0 - 0.35 / 0.65 / 6.0), (False, 1.0 / 6.0)):
        there = was_open == state
        expected = 1.0 / (1.0 + (1.0 - chance) / chance * np.exp(-trailing[there]))
        surprise = is_open[there] - expected
        assert abs(deviations(surprise, 0.0)) < 3.5
        assert abs(deviations(surprise * trailing[there], 0.0)) < 3.5


@pytest.mark.parametrize("changes", [{"window_shut_years": 0.2}, {"window_shut_years": 0.25, "window_open_share": 0.3}])
def test_a_spell_too_short_is_refused(changes):
    with pytest.raises(ValueError, match="window_shut_years"):
        world_terms(NUMBERS._replace(**changes))


# --- sectors -------------------------------------------------------------------------------------


def test_sector_states_are_stationary_with_their_covariance(many):
    states = np.log(many[5]) + many[0].sector_drift
    chips, biotech = states[:, 0], states[:, 1]
    between = 0.5**2 + (1.0 - 0.5**2) * 0.4
    for quarter in (0, SWITCH - 1, SWITCH, SWITCH + 1, SWITCH + 60, states.shape[2] - 1):
        assert abs(deviations(chips[:, quarter], 0.0)) < 3.5
        assert chips[:, quarter].std() == pytest.approx(0.3, rel=0.02)
        found = np.corrcoef(chips[:, quarter], biotech[:, quarter])[0, 1]
        assert found == pytest.approx(between, abs=0.025)
    for first, last in ((0, 1), (SWITCH - 5, SWITCH), (SWITCH - 3, SWITCH + 3), (SWITCH, SWITCH + 10)):
        found = np.corrcoef(chips[:, first], chips[:, last])[0, 1]
        assert found == pytest.approx(0.9 ** (last - first), abs=0.025)


def test_sector_innovations_load_on_the_index(many):
    terms, index_ratio, discount, _, _, sector = many
    integral = np.log(discount[:, SWITCH:]) - terms.discount_drift[SWITCH:]
    shocks = np.diff(np.log(index_ratio[:, SWITCH:]) + integral, axis=1)[:, :40]
    states = (np.log(sector[:, 0]) + terms.sector_drift)[:, SWITCH : SWITCH + 41]
    innovations = states[:, 1:] - 0.9 * states[:, :-1]
    shocks -= shocks.mean(axis=0)
    assert np.corrcoef(shocks.ravel(), innovations.ravel())[0, 1] == pytest.approx(0.5, abs=0.005)


def test_sector_factor_times_index_ratio_has_mean_one(many):
    _, index_ratio, _, _, _, sector = many
    assert np.abs(deviations(sector[:, :, :SWITCH], 1.0)).max() < LARGEST_DEVIATION
    product = index_ratio[:, np.newaxis, :] * sector
    assert np.abs(deviations(product, 1.0)).max() < LARGEST_DEVIATION


def test_index_shocks_before_year_0_lead_the_sectors_as_they_do_after():
    # They are recovered from a state that runs backwards; forwards they must look like any other shocks.
    numbers = NUMBERS._replace(warm_up_years=60)
    terms = world_terms(numbers)
    shock, odds = np.empty((2, HISTORY + 100))
    before = slice(HISTORY - 240, HISTORY)
    rows = []
    for path in range(200):
        driven = np.empty(terms.n_quarters)
        _fill_before(terms, *key_of_seed(5), path, shock, odds, driven)
        rows.append(shock[before].copy())
        innovations = driven[1:241] - 0.9 * driven[:240]
        np.testing.assert_allclose(innovations, math.sqrt(1.0 - 0.9**2) * shock[before], atol=1e-12)
    shocks = np.array(rows)
    assert stats.kstest(shocks.ravel(), "norm").pvalue > 0.01
    for lag in (1, 2, 4):
        found = np.corrcoef(shocks[:, lag:].ravel(), shocks[:, :-lag].ravel())[0, 1]
        assert abs(found) < 4.0 / math.sqrt(shocks.size)
