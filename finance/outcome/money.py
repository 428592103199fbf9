"""From one path's notes to capital, returns, public accounts and the headline sums: compiled."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from finance.compiling import njit
from finance.market.packed import Era
from finance.market.records import (
    ACQUISITION,
    ALIVE,
    CASH_IN,
    DEALS,
    DEALS_LOST,
    DISTRIBUTED,
    END_GAIN,
    END_VALUE,
    END_WORTH,
    GAIN,
    INVESTED,
    IPO,
    PROCEEDS,
    TRADE_SALE,
    UNUSED,
    Notes,
)
from finance.market.terms import Floats
from finance.market.twin import TwinRecord
from finance.outcome.components import PLACE

_INVESTED, _DISTRIBUTED, _UNUSED, _NET = (
    PLACE["invested"],
    PLACE["distributed"],
    PLACE["capacity_unused"],
    PLACE["net_flow"],
)
_PAID_IN, _PROCEEDS, _DEALS, _LOST = PLACE["paid_in"], PLACE["proceeds"], PLACE["deals"], PLACE["deals_lost"]
_PRESENT_IN, _PRESENT_OUT = PLACE["present_paid_in"], PLACE["present_proceeds"]
_OUTLAY, _RECEIPT, _FORGONE = PLACE["outlay"], PLACE["receipt"], PLACE["tax_forgone"]
_RECEIVED, _PRESENT = PLACE["tax_received"], PLACE["present_value"]
_BUDGET, _ECONOMIC = PLACE["budget_cost"], PLACE["economic_cost"]


@njit
def sum_classes(
    notes: Notes,
    era: Era,
    class_factor: Floats,
    class_place: NDArray[Any],
    years: int,
    places: NDArray[Any],
    vector: Floats,
) -> None:
    """Add each class's capital and returns to the path's vector.

    Parameters
    ----------
    notes : Notes
    era : Era
        The scenario's, for the switch quarter.
    class_factor : ndarray of shape (class,)
        Quarterly discount factors at the required returns.
    class_place : ndarray of shape (class,)
        Where each class of the scenario stands among the classes of the tables.
    years : int
        Years of the tables.
    places, vector
        As in `rounds.sum_rounds`. Proceeds are after tax; what is still held counts at its continuing value.
    """
    rules = era.numbers[0]
    n_classes, n_quarters, _ = notes.ledger.shape
    for own in range(n_classes):
        c = class_place[own]
        present = 1.0
        for quarter in range(rules.switch_quarter, n_quarters):
            paid, back = notes.ledger[own, quarter, INVESTED], notes.ledger[own, quarter, DISTRIBUTED]
            held = notes.ledger[own, quarter, END_VALUE]
            cell = c * years + (quarter - rules.switch_quarter) // 4
            vector[places[_INVESTED] + cell] += paid
            vector[places[_DISTRIBUTED] + cell] += back
            vector[places[_UNUSED] + cell] += notes.ledger[own, quarter, UNUSED]
            vector[places[_NET] + cell] += back + held - paid
            vector[places[_PAID_IN] + c] += paid
            vector[places[_PROCEEDS] + c] += back + held
            vector[places[_PRESENT_IN] + c] += paid * present
            vector[places[_PRESENT_OUT] + c] += (back + held) * present
            present *= class_factor[own]
        vector[places[_DEALS] + c] += notes.tallies[own, DEALS]
        vector[places[_LOST] + c] += notes.tallies[own, DEALS_LOST]


@njit
def sum_public(
    notes: Notes,
    era: Era,
    standard_tax_rate: float,
    displacement_share: float,
    marginal_cost: float,
    curve_factor: Floats,
    deflator: Floats,
    class_place: NDArray[Any],
    tax_place: int,
    years: int,
    places: NDArray[Any],
    vector: Floats,
) -> None:
    """Add the public accounts to the path's vector, and what they cost.

    Parameters
    ----------
    notes, era
        Of the scenario.
    standard_tax_rate : float
        Rate on gains against which tax is forgone.
    displacement_share : float
        Share of tax received that would have been received elsewhere anyhow.
    marginal_cost : float
        Economic cost of a unit of public money.
    curve_factor : ndarray of shape (quarter,)
        Discount factors of constant-price money on the government curve.
    deflator : ndarray of shape (quarter,)
        The path's state-price deflator for constant-price money.
    class_place, years, places, vector
        As in `sum_classes`.
    tax_place : int
        Where the investor tax stands among the instruments.

    Notes
    -----
    Budget cost = Σ P(0,t) (outlay − receipts − (1 − displacement) tax received);
    economic cost = marginal cost × Σ M(t) × the same flow. Tax forgone is shown, and already missing from tax received.
    """
    rules = era.numbers[0]
    n_classes, n_quarters, _ = notes.ledger.shape
    for quarter in range(rules.switch_quarter, n_quarters):
        year = (quarter - rules.switch_quarter) // 4
        curve = curve_factor[quarter]
        cost = 0.0
        taxes = tax_place * years + year
        for c in range(n_classes):
            share, rate = era.classes[c].public_share, era.classes[c].tax_rate
            gain = notes.ledger[c, quarter, GAIN] + notes.ledger[c, quarter, END_GAIN]
            received = rate * gain
            vector[places[_RECEIVED] + taxes] += received
            vector[places[_FORGONE] + taxes] += max(0.0, standard_tax_rate - rate) * gain
            vector[places[_PRESENT] + taxes] -= curve * received
            cost -= (1.0 - displacement_share) * received
            if share > 0.0:
                outlay = share * notes.ledger[c, quarter, INVESTED]
                receipt = share * (notes.ledger[c, quarter, DISTRIBUTED] + notes.ledger[c, quarter, END_VALUE])
                cell = class_place[c] * years + year
                vector[places[_OUTLAY] + cell] += outlay
                vector[places[_RECEIPT] + cell] += receipt
                vector[places[_PRESENT] + cell] += curve * (outlay - receipt)
                cost += outlay - receipt
        vector[places[_BUDGET]] += curve * cost
        vector[places[_ECONOMIC]] += marginal_cost * deflator[quarter] * cost


@njit
def sum_headline(notes: Notes, twin: TwinRecord, ventures: float, places: NDArray[Any], vector: Floats) -> None:
    """Add exits, ventures alive and social values of a path to its vector."""
    exits, alive = 0.0, 0.0
    for row in range(len(notes.ventures)):
        fate = notes.ventures[row].fate
        exits += fate in (IPO, TRADE_SALE, ACQUISITION)
        alive += fate == ALIVE
    vector[places[PLACE_EXITS]] += exits
    vector[places[PLACE_ALIVE]] += alive
    vector[places[PLACE_SOCIAL]] += notes.social[PROCEEDS] + notes.social[END_WORTH] - notes.social[CASH_IN]
    vector[places[PLACE_TWIN]] += twin.social[PROCEEDS] + twin.social[END_WORTH] - twin.social[CASH_IN]
    vector[places[PLACE_END]] += notes.social[END_WORTH]
    vector[places[PLACE_VENTURES]] += ventures


PLACE_EXITS, PLACE_ALIVE, PLACE_SOCIAL = PLACE["exits"], PLACE["ventures_alive"], PLACE["social_value"]
PLACE_TWIN, PLACE_END, PLACE_VENTURES = PLACE["twin_social_value"], PLACE["end_value"], PLACE["ventures_simulated"]
