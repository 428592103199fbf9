"""Prices of options again: Black's formula in NumPy, and a right of several dates by the density between them."""

import numpy as np
from scipy.special import ndtr


def black_twin(kind, spot, strike, volatility, discount, years):
    spread = volatility * np.sqrt(years)
    d = np.log(spot / discount / strike) / spread + spread / 2.0
    sign = 1.0 if kind == "call" else -1.0
    return sign * (spot * ndtr(sign * d) - discount * strike * ndtr(sign * (d - spread)))


def bermudan_twin(kind, spot, strikes, times, volatility, discounts, n_points=1601):
    """Go back from date to date on a grid of log values, each step the integral over the next date's density.

    The value in today's money is a martingale: x = ln(S_t P_t / spot) moves by −σ²Δt/2 and σ√Δt, and exercise at t pays
    S_t P_t − K_t P_t in today's money.
    """
    sign = 1.0 if kind == "call" else -1.0
    reach = 8.0 * volatility * np.sqrt(times[-1])
    grid = np.linspace(-reach, reach, n_points)
    step = grid[1] - grid[0]
    value = np.zeros(n_points)
    later = None
    for time, strike, discount in reversed(list(zip(times, strikes, discounts, strict=True))):
        if later is not None:
            value = expected(value, grid, step, volatility, later - time)
        value = np.maximum(value, sign * (spot * np.exp(grid) - strike * discount))
        later = time
    return float(np.interp(0.0, grid, expected(value, grid, step, volatility, later)))


def expected(value, grid, step, volatility, span):
    spread = volatility * np.sqrt(span)
    half = int(np.ceil(9.0 * spread / step))
    moves = np.arange(-half, half + 1) * step
    weights = np.exp(-0.5 * ((moves + 0.5 * spread**2) / spread) ** 2)
    weights /= weights.sum()
    # Beyond the grid a call goes on like the value, a put like the discounted strike: both are far enough away.
    padded = np.pad(value, half, mode="edge")
    return np.convolve(padded, weights[::-1], mode="valid")
