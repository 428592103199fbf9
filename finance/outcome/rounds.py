"""From one path's notes to its gap, coverage, causes, funnel and fates: compiled sums, one pass over the cohort.

A round is a venture at a stage, counted once, at the quarter first asked and at the scenario's cash need (model §9).
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from finance.compiling import njit
from finance.market.records import CAUSES, FATES, NEVER, Notes
from finance.market.terms import Floats
from finance.market.twin import TwinRecord
from finance.outcome.components import LONGEST_STAY, PLACE

_ASKED, _SUPPLIED, _OBSERVED = PLACE["asked"], PLACE["supplied"], PLACE["observed_gap"]
_LATENT, _TOTAL, _ASKED_OR_LATENT = PLACE["latent_gap"], PLACE["total_gap"], PLACE["asked_or_latent"]
_OFF_TWIN, _POTENTIAL = PLACE["off_twin"], PLACE["potential_demand"]
_REFERENCE, _FILLED = PLACE["reference_demand"], PLACE["reference_filled"]
_ROUNDS, _FILLED_ROUNDS = PLACE["reference_rounds"], PLACE["reference_filled_rounds"]
_VALUE, _FILLED_VALUE = PLACE["reference_value"], PLACE["reference_filled_value"]
_REACHED, _REACHED_FILLED = PLACE["reached_demand"], PLACE["reached_filled"]
_BRIDGE, _OVER = PLACE["bridge"], PLACE["overinvestment"]
_CLOSINGS, _TIGHTNESS, _PRICE = PLACE["closings"], PLACE["tightness"], PLACE["price_over_floor"]
_ENTERED, _FUNDED, _SUCCEEDED = PLACE["entered"], PLACE["funded"], PLACE["succeeded"]
_CAUSES, _FATES, _STAYS = PLACE["causes"], PLACE["fates"], PLACE["stays"]
_N_CAUSES, _N_FATES = len(CAUSES) - 1, len(FATES) - 1
_ASKED_YEAR, _SUPPLIED_YEAR = PLACE["asked_by_year"], PLACE["supplied_by_year"]
_OBSERVED_YEAR, _LATENT_YEAR, _TOTAL_YEAR = (
    PLACE["observed_by_year"],
    PLACE["latent_by_year"],
    PLACE["total_by_year"],
)


@njit
def add_at_stage(vector: Floats, first: int, stage: int, n_stages: int, amount: float) -> None:
    """Add to a component by stage: the stage and the total row behind the stages."""
    vector[first + stage] += amount
    vector[first + n_stages] += amount


@njit
def add_at_year(vector: Floats, first: int, stage: int, n_stages: int, years: int, year: int, amount: float) -> None:
    """Add to a component by stage and year."""
    vector[first + stage * years + year] += amount
    vector[first + n_stages * years + year] += amount


@njit
def sum_rounds(
    notes: Notes,
    cells: NDArray[Any],
    twin: TwinRecord,
    reference_cells: NDArray[Any],
    reference: TwinRecord,
    switch_quarter: int,
    years: int,
    places: NDArray[Any],
    vector: Floats,
) -> None:
    """Add the rounds of one path to its vector.

    Parameters
    ----------
    notes : Notes
        Of the scenario's market.
    cells, reference_cells : ndarray of shape (sector, stage)
        Packed terms of the scenario and of its reference, for needs.
    twin, reference : TwinRecord
        The scenario's own twin and the reference's.
    switch_quarter, years : int
        First quarter of year 0; years of the tables.
    places : ndarray
        Offsets of the components (`components.offsets_of`).
    vector : ndarray
        The path's vector, added to.
    """
    n_ventures, n_stages = notes.rounds.shape
    n_reference = reference.asked.shape[0]
    for row in range(n_ventures):
        k = notes.ventures[row].sector
        for i in range(n_stages):
            note = notes.rounds[row, i]
            need = cells[k, i].need
            in_twin = twin.asked[row, i] != NEVER
            if note.asked != NEVER:
                year = min((note.asked - switch_quarter) // 4, years - 1)
                _add_asked(note, need, in_twin, i, n_stages, years, year, places, vector)
            elif in_twin:
                year = min((twin.asked[row, i] - switch_quarter) // 4, years - 1)
                add_at_stage(vector, places[_LATENT], i, n_stages, need)
                add_at_stage(vector, places[_TOTAL], i, n_stages, need)
                add_at_stage(vector, places[_ASKED_OR_LATENT], i, n_stages, need)
                add_at_year(vector, places[_LATENT_YEAR], i, n_stages, years, year, need)
                add_at_year(vector, places[_TOTAL_YEAR], i, n_stages, years, year, need)
            if in_twin:
                add_at_stage(vector, places[_POTENTIAL], i, n_stages, need)
            if row < n_reference and reference.asked[row, i] != NEVER:
                share = min(1.0, note.supplied / need) if note.asked != NEVER else 0.0
                _add_yardstick(
                    reference_cells[k, i].need, reference.net_value[row, i], share, note.asked != NEVER, i, n_stages,
                    places, vector,
                )  # fmt: skip


@njit
def _add_asked(
    note: Any,
    need: float,
    in_twin: bool,
    i: int,
    n_stages: int,
    years: int,
    year: int,
    places: NDArray[Any],
    vector: Floats,
) -> None:
    """A round that was asked: worthwhile or not, supplied or not, and why not."""
    add_at_stage(vector, places[_BRIDGE], i, n_stages, note.bridge)
    if not note.worthwhile:
        add_at_stage(vector, places[_OVER], i, n_stages, note.supplied)
    else:
        supplied = min(note.supplied, need)
        missing = need - supplied
        add_at_stage(vector, places[_ASKED], i, n_stages, need)
        add_at_stage(vector, places[_SUPPLIED], i, n_stages, supplied)
        add_at_stage(vector, places[_OBSERVED], i, n_stages, missing)
        add_at_stage(vector, places[_TOTAL], i, n_stages, missing)
        add_at_stage(vector, places[_ASKED_OR_LATENT], i, n_stages, need)
        add_at_year(vector, places[_ASKED_YEAR], i, n_stages, years, year, need)
        add_at_year(vector, places[_SUPPLIED_YEAR], i, n_stages, years, year, supplied)
        add_at_year(vector, places[_OBSERVED_YEAR], i, n_stages, years, year, missing)
        add_at_year(vector, places[_TOTAL_YEAR], i, n_stages, years, year, missing)
        if not in_twin:
            add_at_stage(vector, places[_OFF_TWIN], i, n_stages, need)
        if note.cause_first != 0:
            for order in range(2):
                cause = note.cause_first if order == 0 else note.cause_last
                for stage in (i, n_stages):
                    vector[places[_CAUSES] + (stage * _N_CAUSES + cause - 1) * 2 + order] += missing
    if note.closed != NEVER:
        add_at_stage(vector, places[_CLOSINGS], i, n_stages, 1.0)
        add_at_stage(vector, places[_TIGHTNESS], i, n_stages, note.tightness)
        add_at_stage(vector, places[_PRICE], i, n_stages, note.price_over_floor)


@njit
def _add_yardstick(
    need: float, value: float, share: float, reached: bool, i: int, n_stages: int, places: NDArray[Any], vector: Floats
) -> None:
    """A round of the reference's twin, and how much of it was filled."""
    add_at_stage(vector, places[_REFERENCE], i, n_stages, need)
    add_at_stage(vector, places[_FILLED], i, n_stages, need * share)
    add_at_stage(vector, places[_ROUNDS], i, n_stages, 1.0)
    add_at_stage(vector, places[_FILLED_ROUNDS], i, n_stages, share)
    add_at_stage(vector, places[_VALUE], i, n_stages, value)
    add_at_stage(vector, places[_FILLED_VALUE], i, n_stages, value * share)
    if reached:
        add_at_stage(vector, places[_REACHED], i, n_stages, need)
        add_at_stage(vector, places[_REACHED_FILLED], i, n_stages, need * share)


