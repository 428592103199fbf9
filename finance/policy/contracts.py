"""Contracts between the public and the private partners of a fund: who gets what of a distribution.

Each is a frozen dataclass of its terms with one method that matters, `Contract.split`. The rules they share:
a column's paid-in counts before its distribution; distributions are after fees and carry; rates compound by
year from the column of the payment; *pari passu* is by the capital paid in to date; a loss is capital paid in
less all distributions by the last column, so it is settled there and the last column has to be the fund's
end. A side may receive less than nothing where it pays the other.

What the terms do to private partners compared with pari passu is the subject of Jääskeläinen, M., Maula, M.
and Murray, G. (2007), "Profit Distribution and Compensation Structures in Publicly and Privately Funded
Hybrid Venture Capital Funds", Research Policy 36(7). ``docs/model/contracts.md`` works an example of each.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from finance.fund.accounts import repaid, repaid_together
from finance.fund.amounts import FloatArray
from finance.fund.terms import refuse_bad_rate, refuse_bad_share
from finance.policy.buy_out import BuyOutOption
from finance.policy.debenture import Debenture
from finance.policy.give_up import StageGiveUp, TieredGiveUp
from finance.policy.partnership import Contract, Partnership, column_at
from finance.policy.put import StakePut
from finance.policy.scheduled_buy_out import ScheduledBuyOut
from finance.policy.sequence import Sequence
from finance.policy.strike import StrikeSchedule

__all__ = [
    "BuyOutOption",
    "CappedPublicReturn",
    "Contract",
    "Debenture",
    "ExcessGiveUp",
    "FirstLoss",
    "Grant",
    "LossGuarantee",
    "PariPassu",
    "PrivatePriority",
    "ScheduledBuyOut",
    "SeniorDebt",
    "Sequence",
    "SharedHurdle",
    "StageGiveUp",
    "StakePut",
    "StrikeSchedule",
    "TieredGiveUp",
]


@dataclass(frozen=True)
class PariPassu(Contract):
    """All distributions are shared by the capital paid in to date: no concession.

    References
    ----------
    British Business Bank (2018), British Patient Capital; Enterprise Singapore (2019), Startup SG Equity.
    """

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        return fund.pari_passu()


@dataclass(frozen=True)
class Grant(Contract):
    """The public gets nothing back: its money is a gift to the fund.

    References
    ----------
    Israel Innovation Authority (2025), Yozma deep-tech programme: all profit goes to the limited partners.
    """

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        return np.zeros(fund.distributions.shape)


@dataclass(frozen=True)
class SeniorDebt(Contract):
    """The public lends: its capital and interest come first, and it gets nothing more.

    Private partners bear losses first and keep all that is left.

    Parameters
    ----------
    rate : float
        Interest a year, decimal from 0 to 1. What is not paid bears interest too.

    References
    ----------
    US Small Business Administration (2023), debentures and accrual debentures of small business investment
    companies.
    """

    rate: float

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_rate("rate", self.rate)

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        return repaid(fund.public_paid_in, fund.distributions, fund.growth(self.rate))


@dataclass(frozen=True)
class CappedPublicReturn(Contract):
    """The public's return is capped: a preferred rate, then a small part of the rest.

    Capital comes back first, pari passu (a side that has all of its own back leaves the rest to the other);
    then the rate on the public's capital for as long as it was out, unpaid interest included; then the rest is
    split as agreed. With a weak fund private partners do worse than pari passu.

    Parameters
    ----------
    rate : float
        The public's preferred return, a year, decimal from 0 to 1.
    public_share_after : float
        The public's part of what is left, from 0 to 1; 0 if it has paid in nothing.

    References
    ----------
    British Business Bank (undated), Enterprise Capital Funds: key features.
    """

    rate: float
    public_share_after: float

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_rate("rate", self.rate)
        refuse_bad_share("public_share_after", self.public_share_after)

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        share = fund.public_share()
        capital, private_capital = repaid_together(fund.public_paid_in, fund.private_paid_in, fund.distributions, share)
        beyond = fund.distributions - capital - private_capital
        # The balance of capital and interest takes the capital first, then what it needs of the rest.
        with_interest = repaid(fund.public_paid_in, capital + beyond, fund.growth(self.rate))
        rest = beyond - (with_interest - capital)
        return with_interest + np.where(share > 0.0, self.public_share_after, 0.0) * rest


@dataclass(frozen=True)
class SharedHurdle(Contract):
    """Both sides get their capital and a rate, pari passu; the rest is split as agreed.

    A side that has all that it is owed leaves the rest to the other until that has, too. No side comes first, so a weak
    fund is pari passu; what the public concedes is its part of what a good one earns.

    Parameters
    ----------
    rate : float
        Rate a year on the capital of both, for as long as it is out; decimal from 0 to 1.
    public_share_after : float
        The public's part of what is left, from 0 to 1; 0 if it has paid in nothing.

    References
    ----------
    Australia's Innovation Investment Fund (1997): the bond rate to both, then 10 % to the government (recalled,
    unverified).
    """

    rate: float
    public_share_after: float

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_rate("rate", self.rate)
        refuse_bad_share("public_share_after", self.public_share_after)

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        share = fund.public_share()
        public, private = repaid_together(
            fund.public_paid_in, fund.private_paid_in, fund.distributions, share, fund.growth(self.rate)
        )
        rest = fund.distributions - public - private
        return public + np.where(share > 0.0, self.public_share_after, 0.0) * rest


@dataclass(frozen=True)
class FirstLoss(Contract):
    """The public's capital absorbs losses of capital first; profit is pari passu.

    Distributions are pari passu as they come. In the last column the loss is known, and the public passes
    what private partners are owed back to them, at most what it has received.

    Parameters
    ----------
    share : float
        Loss that the public absorbs first, as a share of all capital paid in, from 0 to 1. It absorbs no more
        than its own capital.

    Notes
    -----
    With the capital K (public p K), the loss L and what is absorbed, a = min(L, share · K, p K), the public
    loses min(p K, a + p (L - a)): what is beyond a is borne by the capital paid in.

    References
    ----------
    Korea Venture Investment Corporation (2025), "LP first step" fund: first loss up to 10 % of the fund.
    """

    share: float

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_share("share", self.share)

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        public = fund.pari_passu()
        capital = fund.public_capital + fund.private_capital
        loss = np.maximum(capital - fund.distributions.sum(axis=-1), 0.0)
        absorbed = np.minimum(np.minimum(loss, self.share * capital), fund.public_capital)
        # Pari passu the public bears its own part of the absorbed loss already; this is the others' part.
        relief = absorbed * (1.0 - fund.public_share()[..., -1])
        public[..., -1] -= np.minimum(relief, np.maximum(public.sum(axis=-1), 0.0))
        return public


@dataclass(frozen=True)
class LossGuarantee(Contract):
    """The public makes good a share of private partners' loss in the last column; all else is pari passu.

    The guarantee is not limited to the public's capital, and can be given without any.

    Parameters
    ----------
    share : float
        Share of the loss that is made good, from 0 to 1.
    premium_rate : float
        What private partners pay for it a year, over the guaranteed part of their capital that is still out; decimal from
        0 to 1.
    claim_cap : float, optional
        Largest claim, over the guaranteed part of private capital, from 0 to 1; left out, none.

    Notes
    -----
    The premium is due in advance: in the column in which a year begins, column 0 included and the last one not, on
    ``share`` times private capital paid in less received by then, not below 0. It is a payment to the public and does
    not enlarge the loss. With the loss L and private capital K the claim is min(share · L, cap · share · K).

    References
    ----------
    Gilson (2003), see `BuyOutOption`, on Germany's Deutsche Wagnisfinanzierungsgesellschaft: up to 75 %. Ministry of
    Finance (2024) no. 60, guarantees on technology loans: premium below 1 %, claims up to 5 % of what is guaranteed.
    """

    share: float
    premium_rate: float = 0.0
    claim_cap: float | None = None

    builds_on_others: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_share("share", self.share)
        refuse_bad_rate("premium_rate", self.premium_rate)
        if self.claim_cap is not None:
            refuse_bad_share("claim_cap", self.claim_cap)

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        public = fund.before_these_terms()
        private_loss = fund.private_capital - np.sum(fund.distributions - public, axis=-1)
        claim = self.share * np.maximum(private_loss, 0.0)
        if self.claim_cap is not None:
            claim = np.minimum(claim, self.claim_cap * self.share * fund.private_capital)
        premiums = self._premiums(fund, public) if self.premium_rate > 0.0 else None
        public[..., -1] -= claim
        return public if premiums is None else public + premiums

    def _premiums(self, fund: Partnership, public: FloatArray) -> FloatArray:
        n_periods = public.shape[-1]
        n_begun = np.zeros(n_periods)
        for year in range(column_at(n_periods, 1.0 / fund.periods_per_year) + 1):
            column = column_at(year, fund.periods_per_year)
            if column < n_periods - 1:
                n_begun[column] += 1.0
        out = np.cumsum(fund.private_paid_in - (fund.distributions - public), axis=-1)
        return self.premium_rate * n_begun * self.share * np.maximum(out, 0.0)


@dataclass(frozen=True)
class ExcessGiveUp(Contract):
    """The public gives up a share of its excess (让利): what it would get beyond its capital and a rate.

    Parameters
    ----------
    share : float
        Share of the excess that goes to private partners, from 0 to 1.
    rate : float
        Rate a year on the public's capital that comes before any excess, decimal from 0 to 1.

    References
    ----------
    Shenzhen angel fund of funds (2018): all of the excess, once capital is back (recalled, unverified).
    """

    share: float
    rate: float = 0.0

    builds_on_others: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_share("share", self.share)
        refuse_bad_rate("rate", self.rate)

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        public = fund.before_these_terms()
        excess = public - repaid(fund.public_paid_in, public, fund.growth(self.rate))
        return public - self.share * excess


@dataclass(frozen=True)
class PrivatePriority(Contract):
    """Private partners come first: their capital and a rate, then the public's capital, then pari passu.

    Parameters
    ----------
    rate : float
        Rate a year on private capital, decimal from 0 to 1.

    References
    ----------
    Private Capital Journal (undated), on Canada's Venture Capital Catalyst Initiative: 7 % in its first round,
    5 % in its second.
    """

    rate: float

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_rate("rate", self.rate)

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        after_private = fund.distributions - repaid(fund.private_paid_in, fund.distributions, fund.growth(self.rate))
        capital = repaid(fund.public_paid_in, after_private)
        return capital + fund.public_share() * (after_private - capital)
