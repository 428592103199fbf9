"""What public money costs when luck is bad: a high quantile over paths, from counts on fixed bins."""

from __future__ import annotations

import numpy as np

from finance.market.terms import Floats
from finance.outcome.layout import Layout

#: Upper edges of the bins are even in asinh(cost): about a tenth wide, whatever the size, and closest around zero.
_REACH, _STEP = 14.0, 0.1
COST_EDGES: tuple[float, ...] = tuple(np.sinh(np.linspace(-_REACH, _REACH, round(2.0 * _REACH / _STEP) + 1)).tolist())
#: Costs whose worst case is reported, by the component that counts them.
WORST = {"budget_cost": "budget_cost_bins", "economic_cost": "economic_cost_bins"}
PROBABILITY = 0.95


def add_cost_bins(layout: Layout, vectors: Floats) -> None:
    """Count each path's public cost at or below the upper edge of each bin.

    Parameters
    ----------
    layout : Layout
    vectors : ndarray of shape (path, width)
        With the costs in them; written to.

    Notes
    -----
    The last bin holds every path, also one that costs more than its edge (six hundred billion yuan).
    """
    edges = np.array(COST_EDGES[1:])
    for cost, bins in WORST.items():
        counts = vectors[:, layout.index(cost)][:, None] <= edges
        counts[:, -1] = True
        vectors[:, layout.slice(bins)] = counts
