"""From one path's notes to its gap, coverage, causes, funnel and fates: compiled sums, one pass over the cohort.

A round is a venture at a stage, counted once, at the quarter first asked and at the scenario's cash need (model §9).
"""

from __future__ import annotations

from typing import Any

from finance.compiling import njit
from finance.market.packed import Packed
from finance.market.records import CAUSES, FATES, NEVER, Notes
from finance.market.twin import TwinRecord
from finance.outcome.components import LONGEST_STAY, PLACE
from finance.outcome.page import Page, add_at_stage, add_at_year

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
def sum_rounds(
    notes: Notes,
    cells: Packed,
    twin: TwinRecord,
    reference_cells: Packed,
    reference: TwinRecord,
    switch_quarter: int,
    page: Page,
) -> None:
    """Add the rounds of one path to its page.

    Parameters
    ----------
    notes : Notes
        Of the scenario's market.
    cells, reference_cells : ndarray of shape (sector, stage)
        Packed terms of the scenario and of its reference, for needs.
    twin, reference : TwinRecord
        The scenario's own twin and the reference's.
    switch_quarter : int
        First quarter of year 0.
    page : Page
        The path's, added to.
    """
    n_ventures, n_stages = notes.rounds.shape
    n_reference = reference.asked.shape[0]
    for row in range(n_ventures):
        k, own = notes.ventures[row].sector, twin.sector[row]
        for i in range(n_stages):
            note, need = notes.rounds[row, i], cash_need(cells[k, i])
            in_twin = twin.asked[row, i] != NEVER
            if note.asked != NEVER:
                _add_asked(page, note, cells[k, i], i, _year_of(page, note.asked, switch_quarter))
                if note.worthwhile and not in_twin:
                    add_at_stage(page, _OFF_TWIN, i, need)
            elif in_twin:
                _add_latent(page, cash_need(cells[own, i]), i, _year_of(page, twin.asked[row, i], switch_quarter))
            if in_twin:
                add_at_stage(page, _POTENTIAL, i, cash_need(cells[own, i]))
            if row < n_reference and reference.asked[row, i] != NEVER:
                share = min(1.0, note.supplied / asked_of_vehicles(cells[k, i])) if note.asked != NEVER else 0.0
                value = reference.net_value[row, i]
                yardstick = cash_need(reference_cells[reference.sector[row], i])
                _add_yardstick(page, yardstick, value, share, note.asked != NEVER, i)


@njit
def cash_need(cell: Any) -> float:
    """Cash that a round needs, whoever pays it."""
    return float(cell.need * cell.gross)


@njit
def asked_of_vehicles(cell: Any) -> float:
    """What a round of the cohort asks vehicles for: what is lent beside it less, what is owed more than its cash."""
    return float(cell.need - cell.lent + cell.owed)


@njit
def _year_of(page: Page, quarter: int, switch_quarter: int) -> int:
    """Year of the tables; what is later counts in the last."""
    return int(min((quarter - switch_quarter) // 4, page.n_years - 1))


@njit
def _add_asked(page: Page, note: Any, cell: Any, i: int, year: int) -> None:
    """A round that was asked: worthwhile or not, supplied or not, and why not.

    What the public pays and banks lend beside a round counts as supplied with it.
    """
    need = cash_need(cell)
    with_it = need / asked_of_vehicles(cell)
    add_at_stage(page, _BRIDGE, i, note.bridge * cell.gross)
    if not note.worthwhile:
        add_at_stage(page, _OVER, i, note.supplied * with_it)
    else:
        supplied = min(note.supplied * with_it, need)
        missing = need - supplied
        add_at_stage(page, _ASKED, i, need)
        add_at_stage(page, _SUPPLIED, i, supplied)
        add_at_stage(page, _OBSERVED, i, missing)
        add_at_stage(page, _TOTAL, i, missing)
        add_at_stage(page, _ASKED_OR_LATENT, i, need)
        add_at_year(page, _ASKED_YEAR, i, year, need)
        add_at_year(page, _SUPPLIED_YEAR, i, year, supplied)
        add_at_year(page, _OBSERVED_YEAR, i, year, missing)
        add_at_year(page, _TOTAL_YEAR, i, year, missing)
        if note.cause_first != 0:
            _add_cause(page, note.cause_first, 0, i, missing)
            _add_cause(page, note.cause_last, 1, i, missing)
    if note.closed != NEVER:
        add_at_stage(page, _CLOSINGS, i, 1.0)
        add_at_stage(page, _TIGHTNESS, i, note.tightness)
        add_at_stage(page, _PRICE, i, note.price_over_floor)


@njit
def _add_cause(page: Page, cause: int, order: int, i: int, missing: float) -> None:
    """Why money is missing, in one of the two orders."""
    first = page.places[_CAUSES] + (cause - 1) * 2 + order
    page.vector[first + i * _N_CAUSES * 2] += missing
    page.vector[first + page.n_stages * _N_CAUSES * 2] += missing


@njit
def _add_latent(page: Page, need: float, i: int, year: int) -> None:
    """A round that the twin asked and the market did not."""
    add_at_stage(page, _LATENT, i, need)
    add_at_stage(page, _TOTAL, i, need)
    add_at_stage(page, _ASKED_OR_LATENT, i, need)
    add_at_year(page, _LATENT_YEAR, i, year, need)
    add_at_year(page, _TOTAL_YEAR, i, year, need)


@njit
def _add_yardstick(page: Page, need: float, value: float, share: float, reached: bool, i: int) -> None:
    """A round of the reference's twin, and how much of it was filled."""
    add_at_stage(page, _REFERENCE, i, need)
    add_at_stage(page, _FILLED, i, need * share)
    add_at_stage(page, _ROUNDS, i, 1.0)
    add_at_stage(page, _FILLED_ROUNDS, i, share)
    add_at_stage(page, _VALUE, i, value)
    add_at_stage(page, _FILLED_VALUE, i, value * share)
    if reached:
        add_at_stage(page, _REACHED, i, need)
        add_at_stage(page, _REACHED_FILLED, i, need * share)


@njit
def sum_lives(notes: Notes, page: Page) -> None:
    """Add the funnel, the time spent in stages and the fates of one path to its page.

    At `all` a venture is entered once, funded if any round closed, succeeded if it passed its last milestone.
    """
    n_ventures, n_stages = notes.rounds.shape
    vector, places = page.vector, page.places
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
                vector[places[_STAYS] + i * LONGEST_STAY + stay - 1] += 1.0
                vector[places[_STAYS] + n_stages * LONGEST_STAY + stay - 1] += 1.0
        venture = notes.ventures[row]
        vector[places[_ENTERED] + n_stages] += 1.0
        vector[places[_FUNDED] + n_stages] += funded_once
        vector[places[_SUCCEEDED] + n_stages] += last_passed and venture.fate_stage == last_seen
        if venture.fate != 0:
            vector[places[_FATES] + venture.fate_stage * _N_FATES + venture.fate - 1] += 1.0
            vector[places[_FATES] + n_stages * _N_FATES + venture.fate - 1] += 1.0
    _cumulate_stays(page)


@njit
def _cumulate_stays(page: Page) -> None:
    """Turn counts of stays into counts of stays up to each length."""
    vector, first = page.vector, page.places[_STAYS]
    for stage in range(page.n_stages + 1):
        for bar in range(first + stage * LONGEST_STAY + 1, first + (stage + 1) * LONGEST_STAY):
            vector[bar] += vector[bar - 1]
