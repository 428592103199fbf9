"""One stage of the backward induction: the company's own value through attempts, bridges and extensions.

Used unchanged for the planner (social rate, funding certain, technology the only bound) and for the market's
continuing value (its rate, its odds, its patience), so that the two agree exactly where their circumstances do.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from finance.market.conventions import LONGEST_ATTEMPT
from finance.market.grids import QUALITY, SIGNAL, posterior
from finance.market.induction import attempt_by_life, attempt_start, extension_values, holding_values, share_at_least
from finance.market.laws import AttemptLaw, StageLaw
from finance.market.terms import Floats

_BY_ELAPSED = (LONGEST_ATTEMPT + 1, len(SIGNAL))


class Circumstances(NamedTuple):
    """Who carries the company through a stage."""

    factor: float  # quarterly discount factor
    attempts: int  # tries that capital allows
    patience: int  # quarters into an attempt after which no extension is made
    odds: float  # that money for a worthwhile bridge or extension is there
    rights: float  # share of bridges and extensions that holders take up by their stakes; the rest dilutes


class StageValues(NamedTuple):
    """Values of a company within one stage, the attempt's cash in hand."""

    by_quality: tuple[Floats, ...]  # (quality, signal) at the start of attempt 0, 1, …
    beliefs: tuple[Floats, ...]  # (signal, quality) before attempt 0, 1, …
    fresh: Floats  # (attempt, signal) expected, at the attempt's start
    extended: Floats  # (attempt, elapsed, signal) expected, just extended
    holding: Floats  # (attempt, elapsed, signal) expected, under way
    extension_go: Floats  # (attempt, elapsed, signal) share of the node where an extension is worth its cost
    bridge_go: Floats  # (attempt, signal) the same for starting attempt 1, 2, … (0: unused, one)
    extension_kept: Floats  # (attempt, elapsed, signal) part of a stake kept through an extension
    bridge_kept: Floats  # (attempt, signal) the same for the bridge to attempt 1, 2, … (0: unused, one)


def attempts_allowed(law: StageLaw, allowed: int) -> tuple[AttemptLaw, ...]:
    """Attempts that technology and capital both allow."""
    return law.attempts[:allowed]


def beliefs_by_misses(law: StageLaw, prior: Floats) -> tuple[Floats, ...]:
    """Posteriors (signal, quality) after 0, 1, … misses of the stage."""
    beliefs, remaining = [], prior
    for attempt in law.attempts:
        beliefs.append(posterior(law.likelihood, remaining))
        remaining = remaining * (1.0 - attempt.success)
    return tuple(beliefs)


def expected(belief: Floats, by_quality: Floats) -> Floats:
    """Average over the belief at each signal: (signal, quality) and (quality, signal) → (signal,)."""
    mean: Floats = np.einsum("sq,qs->s", belief, by_quality)
    return mean


def company_values(law: StageLaw, prior: Floats, success: Floats, circumstances: Circumstances) -> StageValues:
    """Work back through the attempts of a stage.

    Parameters
    ----------
    law : StageLaw
    prior : ndarray of shape (quality,)
        Quality of those who reach the stage.
    success : ndarray of shape (quality,)
        Value on passing the milestone.
    circumstances : Circumstances

    Returns
    -------
    StageValues
        One entry for each attempt technology allows. An attempt beyond what capital allows is valued as if it were made
        and were the last: whether it would be worth its bridge tells impatience from a technical end.
    """
    attempts, n_all = law.attempts, len(law.attempts)
    beliefs = beliefs_by_misses(law, prior)
    shape = (n_all, len(SIGNAL))
    fresh, bridge_go, bridge_kept = np.zeros(shape), np.ones(shape), np.ones(shape)
    extended, holding, extension_go, extension_kept = (np.zeros((n_all, *_BY_ELAPSED)) for _ in range(4))
    by_quality: list[Floats] = []
    following: Floats | None = None
    for k in range(len(attempts) - 1, -1, -1):
        attempt = attempts[k]
        settled = np.repeat((attempt.success * success)[:, None], len(SIGNAL), axis=1)
        if following is not None and k + 1 < circumstances.attempts:
            bridge = attempts[k + 1].cash
            share_at_least(fresh[k + 1] - bridge, bridge_go[k + 1])
            bridge_kept[k + 1] = _kept_through_bridge(bridge, fresh[k + 1], circumstances.rights)
            paid = circumstances.rights * bridge
            carried = circumstances.odds * bridge_go[k + 1] * (bridge_kept[k + 1] * following - paid)
            settled += (1.0 - attempt.success)[:, None] * carried
        following = _through_attempt(
            attempt, expected(beliefs[k], settled), settled, circumstances, extended[k], holding[k], extension_go[k],
            extension_kept[k],
        )  # fmt: skip
        fresh[k] = expected(beliefs[k], following)
        by_quality.insert(0, following)
    return StageValues(
        tuple(by_quality), beliefs, fresh, extended, holding, extension_go, bridge_go, extension_kept, bridge_kept
    )


def _kept_through_bridge(bridge: float, fresh: Floats, rights: float) -> Floats:
    """Part of a stake kept (signal,) through a bridge paid at the price of the fresh value."""
    price = np.maximum(fresh, bridge)
    sold = np.divide(bridge, price, out=np.ones_like(price), where=price > 0.0)
    kept: Floats = rights + (1.0 - rights) * (1.0 - sold)
    return kept


