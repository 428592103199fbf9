"""Fair value of what a contract concedes, beside what simulated flows say it is worth.

The closed form is that of a fund to which all is paid in at the start and which gives out one lognormal amount: then a
contract is a portfolio of options (`finance.policy.replication`), priced by `finance.world.options`. Amount and
volatility are matched to simulated receipts under state prices. What the two values differ by is split in two: receipts
are not lognormal, and they come in parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray, known_flows, numbers
from finance.fund.terms import refuse_bad_periods, refuse_below
from finance.language import message
from finance.policy import contracts
from finance.policy.replication import is_portfolio, public_portfolio
from finance.world import options


@dataclass(frozen=True)
class Discounting:
    """Value today of one yuan at later times.

    Parameters
    ----------
    years : tuple of float
        Times, rising from above 0, at least one.
    factors : tuple of float
        Value today of one yuan at each, above 0. Between two of them, and before the first, the forward rate is flat;
        beyond the last the last forward goes on.

    Raises
    ------
    ValueError
        If the two are not equally long, times do not rise or a factor is not above 0.
    """

    years: tuple[float, ...]
    factors: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check the curve."""
        times, factors = np.asarray(self.years, dtype=np.float64), np.asarray(self.factors, dtype=np.float64)
        is_curve = times.ndim == 1 and times.size > 0 and times.shape == factors.shape
        if not is_curve or not np.all(np.diff(times, prepend=0.0) > 0.0) or not np.all(factors > 0.0):
            raise ValueError(message("policy.discounting"))
        object.__setattr__(self, "years", tuple(times.tolist()))
        object.__setattr__(self, "factors", tuple(factors.tolist()))

    @classmethod
    def flat(cls, rate: float) -> Discounting:
        """One rate for all times.

        Parameters
        ----------
        rate : float
            A year, compounding by year, decimal above −1.

        Returns
        -------
        Discounting
            (1 + rate)^−t.
        """
        return cls((1.0,), (1.0 / (1.0 + rate),))

    def at(self, when: npt.ArrayLike) -> FloatArray:
        """Value today of one yuan.

        Parameters
        ----------
        when : array_like
            Years from today, not negative.

        Returns
        -------
        ndarray
            1 at time 0.
        """
        times, logs = np.array([0.0, *self.years]), np.log([1.0, *self.factors])
        asked = np.asarray(when, dtype=np.float64)
        last_forward = (logs[-1] - logs[-2]) / (times[-1] - times[-2])
        beyond = np.maximum(asked - times[-1], 0.0) * last_forward
        return np.asarray(np.exp(np.interp(asked, times, logs) + beyond))


class FairValue(NamedTuple):
    """Value today of each side's receipts from a fund, million CNY."""

    public: float
    private: float
    concession: float  # what the public gives up against pari passu; below zero where it comes first

    @property
    def whole(self) -> float:
        """Both sides together: the fund."""
        return self.public + self.private


class Lognormal(NamedTuple):
    """A lognormal amount that is worth as much as a simulated one, and as uncertain."""

    spot: float  # value today, E[M x]
    volatility: float  # of its log, a year
    discount: float  # value today of one yuan at the horizon, E[M]
    years: float

    @property
    def forward(self) -> float:
        """Price for the horizon agreed today."""
        return self.spot / self.discount


class ConcessionRow(NamedTuple):
    """What a contract concedes, simulated and in closed form; value today, million CNY.

    ``simulated`` − ``closed_form`` = ``gap_of_timing`` + ``gap_of_law``.
    """

    contract: str
    simulated: float  # E[M · (pari passu − public)]
    standard_error: float
    closed_form: float
    gap_of_timing: float  # calls and distributions in parts, pari passu by capital paid in to date, capital of chance
    gap_of_law: float  # receipts are not lognormal; partners with foresight where exercise comes before the end
    match: Lognormal


def has_closed_form(contract: contracts.Contract) -> bool:
    """Whether `fair_value` can price a contract: not a `Sequence`, nor a profit share settled after a buy-out."""
    if isinstance(contract, contracts.ScheduledBuyOut):
        return contract.profit_share == 0.0
    return is_portfolio(contract)


