"""Anderson's acceleration of a fixed-point iteration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finance.market.terms import Floats

#: Earlier steps that a step learns from.
_DEPTH = 2


def fixed_point(
    image: Callable[[Floats], Floats], start: Floats, tolerance: float, most: int, plain_steps: int = 0
) -> Floats:
    """Find x = g(x) near a start, of positive numbers.

    Parameters
    ----------
    image : callable
        The map g; its values have the shape of its argument.
    start : ndarray
    tolerance : float
        Ends the search: half the largest sum, along the last axis, of absolute changes. For laws that is their largest
        distance in total variation.
    most : int
        Evaluations of the map at most, before the plain steps.
    plain_steps : int
        Steps x ← g(x) at the end. What is extrapolated is exact for the whole, not for its smallest parts: a law's tails,
        on which what is thought of a rare signal hangs. Where each part follows from parts before it, as many plain
        steps as there are parts set that right.

    Returns
    -------
    ndarray
        The last image, so that whatever the map guarantees of its values (laws that sum to one, say) holds of it.

    Notes
    -----
    With residuals fₖ = g(xₖ) − xₖ the next point is g(xₖ) − Σⱼ γⱼ (g(xₖ) − g(xₖ₋ⱼ)), where γ minimises
    ‖fₖ − Σⱼ γⱼ (fₖ − fₖ₋ⱼ)‖ over the last two steps; each part of it is kept between half and twice that of g(xₖ). Where
    selection makes the map overshoot it needs a third of the evaluations of damped steps.

    References
    ----------
    Walker, H. F. and Ni, P. (2011), "Anderson Acceleration for Fixed-Point Iterations", SIAM Journal on Numerical
    Analysis 49(4).
    """
    point = start
    earlier: list[tuple[Floats, Floats]] = []  # images and residuals, the latest last
    for _ in range(most):
        reached = image(point)
        residual = reached - point
        if 0.5 * np.abs(residual).sum(axis=-1).max() < tolerance:
            break
        point = reached
        if earlier:
            slopes = np.stack([(residual - before).ravel() for _, before in earlier], axis=-1)
            weights = np.linalg.lstsq(slopes, residual.ravel(), rcond=None)[0]
            for weight, (seen, _) in zip(weights, earlier, strict=True):
                point = point - weight * (reached - seen)
            point = np.clip(point, 0.5 * reached, 2.0 * reached)
        earlier = [*earlier, (reached, residual)][-_DEPTH:]
    for _ in range(plain_steps):
        reached = image(reached)
    return reached
