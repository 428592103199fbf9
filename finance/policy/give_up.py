"""Excess that the public gives up (让利): the more, the better the fund does or the earlier it has invested."""

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from finance.fund.accounts import repaid
from finance.fund.amounts import FloatArray
from finance.fund.terms import refuse_bad_rate, refuse_bad_share, refuse_below
from finance.language import message
from finance.policy.buy_out import instant_value
from finance.policy.partnership import Contract, Partnership, partnership


@dataclass(frozen=True)
class TieredGiveUp(Contract):
    r"""The public gives up a share of its excess that depends on how high the excess is.

    Parameters
    ----------
    tiers : tuple of (threshold, share)
        Shares of what the public receives above each threshold and below the next that go to private partners, from 0 to
        1; thresholds rise.
    by : {"multiple", "rate"}
        What a threshold is: a multiple of the public's capital, at least 1; or a rate a year on it, from 0 to 1.

    Raises
    ------
    ValueError
        If there is no tier, thresholds do not rise or are out of range, or a share is not from 0 to 1.

    Notes
    -----
    With :math:`x_k` the public's receipts beyond threshold k, by an account that owes the multiple of each call or its
    capital with the rate, the public gives up

    .. math:: \sum_k s_k (x_k - x_{k+1}),

    each tier's share of that tier alone, so that no receipt is worth less than none. Of one tier at a multiple of 1 or at
    a rate it is `ExcessGiveUp`. As there, what is repaid once is not owed again.

    References
    ----------
    Chengdu Hi-tech Zone (2024), angel fund of funds: concession in stages (the stages are not printed). Shenzhen angel
    fund of funds (2018): all of the excess, a single tier (recalled, unverified).
    """

    tiers: tuple[tuple[float, float], ...]
    by: Literal["multiple", "rate"] = "multiple"

    builds_on_others: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the terms, and keep them as tuples."""
        if self.by not in ("multiple", "rate"):
            raise ValueError(message("policy.choice", name="by", choices="multiple, rate", value=self.by))
        try:
            tiers = tuple((threshold, share) for threshold, share in self.tiers)
        except (TypeError, ValueError) as error:
            raise ValueError(message("policy.give_up_tiers", value=self.tiers)) from error
        for threshold, share in tiers:
            if self.by == "rate":
                refuse_bad_rate("threshold", threshold)
            else:
                refuse_below("threshold", threshold, 1.0)
            refuse_bad_share("share", share)
        if not tiers or any(lower[0] >= upper[0] for lower, upper in pairwise(tiers)):
            raise ValueError(message("policy.give_up_tiers", value=self.tiers))
        object.__setattr__(self, "tiers", tiers)

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        public = fund.before_these_terms()
        given_up, share_below = np.zeros(public.shape), 0.0
        for threshold, share in self.tiers:
            if self.by == "rate":
                kept = repaid(fund.public_paid_in, public, fund.growth(threshold))
            else:
                kept = repaid(threshold * fund.public_paid_in, public)
            given_up += (share - share_below) * (public - kept)
            share_below = share
        return public - given_up


@dataclass(frozen=True)
class StageGiveUp(Contract):
    """The public gives up a share of its excess, in full only if the fund has invested early enough.

    Parameters
    ----------
    share : float
        Share of the excess that goes to private partners where the target is reached, from 0 to 1.
    target_share : float
        Share of investments in early stages that is aimed at; above 0, at most 1.
    rate : float
        Rate a year on the public's capital that comes before any excess, decimal from 0 to 1.

    Raises
    ------
    ValueError
        If a share or the rate is not from 0 to 1, or the target is 0.

    References
    ----------
    Shenzhen innovation funds (undated): 40 % in rounds up to A. National Venture Capital Guidance Fund (2025): 70 % in
    seed and start-up. That the concession follows the target is an assumption.
    """

    share: float
    target_share: float
    rate: float = 0.0

    builds_on_others: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_share("share", self.share)
        refuse_bad_share("target_share", self.target_share)
        if self.target_share == 0.0:
            raise ValueError(message("policy.above_zero", name="target_share", value=self.target_share))
        refuse_bad_rate("rate", self.rate)

    def given_up_share(self, stage_share: npt.ArrayLike) -> FloatArray:
        """Share of the excess that is given up.

        Parameters
        ----------
        stage_share : array_like
            Share of investments that went into early stages.

        Returns
        -------
        ndarray
            share · min(1, stage_share ÷ target_share).
        """
        return np.asarray(self.share * np.minimum(1.0, np.asarray(stage_share, dtype=np.float64) / self.target_share))

    def split(
        self,
        public_paid_in: npt.ArrayLike,
        private_paid_in: npt.ArrayLike,
        distributions: npt.ArrayLike,
        periods_per_year: float = 1,
        *,
        stage_share: npt.ArrayLike | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        """Divide a fund's distributions; see `Contract.split`.

        Parameters
        ----------
        public_paid_in, private_paid_in, distributions, periods_per_year
            As in `Contract.split`.
        stage_share : array_like of shape (…), optional
            Share of each fund's investments that went into early stages. Left out, the target is reached.

        Returns
        -------
        public, private : ndarray of shape (…, n_periods)
            Net receipts.

        Raises
        ------
        ValueError
            As in `Contract.split`, or if ``stage_share`` has a time axis, is NaN or not from 0 to 1.
        """
        fund = partnership(public_paid_in, private_paid_in, distributions, periods_per_year)
        public = self._received_for(fund, stage_share)
        return public, fund.distributions - public

    def _received_for(self, fund: Partnership, stage_share: npt.ArrayLike | None) -> FloatArray:
        """What the public receives where so much went into early stages."""
        if stage_share is None:
            return self._public_receipts(fund)
        achieved = instant_value(stage_share, fund.distributions.shape[:-1], name="stage_share")
        for extreme in (achieved.min(initial=0.0), achieved.max(initial=0.0)):
            refuse_bad_share("stage_share", float(extreme))
        return self._less_excess(fund, self.given_up_share(achieved)[..., np.newaxis])

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        return self._less_excess(fund, self.share)

    def _less_excess(self, fund: Partnership, share: FloatArray | float) -> FloatArray:
        public = fund.before_these_terms()
        return public - share * (public - repaid(fund.public_paid_in, public, fund.growth(self.rate)))
