"""What each class offers for a round: its value of a stake, net of every haircut, inverted for the price."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from finance.compiling import njit
from finance.market.arrival import Arrival
from finance.market.conventions import NO_HORIZON_YEARS, QUARTERS_A_YEAR
from finance.market.grids import QUALITY, SIGNAL
from finance.market.laws import StageLaw, quarterly_factor
from finance.market.payoffs import (
    STAKES,
    Endings,
    StageSummary,
    endings_from,
    loss_odds,
    net_to_plain,
    paid_back_of_failures,
    payoff_tables,
)
from finance.market.relief import GainTax, Relief, relief_of
from finance.market.sight import has_public_money
from finance.market.staging import (
    Circumstances,
    StageValues,
    expected,
    owner_values,
    owner_values_by_life,
)
from finance.market.tables import CAUSE_STEPS, MarketTables, empty_company_tables
from finance.market.terms import Floats, Names, Terms

_HIGHEST_CHARGE = 0.95
_SPREAD_OF_TIME = 0.6  # standard deviation of a stage's duration over its mean, in the payoff ratio only


class Investor(NamedTuple):
    """A class, or its shadow without some haircuts, as the induction sees it."""

    capital_class: int
    factor: float  # quarterly
    nodes: int  # of the life axis, a year apart; 0 without horizon
    life: int  # quarters a fresh vehicle lives
    tax_rate: float
    tax_deduction: float  # share of an investment
    relief: Relief  # by holding period
    credit: float  # share of an investment that is paid back at once
    loss_relief: float  # of a loss less that credit
    preservation: float  # a quarter, factor by which what a stake cost has to grow
    pro_rata: Floats  # (sector, stage) share of later rounds taken up


class ClassBids(NamedTuple):
    """Inputs to the bids of all classes at one stage, shared between them."""

    endings: Endings
    payoffs: Floats
    losses: Floats  # (quality,)
    belief: Floats  # (signal, quality)


def investors_of(terms: Terms, eased_return: Floats) -> list[Investor]:
    """The classes as they bid; `eased_return` (class,) is taken off what they require, a year."""
    investors = []
    for c in range(len(terms.capacity)):
        life = int(terms.life_quarters[c])
        unlimited = life >= NO_HORIZON_YEARS * QUARTERS_A_YEAR
        investors.append(
            Investor(
                capital_class=c,
                factor=quarterly_factor(float(terms.required_return[c] - eased_return[c])),
                nodes=0 if unlimited else -(-life // QUARTERS_A_YEAR) + 1,
                life=life,
                tax_rate=float(terms.tax_rate[c]),
                tax_deduction=float(terms.tax_deduction[c]),
                relief=relief_of(terms.relief_quarters[c], terms.relief_share[c]),
                credit=float(terms.investment_credit[c]),
                loss_relief=float(terms.loss_relief[c]),
                preservation=(1.0 + float(terms.preservation_rate[c])) ** (1.0 / QUARTERS_A_YEAR),
                pro_rata=terms.pro_rata_share * terms.in_mandate[c],
            )
        )
    return investors


def shadows_of(terms: Terms, investors: list[Investor]) -> list[Investor]:
    """The same classes without horizon and tax, at their own required return and then at the social rate.

    What the public pays to them stays: it is no obstacle.
    """
    own = [investor._replace(nodes=0, tax_rate=0.0) for investor in investors]
    social = quarterly_factor(terms.social_rate)
    return own + [investor._replace(factor=social) for investor in own]


def accountability_charge(terms: Terms, above_limit: Floats) -> Floats:
    """Charge (class,) that managers of public money put on deals that may lose: (1 − honoured) × P(above) × penalty."""
    charge = (1.0 - terms.honoured) * above_limit * terms.penalty
    return np.where(has_public_money(terms), np.minimum(charge, _HIGHEST_CHARGE), 0.0)


def empty_market_tables(terms: Terms, names: Names) -> MarketTables:
    """Tables of zeros, with a life axis as long as the longest limited life."""
    unlimited = terms.life_quarters >= NO_HORIZON_YEARS * QUARTERS_A_YEAR
    limited = terms.life_quarters[~unlimited]
    longest = int(limited.max()) if len(limited) else 0
    cells = (len(names.sectors), len(names.stages), len(SIGNAL))
    n_classes = len(names.classes)
    return MarketTables(
        company=empty_company_tables(names),
        bid=np.zeros((n_classes, longest + 1, *cells)),
        best_bid=np.zeros(cells),
        cause_bid=np.zeros((len(CAUSE_STEPS), n_classes, *cells)),
        certain_value=np.zeros(cells),
        uncharged=np.ones((n_classes, *cells)),
        plain_bid=np.zeros((n_classes, *cells)),
        unlimited=unlimited,
    )


def stake_values(
    law: StageLaw,
    company: StageValues,
    gain: Floats,
    investor: Investor,
    circumstances: Circumstances,
    sale_share: float,
) -> Floats:
    """Plain value of the whole company to an investor just after a round, (quality, signal, life or one)."""
    if investor.nodes == 0:
        return owner_values(law, company, gain, investor.factor, circumstances)[:, :, None]
    return owner_values_by_life(law, company, gain, investor.factor, circumstances, sale_share)


def own_summary(
    law: StageLaw, values: StageValues, passes: Floats, stake: float, pro_rata: float, mean: float
) -> StageSummary:
    """A stage as a deal in it sees it, before arrival and closing odds are known.

    Parameters
    ----------
    law, values
        The stage and its company values.
    passes : ndarray of shape (quality, signal)
        Probability of passing the milestone once funded.
    stake : float
        Share of the company its investors typically buy.
    pro_rata : float
        Share of rounds taken up by holders.
    mean : float
        Mean quarters of an attempt.
    """
    wanted = values.fresh[0] >= law.need
    weights = law.signal_weights * np.where(wanted.any(), wanted, True)
    total = np.maximum(weights.sum(axis=1), 1e-12)
    kept = 1.0 - (1.0 - pro_rata) * stake
    nothing = np.zeros(len(QUALITY))
    return StageSummary(
        need=law.need,
        acquired=nothing,
        acquired_value=nothing,
        closed=np.ones(len(QUALITY)),
        success=(weights * passes).sum(axis=1) / total,
        kept=np.full(len(QUALITY), kept),
        worth=(weights * values.by_quality[0]).sum(axis=1) / total,
        typical_stake=stake,
        mean_kept=kept,
        mean_quarters=mean,
        sd_quarters=_SPREAD_OF_TIME * mean,
    )


def on_arrival(summary: StageSummary, law: StageLaw, offer: float, arrival: Arrival, passes: Floats) -> StageSummary:
    """The summary of a stage with the odds of an offer, of closing and of the milestone, seen from before arrival."""
    offered = offer * (arrival.going_concern > 0.0)
    acquired = law.signal_weights @ offered
    value = law.signal_weights @ (offered * arrival.going_concern)
    closes = law.signal_weights * ((1.0 - offered) * arrival.closing)
    closed = closes.sum(axis=1)
    some = np.maximum(closed, 1e-12)
    return summary._replace(
        acquired=acquired,
        acquired_value=value / np.maximum(acquired, 1e-12),
        closed=closed,
        success=np.where(closed > 1e-12, (closes * passes).sum(axis=1) / some, summary.success),
    )


def earlier_rounds(laws: dict[int, StageLaw], stage: int, stakes: Floats, pro_rata: float) -> list[StageSummary]:
    """Rounds before a stage, of which only the need and the stake sold count."""
    blank = np.zeros(len(QUALITY))
    rounds = []
    for i, law in laws.items():
        if i == stage:
            break
        kept = 1.0 - (1.0 - pro_rata) * float(stakes[i])
        rounds.append(
            StageSummary(law.need, blank, blank, blank, blank, blank, blank, float(stakes[i]), kept, 0.0, 0.0)
        )
    return rounds


def class_bids(place: int, chain: list[StageSummary], terms: Terms, sector: int, belief: Floats) -> ClassBids:
    """What all classes' bids at a stage share."""
    endings = endings_from(place, chain, terms, sector, 1.0 - terms.secondary_discount)
    payoffs = payoff_tables(place, chain, terms)
    own = chain[place]
    losses = loss_odds(endings, payoffs, own.need, own.typical_stake)
    return ClassBids(endings, payoffs, losses, belief)


