"""What private money expects to earn, and what it therefore commits: the supply side of the fixed point.

Expected returns are what investors expect, not what a few hundred paths happen to bring: a pilot's realised rates move by
points with a handful of listings. A class's bids say what its deals are worth to it at its required return; over what it
paid, that is what it expects to gain, and over the time its money is out, the return above the required one. What the
contract of a sub-fund leaves private partners is a difference of two rates on the same flows, so luck cancels there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from finance.fund.measures import irr
from finance.market.beliefs import Beliefs, Counts
from finance.market.conventions import QUARTERS_A_YEAR
from finance.market.records import PAID_FOR, WORTH, Notes, SubFundRows, commitments_raised, sub_fund_rows
from finance.market.sight import has_public_money, is_duty
from finance.market.terms import Floats, Terms
from finance.policy.commitments import Commitments, commitments, supply
from finance.policy.managers import with_duties
from finance.policy.sub_fund_fees import Raised
from finance.policy.sub_funds import COHORT_PAID, PAID, Agreement, partner_flows


class Money(NamedTuple):
    """What a pilot's paths show of money."""

    bargains: Floats  # (class, 2) paid, and worth to those who paid, over all paths
    sub_funds: Floats  # (path, sub-fund, quarter since its first closing, account)
    sub_fund_values: Floats  # (path, sub-fund, date)
    places: Floats  # (sector, 3) applications for places on pilot platforms, of them granted, quarters these waited


def empty_money(notes: Notes, n_sectors: int, paths: int) -> Money:
    """No money, for as many paths."""
    return Money(
        np.zeros_like(notes.bargains),
        np.zeros((paths, *notes.sub_funds.shape)),
        np.zeros((paths, *notes.sub_fund_values.shape)),
        np.zeros((n_sectors, 3)),
    )


def add_money(money: Money, notes: Notes, path: int) -> None:
    """Add what a path shows."""
    money.bargains[:] += notes.bargains
    money.sub_funds[path] = notes.sub_funds
    money.sub_fund_values[path] = notes.sub_fund_values
    if len(money.places) > 1:
        rows, _ = np.nonzero(notes.rounds["applied"])
        sectors = notes.ventures["sector"][rows]
        seen = notes.rounds[notes.rounds["applied"]]
        np.add.at(money.places, sectors, np.stack([np.ones(len(rows)), seen["on_platform"], seen["queued"]], axis=1))


def places_found(money: Money, terms: Terms, before: Beliefs) -> tuple[Floats, Floats]:
    """Share (sector,) of applications for a place that are granted, and quarters waited; as before where none were made.

    Those who found a place stand in the sector of platforms; they count for the sector that they come from.
    """
    place, queue = before.place.copy(), before.queue.copy()
    for k in range(len(place)):
        if terms.platform[k] < 0:
            continue
        both = money.places[k] + money.places[terms.platform[k]]
        if both[0] > 0.0:
            place[k] = both[1] / both[0]
            queue[k] = both[2] / both[1] if both[1] > 0.0 else queue[k]
    return place, queue


def committed_by(terms: Terms, beliefs: Beliefs, home: Floats | None) -> Commitments:
    """What every class commits when it expects the returns believed in.

    Parameters
    ----------
    terms : Terms
    beliefs : Beliefs
    home : ndarray of shape (class,) or None
        Expected net returns in the root baseline, on the same pilot; None for the root itself.
    """
    gain = np.zeros(len(terms.capacity)) if home is None else beliefs.net_return - at_home(terms, home)
    whole = commitments(terms.capacity, terms.public_share, terms.supply_elasticity, gain, terms.programme)
    return with_duties(whole, terms.owner, terms.reinvestment_multiple, terms.direction_share)


def at_home(terms: Terms, home: Floats) -> Floats:
    """What each class's private money (class,) compares its return with.

    Partners of sub-funds that the root baseline does not have compare it with what partners of its own expect there, or,
    if it has none, with the class that their money is diverted from.
    """
    programme = terms.programme
    before = terms.standing.sub_funds if terms.standing.sub_funds >= 0 else programme.diverted_from
    if not programme.is_beside or programme.sub_funds < 0 or before < 0:
        return home
    compared = home.copy()
    compared[programme.sub_funds] = home[before]
    return compared


def years_out(terms: Terms) -> Floats:
    """Years (class,) for which a class's money is out: to the exit from its stages, by budget, at most its life."""
    to_exit = 2.0 * terms.shortest_life / QUARTERS_A_YEAR
    shares = np.diff(terms.sector_cumulative, prepend=0.0)
    years = np.ones(len(terms.capacity))
    for c in range(len(years)):
        budget = np.where(terms.in_mandate[c], np.maximum(terms.stage_budget[c], 1e-3), 0.0) * shares[:, None]
        if budget.sum() > 0.0:
            years[c] = max(1.0, float((budget * to_exit).sum() / budget.sum()))
    return np.minimum(years, terms.life_quarters / QUARTERS_A_YEAR)


