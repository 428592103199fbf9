"""What a public fund must and must not invest in: early stages, small tickets, young firms, and its own region.

Plain arithmetic of rules that bind a manager. None of them says what a manager does about a rule that binds.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finance.fund.accounts import period_growth
from finance.fund.amounts import FloatArray, known_flows, numbers, over_time
from finance.fund.terms import refuse_bad_periods, refuse_bad_rate, refuse_bad_share, refuse_below
from finance.language import message


@dataclass(frozen=True)
class Mandate:
    """Limits on what a fund may buy.

    Parameters
    ----------
    early_share : float
        Least share of its investments that goes into early stages (seed and start-up), from 0 to 1.
    ticket_cap : float
        Most that it pays for one stake, million CNY.
    valuation_cap : float
        Companies must be worth less than this, million CNY.
    company_share_cap : float
        Most that goes into one company, over the fund's size, from 0 to 1.

    Raises
    ------
    ValueError
        If a share is not from 0 to 1, or an amount is NaN or below 0.

    References
    ----------
    National Venture Capital Guidance Fund (2025): 70 % seed and start-up, a ticket of 50 at most, worth less than 500.
    Zhengzhou angel fund (2024): a project 20 % of a sub-fund at most.
    """

    early_share: float = 0.0
    ticket_cap: float = np.inf
    valuation_cap: float = np.inf
    company_share_cap: float = 1.0

    def __post_init__(self) -> None:
        """Check the limits."""
        refuse_bad_share("early_share", self.early_share)
        refuse_bad_share("company_share_cap", self.company_share_cap)
        for name, cap in (("ticket_cap", self.ticket_cap), ("valuation_cap", self.valuation_cap)):
            if cap != np.inf:
                refuse_below(name, cap, 0.0)

    def largest_ticket(
        self, asked: npt.ArrayLike, fund_size: npt.ArrayLike = np.inf, in_company: npt.ArrayLike = 0.0
    ) -> FloatArray:
        """Most of what a company asks for that the fund may pay.

        Parameters
        ----------
        asked : array_like
            Million CNY.
        fund_size : array_like
            Commitments of the fund.
        in_company : array_like
            What it has in the company already.

        Returns
        -------
        ndarray
            Not below 0; all three broadcast.
        """
        wanted, size, held = (np.asarray(amount, dtype=np.float64) for amount in (asked, fund_size, in_company))
        left = np.inf if self.company_share_cap == 1.0 else self.company_share_cap * size - held
        return np.asarray(np.maximum(np.minimum(np.minimum(wanted, self.ticket_cap), left), 0.0))

    def is_small_enough(self, valuation: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Say whether a company is worth little enough.

        Parameters
        ----------
        valuation : array_like
            Value before the round, million CNY.

        Returns
        -------
        ndarray of bool
            True below the cap.
        """
        return np.asarray(np.asarray(valuation, dtype=np.float64) < self.valuation_cap)

    def meets_stage_floor(self, early: npt.ArrayLike, invested: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Say whether enough went into early stages.

        Parameters
        ----------
        early, invested : array_like
            What went into early stages, and into all; million CNY. They broadcast.

        Returns
        -------
        ndarray of bool
            True too for a fund that has invested nothing.
        """
        in_early, in_all = _amounts(early=early, invested=invested)
        return np.asarray(in_early >= self.early_share * in_all * (1.0 - 1e-12))

    def room_for_late(self, early: npt.ArrayLike, invested: npt.ArrayLike) -> FloatArray:
        r"""Most that may still go into late stages before the next early investment.

        Parameters
        ----------
        early, invested : array_like
            As in `meets_stage_floor`.

        Returns
        -------
        ndarray
            :math:`\max(0, e / f - i)` with the floor f; infinite without one.
        """
        in_early, in_all = _amounts(early=early, invested=invested)
        if self.early_share == 0.0:
            return np.full(np.broadcast_shapes(in_early.shape, in_all.shape), np.inf)
        return np.asarray(np.maximum(in_early / self.early_share - in_all, 0.0))

    def early_needed(self, early: npt.ArrayLike, invested: npt.ArrayLike) -> FloatArray:
        r"""Least that must go into early stages next, for the floor to hold.

        Parameters
        ----------
        early, invested : array_like
            As in `meets_stage_floor`.

        Returns
        -------
        ndarray
            :math:`\max(0, (f i - e) / (1 - f))` with the floor f; at a floor of 1 infinite once anything is late.
        """
        in_early, in_all = _amounts(early=early, invested=invested)
        missing = np.maximum(self.early_share * in_all - in_early, 0.0)
        if self.early_share == 1.0:
            return np.where(missing > 0.0, np.inf, 0.0)
        return np.asarray(missing / (1.0 - self.early_share))


def reserved_share(multiple: float, public_share: float, recognition: float = 1.0) -> float:
    """Share of a fund that a duty to reinvest locally (返投) ties to its place.

    Parameters
    ----------
    multiple : float
        Local investments that are due, over public money; at least 0.
    public_share : float
        Public share of the fund, from 0 to 1.
    recognition : float
        What one yuan of local investment counts for; above 0, more than 1 where recognition is generous.

    Returns
    -------
    float
        multiple · public share ÷ recognition. Above 1 the duty cannot be met.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    refuse_below("multiple", multiple, 0.0)
    refuse_bad_share("public_share", public_share)
    refuse_below("recognition", recognition, 0.0)
    if recognition == 0.0:
        raise ValueError(message("policy.above_zero", name="recognition", value=recognition))
    return multiple * public_share / recognition


def reinvestment_shortfall(
    local: npt.ArrayLike, public_paid_in: npt.ArrayLike, multiple: float, recognition: float = 1.0
) -> FloatArray:
    r"""What is still missing for a duty to reinvest locally, after each column.

    Parameters
    ----------
    local : array_like of shape (…, n_periods)
        Investments in companies of the place, million CNY.
    public_paid_in : array_like of shape (…, n_periods)
        Public money paid in.
    multiple, recognition : float
        As in `reserved_share`.

    Returns
    -------
    ndarray of shape (…, n_periods)
        :math:`\max(0, m \sum P - r \sum L)`, in recognised million CNY.

    Raises
    ------
    ValueError
        If the shapes do not fit, an amount is NaN, infinite or negative, or a term out of range.
    """
    reserved_share(multiple, 1.0, recognition)
    invested, public = known_flows(local=local, public_paid_in=public_paid_in)
    due = multiple * np.cumsum(public, axis=-1)
    return np.maximum(due - recognition * np.cumsum(invested, axis=-1), 0.0)


def preservation_shortfall(
    public_paid_in: npt.ArrayLike,
    public_received: npt.ArrayLike,
    value: npt.ArrayLike,
    rate: float = 0.0,
    periods_per_year: float = 1,
) -> FloatArray:
    r"""What public money lacks to be preserved, or to have grown at a rate (保值增值), after the last column.

    Parameters
    ----------
    public_paid_in : array_like of shape (…, n_periods)
        Million CNY, positive.
    public_received : array_like of shape (…, n_periods)
        Million CNY; below zero where the public pays the other side.
    value : array_like of shape (…)
        What the public's stake is worth after the last column.
    rate : float
        Growth that the duty asks for, a year, decimal from 0 to 1; 0 is preservation alone.
    periods_per_year : float
        Columns in a year.

    Returns
    -------
    ndarray of shape (…)
        :math:`\max(0, \sum_t (P_t - R_t) g^{T - t} - V)`: 0 where the duty is met.

    Raises
    ------
    ValueError
        If the shapes do not fit, an amount is NaN, infinite or negative, or the rate is not from 0 to 1.
    """
    refuse_bad_rate("rate", rate)
    refuse_bad_periods(periods_per_year)
    net = over_time("public_received", public_received)
    paid, received, given = known_flows(
        public_paid_in=public_paid_in, public_received=np.maximum(net, 0.0), given=np.maximum(-net, 0.0)
    )
    growth = period_growth(rate, periods_per_year) ** np.arange(paid.shape[-1] - 1, -1, -1)
    (worth,) = _amounts(value=value)
    return np.asarray(np.maximum(np.sum((paid + given - received) * growth, axis=-1) - worth, 0.0))


def _amounts(**amounts: npt.ArrayLike) -> tuple[FloatArray, ...]:
    read = {name: numbers(name, amount) for name, amount in amounts.items()}
    for name, amount in read.items():
        n_missing = np.count_nonzero(np.isnan(amount))
        if n_missing:
            raise ValueError(message("fund.not_finite", name=name, count=n_missing))
    return tuple(read.values())