@njit
def sum_lives(notes: Notes, places: NDArray[Any], vector: Floats) -> None:
    """Add the funnel, the time spent in stages and the fates of one path to its vector.

    At `all` a venture is entered once, funded if any round closed, succeeded if it passed its last milestone.
    """
    n_ventures, n_stages = notes.rounds.shape
    for row in range(n_ventures):
        funded_once, last_passed, last_seen = False, False, 0
        for i in range(n_stages):
            note = notes.rounds[row, i]
            if note.asked == NEVER:
                continue
            last_seen, last_passed = i, bool(note.passed)
            vector[places[_ENTERED] + i] += 1.0
            if note.closed != NEVER:
                funded_once = True
                vector[places[_FUNDED] + i] += 1.0
            if note.passed:
                vector[places[_SUCCEEDED] + i] += 1.0
                stay = min(max(note.left - note.asked, 1), LONGEST_STAY)
                for bar in range(stay - 1, LONGEST_STAY):  # cumulative counts
                    vector[places[_STAYS] + i * LONGEST_STAY + bar] += 1.0
                    vector[places[_STAYS] + n_stages * LONGEST_STAY + bar] += 1.0
        venture = notes.ventures[row]
        vector[places[_ENTERED] + n_stages] += 1.0
        vector[places[_FUNDED] + n_stages] += funded_once
        vector[places[_SUCCEEDED] + n_stages] += last_passed and venture.fate_stage == last_seen
        if venture.fate != 0:
            vector[places[_FATES] + venture.fate_stage * _N_FATES + venture.fate - 1] += 1.0
            vector[places[_FATES] + n_stages * _N_FATES + venture.fate - 1] += 1.0
