"""The world of one path written the slow way: the same draws, the laws as sums over all shocks so far."""

import math
from functools import cache

import numpy as np
from scipy.integrate import quad

from finance.luck import (
    SECTOR,
    WORLD,
    WORLD_ORDINAL,
    entrant_code,
    name_code,
    normal_quantile,
    philox,
    slot,
    uniform,
)
from finance.world.terms import WorldNumbers

STEP = 0.25
TRAIL = 4  # quarters of the trailing return
LONG_AGO = -1200  # quarters; by then the window has long forgotten


def uniforms(key, path, purpose, code, quarter):
    """Four uniforms of a quarter; the state at the start of year 0 has the index of quarter −2048."""
    counter = (path, entrant_code(0, WORLD_ORDINAL), slot(code, quarter + 2048), purpose)
    return [uniform(word) for word in philox(*counter, *key)]


def normals(key, path, purpose, code, first, last, word=0):
    """Draw the normals of the quarters from ``first`` up to, not including, ``last``."""
    return np.array(
        [normal_quantile(uniforms(key, path, purpose, code, quarter)[word]) for quarter in range(first, last)]
    )


def forward_and_backward(start, backward_normals, forward_normals, persistence):
    """Stationary autoregression through ``start``; normals are in order of time, the result too."""
    innovation = math.sqrt(1.0 - persistence**2)
    before, after = [start], [start]
    for normal in backward_normals[::-1]:
        before.append(persistence * before[-1] + innovation * normal)
    for normal in forward_normals:
        after.append(persistence * after[-1] + innovation * normal)
    return np.array(before[:0:-1] + after)


def world_of(numbers: WorldNumbers, key, path):
    """Index ratio, discount, deflator, window (n_quarters,) and sector factors (n_sectors, n_quarters)."""
    before, after = 4 * numbers.warm_up_years, 4 * numbers.simulated_years
    rho, phi = numbers.index_rate_correlation, numbers.sector_persistence

    origin = normal_quantile(uniforms(key, path, WORLD, 0, -2048)[0])
    backward = normals(key, path, WORLD, 0, LONG_AGO, 0)
    own = normals(key, path, WORLD, 0, 0, after)
    rate = normals(key, path, WORLD, 0, 0, after, word=1)
    integral = normals(key, path, WORLD, 0, 0, after, word=2)
    shock = rho * rate + math.sqrt(1.0 - rho**2) * own
    driven = forward_and_backward(origin, backward, shock, phi)
    # The shock that leads from each state to the next is what the next state does not owe to it.
    every_shock = np.diff(driven) + (1.0 - phi) * driven[:-1]
    every_shock /= math.sqrt(1.0 - phi**2)

    index_ratio, discount, deflator = np.ones((3, before + after))
    for k in range(after):
        moved = rate_and_index(numbers, rate[:k], integral[:k], shock[:k], own[:k])
        index_ratio[before + k], discount[before + k], deflator[before + k] = moved
    window = window_of(numbers, key, path, every_shock)[-(before + after) :]
    sector_factor = sectors_of(numbers, key, path, driven[-(before + after) - 1 : -1])
    return index_ratio, discount, deflator, window, sector_factor


def gain(a, u):
    """Return what the rate's deviation now adds to its integral over u years."""
    return -np.expm1(-a * u) / a


@cache
def with_brownian(a, t):
    """Cov(∫x, W_r) at unit volatility, by quadrature."""
    return quad(lambda u: gain(a, u), 0.0, t, epsabs=0.0, epsrel=1e-13)[0] if t else 0.0


@cache
def spread(a, t):
    """Var ∫x at unit volatility, by quadrature."""
    return quad(lambda u: gain(a, u) ** 2, 0.0, t, epsabs=0.0, epsrel=1e-13)[0] if t else 0.0


