"""Grids of quality and signal, and the weights that carry values from one to the other.

Values are worked out by backward induction on true quality and then averaged over what a signal tells of it (model §4).
Both axes are fixed grids with linear interpolation between nodes, in the induction and in the kernel alike.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from finance.market.terms import Floats

QUALITY: Floats = np.linspace(-6.0, 5.0, 45)
SIGNAL: Floats = np.linspace(-6.0, 6.0, 81)
SIGNAL_FIRST = float(SIGNAL[0])
SIGNAL_STEP = float(SIGNAL[1] - SIGNAL[0])
#: Below this a signal's noise is finer than the grid of quality; only exact signals (0) are possible there.
FINEST_NOISE = 0.25
#: Laws of a few numbers are the same in every pass of a solve: so many of each are kept.
LAWS_KEPT = 256


def hat_weights(mean: Floats, sd: float, nodes: Floats) -> Floats:
    """Expected linear-interpolation weights on `nodes` of a normal variable.

    Parameters
    ----------
    mean : ndarray of shape (n,)
        Means of the variable.
    sd : float
        Its standard deviation; 0 gives plain interpolation weights.
    nodes : ndarray of shape (m,)
        Evenly spaced nodes; mass beyond the ends sits on the end nodes.

    Returns
    -------
    ndarray of shape (n, m)
        Rows sum to one. For a function that is linear between nodes the weighted sum is its exact expectation:
        ∫ hat_j φ = (sd / h) [G(x_{j+1}) − 2 G(x_j) + G(x_{j−1})], G(x) = x Φ(x) + φ(x).
    """
    mean = np.asarray(mean, dtype=float)
    step = nodes[1] - nodes[0]
    if sd == 0.0:
        exact: Floats = np.maximum(0.0, 1.0 - np.abs(np.clip(mean, nodes[0], nodes[-1])[:, None] - nodes) / step)
        return exact
    edges = np.concatenate([[nodes[0] - step], nodes, [nodes[-1] + step]])
    x = (edges - mean[:, None]) / sd
    ramp = x * ndtr(x) + np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi)
    slope = np.diff(ramp, axis=1) * (sd / step)  # the share of mass, ramped across each interval
    weights: Floats = np.diff(slope, axis=1)
    weights[:, 0] = slope[:, 1]
    weights[:, -1] = 1.0 - slope[:, -2]
    np.maximum(weights, 0.0, out=weights)
    return weights


def normal_masses(mean: float, sd: float) -> Floats:
    """Masses on the grid of quality that stand for N(mean, sd²).

    Where the grid is fine enough they are the density at the nodes: sums over nodes are then the trapezoidal rule, whose
    error for a normal density times a smooth function falls like exp(−2π² sd²/h²), while hat weights would widen the law
    by h²/6 and overstate values that are convex in quality by four parts in a thousand.
    """
    if sd < 2.0 * (QUALITY[1] - QUALITY[0]):
        hats: Floats = hat_weights(np.array([mean]), sd, QUALITY)[0]
        return hats
    masses: Floats = np.exp(-0.5 * ((QUALITY - mean) / sd) ** 2)
    masses /= masses.sum()
    return masses


def entrant_quality(lemon_share: float, lemon_mean: float, lemon_sd: float) -> Floats:
    """Probability masses of entrants' quality on the grid: (1 − share) N(0,1) + share N(mean, sd²).

    Returns
    -------
    ndarray of shape (quality,)
        Sums to one.
    """
    sound, lemons = normal_masses(0.0, 1.0), normal_masses(lemon_mean, lemon_sd)
    masses: Floats = (1.0 - lemon_share) * sound + lemon_share * lemons
    masses /= masses.sum()
    return masses


def locked(values: Floats) -> Floats:
    """The same array, which nobody can write into any more: what is kept for all who ask must not change."""
    values.setflags(write=False)
    return values


@lru_cache(maxsize=LAWS_KEPT)
def signal_weights(noise_sd: float) -> Floats:
    """Weights that average a function of the signal given true quality, shape (quality, signal), read-only."""
    return locked(hat_weights(QUALITY, noise_sd, SIGNAL))


@lru_cache(maxsize=LAWS_KEPT)
def likelihood(noise_sd: float) -> Floats:
    """Likelihood of each quality at each signal, shape (signal, quality), up to a factor by row; read-only."""
    if noise_sd == 0.0:
        return locked(hat_weights(SIGNAL, 0.0, QUALITY))
    distance = (SIGNAL[:, None] - QUALITY) / noise_sd
    exponent = -0.5 * distance * distance
    return locked(np.exp(exponent - exponent.max(axis=1, keepdims=True)))


def posterior(likelihoods: Floats, prior: Floats) -> Floats:
    """Belief on quality at each signal, shape (signal, quality), rows summing to one.

    A signal at which nothing of the prior has likelihood (far outside) keeps the quality nearest to it.
    """
    joint: Floats = likelihoods * prior
    total = joint.sum(axis=1, keepdims=True)
    empty = total[:, 0] < 1e-290
    if empty.any():
        joint[empty] = likelihoods[empty]
        total = joint.sum(axis=1, keepdims=True)
    joint /= total
    return joint


def share_at_least(excess: Floats) -> Floats:
    """Share of each signal node's neighbourhood in which `excess`, linear between nodes, is not negative.

    A threshold between two nodes then counts where it is, not where the next node happens to be.

    Parameters
    ----------
    excess : ndarray of shape (signal,)

    Returns
    -------
    ndarray of shape (signal,)
        Between 0 and 1; the integral of the indicator against the node's hat function.
    """
    left, right = excess[:-1], excess[1:]
    both = (left >= 0) & (right >= 0)
    rising, falling = (left < 0) & (right >= 0), (left >= 0) & (right < 0)
    gap = np.where(rising | falling, right - left, 1.0)
    crossing = np.where(rising | falling, -left / gap, 0.0)
    # of the half unit of hat mass that each end of an interval has in it, what lies where excess >= 0
    at_left = np.where(both, 0.5, 0.0) + np.where(rising, 0.5 * (1 - crossing) ** 2, 0.0)
    at_left += np.where(falling, 0.5 - 0.5 * (1 - crossing) ** 2, 0.0)
    at_right = np.where(both, 0.5, 0.0) + np.where(rising, 0.5 * (1 - crossing**2), 0.0)
    at_right += np.where(falling, 0.5 * crossing**2, 0.0)
    share = np.zeros_like(excess)
    share[:-1] += at_left
    share[1:] += at_right
    share[0] += 0.5 * (excess[0] >= 0)
    share[-1] += 0.5 * (excess[-1] >= 0)
    return share
