"""What the partners of a sub-fund pay and get: fee, carry and contract, worked out on the sub-fund's own flows.

The market knows vehicles that buy and sell stakes. What public and private partners make of that is settled here, after
the market, on each sub-fund's pooled flows: a contract's concession depends on what the whole sub-fund earned, and pooled
over an economy capital is almost never lost. Constant prices become nominal first, since hurdles and strikes are nominal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from finance.fund.amounts import FloatArray
from finance.fund.waterfall import whole_fund
from finance.policy import contracts
from finance.policy.dated_right import DatedRight, OneDateRight
from finance.policy.debenture import Debenture
from finance.policy.fund_terms import FeeBase
from finance.policy.give_up import StageGiveUp, TieredGiveUp
from finance.policy.partnership import column_at
from finance.policy.put import StakePut
from finance.policy.scheduled_buy_out import ScheduledBuyOut
from finance.policy.sequence import Sales
from finance.policy.strike import StrikeSchedule
from finance.policy.sub_fund_fees import PERIODS_A_YEAR, Raised, fees

if TYPE_CHECKING:
    from finance.scenario.schema_further import FurtherTerm
    from finance.scenario.schema_policy import GuidanceFund, Managers

#: Accounts of a sub-fund by quarter since its first closing: paid for stakes, received for them after tax, the cost of
#: stakes that have ended, what of the first was paid to ventures of the cohort, and how often its manager was punished.
#: Last, what of the first was paid at early stages, those of the category of seed and angel rounds.
PAID, RECEIVED, COST_ENDED, COHORT_PAID, PUNISHED, EARLY_PAID = range(6)
N_ACCOUNTS = 6


class Agreement(NamedTuple):
    """What partners and manager of a sub-fund have agreed."""

    fee_rate: float  # a year, on its base
    carry_share: float
    hurdle_rate: float  # a year, nominal
    contract: contracts.Contract
    inflation_rate: float  # a year, from constant to nominal prices
    clawback_share: float = 0.0  # of the carry of a manager who has been punished
    clawback_years: int = 1  # for so long, the year of the punishment included
    fee_base: FeeBase = "invested"  # in the investment period of each vehicle
    later_fee_base: FeeBase = "invested"  # behind it
    regional_fee_rate: float = 0.0  # a year, of the fund of funds, on the cost of what public money holds

    @property
    def needs_commitments(self) -> bool:
        """Whether the fee is on anything but the cost of what is held."""
        return not self.fee_base == self.later_fee_base == "invested"


class PartnerFlows(NamedTuple):
    """Flows of the partners of sub-funds, (…, quarter), at constant prices; what is paid in includes the fee."""

    public_paid_in: FloatArray
    private_paid_in: FloatArray
    public_received: FloatArray  # below zero where the public pays private partners
    private_received: FloatArray
    fee: FloatArray
    carry: FloatArray
    public_fee: (
        FloatArray  # of the fund of funds through which public money comes, which it pays beside what it pays in
    )


def agreement(fund: GuidanceFund, inflation_rate: float, managers: Managers | None = None) -> Agreement:
    """What a scenario's tables of the programme and of its managers say of fee, carry, its claw-back, and contract."""
    agreed = Agreement(
        fund.fee_rate, fund.carry_share, fund.hurdle_rate, contract_of(fund), inflation_rate,
        fee_base=fund.fee_base, later_fee_base=fund.later_fee_base, regional_fee_rate=fund.regional_fee_rate,
    )  # fmt: skip
    if managers is None:
        return agreed
    return agreed._replace(clawback_share=managers.clawback_share, clawback_years=managers.clawback_years)


