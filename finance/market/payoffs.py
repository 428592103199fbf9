"""How preferences, tax on the gain and the fear of loss bend an investor's payoff.

The plain value of a stake is worked out exactly (`staging`); what a preference adds, what tax takes and how often a deal
returns less than it cost depend on the whole stack of rounds at the end. They enter as the ratio of net to plain
proceeds, over the ways a venture can end, with typical stakes of the other rounds and a normal law of the time each
ending takes. Without preferences and tax the ratio is one, to the bit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from finance.compiling import njit
from finance.market.grids import LAWS_KEPT, QUALITY, hat_weights, locked
from finance.market.laws import exit_nodes
from finance.market.liquidation import ROUND, split_rounds
from finance.market.relief import GainTax, mean_raised, raised_after
from finance.market.terms import Floats, Terms

#: Nodes of the price of a company, CNY million, even in logs.
PRICES: Floats = np.exp(np.linspace(np.log(0.5), np.log(2.0e5), 53))
#: Stakes at which a round's payoff is worked out.
STAKES: Floats = np.array([0.01, 0.03, 0.06, 0.1, 0.15, 0.21, 0.28, 0.36, 0.46, 0.6, 0.8, 1.0])
_PREMIUM_NODES = 5


class StageSummary(NamedTuple):
    """A stage as those who hold a stake from an earlier round see it; all by quality unless said otherwise."""

    need: float
    acquired: Floats  # probability of being acquired on arrival
    acquired_value: Floats  # mean going-concern value then
    closed: Floats  # probability that the round closes, on arrival
    success: Floats  # probability of passing the milestone, once closed
    kept: Floats  # share of a stake that a holder keeps through the round
    worth: Floats  # company value just after closing
    typical_stake: float  # of the round's investors
    mean_kept: float  # `kept`, averaged over those who close
    mean_quarters: float  # from arrival to milestone
    sd_quarters: float


class Endings(NamedTuple):
    """The ways a stake bought at one stage can end; first axis: the ending."""

    probability: Floats  # (ending, quality) whatever the time
    kept: Floats  # (ending, quality)
    price_weights: Floats  # (ending, quality, price)
    sale_weights: (
        Floats  # (ending, quality, price) of the company's worth after its last round, sold at the end of life
    )
    mean_quarters: Floats  # (ending,) time from the deal
    sd_quarters: Floats  # (ending,)
    last_stage: tuple[int, ...]  # (ending,) place in the chain of the last round before it
    entered: Floats  # (place, quality) probability of closing the rounds from the deal's to each later stage
    entry_quarters: Floats  # (place,)
    entry_sd: Floats  # (place,)


@njit
def own_payoffs(
    stakes: Floats, prices: Floats, own: int, preference: Floats, typical: Floats, kept: Floats, payoff: Floats
) -> None:
    """Payoff of round `own` for each stake and price of the company.

    Parameters
    ----------
    stakes, prices : ndarray
        Stake bought in the round; price of the company at the end.
    own : int
        The round's place among the rounds.
    preference, typical, kept : ndarray of shape (rounds,)
        Preference of each round; stake its investors typically buy; share that earlier holders keep through it.
    payoff : ndarray of shape (stake, price)
        Filled.
    """
    n = len(preference)
    shares, paid = np.zeros(n), np.zeros(n)
    rounds = np.zeros((1, n), ROUND)
    for f in range(len(stakes)):
        common = 1.0
        for r in range(n):
            bought = min(stakes[f], 1.0 - 1e-9) if r == own else typical[r]
            left = 1.0 - bought if r == own else kept[r]
            for earlier in range(r):
                shares[earlier] *= left
            common *= left
            shares[r] = bought
        total = common
        for r in range(n):
            total += shares[r]
        for r in range(n):
            rounds[0, r].preference = preference[r]
            rounds[0, r].shares = shares[r] / total
        for x in range(len(prices)):
            split_rounds(prices[x], rounds, 0, common / total, n, paid)
            payoff[f, x] = paid[own]


def _spread(log_price: Floats, weights: Floats) -> Floats:
    """Weights (…, price) of prices given by their logs (…, node) and node weights; below the grid counts as its foot."""
    nodes = np.log(PRICES)
    flat = hat_weights(log_price.reshape(-1), 0.0, nodes).reshape(*log_price.shape, len(nodes))
    spread: Floats = np.einsum("...n,...np->...p", np.broadcast_to(weights, log_price.shape), flat)
    return spread


def premium_nodes(terms: Terms) -> Floats:
    """Equally likely logs of accepted offer premiums, shape (_PREMIUM_NODES,)."""
    mu, sd = terms.offer_log_median, terms.offer_log_sd
    if sd == 0.0:
        return np.full(_PREMIUM_NODES, mu)
    refused = ndtr(-mu / sd)
    return mu + sd * ndtri(refused + (1.0 - refused) * (np.arange(_PREMIUM_NODES) + 0.5) / _PREMIUM_NODES)


def exit_price_weights(terms: Terms, sector: int) -> Floats:
    """Weights (quality, price) of what a venture is sold for after its last milestone; rows sum to the odds of a sale."""
    exits = (terms.truncation_sd, terms.ipo_floor, terms.trade_floor, terms.trade_sale_discount)
    law = (terms.exit_log_median[sector], terms.quality_log_value[sector], terms.exit_log_sd[sector])
    return _price_weights(*map(float, exits + law))


@lru_cache(maxsize=LAWS_KEPT)
def _price_weights(
    truncation_sd: float,
    ipo_floor: float,
    trade_floor: float,
    discount: float,
    log_median: float,
    quality_slope: float,
    log_sd: float,
) -> Floats:
    """`exit_price_weights` of the numbers that it depends on; read-only."""
    z = exit_nodes(truncation_sd)
    log_value = log_median + quality_slope * QUALITY[:, None] + log_sd * z
    value = np.exp(log_value)
    listed = value >= max(ipo_floor, trade_floor)
    sold_at = np.where(listed, log_value, log_value + np.log(max(1e-12, 1.0 - discount)))
    return locked(_spread(sold_at, np.where(value >= trade_floor, 1.0 / len(z), 0.0)))


def endings_from(place: int, chain: list[StageSummary], terms: Terms, sector: int, sale_share: float = 1.0) -> Endings:
    """Ways in which a stake bought at stage `place` of the chain ends.

    Parameters
    ----------
    place : int
        Place of the deal's stage in `chain`.
    chain : list of StageSummary
        All stages in order; those before `place` are not looked at.
    terms : Terms
    sector : int
    sale_share : float
        Share of the company's value that a sale at the end of a vehicle's life brings.
    """
    premiums = premium_nodes(terms)
    alive, kept = np.ones(len(QUALITY)), np.ones(len(QUALITY))
    mean, variance = 0.0, 0.0
    probability, kept_at, weights, sales, means, sds, last = [], [], [], [], [], [], []
    entered, entry_mean, entry_sd = [], [], []
    for j in range(place, len(chain)):
        stage = chain[j]
        if j > place:
            alive, kept = alive * stage.closed, kept * stage.kept
        entered.append(alive)
        entry_mean.append(mean)
        entry_sd.append(np.sqrt(variance))
        passed = alive * stage.success
        mean, variance = mean + stage.mean_quarters, variance + stage.sd_quarters**2
        final = j == len(chain) - 1
        if final:
            probability.append(passed)
            weights.append(exit_price_weights(terms, sector))
        else:
            following = chain[j + 1]
            probability.append(passed * following.acquired)
            log_value = np.log(np.maximum(following.acquired_value, PRICES[0]))
            weights.append(_spread(log_value[:, None] + premiums, np.full(len(premiums), 1.0 / len(premiums))))
        worth = np.maximum(sale_share * stage.worth, PRICES[0])
        sales.append(_spread(np.log(worth)[:, None], np.ones(1)))
        kept_at.append(kept)
        means.append(mean)
        sds.append(np.sqrt(variance))
        last.append(j)
        alive = passed
    return Endings(
        np.array(probability), np.array(kept_at), np.array(weights), np.array(sales), np.array(means), np.array(sds),
        tuple(last), np.array(entered), np.array(entry_mean), np.array(entry_sd),
    )  # fmt: skip


def payoff_tables(place: int, chain: list[StageSummary], terms: Terms) -> Floats:
    """Payoff (ending, stake, price) of the round at `place`, by the last round before the end."""
    tables = np.zeros((len(chain) - place, len(STAKES), len(PRICES)))
    for j in range(place, len(chain)):
        rounds = chain[: j + 1]
        own_payoffs(
            STAKES,
            PRICES,
            place,
            np.array([terms.preference_multiple * stage.need for stage in rounds]),
            np.array([stage.typical_stake for stage in rounds]),
            np.array([stage.mean_kept for stage in rounds]),
            tables[j - place],
        )
    return tables


def loss_odds(endings: Endings, payoffs: Floats, cost: float, stake: float, growth: float = 1.0) -> Floats:
    """Probability (quality,) that a deal at a typical stake returns less than it cost, grown by a factor a quarter."""
    gained = np.zeros(len(QUALITY))
    bought = min(max(stake, STAKES[0]), STAKES[-1])
    above = min(int(np.searchsorted(STAKES, bought, side="right")), len(STAKES) - 1)
    part = (bought - STAKES[above - 1]) / (STAKES[above] - STAKES[above - 1])
    for e in range(len(endings.probability)):
        pay = payoffs[e][above - 1] + part * (payoffs[e][above] - payoffs[e][above - 1])
        due = cost * growth ** endings.mean_quarters[e] * (1.0 - 1e-12)
        gained += endings.probability[e] * (endings.price_weights[e] @ (pay >= due))
    return np.clip(1.0 - gained, 0.0, 1.0)


def net_to_plain(endings: Endings, payoffs: Floats, cost: float, tax: GainTax, factor: float, lives: Floats) -> Floats:
    """Ratio of net to plain expected proceeds, by stake, quality and life left.

    Parameters
    ----------
    endings, payoffs
        From `endings_from` and `payoff_tables`.
    cost : float
        What the round pays.
    tax : GainTax
        On the gain of the deal; of a relief by holding period its mean over the time an ending takes.
    factor : float
        Quarterly discount factor.
    lives : ndarray of shape (life,)
        Quarters left at the deal; inf for no horizon.

    Returns
    -------
    ndarray of shape (stake, quality, life)
    """
    net = np.zeros((len(STAKES), len(QUALITY), len(lives)))
    plain = np.zeros(net.shape[1:])  # of the whole company
    due = tax.rate * np.maximum(0.0, payoffs - cost * (1.0 + tax.deduction))
    after_tax = payoffs - due + tax.paid_back(cost, payoffs)
    limited = np.isfinite(lives)
    at_life = raised_after(tax.relief, lives)
    at_end = np.where(limited, factor ** np.where(limited, lives, 0.0), 0.0)
    for e, probability in enumerate(endings.probability):
        in_time = _by(lives, endings.mean_quarters[e], endings.sd_quarters[e])
        sold = probability[:, None] * in_time * factor ** endings.mean_quarters[e]
        on_the_way = np.maximum(0.0, _by(lives, endings.entry_quarters[e], endings.entry_sd[e]) - in_time)
        held = endings.entered[e][:, None] * on_the_way * at_end
        raised = mean_raised(tax.relief, endings.mean_quarters[e], endings.sd_quarters[e])
        for weight, prices, part in (
            (sold, endings.price_weights[e], raised),
            (held, endings.sale_weights[e], at_life),
        ):
            net += (after_tax[e] @ prices.T)[:, :, None] * weight
            if tax.relief:
                net += (due[e] @ prices.T)[:, :, None] * weight * (1.0 - part)
            plain += (prices @ PRICES * endings.kept[e])[:, None] * weight
    all_plain = plain * STAKES[:, None, None]
    some = all_plain > 0.0
    return np.where(some, net / np.where(some, all_plain, 1.0), 1.0)


def paid_back_of_failures(endings: Endings, cost: float, tax: GainTax, factor: float, lives: Floats) -> Floats:
    """Expected present value (quality, life) of what is paid back of deals that are written off within a life.

    Parameters
    ----------
    endings, cost, tax, factor, lives
        As in `net_to_plain`, which has what is paid back of deals that are sold.

    Notes
    -----
    Who closes a round and is neither acquired before the next one, nor closes it, has failed, when the milestone is due.
    Who passes the last has not.
    """
    worth = np.zeros((len(QUALITY), len(lives)))
    if tax.loss_relief == 0.0:
        return worth
    whole = float(tax.paid_back(cost, np.zeros(1))[0])
    for j, sold in enumerate(endings.probability):
        goes_on = endings.entered[j + 1] if j + 1 < len(endings.entered) else 0.0
        failed = np.maximum(0.0, endings.entered[j] - sold - goes_on)
        in_time = _by(lives, endings.mean_quarters[j], endings.sd_quarters[j])
        worth += failed[:, None] * in_time * factor ** endings.mean_quarters[j] * whole
    return worth


def _by(lives: Floats, mean: float, sd: float) -> Floats:
    """Probability (1, life) that something taking `mean` ± `sd` quarters is over within each life."""
    if sd == 0.0:
        return (lives > mean).astype(float)[None, :]
    return ndtr((lives - mean) / sd)[None, :]
