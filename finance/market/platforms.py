"""How many find a place on a pilot platform in the planner's world, where more reach the pilot stage than now do."""

from __future__ import annotations

import numpy as np

from finance import luck
from finance.market.conventions import QUARTERS_A_YEAR
from finance.market.packed import PlannerEra
from finance.market.records import NEVER
from finance.market.terms import Floats, Terms
from finance.market.twin import empty_twin_record, simulate_twin
from finance.world.kernel import fill_world
from finance.world.terms import WorldTerms

_PATHS = 64


def places_for(terms: Terms, world: WorldTerms, planner: PlannerEra) -> Floats:
    """Share (sector,) of the twin's ventures that find a place: places over rounds at pilot stages, at most 1.

    Parameters
    ----------
    terms : Terms
        With places on platforms.
    world : WorldTerms
    planner : PlannerEra
        Of the same technology without places; that platforms bring a few more rounds about is left out.

    Returns
    -------
    ndarray of shape (sector,)
        The same for every sector: places are not reserved.

    Notes
    -----
    Counted on the first paths of the first pilot. In the market places are given one by one, with a queue; in the twin,
    where nobody stands in another's way, by a draw with these odds.
    """
    n, record, rounds = terms.n_quarters, empty_twin_record(terms), 0
    index, unused, window = np.ones(n), np.ones(n), np.ones(n, dtype=np.bool_)
    sectors = np.ones((len(np.unique(terms.base)), n))
    key0, key1 = luck.pilot_key(0)
    for path in range(_PATHS):
        fill_world(world, key0, key1, path, index, unused, unused.copy(), window, sectors)
        simulate_twin(planner, key0, key1, path, index, window, sectors, record)
        served = terms.pilot[record.sector] > 0
        rounds += int(((record.asked != NEVER) & served).sum())
    a_year = rounds / _PATHS / (terms.entry_quarters / QUARTERS_A_YEAR)
    share = 1.0 if a_year <= 0.0 else min(1.0, QUARTERS_A_YEAR * terms.platform_places / a_year)
    return np.where(terms.platform >= 0, share, 0.0)
