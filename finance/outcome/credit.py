"""From one path's notes to the accounts of credit: what was lent and lost, and who bears it; compiled."""

from __future__ import annotations

from typing import NamedTuple

from finance.compiling import njit
from finance.market.records import Notes
from finance.market.terms import Floats, Integers
from finance.outcome.components import PLACE
from finance.outcome.page import Page
from finance.policy.credit import FEE, LENT, LOST, REPAID

_OUTLAY, _RECEIPT, _PRESENT = PLACE["outlay"], PLACE["receipt"], PLACE["present_value"]
_BUDGET, _ECONOMIC, _PUBLIC = PLACE["budget_cost"], PLACE["economic_cost"], PLACE["public_outlay"]
_LENT, _REPAID, _LOST = PLACE["credit_lent"], PLACE["credit_repaid"], PLACE["credit_lost"]
_CLAIMED, _FEES, _MARGIN = PLACE["credit_claims"], PLACE["credit_fees"], PLACE["credit_margin"]


class CreditRules(NamedTuple):
    """Who makes good what is lost on loans."""

    guaranteed_share: float
    claim_cap: float
    tier_share: Floats  # (tier,) of every claim and fee
    tier_place: Integers  # (tier,) where each stands among the instruments
    marginal_cost: float


@njit
def sum_credit(
    notes: Notes, rules: CreditRules, switch_quarter: int, curve_factor: Floats, deflator: Floats, page: Page
) -> None:
    """Add what banks lent and lost, what guarantees paid and took in, and what that costs the public.

    Claims up to a quarter are g × min(lost, cap × lent), both summed so far (`policy.credit.claims`).
    """
    vector, places = page.vector, page.places
    lent, lost, borne = 0.0, 0.0, 0.0
    for quarter in range(switch_quarter, len(notes.credit)):
        account = notes.credit[quarter]
        lent += account[LENT]
        lost += account[LOST]
        after = min(lost, rules.claim_cap * lent)
        claimed = rules.guaranteed_share * (after - borne)
        borne = after
        fee = account[FEE]
        for tier in range(len(rules.tier_place)):
            cell = rules.tier_place[tier] * page.n_years + (quarter - switch_quarter) // 4
            outlay, receipt = rules.tier_share[tier] * claimed, rules.tier_share[tier] * fee
            vector[places[_OUTLAY] + cell] += outlay
            vector[places[_RECEIPT] + cell] += receipt
            vector[places[_PRESENT] + cell] += curve_factor[quarter] * (outlay - receipt)
        vector[places[_PUBLIC]] += claimed
        vector[places[_BUDGET]] += curve_factor[quarter] * (claimed - fee)
        vector[places[_ECONOMIC]] += rules.marginal_cost * deflator[quarter] * (claimed - fee)
        vector[places[_LENT]] += account[LENT]
        vector[places[_REPAID]] += account[REPAID]
        vector[places[_LOST]] += account[LOST]
        vector[places[_CLAIMED]] += claimed
        vector[places[_FEES]] += fee
        vector[places[_MARGIN]] += account[REPAID] + claimed - fee - account[LENT]
