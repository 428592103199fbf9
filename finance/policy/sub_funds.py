"""What the partners of a sub-fund pay and get: fee, carry and contract, worked out on the sub-fund's own flows.

The market knows vehicles that buy and sell stakes. What public and private partners make of that is settled here, after
the market, on each sub-fund's pooled flows: a contract's concession depends on what the whole sub-fund earned, and pooled
over an economy capital is almost never lost. Constant prices become nominal first, since hurdles and strikes are nominal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from finance.fund.amounts import FloatArray
from finance.fund.waterfall import whole_fund
from finance.policy import contracts

if TYPE_CHECKING:
    from finance.scenario.schema_policy import GuidanceFund, Managers

#: Accounts of a sub-fund by quarter since its first closing: paid for stakes, received for them after tax, the cost of
#: stakes that have ended, what of the first was paid to ventures of the cohort, and how often its manager was punished.
PAID, RECEIVED, COST_ENDED, COHORT_PAID, PUNISHED = range(5)
N_ACCOUNTS = 5
PERIODS_A_YEAR = 4


class Agreement(NamedTuple):
    """What partners and manager of a sub-fund have agreed."""

    fee_rate: float  # a year, on the cost of what is held
    carry_share: float
    hurdle_rate: float  # a year, nominal
    contract: contracts.Contract
    inflation_rate: float  # a year, from constant to nominal prices
    clawback_share: float = 0.0  # of the carry of a manager who has been punished
    clawback_years: int = 1  # for so long, the year of the punishment included


class PartnerFlows(NamedTuple):
    """Flows of the partners of sub-funds, (…, quarter), at constant prices; what is paid in includes the fee."""

    public_paid_in: FloatArray
    private_paid_in: FloatArray
    public_received: FloatArray  # below zero where the public pays private partners
    private_received: FloatArray
    fee: FloatArray
    carry: FloatArray


def agreement(fund: GuidanceFund, inflation_rate: float, managers: Managers | None = None) -> Agreement:
    """What a scenario's tables of the programme and of its managers say of fee, carry, its claw-back, and contract."""
    agreed = Agreement(fund.fee_rate, fund.carry_share, fund.hurdle_rate, contract_of(fund), inflation_rate)
    if managers is None:
        return agreed
    return agreed._replace(clawback_share=managers.clawback_share, clawback_years=managers.clawback_years)


def contract_of(fund: GuidanceFund) -> contracts.Contract:
    """The contract that a scenario names, with its terms."""
    rate, share = fund.contract_rate, fund.contract_share
    kinds: dict[str, contracts.Contract] = {
        "pari-passu": contracts.PariPassu(),
        "buy-out": contracts.BuyOutOption(rate, fund.contract_last_year),
        "first-loss": contracts.FirstLoss(share),
        "capped": contracts.CappedPublicReturn(rate, share),
        "give-up": contracts.ExcessGiveUp(share, rate),
        "guarantee": contracts.LossGuarantee(share),
        "private-priority": contracts.PrivatePriority(rate),
        "senior-debt": contracts.SeniorDebt(rate),
        "grant": contracts.Grant(),
    }
    return kinds[fund.contract]


def partner_flows(
    accounts: FloatArray, public_share: FloatArray | float, agreed: Agreement, value: FloatArray | None = None
) -> PartnerFlows:
    """Divide the flows of sub-funds between public partners, private partners and manager.

    Parameters
    ----------
    accounts : ndarray of shape (…, quarter, N_ACCOUNTS)
        Of each sub-fund from its first closing to its end, million CNY at constant prices.
    public_share : ndarray of shape (…) or float
        Public share of commitments.
    agreed : Agreement
    value : ndarray of shape (…), optional
        What all holdings are worth when a buy-out can be exercised, before carry; see `BuyOutOption`.

    Returns
    -------
    PartnerFlows
        Received by public, private and manager (carry) sum to what the sub-fund received, quarter by quarter; paid in by
        public and private sum to what it paid plus the fee.

    Notes
    -----
    Fee of a quarter = rate ÷ 4 × cost held at its start; both sides bear it by their share. The carry is a whole-fund
    waterfall with full catch-up, less what is clawed back; partners share what is left by the contract.
    """
    quarters = np.arange(accounts.shape[-2]) / PERIODS_A_YEAR
    prices = (1.0 + agreed.inflation_rate) ** quarters
    held = np.cumsum(accounts[..., PAID] - accounts[..., COST_ENDED], axis=-1)
    fee = np.zeros_like(held)
    fee[..., 1:] = agreed.fee_rate / PERIODS_A_YEAR * np.maximum(held[..., :-1], 0.0)
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
    public_in, private_in = share * paid, (1.0 - share) * paid
    if _concedes_nothing(agreed.contract):  # the same as its split to rounding, and quick
        public = share * to_partners
    elif isinstance(agreed.contract, contracts.BuyOutOption):
        worth = None
        if value is not None:
            worth = share[..., 0] * _net_of_carry(value, paid, received, agreed)
        option, flows = agreed.contract, (public_in, private_in, to_partners, PERIODS_A_YEAR)
        public, _ = option.split(*flows, value=worth)
        public_in, private_in = option.calls(*flows, value=worth)
    else:
        public, _ = agreed.contract.split(public_in, private_in, to_partners, PERIODS_A_YEAR)
    private = to_partners - public
    return PartnerFlows(public_in / prices, private_in / prices, public / prices, private / prices, fee, carry / prices)


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
    """Whether a contract is pari passu: by name, or because what it concedes is nothing."""
    if isinstance(contract, contracts.FirstLoss | contracts.LossGuarantee | contracts.ExcessGiveUp):
        return contract.share == 0.0
    return isinstance(contract, contracts.PariPassu)


def _net_of_carry(value: FloatArray, paid: FloatArray, received: FloatArray, agreed: Agreement) -> FloatArray:
    """What holdings worth so much at the time of a buy-out leave the partners, if they are sold at that; nominal."""
    assert isinstance(agreed.contract, contracts.BuyOutOption)
    column = min(int(agreed.contract.last_year * PERIODS_A_YEAR + 1e-9), paid.shape[-1] - 1)
    worth = value * (1.0 + agreed.inflation_rate) ** (column / PERIODS_A_YEAR)
    profit = worth + received[..., :column].sum(axis=-1) - paid[..., : column + 1].sum(axis=-1)
    net: FloatArray = worth - agreed.carry_share * np.clip(profit, 0.0, worth)
    return net
