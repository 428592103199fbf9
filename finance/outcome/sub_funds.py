"""The public side of the guidance programme's sub-funds, by year and with its cost: after a batch of paths.

The kernel writes down what each sub-fund paid and received; who of its partners paid and got what is arithmetic on arrays
(`policy.sub_funds`), done for many paths at once. A sub-fund holds ventures of other years than the cohort's too: its
contract is worked out on all it holds, and the accounts take the share that went to the cohort.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from finance.market.conventions import QUARTERS_A_YEAR
from finance.market.equilibrium import Solution
from finance.market.records import Notes, SubFundRows, commitments_raised, sub_fund_rows
from finance.market.returns import cohort_share, of_owners
from finance.market.terms import Floats, Terms
from finance.outcome.components import PLACE
from finance.policy.sub_fund_fees import Raised
from finance.policy.sub_funds import Agreement, PartnerFlows, partner_flows


class Batch(NamedTuple):
    """What the public side of some paths is worked out from."""

    accounts: Floats  # (path, sub-fund, quarter since its first closing, account)
    values: Floats  # (path, sub-fund, date)
    deflator: Floats  # (path, quarter)


class Holders(NamedTuple):
    """Sub-funds under one set of rules, and what their partners have agreed."""

    rows: SubFundRows
    agreement: Agreement
    public_share: Floats  # (pilot,)
    raised: Raised  # (sub-fund, quarter) as multiples of a year's
    raised_a_year: Floats  # (pilot,)
    instrument: int  # place of their class among the instruments


class PublicSide(NamedTuple):
    """What is done with a batch's result."""

    holders: tuple[Holders, ...]  # of those before the switch, the scenario's, and beside it; what there is
    switch_quarter: int
    n_quarters: int
    curve_factor: Floats  # (quarter,)
    marginal_cost: float
    class_place: np.ndarray  # (class,) where each class stands among those of the tables
    n_years: int
    places: np.ndarray  # offsets of the components


def holders_of(
    own: Terms,
    root: Terms,
    solutions: Sequence[Solution],
    root_solutions: Sequence[Solution],
    instruments: Sequence[int],
) -> tuple[Holders, ...]:
    """Who holds the sub-funds that a scenario's paths have, with the public share in each pilot.

    Parameters
    ----------
    own, root : Terms
        Of the scenario and of its root baseline.
    solutions, root_solutions : sequence of Solution
        One a pilot.
    instruments : sequence of int
        Where each class stands among the instruments.
    """
    standing = own.standing.agreement or root.agreement
    found = zip(
        sub_fund_rows(root, own),
        (root.agreement, own.agreement, standing),
        (root_solutions, solutions, solutions),
        (root, own, own),
        strict=True,
    )
    return tuple(
        Holders(
            rows,
            agreed,
            np.array([each.committed.public_share[rows.sub_funds] for each in solved]),
            commitments_raised(rows, terms),
            np.array([of_owners(terms, each.committed.capacity)[rows.sub_funds] for each in solved]),
            instruments[rows.sub_funds],
        )
        for rows, agreed, solved, terms in found
        if rows.sub_funds >= 0 and rows.rows.stop > rows.rows.start
    )


def empty_batch(notes: Notes, paths: int) -> Batch:
    """Room for as many paths."""
    return Batch(
        np.zeros((paths, *notes.sub_funds.shape)),
        np.zeros((paths, *notes.sub_fund_values.shape)),
        np.zeros((paths, notes.ledger.shape[1])),
    )


class FirstSubFund(NamedTuple):
    """The first sub-fund of a scenario's own programme, which begins at the switch; quarters count from there."""

    accounts: Floats  # (path, quarter, account)
    values: Floats  # (path, date)
    state_prices: Floats  # (path, quarter) of constant-price money, 1 at the switch; its last goes on behind the clock
    public_share: Floats  # (path,)
    raised: Raised  # (path, quarter)
    agreement: Agreement