def contract_of(fund: GuidanceFund) -> contracts.Contract:
    """The contract that a scenario names, with its terms and those that stand behind it.

    Raises
    ------
    ValueError
        If its terms do not go together.

    Notes
    -----
    A further term without a share is not there, and behind a contract that concedes nothing the first further term is the
    contract. Where several terms are rights, their dates are whole years (`finance.policy.dated_right.in_whole_years`):
    what a sub-fund holds is valued once a year.
    """
    terms = [contract_with(fund.contract, fund.model_dump())]
    terms += [_further(each) for each in fund.further.in_order() if each.share > 0.0]
    if len(terms) > 1 and _concedes_nothing(terms[0]):
        del terms[0]
    if len(terms) == 1:
        return terms[0]
    if sum(isinstance(term, DatedRight) for term in terms) > 1:
        terms = [term.in_whole_years() if isinstance(term, DatedRight) else term for term in terms]
    return contracts.Sequence(tuple(terms))


def _further(term: FurtherTerm) -> contracts.Contract:
    """A term that stands behind others."""
    stated = {f"contract_{name}": value for name, value in term.model_dump().items()}
    if term.contract == "tiered-give-up":
        stated["contract_steps"] = tuple((threshold, term.share * share) for threshold, share in term.steps)
    return contract_with(term.contract, stated)


def contract_with(kind: str, terms: Mapping[str, Any]) -> contracts.Contract:
    """A contract of a kind, of terms by the names that a scenario has for them.

    Raises
    ------
    ValueError
        If the terms do not go together, or a kind needs steps and there are none.
    """
    rate, share = terms["contract_rate"], terms["contract_share"]
    first, last, steps = terms["contract_first_year"], terms["contract_last_year"], terms["contract_steps"]

    def scheduled() -> contracts.Contract:
        schedule = StrikeSchedule(steps, terms["contract_is_retroactive"])
        # Behind the last step there is no price, so there is no right; a window that begins later is its last date.
        ends = min(last, schedule.last_year)
        return ScheduledBuyOut(schedule, min(first, ends), ends, share, terms["contract_profit_share"])

    def debenture(interest: Literal["cash", "accruing"]) -> contracts.Contract:
        return Debenture(rate, last, interest)

    kinds: dict[str, Callable[[], contracts.Contract]] = {
        "pari-passu": contracts.PariPassu,
        "buy-out": lambda: contracts.BuyOutOption(rate, last),
        "scheduled-buy-out": scheduled,
        "put": lambda: StakePut(share, last, rate),
        "first-loss": lambda: contracts.FirstLoss(share),
        "capped": lambda: contracts.CappedPublicReturn(rate, share),
        "shared-hurdle": lambda: contracts.SharedHurdle(rate, share),
        "give-up": lambda: contracts.ExcessGiveUp(share, rate),
        "tiered-give-up": lambda: TieredGiveUp(steps),
        "stage-give-up": lambda: StageGiveUp(share, terms["contract_target_share"], rate),
        "guarantee": lambda: contracts.LossGuarantee(
            share, terms["contract_premium_rate"], terms["contract_claim_cap"]
        ),
        "private-priority": lambda: contracts.PrivatePriority(rate),
        "senior-debt": lambda: contracts.SeniorDebt(rate),
        "debenture": lambda: debenture("cash"),
        "accruing-debenture": lambda: debenture("accruing"),
        "grant": contracts.Grant,
    }
    return kinds[kind]()


def valuation_years(contract: contracts.Contract) -> tuple[float, ...]:
    """Years after a sub-fund's first closing at which its holdings are valued, rising; none where no right needs it."""
    if isinstance(contract, contracts.Sequence):
        dates = sorted({year for right in contract.rights for year in valuation_years(right)})
        if len(contract.rights) < 2:
            return tuple(dates)
        # the market values holdings every year from the first date to the last
        return (*(dates[0] + year for year in range(ceil(dates[-1] - dates[0]))), dates[-1])
    if isinstance(contract, ScheduledBuyOut):
        return contract.exercise_years()
    return (contract.last_year,) if isinstance(contract, OneDateRight) else ()


