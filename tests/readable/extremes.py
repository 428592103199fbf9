"""Levers at the ends of their ranges, where the kernel takes short cuts: changes to a random market's own terms."""

import numpy as np

from finance.market.capital import Standing

#: On two sectors, the second without a middle stage, and their platforms: loans at all stages but the last.
LOANS = {
    "lent": np.array([[3.0, 5.0, 0.0], [4.0, 0.0, 0.0]] * 2),
    "owed": np.array([[0.0, 4.0, 7.0], [0.0, 0.0, 6.0]] * 2),
    "loan_fee": np.array([[0.1, 0.2, 0.0], [0.1, 0.0, 0.0]] * 2),
}


def only_join(classes, share):
    """Classes that pay a share of rounds which others lead; on two sectors and their platforms."""
    mandate = np.ones((3, 4, 3), dtype=np.bool_)
    follow_share = np.zeros(mandate.shape)
    mandate[classes] = False
    follow_share[classes] = share
    return {"in_mandate": mandate, "follow_share": follow_share, "owner": np.arange(3)}


#: By name, for `cases.random_case`.
LEVERS = {
    "no common factor": {"factor_correlation": 0.0},
    "no preference": {"preference_multiple": 0.0},
    "no rights": {"pro_rata_share": 0.0},
    "full rights": {"pro_rata_share": 1.0},
    "no floor for founders": {"founders_floor": 0.0},
    "founders soon sold out": {"founders_floor": 0.5, "largest_dilution": 0.4},
    "free second attempts": {"bridge_share": 0.0},
    "any fill closes": {"min_fill": 0.0},
    "full fill only": {"min_fill": 1.0},
    "no earmarks": {"earmark_quarters": 0},
    "earmarks of a quarter": {"earmark_quarters": 1},
    "by value": {"queue": 0},
    "oldest first": {"queue": 1},
    "by lot": {"queue": 2},
    "endless search": {"search_quarters": 40},
    "endless patience": {"patience_quarters": 400, "attempts": 8},
    "no limits honoured": {"honoured": np.zeros(3), "first_audited_deal": 1, "freeze_quarters": 12},
    "nothing carried over": {"carry_over_quarters": 0.0},
    "no programme": {"sub_fund_class": -1},
    "one sub-fund for all years": {"sub_fund_class": 2, "pool_quarters": 40, "valuation_quarters": (12, 16, 20)},
    "a sub-fund a year": {"sub_fund_class": 1, "pool_quarters": 4, "valuation_quarters": (2,)},
    "a programme beside another": {
        "sub_fund_class": 1,
        "pool_quarters": 20,
        "standing": Standing(2, 12, None),
        "valuation_quarters": (8,),
    },
    "one class joins rounds": only_join([2], 0.4),
    "two classes join rounds": only_join([1, 2], 0.45),
    "those who join have a limit and are frozen": only_join([0], 0.8)
    | {
        "ticket_max": np.array([3.0, 1e9, 1e9]),
        "public_share": np.ones(3),
        "loss_limit": np.full((3, 3), 0.05),
        "honoured": np.full(3, 0.2),
        "first_audited_deal": 1,
    },
    "measures of support": {
        "gross": np.linspace(1.0, 2.0, 12).reshape(4, 3),
        "public_cost": np.linspace(0.0, 3.0, 12).reshape(4, 3),
        "support_costs": np.linspace(0.0, 1.0, 48).reshape(4, 3, 2, 2),
    },
    "banks lend": LOANS,
    "banks lend to those whom the public supports": LOANS
    | {
        "gross": np.full((4, 3), 1.3),
        "support_costs": np.full((4, 3, 1, 2), 0.3),
    },
    "a duty beside a programme": {
        "owner": np.array([0, 1, 1]),
        "sub_fund_class": 1,
        "standing": Standing(0, 4, None),
        "local_share": 0.6,
    },
    "all of the gain exempt": {"tax_rate": np.zeros(3)},
    "twice the cost deducted": {"tax_deduction": np.full(3, 2.0)},
    "dear companies are out of the mandate": {"valuation_max": np.array([40.0, 1e12, 15.0])},
    "public money has to grow": {
        "preservation_rate": np.full(3, 0.15),
        "public_share": np.ones(3),
        "honoured": np.full(3, 0.3),
        "first_audited_deal": 1,
    },
    "losses are paid back": {
        "investment_credit": np.array([0.5, 0.0, 0.2]),
        "loss_relief": np.array([0.4, 0.2, 0.0]),
    },
    "losses last a year": {"company_tax_rate": 0.25, "carry_forward_years": 1, "transferable_share": 0.0},
    "losses last": {"company_tax_rate": 0.25, "carry_forward_years": 20, "super_deduction_share": 4.0},
    "places for all": {"platform_places": 100.0},
    "patience for a place": {"platform_places": 0.05, "queue_quarters": 12},
    "nearly all money freezes": {
        "honoured": np.zeros(3),
        "first_audited_deal": 1,
        "freeze_quarters": 40,
        "public_share": np.ones(3),
        "loss_limit": np.zeros((3, 3)),
    },
}
LEVERS |= {
    "managers who see nothing of their own": {"added_noise": np.zeros(3), "owner": np.arange(3)},
    "managers who hardly look": {"added_noise": np.full(3, 3.0)},
    "a duty where everybody is local": {"owner": np.array([0, 0, 2]), "local_share": 1.0, "public_share": np.ones(3)},
    "a duty where nobody is": {"owner": np.array([0, 1, 1]), "local_share": 0.0},
    "a duty that is all there is": {"owner": np.array([0, 1, 1]), "capacity": np.array([0.0, 0.0, 300.0])},
    "a duty of sub-funds": {"owner": np.array([0, 1, 1]), "sub_fund_class": 1, "local_share": 0.6},
    "a duty whose losses freeze both": {
        "owner": np.array([0, 1, 1]), "sub_fund_class": 1, "local_share": 0.9, "public_share": np.ones(3),
        "honoured": np.full(3, 0.5), "first_audited_deal": 1, "loss_limit": np.full((3, 3), 0.05),
    },
}  # fmt: skip
LEVERS |= {
    "earmarks that bind": {"budgets_bind": np.ones(3, dtype=np.int64)},
    "one class's earmarks bind, of others nothing is earmarked": {
        "budgets_bind": np.array([0, 0, 1]), "earmark_quarters": 0, "carry_over_quarters": 1.0, "pro_rata_share": 1.0,
    },
    "all is earmarked and binds": {
        "budgets_bind": np.ones(3, dtype=np.int64),
        "stage_budget": np.array([[0.5, 0.5, 0.0], [0.0, 0.4, 0.6], [0.2, 0.4, 0.4]]),
        "earmark_quarters": 1, "attempts": 6,
    },
}  # fmt: skip
LEVERS |= {
    "lives that may be extended": {
        "extension_quarters": np.array([6, 9, 0]), "extension_probability": np.array([0.5, 0.7, 0.0]),
        "sub_fund_class": 1,
    },
    "lives that are always extended": {
        "life_quarters": np.array([16, 16, 16]), "investment_quarters": np.array([16, 8, 12]),
        "extension_quarters": np.full(3, 12), "extension_probability": np.ones(3), "sub_fund_class": 2,
        "public_share": np.ones(3), "first_audited_deal": 1, "budgets_bind": np.array([1, 0, 1]),
    },
    "a duty whose vehicles are extended together": {
        "owner": np.array([0, 1, 1]), "sub_fund_class": 1, "local_share": 0.6, "life_quarters": np.full(3, 18),
        "extension_quarters": np.array([4, 8, 8]), "extension_probability": np.full(3, 0.5), "public_share": np.ones(3),
    },
}  # fmt: skip
_STRICT = {"public_share": np.ones(3), "loss_limit": np.full((3, 3), 0.1), "first_audited_deal": 1}
LEVERS |= {
    "some classes' limits are honoured": _STRICT | {"honoured": np.array([0.0, 1.0, 0.5])},
    "reserves": _STRICT | {"reserve_share": np.array([0.02, 0.1, 1.0]), "honoured": np.zeros(3)},
    "a duty with one reserve": _STRICT
    | {"owner": np.array([0, 1, 1]), "sub_fund_class": 1, "local_share": 0.8, "reserve_share": np.full(3, 0.3)},
}
#: A class that goes on raising has a vehicle of this year, which no audit has found yet.
LEVERS["all money freezes"] = LEVERS["nearly all money freezes"] | {"capacity": np.zeros(3), "search_quarters": 2}
