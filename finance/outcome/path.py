"""From one simulated path to its vector: all sums, one after another."""

from __future__ import annotations

from typing import NamedTuple

from finance.compiling import njit
from finance.market.held import hold
from finance.market.packed import Packed
from finance.market.records import Notes
from finance.market.terms import Floats, Integers
from finance.market.twin import TwinRecord
from finance.outcome.credit import CreditRules, sum_credit
from finance.outcome.money import PublicRules, sum_classes, sum_headline, sum_public
from finance.outcome.page import Page
from finance.outcome.rounds import sum_lives, sum_rounds


class SumTerms(NamedTuple):
    """What the sums need to know of a scenario."""

    cells: Packed  # (sector, stage) packed terms
    reference_cells: Packed  # (sector, stage) of the scenario that is the yardstick of coverage
    class_place: Integers  # (class,) where each class stands among those of the tables
    curve_factor: Floats  # (quarter,) discount factors of constant-price money on the government curve
    public: PublicRules
    credit: CreditRules
    switch_quarter: int
    ventures: float  # entrants of the whole path
    places: Integers  # offsets of the components
    n_years: int  # years of the tables


@njit
def sum_path(
    terms: SumTerms,
    classes: Packed,
    notes: Notes,
    twin: TwinRecord,
    reference: TwinRecord,
    deflator: Floats,
    vector: Floats,
) -> None:
    """Write a path's vector.

    Parameters
    ----------
    terms : SumTerms
    classes : ndarray of shape (class,)
        Packed terms of the scenario's classes, with what they have committed in the path's pilot.
    notes : Notes
        Of the scenario's market.
    twin, reference : TwinRecord
        The scenario's own twin and the yardstick's.
    deflator : ndarray of shape (quarter,)
        The path's state-price deflator for constant-price money.
    vector : ndarray of shape (width,)
        Zeros; filled.
    """
    page = hold(Page(vector, terms.places, notes.rounds.shape[1], terms.n_years))
    written, own, yardstick, switch = hold(notes), hold(twin), hold(reference), terms.switch_quarter
    sum_rounds(written, terms.cells, own, terms.reference_cells, yardstick, switch, page)
    sum_lives(written, page)
    sum_classes(written, classes, switch, terms.class_place, page)
    sum_public(
        written, classes, terms.public, switch, terms.curve_factor, deflator, terms.class_place, page
    )  # fmt: skip
    sum_credit(written, terms.credit, switch, terms.curve_factor, deflator, page)
    sum_headline(written, own, terms.ventures, page)
