"""What the public gets of a fund that pays once, as a sum of the fund itself, fixed payments, calls and puts.

With all capital paid in at the start and one distribution V at the end, every contract is a broken line in V: it is
what a portfolio of calls and puts on the fund pays. That translation is here; what the portfolio is worth is
`finance.policy.fair_value`. Strikes are amounts of the whole fund, million CNY.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray
from finance.language import message
from finance.policy import contracts


class Leg(NamedTuple):
    """So many options on the whole fund at a strike; below zero: the public has sold them."""

    strike: float
    units: float


class Payment(NamedTuple):
    """An amount that is paid to the public whatever the fund does; million CNY."""

    years: float
    amount: float


class Portfolio(NamedTuple):
    """What pays the same as the public's side of a contract."""

    fund: float  # units of the whole fund
    years: float  # when the options expire
    calls: tuple[Leg, ...] = ()
    puts: tuple[Leg, ...] = ()
    fixed: tuple[Payment, ...] = ()

    def payoff(self, distribution: npt.ArrayLike) -> FloatArray:
        """What the portfolio pays when the options expire, and what it has paid before, without interest.

        Parameters
        ----------
        distribution : array_like
            What the fund gives out, million CNY.

        Returns
        -------
        ndarray
            Million CNY.
        """
        value = np.asarray(distribution, dtype=np.float64)
        paid = self.fund * value + sum(payment.amount for payment in self.fixed)
        for leg in self.calls:
            paid = paid + leg.units * np.maximum(value - leg.strike, 0.0)
        for leg in self.puts:
            paid = paid + leg.units * np.maximum(leg.strike - value, 0.0)
        return np.asarray(paid)


class _Stakes(NamedTuple):
    public: float
    private: float
    years: float

    @property
    def capital(self) -> float:
        return self.public + self.private

    @property
    def share(self) -> float:
        return self.public / self.capital if self.capital > 0.0 else 0.0


def is_portfolio(contract: contracts.Contract) -> bool:
    """Whether `public_portfolio` translates a contract."""
    return type(contract) in _TRANSLATIONS


def public_portfolio(
    contract: contracts.Contract, public_capital: float, private_capital: float, years: float
) -> Portfolio:
    """Translate a contract into the portfolio that pays what the public gets.

    Parameters
    ----------
    contract : Contract
        Any but a `Sequence`, a buy-out of several dates, or one whose profit share is settled after it.
    public_capital, private_capital : float
        Capital paid in at the start, million CNY.
    years : float
        When the fund gives out all that it has.

    Returns
    -------
    Portfolio
        Options expire with the fund, or at the date of a buy-out or put that lies before it.

    Raises
    ------
    ValueError
        If the contract has no such portfolio.

    Notes
    -----
    With the public's share p, capital K, and interest on it g = (1 + rate)^years, C(k) and P(k) a call and a put on the
    fund at k:

    ======================= ==============================================================================
    pari passu              p V
    senior debt             p K g − P(p K g), written V − C(p K g): a riskless claim less a put (Merton 1974)
    buy-out                 p V − p C(K g)
    capped                  p V + (1 − p) C(K) − (1 − a) C(K + p K (g − 1)), a the public's part of the rest
    shared hurdle           p V − (p − a) C(K g)
    first loss              p V − (1 − p) (P(K) − P(K − b)) + p P((1 − p) b / p), b = K · min(share, p)
    guarantee               p V − share (1 − p) (P(K) − P(K (1 − cap))) + premiums
    give-up                 p V − share p C(K g), in tiers the difference of shares at each threshold
    private priority        C(H) − (1 − p) C(H + p K), H = (1 − p) K g
    put on a share of stake p V − share (1 − p) P(K g)
    ======================= ==============================================================================

    References
    ----------
    Merton, R. C. (1974), "On the Pricing of Corporate Debt", Journal of Finance 29(2).
    """
    stakes = _Stakes(float(public_capital), float(private_capital), float(years))
    translate = _TRANSLATIONS.get(type(contract))
    if translate is None:
        raise ValueError(message("policy.no_portfolio", name=type(contract).__name__))
    return translate(contract, stakes)


def _pari_passu(contract: contracts.PariPassu, stakes: _Stakes) -> Portfolio:
    return Portfolio(stakes.share, stakes.years)


def _grant(contract: contracts.Grant, stakes: _Stakes) -> Portfolio:
    return Portfolio(0.0, stakes.years)


def _debt(contract: contracts.SeniorDebt | contracts.Debenture, stakes: _Stakes) -> Portfolio:
    owed = stakes.public * (1.0 + contract.rate) ** stakes.years
    return Portfolio(0.0, stakes.years, puts=(Leg(owed, -1.0),), fixed=(Payment(stakes.years, owed),))


def _buy_out(contract: contracts.BuyOutOption, stakes: _Stakes) -> Portfolio:
    expiry = min(contract.last_year, stakes.years)
    strike = stakes.capital * (1.0 + contract.rate) ** expiry
    return Portfolio(stakes.share, expiry, calls=(Leg(strike, -stakes.share),))