def partner_flows(
    accounts: FloatArray,
    public_share: FloatArray | float,
    agreed: Agreement,
    value: FloatArray | None = None,
    raised: Raised | None = None,
) -> PartnerFlows:
    """Divide the flows of sub-funds between public partners, private partners and manager.

    Parameters
    ----------
    accounts : ndarray of shape (…, quarter, N_ACCOUNTS)
        Of each sub-fund from its first closing to its end, million CNY at constant prices.
    public_share : ndarray of shape (…) or float
        Public share of commitments.
    agreed : Agreement
    value : ndarray of shape (…, date), optional
        What all holdings are worth at each date of the contract's right (`valuation_years`), before carry.
    raised : Raised, optional
        Commitments, that broadcast to (…, quarter); need not be known where the fee is on what is held.

    Returns
    -------
    PartnerFlows
        Received by public, private and manager (carry) sum to what the sub-fund received, quarter by quarter; paid in by
        public and private sum to what it paid plus the fee. The fee of a fund of funds is beside both.

    Notes
    -----
    Fee of a quarter = rate ÷ 4 × its base at the quarter's start, without inflation (`finance.policy.sub_fund_fees`);
    both sides bear it by their share. The carry is a whole-fund waterfall with full catch-up, less what is clawed back;
    partners share what is left by the contract. The fund of funds charges its rate ÷ 4 on the public's part of the cost
    held at the quarter's start: less where private partners have bought it, more where it has bought theirs.
    """
    quarters = np.arange(accounts.shape[-2]) / PERIODS_A_YEAR
    prices = (1.0 + agreed.inflation_rate) ** quarters
    held = np.cumsum(accounts[..., PAID] - accounts[..., COST_ENDED], axis=-1)
    fee = fees(accounts[..., PAID], held, agreed.fee_rate, (agreed.fee_base, agreed.later_fee_base), raised)
    paid, received = (accounts[..., PAID] + fee) * prices, np.maximum(accounts[..., RECEIVED], 0.0) * prices
    to_partners, carry = received, np.zeros_like(received)
    if agreed.carry_share > 0.0:
        to_partners, carry = whole_fund(
            paid, received, agreed.hurdle_rate, agreed.carry_share, periods_per_year=PERIODS_A_YEAR
        )
        clawed = clawed_back(carry, accounts[..., PUNISHED], agreed)
        if clawed is not None:
            to_partners, carry = to_partners + clawed, carry - clawed
    share = np.asarray(public_share)[..., None]
    paid_in = (share * paid, (1.0 - share) * paid)
    early = _share_of(accounts[..., EARLY_PAID], accounts[..., PAID])
    worth = None if value is None else partial(_net_of_carry, value, paid, received, agreed)
    divided = _divided(agreed, share, paid_in, to_partners, early, worth)
    public_fee = np.zeros_like(fee)
    if agreed.regional_fee_rate > 0.0:
        at_cost = divided.public_stake * np.maximum(held, 0.0)
        public_fee[..., 1:] = agreed.regional_fee_rate / PERIODS_A_YEAR * at_cost[..., :-1]
    public, private = divided.public_received, to_partners - divided.public_received
    return PartnerFlows(
        divided.public_paid_in / prices,
        divided.private_paid_in / prices,
        public / prices,
        private / prices,
        fee,
        carry / prices,
        public_fee,
    )


class _Divided(NamedTuple):
    """What the partners of sub-funds make of it by their contract, (…, quarter), nominal."""

    public_received: FloatArray
    public_paid_in: FloatArray
    private_paid_in: FloatArray
    public_stake: FloatArray  # the public's part of what is held at the end of each quarter


