"""What the kernel writes down of a path, and the codes it uses. `outcome` sums it; nothing is summed here."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from finance.market.terms import Floats, Terms
from finance.policy.credit import N_CREDIT_ACCOUNTS
from finance.policy.sub_fund_fees import Raised, vehicles_raised
from finance.policy.sub_funds import N_ACCOUNTS as N_ACCOUNTS_OF_SUB_FUNDS

FATES = (
    "none",
    "technical",
    "starved",
    "impatience",
    "frozen",
    "efficient_rejection",
    "ipo",
    "trade_sale",
    "acquisition",
    "distress_sale",
    "redemption",
    "self_sustaining",
    "alive",
)
(
    NO_FATE,
    TECHNICAL,
    STARVED,
    IMPATIENCE,
    FROZEN,
    EFFICIENT_REJECTION,
    IPO,
    TRADE_SALE,
    ACQUISITION,
    DISTRESS_SALE,
    REDEMPTION,
    SELF_SUSTAINING,
    ALIVE,
) = range(len(FATES))

CAUSES = (
    "none",
    "capacity",
    "accountability",
    "investor_tax",
    "horizon",
    "required_return",
    "financing_risk",
    "mandate",
    "founders",
    "other",
)
(
    NO_CAUSE,
    BY_CAPACITY,
    BY_ACCOUNTABILITY,
    BY_INVESTOR_TAX,
    BY_HORIZON,
    BY_REQUIRED_RETURN,
    BY_FINANCING_RISK,
    BY_MANDATE,
    BY_FOUNDERS,
    BY_OTHER,
) = range(len(CAUSES))

#: Accounts of the ledger by class and quarter: what is distributed and valued is after tax, the gain is before it and
#: before what the tax rule deducts. Cohort ventures only, but for what lapses unused.
INVESTED, DISTRIBUTED, GAIN, TAX, END_VALUE, END_GAIN, END_TAX, UNUSED, PRESENT = range(9)
N_ACCOUNTS = 9

#: Money in and out of the whole path by quarter, all ventures; sources equal uses.
BY_VEHICLES, BY_BUYERS, BY_SECONDARY, TO_VENTURES, TO_VEHICLES, TO_TREASURY, TO_FOUNDERS, TO_OUTSIDE = range(8)
N_FLOWS = 8
SOURCES = (BY_VEHICLES, BY_BUYERS, BY_SECONDARY)
USES = (TO_VENTURES, TO_VEHICLES, TO_TREASURY, TO_FOUNDERS, TO_OUTSIDE)

#: Tax of cohort companies after their exit, by quarter: what the treasury gets, and what the super-deduction takes off.
COMPANY_TAX_RECEIVED, COMPANY_TAX_FORGONE = range(2)

#: First closings of cohort rounds: money paid, and what was bought for it at the buyers' own bids, without charge.
PAID_FOR, WORTH = range(2)

#: Of every class in the cohort's entry years, whichever ventures it went to: money called, and spent.
CALLED, SPENT = range(2)

#: Social account, present values at the social rate in year 0, cohort only.
CASH_IN, PROCEEDS, END_WORTH = range(3)

NEVER = -1

#: What is written down of a cohort venture's round at a stage; the meanings are those of `Record`.
ROUND_NOTE = np.dtype(
    [
        ("asked", np.int32),
        ("closed", np.int32),
        ("left", np.int32),
        ("passed", np.bool_),
        ("worthwhile", np.bool_),
        ("wanted", np.bool_),
        ("cause_first", np.int8),
        ("cause_last", np.int8),
        ("supplied", np.float64),
        ("bridge", np.float64),
        ("signal", np.float64),
        ("stake", np.float64),
        ("price_ratio", np.float64),
        ("price_over_floor", np.float64),
        ("tightness", np.float64),
        ("queued", np.int32),
        ("applied", np.bool_),
        ("on_platform", np.bool_),
    ],
    align=True,
)
VENTURE_NOTE = np.dtype(
    [("fate", np.int8), ("fate_stage", np.int8), ("sector", np.int8), ("end_quarter", np.int32)], align=True
)


class Notes(NamedTuple):
    """What the kernel fills; `record_of` gives it its names."""

    rounds: NDArray[Any]  # (venture, stage) ROUND_NOTE
    ventures: NDArray[Any]  # (venture,) VENTURE_NOTE
    social: Floats
    ledger: Floats
    tallies: NDArray[np.int64]  # (class, 4) DEALS, DEALS_LOST, AUDITS, AUDITS_ABOVE
    bridges: NDArray[np.int64]
    flows: Floats
    sub_funds: Floats  # (sub-fund, quarter since its first closing, account of `policy.sub_funds`)
    sub_fund_values: Floats  # (sub-fund, date) what its holdings are worth when partners may use a right
    company_tax: Floats  # (quarter, 2) COMPANY_TAX_RECEIVED, COMPANY_TAX_FORGONE
    bargains: Floats  # (class, 2) PAID_FOR, WORTH of deals
    platform_cost: Floats  # (quarter,) public money that places on pilot platforms cost, of the cohort
    deployed: Floats  # (class, 2) CALLED, SPENT in the cohort's entry years
    support_cost: Floats  # (quarter, measure) public money that measures of support cost, of the cohort
    credit: Floats  # (quarter, account of `policy.credit`) of the cohort


DEALS, DEALS_LOST, AUDITS, AUDITS_ABOVE = range(4)


class Record(NamedTuple):
    """One path as the rest of the package reads it.

    Cohort ventures stand in order of entry year and ordinal; quarters count from the clock's start.
    """

    asked: NDArray[np.int32]  # (venture, stage) quarter first asked, NEVER if not
    closed: NDArray[np.int32]  # (venture, stage) quarter the round closed
    left: NDArray[np.int32]  # (venture, stage) quarter the stage was passed or the venture ended in it
    passed: NDArray[np.bool_]  # (venture, stage) milestone passed
    supplied: Floats  # (venture, stage) equity put into the round
    worthwhile: NDArray[np.bool_]  # (venture, stage) by the planner, when first asked
    bridge: Floats  # (venture, stage) bridges and extensions
    cause_first: NDArray[np.int8]  # (venture, stage) with capacity first
    cause_last: NDArray[np.int8]  # (venture, stage) with capacity last
    wanted: NDArray[np.bool_]  # (venture, stage) was in the queue at least once
    signal: Floats  # (venture, stage)
    stake: Floats  # (venture, stage) share of the company sold at the first closing
    price_ratio: Floats  # (venture, stage) paid ÷ need × best fresh bid × index ÷ price at the first closing
    price_over_floor: Floats  # (venture, stage) at the first closing
    tightness: Floats  # (venture, stage) θ of the stage at the first closing
    queued: NDArray[np.int32]  # (venture, stage) quarters waited for a place on a pilot platform
    applied: NDArray[np.bool_]  # (venture, stage) asked for such a place
    on_platform: NDArray[np.bool_]  # (venture, stage) found one
    fate: NDArray[np.int8]  # (venture,)
    fate_stage: NDArray[np.int8]  # (venture,)
    sector: NDArray[np.int8]  # (venture,)
    end_quarter: NDArray[np.int32]  # (venture,) quarter of its end, NEVER if alive
    social: Floats  # (3,)
    ledger: Floats  # (class, quarter, account)
    deals: NDArray[np.int64]  # (class, 2) cohort deals ended or valued, of them below cost
    audits: NDArray[np.int64]  # (class, 2) audits in the cohort's entry years, of them above the limit
    bridges: NDArray[np.int64]  # (sector, stage, 2) worthwhile bridges and extensions of the cohort, of them paid
    flows: Floats  # (quarter, flow)
    sub_funds: Floats  # (sub-fund, quarter since its first closing, account)
    sub_fund_values: Floats  # (sub-fund, date)
    company_tax: Floats  # (quarter, 2) received, forgone
    bargains: Floats  # (class, 2) paid in first closings of the cohort, and what that bought at the buyers' own bids
    platform_cost: Floats  # (quarter,)
    deployed: Floats  # (class, 2) money called and spent in the cohort's entry years
    support_cost: Floats  # (quarter, measure)
    credit: Floats  # (quarter, account of `policy.credit`)


class SubFundRows(NamedTuple):
    """Rows of sub-funds under one set of rules."""

    rows: slice
    first_quarter: int  # of the clock, in which the first of them begins
    pool_quarters: int  # from one to the next
    quarters: int  # for which the accounts of one run
    sub_funds: int  # class whose vehicles they hold; −1 for none


def sub_fund_rows(root: Terms, own: Terms) -> tuple[SubFundRows, SubFundRows, SubFundRows]:
    """Where sub-funds stand: begun before the switch, the scenario's own, and those of the programme beside it.

    Before the switch there is a row a year of the warm-up, used or not; without a class there are rows of no length.
    """
    warm_up, switch = -(-own.switch_quarter // 4), own.switch_quarter
    after, standing = own.n_quarters - switch, own.standing
    own_rows = -(-after // own.pool_quarters)
    behind = warm_up + own_rows
    standing_rows = -(-after // standing.pool_quarters) if standing.sub_funds >= 0 else 0
    return (
        _rows(root, slice(0, warm_up), 0, root.pool_quarters, root.sub_fund_class),
        _rows(own, slice(warm_up, behind), switch, own.pool_quarters, own.sub_fund_class),
        _rows(own, slice(behind, behind + standing_rows), switch, standing.pool_quarters, standing.sub_funds),
    )


def _rows(terms: Terms, rows: slice, first: int, pool: int, sub_funds: int) -> SubFundRows:
    life = int(terms.life_quarters[sub_funds] + terms.extension_quarters[sub_funds]) if sub_funds >= 0 else 0
    return SubFundRows(rows, first, pool, min(life, terms.n_quarters) + pool if sub_funds >= 0 else 0, sub_funds)


def commitments_raised(rows: SubFundRows, terms: Terms) -> Raised:
    """What the vehicles of sub-funds can call, as multiples of a year's; (sub-fund, quarter since its first closing).

    Parameters
    ----------
    rows : SubFundRows
        Sub-funds that begin before the switch or from it on.
    terms : Terms
        Of those who raise them.
    """
    c, to_the_end = rows.sub_funds, terms.n_quarters - rows.first_quarter
    raises_end = to_the_end if rows.first_quarter >= terms.switch_quarter else terms.switch_quarter - rows.first_quarter
    return vehicles_raised(
        (rows.rows.stop - rows.rows.start, rows.quarters),
        rows.pool_quarters,
        int(terms.investment_quarters[c]),
        int(terms.life_quarters[c]),
        (raises_end, to_the_end),
    )


def sub_fund_shape(root: Terms, own: Terms) -> tuple[int, int]:
    """How many sub-funds a path has rows for, and how many quarters their accounts run; none without a programme."""
    found = sub_fund_rows(root, own)
    quarters = max(each.quarters for each in found)
    return (found[-1].rows.stop, quarters) if quarters else (0, 0)


def empty_notes(terms: Terms, root: Terms | None = None) -> Notes:
    """Notes to be filled again and again, shaped for one scenario and its root baseline (itself, if left out)."""
    sub_funds, quarters = sub_fund_shape(root or terms, terms)
    n = terms.entrants_a_year * terms.entry_quarters // 4
    n_classes, n_sectors, n_stages = terms.in_mandate.shape
    return Notes(
        np.zeros((n, n_stages), ROUND_NOTE),
        np.zeros(n, VENTURE_NOTE),
        np.zeros(3),
        np.zeros((n_classes, terms.n_quarters, N_ACCOUNTS)),
        np.zeros((n_classes, 4), dtype=np.int64),
        np.zeros((n_sectors, n_stages, 2), dtype=np.int64),
        np.zeros((terms.n_quarters, N_FLOWS)),
        np.zeros((sub_funds, quarters, N_ACCOUNTS_OF_SUB_FUNDS)),
        np.zeros((sub_funds, len(terms.valuation_quarters))),
        np.zeros((terms.n_quarters, 2)),
        np.zeros((n_classes, 2)),
        np.zeros(terms.n_quarters),
        np.zeros((n_classes, 2)),
        np.zeros((terms.n_quarters, terms.support_costs.shape[2])),
        np.zeros((terms.n_quarters, N_CREDIT_ACCOUNTS)),
    )


def record_of(notes: Notes) -> Record:
    """The notes under their names, without copying."""
    by_round = {name: notes.rounds[name] for name in ROUND_NOTE.names or ()}
    by_venture = {name: notes.ventures[name] for name in VENTURE_NOTE.names or ()}
    return Record(
        **by_round,
        **by_venture,
        social=notes.social,
        ledger=notes.ledger,
        deals=notes.tallies[:, DEALS : DEALS_LOST + 1],
        audits=notes.tallies[:, AUDITS:],
        bridges=notes.bridges,
        flows=notes.flows,
        sub_funds=notes.sub_funds,
        sub_fund_values=notes.sub_fund_values,
        company_tax=notes.company_tax,
        bargains=notes.bargains,
        platform_cost=notes.platform_cost,
        deployed=notes.deployed,
        support_cost=notes.support_cost,
        credit=notes.credit,
    )


def empty_record(terms: Terms) -> Record:
    """A record of nothing, with its own memory."""
    return record_of(blank(empty_notes(terms)))


def blank(notes: Notes) -> Notes:
    """Notes fresh from `empty_notes`, on which nothing has happened yet; changed in place and returned."""
    for name in ("asked", "closed", "left"):
        notes.rounds[name] = NEVER
    notes.ventures["end_quarter"] = NEVER
    return notes
