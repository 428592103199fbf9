"""Moments of the Hull–White short rate: what its exact transition and its fit to a curve are made of.

The rate is r(t) = x(t) + φ(t), dx = −a x dt + σ dW, x(0) = 0. With B(u) = (1 − exp(−a u)) ÷ a,

    x(t + h) = x(t) exp(−a h) + σ ξ,          ξ = ∫ exp(−a(h − s)) dW,
    ∫ x over the step = x(t) B(h) + σ η,      η = ∫ B(h − s) dW.

Because exp(−a u) = 1 − a B(u), the Brownian increment is ΔW = ξ + a η: three Gaussian variables of rank two,
so two normals a step give all three exactly. Everything here is for σ = 1.

References: Hull and White (1990), "Pricing interest-rate derivative securities", Review of Financial Studies
3(4); Glasserman (2003), "Monte Carlo Methods in Financial Engineering", section 3.3.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


def reach(reversion: float, time: ArrayLike) -> NDArray[np.float64]:
    """Effect of the rate now on its integral over a time, B(t) = (1 − exp(−a t)) ÷ a.

    Parameters
    ----------
    reversion : float
        Mean reversion a, a year, above 0.
    time : array_like
        Years.

    Returns
    -------
    ndarray of the shape of ``time``
    """
    return np.asarray(-np.expm1(-reversion * np.asarray(time, dtype=np.float64)) / reversion)


def integral_covariance(reversion: float, time: ArrayLike) -> NDArray[np.float64]:
    """Covariance of the integrated rate with its Brownian motion, ∫₀ᵗ B(s) ds, at unit volatility.

    Parameters
    ----------
    reversion, time
        As in `reach`.

    Returns
    -------
    ndarray of the shape of ``time``
        (t − B(t)) ÷ a.
    """
    return _integral_of_reach(reversion, time, power=1)


def integral_variance(reversion: float, time: ArrayLike) -> NDArray[np.float64]:
    """Variance of the integrated rate, ∫₀ᵗ B(s)² ds, at unit volatility.

    Parameters
    ----------
    reversion, time
        As in `reach`.

    Returns
    -------
    ndarray of the shape of ``time``
        (t − 2 B(t) + B(2t) ÷ 2) ÷ a².
    """
    return _integral_of_reach(reversion, time, power=2)


def _integral_of_reach(reversion: float, time: ArrayLike, power: int) -> NDArray[np.float64]:
    years = np.asarray(time, dtype=np.float64)
    # The closed forms subtract nearly equal numbers while a t is small; sixteen nodes are exact there.
    points = 0.5 * years[..., np.newaxis] * (1.0 + _NODES)
    by_nodes = 0.5 * years * (reach(reversion, points) ** power @ _WEIGHTS)
    if power == 1:
        closed = (years - reach(reversion, years)) / reversion
    else:
        closed = (years - 2.0 * reach(reversion, years) + 0.5 * reach(reversion, 2.0 * years)) / reversion**2
    return np.where(reversion * years < 1.0, by_nodes, closed)
