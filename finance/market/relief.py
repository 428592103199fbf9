"""Relief by holding period: part of the tax on a gain is not raised on stakes that were held for long."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

#: Most steps of a relief; those that are not used begin behind every clock.
RELIEF_STEPS, NEVER_HELD = 4, 1_000_000

#: Quarters held, rising, and the share of the tax that is not raised from then on.
Relief = tuple[tuple[float, float], ...]


class GainTax(NamedTuple):
    """Tax on the gain of a deal."""

    rate: float
    deduction: float  # share of the cost that is deducted first; a loss is not offset
    relief: Relief = ()
    credit: float = 0.0  # share of the cost that has been paid back at once
    loss_relief: float = 0.0  # of a loss less that credit

    def paid_back(self, cost: float, received: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """What is paid back of the loss of a deal, by what it has brought."""
        return self.loss_relief * np.maximum(0.0, cost * (1.0 - self.credit) - received)


def relief_of(quarters: npt.NDArray[np.int64], shares: npt.NDArray[np.float64]) -> Relief:
    """Steps of a relief that are used, of a class's arrays (step,)."""
    return tuple((float(q), float(share)) for q, share in zip(quarters, shares, strict=True) if q < NEVER_HELD)


def raised_after(relief: Relief, held: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Part of the tax that is raised on a stake held for so many quarters; same shape."""
    part = np.ones_like(held)
    for quarters, share in relief:
        part = np.where(held >= quarters, 1.0 - share, part)
    return part


def mean_raised(relief: Relief, mean: float, sd: float) -> float:
    """Part of the tax that is raised, on average over a holding period of `mean` ± `sd` quarters, normal.

    Notes
    -----
    1 − Σ (sᵢ − sᵢ₋₁) P(T ≥ qᵢ). Whole quarters are drawn to the nearest, so that half a quarter before a step counts.
    """
    part, before = 1.0, 0.0
    for quarters, share in relief:
        reached = float(mean >= quarters) if sd == 0.0 else float(ndtr((mean - quarters + 0.5) / sd))
        part -= (share - before) * reached
        before = share
    return part