def rate_and_index(numbers: WorldNumbers, rate, integral, shock, own):
    """J, D and M after the quarters whose shocks are given."""
    a, sigma_r = numbers.mean_reversion, numbers.rate_volatility
    sigma, rho, premium = numbers.index_volatility, numbers.index_rate_correlation, numbers.index_premium
    t = STEP * rate.size
    eta = (
        with_brownian(a, STEP) / math.sqrt(STEP) * rate
        + math.sqrt(spread(a, STEP) - with_brownian(a, STEP) ** 2 / STEP) * integral
    )
    xi = math.sqrt(STEP) * rate - a * eta
    since = STEP * np.arange(rate.size)[::-1]
    deviation = sigma_r * np.sum(eta + xi * gain(a, since))  # Y = ∫x
    variance, covariance = sigma_r**2 * spread(a, t), sigma_r * with_brownian(a, t)
    price = float(numbers.discount_factor(np.array([t]))[0]) * (1.0 + numbers.inflation_rate) ** t
    discount = price * math.exp(-deviation - variance / 2.0)
    risk = sigma * math.sqrt(STEP) * shock.sum()
    log_index = deviation + risk - sigma**2 * t / 2.0
    log_mean = variance / 2.0 + sigma * rho * covariance
    own_sigma = sigma * math.sqrt(1.0 - rho**2)
    price_of_risk = premium / own_sigma if premium else 0.0
    brownian = math.sqrt(STEP) * own.sum()
    deflator = discount * math.exp(-price_of_risk * brownian - price_of_risk**2 * t / 2.0)
    return math.exp(log_index - log_mean), discount, deflator


def window_of(numbers: WorldNumbers, key, path, shock):
    """Exit window from long ago, started open and started shut; both must have met when it matters."""
    share = numbers.window_open_share
    if share == 1.0:
        return np.ones(shock.size, dtype=bool)
    reopen = STEP / numbers.window_shut_years
    shut = reopen * (1.0 - share) / share
    chains = np.zeros((2, shock.size), dtype=bool)
    chains[0, : TRAIL + 1] = True
    for k in range(TRAIL, shock.size - 1):
        trailing = shock[k - TRAIL + 1 : k + 1].sum() / math.sqrt(TRAIL)
        u = uniforms(key, path, WORLD, 0, k + LONG_AGO)[3]
        for chain in chains:
            chance = 1.0 - shut if chain[k] else reopen
            odds = math.inf if chance == 1.0 else chance / (1.0 - chance)
            tilted = odds * math.exp(numbers.window_tilt * trailing)
            chain[k + 1] = u < (1.0 if tilted == math.inf else tilted / (1.0 + tilted))
    first = shock.size - 4 * (numbers.warm_up_years + numbers.simulated_years)
    assert np.array_equal(chains[0, first:], chains[1, first:])
    return chains[0]


def sectors_of(numbers: WorldNumbers, key, path, driven):
    """Sector factors, less what centres them."""
    before, after = 4 * numbers.warm_up_years, 4 * numbers.simulated_years
    sigma, phi = numbers.sector_volatility, numbers.sector_persistence
    loading, correlation = numbers.sector_index_loading, numbers.sector_correlation

    def state(code):
        start = normal_quantile(uniforms(key, path, SECTOR, code, -2048)[0])
        shocks = normals(key, path, SECTOR, code, -before, after - 1)
        return forward_and_backward(start, shocks[:before], shocks[before:], phi)

    common = state(0)
    factors = []
    for name in numbers.sector_names:
        not_index = math.sqrt(correlation) * common + math.sqrt(1.0 - correlation) * state(name_code(name))
        condition = sigma * (loading * driven + math.sqrt(1.0 - loading**2) * not_index)
        factors.append(np.exp(condition - sigma**2 / 2.0 - covariance_with_index(numbers)))
    return np.array(factors)


def covariance_with_index(numbers: WorldNumbers):
    """Cov(ln J, s) by quarter: step by step from the joint covariances, not from the closed form."""
    a, sigma_r, phi = numbers.mean_reversion, numbers.rate_volatility, numbers.sector_persistence
    weight = numbers.sector_volatility * numbers.sector_index_loading * math.sqrt(1.0 - phi**2)
    decay, reach = math.exp(-a * STEP), gain(a, STEP)
    with_rate = with_integral = with_index = 0.0
    found = [0.0] * (4 * numbers.warm_up_years)
    for _ in range(4 * numbers.simulated_years):
        found.append(with_integral + numbers.index_volatility * with_index)
        # Old state times old values, decayed by φ, plus the covariance of the quarter's shocks.
        shared = numbers.index_rate_correlation * sigma_r * weight / math.sqrt(STEP)
        with_integral = phi * (with_integral + reach * with_rate) + shared * with_brownian(a, STEP)
        with_rate = phi * decay * with_rate + shared * reach
        with_index = phi * with_index + weight * math.sqrt(STEP)
    return np.array(found)