def _divided(
    agreed: Agreement,
    share: FloatArray,
    paid_in: tuple[FloatArray, FloatArray],
    to_partners: FloatArray,
    early: FloatArray,
    worth: Callable[[tuple[int, ...]], FloatArray] | None,
) -> _Divided:
    """Share out what partners receive, and what they pay in where a stake changes hands.

    ``worth`` says what a sale of everything at some quarters would leave the partners; None if they know the future.
    """
    contract, flows = agreed.contract, (*paid_in, to_partners, PERIODS_A_YEAR)
    as_agreed = np.broadcast_to(share, to_partners.shape)
    if _concedes_nothing(contract):  # the same as its split to rounding, and quick
        return _Divided(share * to_partners, *paid_in, as_agreed)
    if isinstance(contract, DatedRight):
        value = None
        if worth is not None:
            of_whom = 1.0 - share if contract.sells_own_stake else share
            value = contract.worth_at(of_whom * worth(contract.exercise_columns(to_partners.shape[-1], PERIODS_A_YEAR)))
        public, _ = contract.split(*flows, value=value)
        stake = as_agreed
        if agreed.regional_fee_rate > 0.0:
            stake = contract.public_share_of_stakes(*flows, value=value)
        return _Divided(public, *contract.calls(*flows, value=value), stake)
    if isinstance(contract, contracts.Sequence):
        sales = None
        if worth is not None:
            last = to_partners.shape[-1] - 1
            columns = tuple(min(column_at(year, PERIODS_A_YEAR), last) for year in valuation_years(contract))
            sales = Sales(columns, worth(columns))
        settled = contract.settle(*flows, sales=sales, stage_share=early)
        return _Divided(*settled)
    if isinstance(contract, StageGiveUp):
        public, _ = contract.split(*flows, stage_share=early)
    else:
        public, _ = contract.split(*flows)
    return _Divided(public, *paid_in, as_agreed)


def clawed_back(carry: FloatArray, punished: FloatArray, agreed: Agreement) -> FloatArray | None:
    """Carry (…, quarter) that goes to the partners since the manager was punished; None without a claw-back.

    Parameters
    ----------
    carry : ndarray of shape (…, quarter)
    punished : ndarray of shape (…, quarter)
        How often vehicles of the sub-fund were found above their loss limit and frozen.
    agreed : Agreement

    Notes
    -----
    claw-back share × carry in the quarter of a punishment and in those that follow, `clawback_years` years in all. As in
    Guangzhou's development zone, where the bonus of the year and of the two after it makes good for an excess loss.
    """
    if agreed.clawback_share == 0.0:
        return None
    times = np.cumsum(punished, axis=-1)
    span = PERIODS_A_YEAR * agreed.clawback_years
    before = np.zeros_like(times)
    before[..., span:] = times[..., :-span]
    return np.where(times > before, agreed.clawback_share * carry, 0.0)


def _concedes_nothing(contract: contracts.Contract) -> bool:
    """Whether a contract is pari passu: by name, or because what it concedes is nothing and costs nothing."""
    if isinstance(contract, contracts.FirstLoss | contracts.LossGuarantee | contracts.ExcessGiveUp | StageGiveUp):
        return contract.share == 0.0
    if isinstance(contract, ScheduledBuyOut | StakePut):
        return contract.stake_share == 0.0
    return isinstance(contract, contracts.PariPassu)


def _share_of(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Part over whole, both summed over quarters; 0 where there is nothing."""
    total = whole.sum(axis=-1)
    share: FloatArray = np.clip(part.sum(axis=-1) / np.where(total > 0.0, total, 1.0), 0.0, 1.0)
    return share


def _net_of_carry(
    value: FloatArray, paid: FloatArray, received: FloatArray, agreed: Agreement, columns: tuple[int, ...]
) -> FloatArray:
    """What holdings worth so much at the dates of a right leave the partners, if they are sold at that; nominal."""
    net: FloatArray = np.empty((*np.broadcast_shapes(paid.shape[:-1], value.shape[:-1]), len(columns)))
    for date, column in enumerate(columns):
        at_date = value[..., date] if date < value.shape[-1] else np.zeros(value.shape[:-1])  # nobody has valued them
        worth = at_date * (1.0 + agreed.inflation_rate) ** (column / PERIODS_A_YEAR)
        profit = worth + received[..., :column].sum(axis=-1) - paid[..., : column + 1].sum(axis=-1)
        net[..., date] = worth - agreed.carry_share * np.clip(profit, 0.0, worth)
    return net