def net_returns(
    money: Money,
    own: Terms,
    root: Terms,
    shares: tuple[float, float],
    before: Floats,
    eased_return: Floats | None = None,
    raised_a_year: float = 0.0,
) -> Floats:
    """Expected net return (class,) of private money above what it requires, a year.

    Parameters
    ----------
    money : Money
    own, root : Terms
        Of the scenario and of its root baseline, whose agreement holds for sub-funds begun before the switch.
    shares : tuple of float
        Public share of sub-funds under the scenario and under the root.
    before : ndarray of shape (class,)
        Kept where a class has bought nothing.
    eased_return : ndarray of shape (class,), optional
        What managers have taken off the return they required when they bid, a year; nothing, if left out.
    raised_a_year : float
        What the scenario's sub-funds raise a year, a duty's money included, for a fee on commitments.

    Notes
    -----
    log(worth ÷ paid) ÷ years out; for partners of sub-funds plus the rate that the agreement leaves them less the rate
    that the root's would, both on the same flows. Where managers bid for less than partners require,
    worth is at the lower rate, and the difference is taken off. What a duty buys counts for the class whose money it is.
    """
    bargains = of_owners(own, money.bargains)
    paid, worth = bargains[:, PAID_FOR], bargains[:, WORTH]
    some = (paid > 0.0) & (worth > 0.0)
    rates = np.where(some, np.log(np.where(some, worth, 1.0) / np.where(some, paid, 1.0)), np.nan)
    # as in the root baseline, with which returns are compared; of what that does not have, as here
    rates /= np.where(root.in_mandate.any(axis=(1, 2)), years_out(root), years_out(own))
    if eased_return is not None:
        rates += np.log1p(-eased_return / (1.0 + own.required_return))
    c = own.sub_fund_class
    agreed = (own.agreement, shares[0])
    # a fund of funds' fee is the public's alone
    known = (root.agreement._replace(regional_fee_rate=own.agreement.regional_fee_rate), shares[1])
    if c >= 0 and money.sub_funds.size and agreed != known:
        rows = sub_fund_rows(root, own)[1]
        raised = commitments_raised(rows._replace(quarters=money.sub_funds.shape[2]), own).times(raised_a_year)
        rates[c] += _rate_of_partners(money, rows, raised, *agreed) - _rate_of_partners(money, rows, raised, *known)
    return np.where(np.isnan(rates), before, rates)


def of_owners(terms: Terms, by_class: Floats) -> Floats:
    """Sums (class, …) with what a duty reserves added to the class whose money it is; zero for the duty itself."""
    sums = by_class.copy()
    for c in range(len(terms.owner)):
        if is_duty(terms, c):
            sums[terms.owner[c]] += sums[c]
            sums[c] = 0.0
    return sums


def raised_a_year(terms: Terms, capacity: Floats) -> float:
    """What the programme's sub-funds raise a year of a class's capacity (class,), a duty's included; 0 without them."""
    c = terms.sub_fund_class
    return float(of_owners(terms, capacity)[c]) if c >= 0 else 0.0


def managers_see(counts: Counts, terms: Terms) -> Counts:
    """The counts as managers see them: of all money that one has, a duty's included; idle money only where it counts.

    A manager is audited with both of its vehicles, and bids with one idea of what lies idle.
    """
    counts_idle = has_public_money(terms) & (terms.deployment_points > 0.0)
    whole = {name: of_owners(terms, getattr(counts, name))[terms.owner] for name in ("audits", "audits_above")}
    for name in ("called", "spent"):
        whole[name] = np.where(counts_idle, of_owners(terms, getattr(counts, name))[terms.owner], 0.0)
    return counts._replace(**whole)


def _rate_of_partners(money: Money, own: SubFundRows, raised: Raised, agreed: Agreement, share: float) -> float:
    """Rate, a year, that an agreement leaves private partners of a scenario's own sub-funds, of the cohort's part.

    NaN where there is none.
    """
    accounts = money.sub_funds[:, own.rows]
    values = money.sub_fund_values[:, own.rows]
    flows = partner_flows(accounts, share, agreed, values, raised)
    net = np.einsum("pfq,pf->q", flows.private_received - flows.private_paid_in, cohort_share(accounts))
    return float(irr(net, periods_per_year=QUARTERS_A_YEAR))


def cohort_share(accounts: Floats) -> Floats:
    """Share of what each sub-fund has paid that went to the cohort; accounts of shape (…, quarter, account)."""
    paid = accounts[..., PAID].sum(axis=-1)
    shares: Floats = accounts[..., COHORT_PAID].sum(axis=-1) / np.where(paid > 0.0, paid, 1.0)
    return shares


def supply_distance(terms: Terms, new: Beliefs, old: Beliefs, home: Floats | None) -> float:
    """Change of supply between two beliefs, in logs, as a mean over private capacity; nothing for the root itself."""
    private = terms.capacity * (1.0 - terms.public_share)
    if home is None or private.sum() <= 0.0:
        return 0.0
    compared = at_home(terms, home)
    logs = [np.log(supply(terms.supply_elasticity, beliefs.net_return - compared)) for beliefs in (new, old)]
    return float((np.abs(logs[0] - logs[1]) * private).sum() / private.sum())