def _through_attempt(
    attempt: AttemptLaw,
    settled_mean: Floats,
    settled: Floats,
    circumstances: Circumstances,
    extended: Floats,
    holding: Floats,
    go: Floats,
    kept: Floats,
) -> Floats:
    """Value by quality and signal at the attempt's start; fills the tables of the attempt."""
    weight, spent = np.zeros(_BY_ELAPSED), np.zeros(_BY_ELAPSED)
    start_weight, start_spent = np.zeros(len(SIGNAL)), np.zeros(len(SIGNAL))
    cost, (factor, _, patience, odds, rights) = attempt.extension_cost, circumstances
    time, outlast, runway = attempt.time, attempt.outlast, attempt.runway
    extension_values(
        time, outlast, cost, factor, patience, odds, rights, settled_mean, True, weight, spent, extended, go, kept
    )
    attempt_start(
        time, outlast, runway, cost, factor, patience, odds, rights, weight, spent, go, kept, start_weight, start_spent
    )
    holding_values(time, outlast, runway, cost, factor, patience, odds, settled_mean, extended, go, holding)
    return start_weight * settled - start_spent


def owner_values(
    law: StageLaw, company: StageValues, success: Floats, factor: float, circumstances: Circumstances
) -> Floats:
    """Value to an owner with a discount factor of its own and no horizon, decisions taken as the company takes them.

    Parameters
    ----------
    law, company
        The stage and the company's values, whose decisions are followed.
    success : ndarray of shape (quality,)
        The owner's value on passing the milestone.
    factor : float
        The owner's quarterly discount factor; 1 with no cost gives probabilities.
    circumstances : Circumstances
        Of the company (its factor is not used).

    Returns
    -------
    ndarray of shape (quality, signal)
    """
    return _follow(law, company, success, factor, circumstances, with_costs=True)


def success_odds(law: StageLaw, company: StageValues, circumstances: Circumstances) -> Floats:
    """Probability (quality, signal) that a funded venture passes the milestone, whatever the tries it takes."""
    return _follow(law, company, np.ones(len(QUALITY)), 1.0, circumstances, with_costs=False)


def _follow(
    law: StageLaw, company: StageValues, success: Floats, factor: float, circumstances: Circumstances, with_costs: bool
) -> Floats:
    """Expected discounted outcome along the company's decisions."""
    weight, spent, unused = np.zeros(_BY_ELAPSED), np.zeros(_BY_ELAPSED), np.zeros(_BY_ELAPSED)
    start_weight, start_spent = np.zeros(len(SIGNAL)), np.zeros(len(SIGNAL))
    patience, odds, rights = circumstances.patience, circumstances.odds, circumstances.rights
    attempts = attempts_allowed(law, circumstances.attempts)
    following: Floats | None = None
    for k in range(len(attempts) - 1, -1, -1):
        attempt = attempts[k]
        settled = np.repeat((attempt.success * success)[:, None], len(SIGNAL), axis=1)
        if following is not None:
            paid = rights * attempts[k + 1].cash if with_costs else 0.0
            left = company.bridge_kept[k + 1] if with_costs else 1.0
            carried = odds * company.bridge_go[k + 1] * (left * following - paid)
            settled += (1.0 - attempt.success)[:, None] * carried
        cost, go = attempt.extension_cost if with_costs else 0.0, company.extension_go[k]
        kept = company.extension_kept[k] if with_costs else np.ones(_BY_ELAPSED)
        time, outlast, runway = attempt.time, attempt.outlast, attempt.runway
        mean = np.zeros(len(SIGNAL))
        extension_values(
            time, outlast, cost, factor, patience, odds, rights, mean, False, weight, spent, unused, go, kept
        )
        attempt_start(
            time, outlast, runway, cost, factor, patience, odds, rights, weight, spent, go, kept, start_weight,
            start_spent,
        )  # fmt: skip
        following = start_weight * settled - start_spent
    assert following is not None
    return following


def owner_values_by_life(
    law: StageLaw,
    company: StageValues,
    success: Floats,
    factor: float,
    circumstances: Circumstances,
    sale_share: float,
) -> Floats:
    """Value to an owner whose life runs out, by life left.

    Parameters
    ----------
    law, company, circumstances
        As in `owner_values`.
    success : ndarray of shape (quality, life)
        Value on passing the milestone with that much life left; at life 0 what a sale brings.
    factor : float
        The owner's quarterly discount factor.
    sale_share : float
        Share of the company's value that a sale at the end of life brings (1 − secondary discount).

    Returns
    -------
    ndarray of shape (quality, signal, life)
    """
    n_quality, nodes = success.shape
    patience, odds, rights = circumstances.patience, circumstances.odds, circumstances.rights
    attempts = attempts_allowed(law, circumstances.attempts)
    following: Floats | None = None
    for k in range(len(attempts) - 1, -1, -1):
        attempt = attempts[k]
        settled = np.repeat((attempt.success[:, None] * success)[:, None, :], len(SIGNAL), axis=1)
        if following is not None:
            paid = rights * attempts[k + 1].cash
            made = odds * company.bridge_go[k + 1]
            carried = made[:, None] * (company.bridge_kept[k + 1][:, None] * following - paid)
            carried[:, :, 0] += made * paid  # a sale pays no bridge
            settled += (1.0 - attempt.success)[:, None, None] * carried
        value = np.zeros((n_quality, len(SIGNAL), nodes))
        attempt_by_life(
            attempt.time,
            attempt.outlast,
            attempt.runway,
            rights * attempt.extension_cost,
            factor,
            patience,
            odds,
            company.extension_go[k],
            company.extension_kept[k],
            settled,
            sale_share * company.by_quality[k],
            value,
        )
        following = value
    assert following is not None
    return following
