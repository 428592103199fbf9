"""Passing from stage to stage, and from the last stage to the exit: values on arrival.

Between stages nothing is remembered but that the venture got here; the next signal is a new draw.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from finance.market.company_tax import expected_saving
from finance.market.conventions import QUARTERS_A_YEAR
from finance.market.grids import QUALITY, share_at_least
from finance.market.laws import ExitLaw, StageLaw, exit_law, exit_nodes, exit_waits
from finance.market.terms import Floats, Terms


class WindowLaw(NamedTuple):
    """Exit window as the induction sees it."""

    open_share: float
    reopening: float  # probability a quarter that a shut window opens


class Arrival(NamedTuple):
    """A stage on arrival, before its signal is known to those who hold from earlier; by signal."""

    closing: Floats  # probability that the round closes
    dilution: Floats  # share of the company sold in it
    going_concern: Floats  # company value to its holders before the round
    distress: Floats  # expected proceeds of a distress sale, times the odds that the round lapses
    wait: float  # expected discount factor of the wait for closing


def distress_proceeds(terms: Terms, spent: float, going_concern: Floats, owed: float = 0.0) -> Floats:
    """Expected proceeds of a distress sale: p E[min(max(0, u × spent − owed), going concern)], u uniform on [low, high].

    Parameters
    ----------
    terms : Terms
    spent : float
        Cash the venture has spent so far.
    going_concern : ndarray
        What it would be worth, funded, less the money it needs, what it owes included; not below zero.
    owed : float
        To banks, who are paid first.
    """
    low, high = terms.distress_low * spent - owed, terms.distress_high * spent - owed
    cap = np.maximum(0.0, going_concern)
    if low < 0.0:  # in some of the cases nothing is left for holders
        left = max(0.0, high) / (high - low) if high > low else 0.0
        above = terms._replace(distress_low=0.0, distress_high=max(0.0, high), distress_probability=1.0)
        return terms.distress_probability * left * distress_proceeds(above, 1.0, going_concern)
    if high <= low:
        return terms.distress_probability * np.minimum(low, cap)
    inside = np.clip(cap, low, high)
    capped = (0.5 * (inside**2 - low**2) + cap * (high - inside)) / (high - low)
    return terms.distress_probability * np.where(cap <= low, cap, capped)


def arrival_value(
    law: StageLaw,
    offer_probability: float,
    premium: float,
    arrival: Arrival,
    pro_rata: float,
    after: Floats,
    lapse: float,
) -> Floats:
    """Value by quality, on arrival at a stage, of holding the whole company until then.

    Parameters
    ----------
    law : StageLaw
        Of the stage arrived at.
    offer_probability : float
        Of an offer, after the milestone behind, that beats going on.
    premium : float
        Its mean over the going-concern value.
    arrival : Arrival
    pro_rata : float
        Share of the round that holders take up in proportion to their stakes. What they take up costs cash and keeps
        the stake; the rest dilutes.
    after : ndarray of shape (quality, signal)
        Value once the round has closed.
    lapse : float
        Discount factor of the search that ends without a closing.

    Returns
    -------
    ndarray of shape (quality,)
    """
    offered = offer_probability * (arrival.going_concern > 0.0)
    kept = (1.0 - pro_rata) * (1.0 - arrival.dilution) * after + pro_rata * (after - law.need)
    going_on = arrival.closing * arrival.wait * kept + lapse * arrival.distress
    outcome = offered * premium * arrival.going_concern + (1.0 - offered) * going_on
    value: Floats = np.einsum("qs,qs->q", law.signal_weights, outcome)
    return value


def arrival_at(
    terms: Terms,
    law: StageLaw,
    closing: Floats,
    dilution: Floats,
    value: Floats,
    pro_rata: float,
    wait: float,
    lapse: float,
) -> Arrival:
    """Arrival at a stage whose company value (just after closing) is `value` by signal.

    A venture that lapses is worth something to a buyer only where it is worth its need. At a node of the signal where
    some are and some are not, those whose round closes are taken to be among those that are.
    """
    kept = (1.0 - pro_rata) * (1.0 - dilution) * value + pro_rata * (value - law.need)
    lapses = np.maximum(0.0, share_at_least(value - law.need) - closing)
    distress = lapses * distress_proceeds(terms, law.spent_before, value - law.need, law.owed)
    going_concern = np.maximum(0.0, closing * wait * kept + lapse * distress)
    return Arrival(closing, dilution, going_concern, distress, wait)


def next_pool(law: StageLaw, pool: Floats, offer_probability: float, arrival: Arrival, passes: Floats) -> Floats:
    """Quality of those who pass a stage's milestone, given the quality of those who reach it."""
    offered = offer_probability * (arrival.going_concern > 0.0)
    through = np.einsum("qs,s,qs->q", law.signal_weights, (1.0 - offered) * arrival.closing, passes)
    masses = pool * through
    total = masses.sum()
    return masses / total if total > 0.0 else pool


def market_exit_law(terms: Terms, sector: int) -> ExitLaw:
    """Expected exit value by road and quality, with what buyers add for tax saved; the planner leaves that out."""
    law, saved = exit_law(terms, sector), expected_saving(terms, sector, exit_nodes(terms.truncation_sd))
    return ExitLaw(law.listed + saved.listed, law.sold + saved.sold)


def exit_value(terms: Terms, law: ExitLaw, window: WindowLaw, factor: float) -> Floats:
    """Value (quality,) of passing the last milestone, to an owner without horizon."""
    listed, sold = exit_waits(terms, window.open_share, window.reopening)
    present = factor ** np.arange(len(listed))
    return law.listed * float(listed @ present) + law.sold * float(sold @ present)


def exit_value_by_life(
    terms: Terms, law: ExitLaw, window: WindowLaw, factor: float, nodes: int, sale_share: float
) -> Floats:
    """The same by years of life left, shape (quality, life): what is unsold at the end of life is sold at a discount."""
    listed, sold = exit_waits(terms, window.open_share, window.reopening)
    present = factor ** np.arange(len(listed))
    values = np.zeros((len(QUALITY), nodes))
    kept = 1.0 - terms.trade_sale_discount
    for n in range(nodes):
        life = n * QUARTERS_A_YEAR
        waiting_listed = _still_waiting(terms, window, life)
        waiting_sold = (1.0 - terms.trade_sale_probability) ** life
        at_end = sale_share * factor**life
        to_list = float((listed * present)[:life].sum()) + waiting_listed * at_end * terms.ipo_wait_value
        to_sell = float((sold * present)[:life].sum()) + waiting_sold * at_end * kept * terms.trade_wait_value
        values[:, n] = law.listed * to_list + law.sold * to_sell
    return values


def _still_waiting(terms: Terms, window: WindowLaw, quarters: int) -> float:
    """Probability that a venture that may list is still unsold after so many quarters in the exit state."""
    buyer = 0.0 if terms.ipo_waits else terms.trade_sale_probability
    waiting = 1.0
    for quarter in range(quarters):
        opens = window.open_share if quarter == 0 else window.reopening
        waiting *= (1.0 - opens) * (1.0 - buyer)
    return waiting


def backward(laws: dict[int, StageLaw]) -> list[tuple[int, int | None]]:
    """Stages from the last to the first, each with the one before it."""
    chain = list(laws)
    return [(chain[n], chain[n - 1] if n else None) for n in range(len(chain) - 1, -1, -1)]