def fair_value(
    contract: contracts.Contract,
    public_capital: float,
    private_capital: float,
    spot: float,
    volatility: float,
    discounting: Discounting,
    years: float,
) -> FairValue:
    r"""Value today of both sides of a contract, for a fund that gives out one lognormal amount.

    Parameters
    ----------
    contract : Contract
        Any that `public_portfolio` translates, and a `ScheduledBuyOut` of several dates without a profit share.
    public_capital, private_capital : float
        Capital paid in at the start, million CNY.
    spot : float
        Value today of what the fund gives out, million CNY.
    volatility : float
        Standard deviation of its log, a year.
    discounting : Discounting
        Value today of fixed payments.
    years : float
        When the fund gives it out.

    Returns
    -------
    FairValue
        Both sides sum to ``spot``.

    Raises
    ------
    ValueError
        If the contract has no closed form, or an argument is out of range.

    Notes
    -----
    A buy-out of several dates is a Bermudan call: its price at each is the schedule's, and the buyer chooses as an owner
    of the right would, not by the rule of thumb of `ScheduledBuyOut`.

    .. math:: V_{public} = u S + \sum_j a_j P(t_j) + \sum_k n_k C(k) + \sum_l m_l P(l)
    """
    for name, amount in (("public_capital", public_capital), ("private_capital", private_capital), ("years", years)):
        refuse_below(name, amount, 0.0)
    share = _share(public_capital, private_capital)
    if isinstance(contract, contracts.ScheduledBuyOut) and _n_dates(contract, years) > 1:
        public = share * spot - _bermudan_call(contract, public_capital, share * spot, volatility, discounting, years)
        return FairValue(public, spot - public, share * spot - public)
    portfolio = public_portfolio(contract, public_capital, private_capital, years)
    public = portfolio.fund * spot + sum(pay.amount * float(discounting.at(pay.years)) for pay in portfolio.fixed)
    discount = float(discounting.at(portfolio.years))
    terms = (volatility, discount, portfolio.years)
    public += sum(leg.units * float(options.european("call", spot, leg.strike, *terms)) for leg in portfolio.calls)
    public += sum(leg.units * float(options.european("put", spot, leg.strike, *terms)) for leg in portfolio.puts)
    return FairValue(public, spot - public, share * spot - public)


def match_lognormal(receipts: npt.ArrayLike, state_prices: npt.ArrayLike, years: float) -> Lognormal:
    r"""Match a lognormal law to simulated receipts, by their first two moments under state prices.

    Parameters
    ----------
    receipts : array_like of shape (n_paths,)
        Amount at the horizon on each path, million CNY, at least 0.
    state_prices : array_like of shape (n_paths,)
        State price M of the horizon on each path, above 0.
    years : float
        Horizon, above 0.

    Returns
    -------
    Lognormal
        Without volatility if receipts do not vary or are worth nothing.

    Raises
    ------
    ValueError
        If the shapes do not fit, an amount is NaN, infinite or negative, or the horizon 0.

    Notes
    -----
    Under the measure that weighs paths by M / E[M] the mean of x is F = E[M x] / E[M] and its second moment
    E[M x²] / E[M]. The lognormal law with these two has

    .. math:: \sigma^2 T = \ln \frac{E[M x^2]\, E[M]}{E[M x]^2},

    never below 0 (Cauchy and Schwarz). Rights that are used before the horizon take this volatility as spread evenly
    over time. Receipts that are known only at the end are more uncertain than their value is meanwhile, so for such
    rights it may be too high.
    """
    refuse_below("years", years, 0.0)
    if years == 0.0:
        raise ValueError(message("policy.above_zero", name="years", value=years))
    amount, price = known_flows(receipts=receipts, state_prices=state_prices)
    if amount.ndim != 1:
        raise ValueError(message("policy.one_row_of_paths", name="receipts", shape=amount.shape))
    discount, spot = float(np.mean(price)), float(np.mean(price * amount))
    if discount <= 0.0:
        raise ValueError(message("policy.above_zero", name="state_prices", value=discount))
    forward = spot / discount
    # The second moment about the forward, which stays exact where receipts hardly vary.
    variance = float(np.mean(price * (amount - forward) ** 2)) / discount
    log_variance = np.log1p(variance / forward**2) if spot > 0.0 else 0.0
    return Lognormal(spot, float(np.sqrt(log_variance / years)), discount, float(years))


