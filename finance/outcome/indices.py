"""The indices that the seeds ask for, each made of simulated quantities: integration, synergy, value.

Technological and industrial innovation are said to be integrated (融合) where what is proven becomes industry, to work
together (协同) where money goes to what deserves it and to nothing else, and to be worth what society gets of what it
could. Each index is a ratio of sums over paths, so it has an interval like everything else.
"""

from __future__ import annotations

import numpy as np

from finance.market.terms import Floats, Terms
from finance.outcome.components import ALL, INDICES, Axes
from finance.outcome.layout import Layout

#: Fates that are industry: somebody pays for the company, or it lives on its own earnings.
INDUSTRY = ("ipo", "trade_sale", "acquisition", "self_sustaining")


def proving_stage(terms: Terms) -> int:
    """Place of the stage at which technology is proven: the first marked as pilot, the first of all if none is."""
    marked = np.nonzero((terms.pilot > 0).any(axis=0))[0]
    return int(marked[0]) if len(marked) else int(terms.first_stage.min())


def add_indices(axes: Axes, layout: Layout, proving: int, vectors: Floats) -> None:
    """Put the two sides of each index into the paths' vectors.

    Parameters
    ----------
    axes : Axes
    layout : Layout
    proving : int
        From `proving_stage`.
    vectors : ndarray of shape (path, width)
        With everything else in them; added to.

    Notes
    -----
    * integration = ventures that passed the proving stage and are listed, sold, acquired or self-sustaining ÷ ventures
      that passed it;
    * synergy = 2 × money supplied to worthwhile rounds ÷ (that + over-investment + need of the rounds asked or latent);
    * value = social value ÷ social value of the own twin.

    Synergy is the overlap of two sums of money, that which was given and that which deserved to be: 1 where they are the
    same, less for every yuan that is missing and for every yuan that went elsewhere.

    References
    ----------
    Dice, L. R. (1945), "Measures of the Amount of Ecologic Association Between Species", Ecology 26(3), for the overlap.
    """

    def all_of(name: str) -> Floats:
        return vectors[:, layout.index(name, stage=ALL)]

    later = axes.stages[proving : axes.stages.index(ALL)]
    industry = np.zeros(len(vectors))
    for stage in later:
        for fate in INDUSTRY:
            industry += vectors[:, layout.index("fates", stage=stage, fate=fate)]
    supplied, given = all_of("supplied"), all_of("supplied") + all_of("overinvestment")
    sides = {
        "integration": (industry, vectors[:, layout.index("succeeded", stage=axes.stages[proving])]),
        "synergy": (2.0 * supplied, given + all_of("asked_or_latent")),
        "value": (vectors[:, layout.index("social_value")], vectors[:, layout.index("twin_social_value")]),
    }
    for name in INDICES:
        top, base = sides[name]
        vectors[:, layout.index("index_numerator", index=name)] = top
        vectors[:, layout.index("index_denominator", index=name)] = base