def _scheduled(contract: contracts.ScheduledBuyOut, stakes: _Stakes) -> Portfolio:
    dates = {min(year, stakes.years) for year in contract.exercise_years()}
    expiry = dates.pop()
    if dates or (contract.profit_share > 0.0 and expiry < stakes.years):
        raise ValueError(message("policy.no_portfolio", name=type(contract).__name__))
    units = -stakes.share * contract.stake_share * (1.0 - contract.profit_share)
    return Portfolio(stakes.share, expiry, calls=(Leg(stakes.capital * contract.schedule.multiple(expiry), units),))


def _capped(contract: contracts.CappedPublicReturn, stakes: _Stakes) -> Portfolio:
    share, capital = stakes.share, stakes.capital
    after = contract.public_share_after if share > 0.0 else 0.0
    interest = stakes.public * ((1.0 + contract.rate) ** stakes.years - 1.0)
    legs = (Leg(capital, 1.0 - share), Leg(capital + interest, after - 1.0))
    return Portfolio(share, stakes.years, calls=legs)


def _shared_hurdle(contract: contracts.SharedHurdle, stakes: _Stakes) -> Portfolio:
    after = contract.public_share_after if stakes.share > 0.0 else 0.0
    hurdle = stakes.capital * (1.0 + contract.rate) ** stakes.years
    return Portfolio(stakes.share, stakes.years, calls=(Leg(hurdle, after - stakes.share),))


def _first_loss(contract: contracts.FirstLoss, stakes: _Stakes) -> Portfolio:
    share, capital = stakes.share, stakes.capital
    absorbed = min(contract.share, share) * capital
    legs = [Leg(capital, share - 1.0), Leg(capital - absorbed, 1.0 - share)]
    if share > 0.0:  # what is passed on is at most what the public has received
        legs.append(Leg((1.0 - share) * absorbed / share, share))
    return Portfolio(share, stakes.years, puts=tuple(legs))


def _guarantee(contract: contracts.LossGuarantee, stakes: _Stakes) -> Portfolio:
    covered = contract.share * (1.0 - stakes.share)
    legs = [Leg(stakes.capital, -covered)]
    if contract.claim_cap is not None:
        legs.append(Leg(stakes.capital * (1.0 - contract.claim_cap), covered))
    premium = contract.premium_rate * contract.share * stakes.private
    n_premiums = int(np.ceil(stakes.years - 1e-9)) if premium > 0.0 else 0
    fixed = tuple(Payment(float(year), premium) for year in range(n_premiums))
    return Portfolio(stakes.share, stakes.years, puts=tuple(legs), fixed=fixed)


def _give_up(contract: contracts.ExcessGiveUp | contracts.StageGiveUp, stakes: _Stakes) -> Portfolio:
    threshold = stakes.capital * (1.0 + contract.rate) ** stakes.years
    return Portfolio(stakes.share, stakes.years, calls=(Leg(threshold, -contract.share * stakes.share),))


def _tiered(contract: contracts.TieredGiveUp, stakes: _Stakes) -> Portfolio:
    legs, share_below = [], 0.0
    for threshold, share in contract.tiers:
        multiple = (1.0 + threshold) ** stakes.years if contract.by == "rate" else threshold
        legs.append(Leg(stakes.capital * multiple, -(share - share_below) * stakes.share))
        share_below = share
    return Portfolio(stakes.share, stakes.years, calls=tuple(legs))


def _private_priority(contract: contracts.PrivatePriority, stakes: _Stakes) -> Portfolio:
    first = stakes.private * (1.0 + contract.rate) ** stakes.years
    return Portfolio(0.0, stakes.years, calls=(Leg(first, 1.0), Leg(first + stakes.public, stakes.share - 1.0)))


def _put(contract: contracts.StakePut, stakes: _Stakes) -> Portfolio:
    expiry = min(contract.last_year, stakes.years)
    strike = stakes.capital * (1.0 + contract.rate) ** expiry
    units = -contract.stake_share * (1.0 - stakes.share) if stakes.capital > 0.0 else 0.0
    return Portfolio(stakes.share, expiry, puts=(Leg(strike, units),))


_TRANSLATIONS: dict[type[contracts.Contract], Callable[..., Portfolio]] = {
    contracts.PariPassu: _pari_passu,
    contracts.Grant: _grant,
    contracts.SeniorDebt: _debt,
    contracts.Debenture: _debt,
    contracts.BuyOutOption: _buy_out,
    contracts.ScheduledBuyOut: _scheduled,
    contracts.CappedPublicReturn: _capped,
    contracts.SharedHurdle: _shared_hurdle,
    contracts.FirstLoss: _first_loss,
    contracts.LossGuarantee: _guarantee,
    contracts.ExcessGiveUp: _give_up,
    contracts.StageGiveUp: _give_up,
    contracts.TieredGiveUp: _tiered,
    contracts.PrivatePriority: _private_priority,
    contracts.StakePut: _put,
}