def bid_by_life(
    value: Floats,
    shared: ClassBids,
    chain: list[StageSummary],
    terms: Terms,
    investor: Investor,
    charge: float,
    first_node: int,
    sight: Floats | None = None,
) -> Floats:
    """Post-money an investor offers, (signal, life), need ÷ the smallest stake whose expected value covers its cost.

    The cost is the need, less a credit that is paid back at once.

    Parameters
    ----------
    value : ndarray of shape (quality, signal, life)
        Plain value of the company to the investor.
    shared : ClassBids
    chain : list of StageSummary
        From the deal's stage on.
    terms : Terms
    investor : Investor
    charge : float
        Accountability charge on deals that may lose.
    first_node : int
        Bids below this life node are not asked for and stay zero.
    sight : ndarray of shape (signal, signal), optional
        Law of the common signal given what the investor sees, by which bids are tabled; left out, it sees that signal.
    """
    losses, pays = shared.losses, 1.0 - investor.credit
    if investor.preservation > 1.0 and charge > 0.0:
        stake = chain[0].typical_stake
        losses = loss_odds(shared.endings, shared.payoffs, chain[0].need, stake, investor.preservation)
    keeps = 1.0 - charge * losses
    plain = investor.tax_rate == 0.0 and investor.loss_relief == 0.0 and terms.preference_multiple == 0.0
    bids = np.zeros((len(SIGNAL), value.shape[2]))
    if plain:
        for n in range(first_node, value.shape[2]):
            mean = expected(shared.belief, value[:, :, n] if charge == 0.0 else value[:, :, n] * keeps[:, None])
            bids[:, n] = mean if sight is None else sight @ mean
        return np.maximum(bids, 0.0) / pays
    lives = np.array([np.inf]) if investor.nodes == 0 else QUARTERS_A_YEAR * np.arange(float(value.shape[2]))
    tax = GainTax(
        investor.tax_rate, investor.tax_deduction, investor.relief, investor.credit, investor.loss_relief
    )  # fmt: skip
    times = (investor.factor, lives[first_node:])
    ratio = net_to_plain(shared.endings, shared.payoffs, chain[0].need, tax, *times)
    ratio *= keeps[:, None]
    back = paid_back_of_failures(shared.endings, chain[0].need, tax, *times)
    for n in range(first_node, value.shape[2]):
        by_stake = (shared.belief * value[:, :, n].T) @ ratio[:, :, n - first_node].T
        if investor.loss_relief > 0.0:
            by_stake += (shared.belief @ back[:, n - first_node])[:, None] / STAKES
        if sight is not None:
            by_stake = sight @ by_stake
        smallest_covering_stake(by_stake, pays * chain[0].need, STAKES, bids[:, n])
    return bids / pays