def compare_concession(
    contract: contracts.Contract,
    public_paid_in: npt.ArrayLike,
    private_paid_in: npt.ArrayLike,
    distributions: npt.ArrayLike,
    state_prices: npt.ArrayLike,
    periods_per_year: float = 1,
) -> ConcessionRow:
    r"""Set the simulated value of what a contract concedes beside its closed form.

    Parameters
    ----------
    contract : Contract
        Any that `fair_value` takes.
    public_paid_in, private_paid_in, distributions : array_like of shape (n_paths, n_periods)
        As in `Contract.split`; at least two columns.
    state_prices : array_like of shape (n_paths, n_periods)
        State price M of each column, 1 in column 0, above 0.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    ConcessionRow
        ``gap_of_timing`` is what the simulated value is above that of one payment on the same paths, and ``gap_of_law``
        what that is above the closed form.

    Raises
    ------
    ValueError
        If the shapes do not fit, an amount is NaN, infinite or negative, or the contract has no closed form.

    Notes
    -----
    The fund that pays once has each side's mean capital, all at the start, and on each path the amount in the last
    column T that is worth as much as its distributions,

    .. math:: x = \sum_t M_t D_t / M_T .

    A contract whose rates run from the day of each call sees a longer clock there, and a right that is used before the
    end is used with foresight and without discounting, which may be worth more or less than the best exercise of who
    does not know the end: both are part of the gap, and no error of either value. Fixed payments are discounted by
    E[M] of their column. Calls that change sides count as paid by who takes them over.
    """
    refuse_bad_periods(periods_per_year)
    public, private, received, prices = known_flows(
        public_paid_in=public_paid_in,
        private_paid_in=private_paid_in,
        distributions=distributions,
        state_prices=numbers("state_prices", state_prices),
    )
    if received.ndim != 2 or received.shape[-1] < 2:
        raise ValueError(message("policy.paths_and_columns", shape=received.shape))
    if not np.all(prices > 0.0):
        raise ValueError(message("policy.above_zero", name="state_prices", value=f"{prices.min():g}"))
    years = (received.shape[-1] - 1) / periods_per_year
    conceded = np.sum(_conceded(contract, (public, private, received), periods_per_year) * prices, axis=-1)
    at_the_end = np.sum(received * prices, axis=-1) / prices[:, -1]
    public_capital, private_capital = (float(side.sum(axis=-1).mean()) for side in (public, private))
    once = np.zeros((3, *received.shape))
    once[0, :, 0], once[1, :, 0], once[2, :, -1] = public_capital, private_capital, at_the_end
    paid_once = float(np.mean(np.sum(_conceded(contract, once, periods_per_year) * prices, axis=-1)))
    match = match_lognormal(at_the_end, prices[:, -1], years)
    times = np.arange(1, received.shape[-1]) / periods_per_year
    discounting = Discounting(tuple(times), tuple(prices[:, 1:].mean(axis=0)))
    value = fair_value(contract, public_capital, private_capital, match.spot, match.volatility, discounting, years)
    closed = value.concession
    simulated = float(conceded.mean())
    n_paths = conceded.size
    error = float(conceded.std(ddof=1) / np.sqrt(n_paths)) if n_paths > 1 else float("nan")
    name = type(contract).__name__
    return ConcessionRow(name, simulated, error, closed, simulated - paid_once, paid_once - closed, match)


def _conceded(
    contract: contracts.Contract, flows: FloatArray | tuple[FloatArray, ...], periods_per_year: float
) -> FloatArray:
    """What private partners have more than pari passu, net of calls they take over; (n_paths, n_periods)."""
    public, private, received = flows
    agreed, _ = contract.split(public, private, received, periods_per_year)
    pari_passu, _ = contracts.PariPassu().split(public, private, received, periods_per_year)
    paid_by_public, _ = contract.calls(public, private, received, periods_per_year)
    return pari_passu - agreed - (public - paid_by_public)


def _bermudan_call(
    contract: contracts.ScheduledBuyOut,
    public_capital: float,
    stake: float,
    volatility: float,
    discounting: Discounting,
    years: float,
) -> float:
    """Value of the right to buy at the dates of a schedule; those beyond the end of the fund fall into it."""
    if contract.profit_share > 0.0:
        raise ValueError(message("policy.no_portfolio", name=type(contract).__name__))
    dates = sorted({min(year, years) for year in contract.exercise_years() if year > 0.0})
    strikes = [public_capital * contract.schedule.multiple(year) for year in dates]
    if public_capital == 0.0 or stake == 0.0:
        return 0.0
    call = options.bermudan("call", stake, strikes, dates, volatility, [float(discounting.at(year)) for year in dates])
    return contract.stake_share * call


def _n_dates(contract: contracts.ScheduledBuyOut, years: float) -> int:
    return len({min(year, years) for year in contract.exercise_years() if year > 0.0})


def _share(public_capital: float, private_capital: float) -> float:
    capital = public_capital + private_capital
    return public_capital / capital if capital > 0.0 else 0.0