def own_holders(side: PublicSide) -> Holders | None:
    """Who holds the scenario's own sub-funds: those that begin at the switch, not beside it; None without any."""
    behind_warm_up = -(-side.switch_quarter // QUARTERS_A_YEAR)
    return next((each for each in side.holders if each.rows.rows.start == behind_warm_up), None)


def first_sub_fund(side: PublicSide, batch: Batch, pilots: np.ndarray) -> FirstSubFund | None:
    """What the first of a scenario's own sub-funds did on a batch of paths, copied; None without a programme."""
    holders = own_holders(side)
    if holders is None:
        return None
    row, quarters = holders.rows.rows.start, holders.rows.quarters
    deflator = batch.deflator[:, side.switch_quarter :]
    at = np.minimum(np.arange(quarters), deflator.shape[1] - 1)
    a_year = holders.raised_a_year[pilots][:, None]
    return FirstSubFund(
        batch.accounts[:, row, :quarters].copy(),
        batch.values[:, row].copy(),
        deflator[:, at] / deflator[:, :1],
        holders.public_share[pilots],
        Raised(*(a_year * each[0] for each in holders.raised)),
        holders.agreement,
    )


def joined(parts: Sequence[FirstSubFund]) -> FirstSubFund:
    """Batches of paths, one behind the other."""
    return parts[0]._replace(
        accounts=np.concatenate([each.accounts for each in parts]),
        values=np.concatenate([each.values for each in parts]),
        state_prices=np.concatenate([each.state_prices for each in parts]),
        public_share=np.concatenate([each.public_share for each in parts]),
        raised=Raised(*(np.concatenate(each) for each in zip(*(part.raised for part in parts), strict=True))),
    )


def keep(batch: Batch, row: int, notes: Notes, deflator: Floats) -> None:
    """Take in one path."""
    batch.accounts[row] = notes.sub_funds
    batch.values[row] = notes.sub_fund_values
    batch.deflator[row] = deflator


def add_public_side(side: PublicSide, batch: Batch, pilots: np.ndarray, vectors: Floats) -> None:
    """Add outlays, receipts and cost of the programme's public money to the paths' vectors.

    Parameters
    ----------
    side : PublicSide
    batch : Batch
    pilots : ndarray of int, shape (path,)
        Pilot of each path.
    vectors : ndarray of shape (path, width)
        Added to.
    """
    quarters = slice(side.switch_quarter, side.n_quarters)
    add = _Adding(side, vectors)
    for instrument in sorted({each.instrument for each in side.holders}):
        out, back, private = (flows[:, quarters] for flows in by_quarter(side, batch, pilots, instrument))
        present = side.curve_factor[quarters] * (out - back)
        add.by_year("outlay", instrument, out)
        add.by_year("receipt", instrument, back)
        add.by_year("present_value", instrument, present)
        add.scalar("budget_cost", present.sum(axis=1))
        add.scalar("economic_cost", side.marginal_cost * (batch.deflator[:, quarters] * (out - back)).sum(axis=1))
        add.scalar("private_invested", private.sum(axis=1))
        add.scalar("public_outlay", out.sum(axis=1))


def add_commitments(side: PublicSide, solutions: Sequence[Solution], pilots: np.ndarray, vectors: Floats) -> None:
    """Add what is committed a year in each path's pilot: by class, and by tier of the programme."""
    found = [solution.committed for solution in solutions]
    by_class = {"committed_private": [each.private for each in found], "committed": [each.capacity for each in found]}
    for component, amounts in by_class.items():
        first, of_class = side.places[PLACE[component]], np.array(amounts)[pilots]
        for c, place in enumerate(side.class_place):  # one by one: a class and its duty have one place
            vectors[:, first + place] += of_class[:, c]
    for place, component in enumerate(("tier_total", "tier_public", "tier_unspent")):
        tiers = np.array([[tier[place] for tier in each.tiers] for each in found])
        first = side.places[PLACE[component]]
        vectors[:, first : first + tiers.shape[1]] += tiers[pilots]


def by_quarter(side: PublicSide, batch: Batch, pilots: np.ndarray, instrument: int) -> tuple[Floats, Floats, Floats]:
    """Public outlay, public receipts and private paid-in, each (path, quarter of the clock), as far as the cohort's.

    Of the sub-funds of one instrument.

    Receipts below zero, where the public pays private partners, are outlays. The cohort's share of what a sub-fund of the
    warm-up paid before the switch counts at the switch: all that the cohort got was paid later.
    """
    shape = (len(pilots), side.n_quarters)
    out, back, private = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for each in side.holders:
        if each.instrument != instrument:
            continue
        rows = each.rows
        accounts = batch.accounts[:, rows.rows, : rows.quarters]
        a_year = each.raised_a_year[pilots][:, None, None]
        raised = each.raised.times(a_year) if each.agreement.needs_commitments else None
        shares, values = each.public_share[pilots][:, None], batch.values[:, rows.rows]
        flows = partner_flows(accounts, shares, each.agreement, values, raised)
        weight = cohort_share(accounts)[:, :, None]
        parts = _public(flows)
        for place in range(accounts.shape[1]):
            first = rows.first_quarter + place * rows.pool_quarters
            for target, amounts in zip((out, back, private), parts, strict=True):
                _put(target, first, weight[:, place] * amounts[:, place])
    for target in (out, back, private):
        _from_switch(target, side.switch_quarter)
    return out, back, private


def _public(flows: PartnerFlows) -> tuple[Floats, Floats, Floats]:
    paid = flows.public_paid_in + flows.public_fee + np.maximum(-flows.public_received, 0.0)
    return paid, np.maximum(flows.public_received, 0.0), flows.private_paid_in


def _put(target: Floats, first: int, amounts: Floats) -> None:
    """Add amounts (path, quarter since `first`) at their quarter; what lies behind the clock's end, at its end."""
    n = target.shape[1]
    if first >= n:
        return
    inside = min(n - first, amounts.shape[1])
    target[:, first : first + inside] += amounts[:, :inside]
    for column in range(inside, amounts.shape[1]):
        target[:, n - 1] += amounts[:, column]


def _from_switch(target: Floats, switch: int) -> None:
    """Move what stands before the switch to it."""
    target[:, switch] += target[:, :switch].sum(axis=1)
    target[:, :switch] = 0.0


class _Adding:
    """Adds amounts to components of the paths' vectors."""

    def __init__(self, side: PublicSide, vectors: Floats) -> None:
        self.side, self.vectors = side, vectors

    def by_year(self, component: str, instrument: int, amounts: Floats) -> None:
        """To an instrument, amounts (path, quarter since the switch) in their years."""
        first = self.side.places[PLACE[component]] + instrument * self.side.n_years
        years = amounts.reshape(len(amounts), -1, QUARTERS_A_YEAR).sum(axis=-1)
        self.vectors[:, first : first + years.shape[1]] += years

    def scalar(self, component: str, amount: Floats) -> None:
        """To a single number."""
        self.vectors[:, self.side.places[PLACE[component]]] += amount
