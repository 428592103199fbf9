"""Whether a result rests on one of several equilibria, read from its table ``equilibrium``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finance.study.values import Value, values_by

if TYPE_CHECKING:
    import pandas as pd

#: Gap ratios further apart than a point are of two equilibria.
APART = 0.01
#: Above this residual a solve has not settled: where it would end is not known.
SETTLED = 0.02
#: The start whose solution the result is about.
_OWN_START = "baseline"


@dataclass(frozen=True)
class OtherEnd:
    """A start from which the market ends elsewhere.

    Attributes
    ----------
    start : str
        Optimistic or pessimistic.
    gap_ratio, own_gap_ratio : Value
        From this start and from the own one, on the same paths.
    is_settled : bool
        Whether both solves settled, so that there are two equilibria; if not, there may be.
    """

    start: str
    gap_ratio: Value
    own_gap_ratio: Value
    is_settled: bool


def other_ends(tables: Mapping[str, pd.DataFrame], scenario: str) -> list[OtherEnd]:
    """Find the starts from which a scenario's market ends elsewhere than in the result.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Of a simulation or a comparison.
    scenario : str
        Machine name.

    Returns
    -------
    list of OtherEnd
        Those whose gap ratio differs by more than a point from the own start's; empty where nothing is known.
    """
    table = tables.get("equilibrium")
    ratios = values_by(table, "start", scenario=scenario, measure="gap_ratio")
    residuals = values_by(table, "start", scenario=scenario, measure="residual")
    own = ratios.pop(_OWN_START, None)
    if own is None:
        return []

    def is_settled(start: str) -> bool:
        return start in residuals and residuals[start].value <= SETTLED

    return [
        OtherEnd(start, ratio, own, is_settled(start) and is_settled(_OWN_START))
        for start, ratio in ratios.items()
        if abs(ratio.value - own.value) > APART
    ]