@njit
def smallest_covering_stake(value_by_stake: Floats, need: float, stakes: Floats, bid: Floats) -> None:
    """Invert the value of a stake for the post-money price, by bisection between the stakes of the grid.

    Parameters
    ----------
    value_by_stake : ndarray of shape (signal, stake)
        Expected net value of a stake ÷ the stake.
    need : float
        Cash the round needs.
    stakes : ndarray of shape (stake,)
    bid : ndarray of shape (signal,)
        Filled with need ÷ smallest stake; where even the whole company does not cover the need, with its value.
    """
    n = len(stakes)
    for s in range(len(bid)):
        value = value_by_stake[s]
        if value[0] * stakes[0] >= need:
            bid[s] = value[0]
            continue
        if value[n - 1] * stakes[n - 1] < need:
            bid[s] = max(0.0, value[n - 1])
            continue
        upper = 1
        while value[upper] * stakes[upper] < need:
            upper += 1
        low, high = stakes[upper - 1], stakes[upper]
        slope = (value[upper] - value[upper - 1]) / (stakes[upper] - stakes[upper - 1])
        for _ in range(50):
            middle = 0.5 * (low + high)
            if middle * (value[upper - 1] + slope * (middle - stakes[upper - 1])) < need:
                low = middle
            else:
                high = middle
        bid[s] = need / high


def by_quarter(bids: Floats, quarters: int) -> Floats:
    """Interpolate bids (signal, life in years) to every quarter: (life in quarters, signal)."""
    left = np.arange(quarters + 1)
    lower = np.minimum(left // QUARTERS_A_YEAR, bids.shape[1] - 1)
    upper = np.minimum(lower + 1, bids.shape[1] - 1)
    weight = (left % QUARTERS_A_YEAR) / QUARTERS_A_YEAR
    return (bids[:, lower] * (1.0 - weight) + bids[:, upper] * weight).T


@njit
def wait_by_life(wait_law: Floats, factor: float, nodes: int) -> Floats:
    """Operator (life on arrival, life at closing): discounted law of the wait, sold at life 0 if life ends first."""
    operator = np.zeros((nodes, nodes))
    operator[0, 0] = 1.0
    for n in range(1, nodes):
        life = n * QUARTERS_A_YEAR
        for quarter in range(len(wait_law)):
            if quarter >= life:
                operator[n, 0] += wait_law[quarter] * factor**life
                continue
            lower, part = (life - quarter) // QUARTERS_A_YEAR, (life - quarter) % QUARTERS_A_YEAR
            weight = wait_law[quarter] * factor**quarter
            operator[n, lower] += weight * (1.0 - part / QUARTERS_A_YEAR)
            if part > 0:
                operator[n, lower + 1] += weight * part / QUARTERS_A_YEAR
    return operator
