"""Public debt with a maturity, as American small business investment companies borrow it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray, known_flows
from finance.fund.terms import refuse_bad_rate, refuse_below
from finance.language import message
from finance.policy.partnership import Contract, Partnership, column_at

#: Drawn above the cap by less than this share of it is rounding.
ROUNDING_SHARE = 1e-9


@dataclass(frozen=True)
class Debenture(Contract):
    r"""The public lends for a term: interest as it falls due or with the principal, and the principal at once.

    What is due comes before private partners and what is not due does not: they get what a column leaves. What cannot be
    paid when due stays due, bears the same interest, and takes all that comes later. In the last column all is due.

    Parameters
    ----------
    rate : float
        Interest a year, decimal from 0 to 1.
    term_years : float
        Years from the column in which money is drawn to that in which its principal is due.
    interest : {"cash", "accruing"}
        Whether interest is due at each coupon date, or compounds and is due with the principal.
    payments_per_year : float
        Coupon dates in a year, counted from column 0; a column that passes several pays them together.
    leverage_cap : float, optional
        Most that may be drawn, as a multiple of private capital paid in to date; left out, no cap.
    amount_cap : float, optional
        Most that may be drawn, million CNY; left out, no cap.

    Raises
    ------
    ValueError
        If the rate is not from 0 to 1, the term, a cap or the number of payments below 0, or the kind of interest
        unknown.

    Notes
    -----
    With P the principal not yet due, A the interest on it not yet due, D what is due, g the growth of a column at the
    rate and M principal that matures, each column has

    .. math::

        A \leftarrow g A + (g - 1) P, \quad D \leftarrow g D + M + \text{interest due}, \quad \text{paid} = \min(R, D).

    Cash interest due is all of A at a coupon date or when principal matures; accruing, the interest of the maturing
    principal. `SeniorDebt` is the other end: everything that a fund gives out repays it, whether due or not.

    References
    ----------
    US Small Business Administration (2023): debentures of ten years with interest twice a year, in practice twice
    private capital and at most USD 175 m; accrual debentures, 1.25 times, interest compounding to year 10.
    """

    rate: float
    term_years: float = 10.0
    interest: Literal["cash", "accruing"] = "cash"
    payments_per_year: float = 2.0
    leverage_cap: float | None = None
    amount_cap: float | None = None

    def __post_init__(self) -> None:
        """Check the terms."""
        refuse_bad_rate("rate", self.rate)
        refuse_below("term_years", self.term_years, 0.0)
        if self.interest not in ("cash", "accruing"):
            raise ValueError(message("policy.choice", name="interest", choices="cash, accruing", value=self.interest))
        refuse_below("payments_per_year", self.payments_per_year, 0.0)
        for name, cap in (("leverage_cap", self.leverage_cap), ("amount_cap", self.amount_cap)):
            if cap is not None:
                refuse_below(name, cap, 0.0)

    def drawn(self, offered: npt.ArrayLike, private_paid_in: npt.ArrayLike) -> FloatArray:
        """Say how much of what is offered may be drawn: the public waits for private capital.

        Parameters
        ----------
        offered : array_like of shape (…, n_periods)
            What the public would lend in each column, million CNY. What cannot be drawn yet stays on offer.
        private_paid_in : array_like of shape (…, n_periods)
            Capital that private partners pay in, million CNY.

        Returns
        -------
        ndarray of shape (…, n_periods)
            Loans; to date at most the offer, ``leverage_cap`` times private capital, and ``amount_cap``.

        Raises
        ------
        ValueError
            If the shapes do not fit, or an amount is NaN, infinite or negative.
        """
        loans, private = known_flows(offered=offered, private_paid_in=private_paid_in)
        to_date = np.minimum(np.cumsum(loans, axis=-1), self._room(np.cumsum(private, axis=-1)))
        return np.diff(to_date, axis=-1, prepend=0.0)

    def _room(self, private_to_date: FloatArray) -> FloatArray:
        """Most that may have been drawn to date."""
        room = np.full(private_to_date.shape, np.inf if self.amount_cap is None else self.amount_cap)
        return room if self.leverage_cap is None else np.minimum(room, self.leverage_cap * private_to_date)

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        self._refuse_above_the_cap(fund)
        lent, received = fund.public_paid_in, np.empty(fund.distributions.shape)
        n_periods = lent.shape[-1]
        growth, term = fund.growth(self.rate), column_at(self.term_years, fund.periods_per_year)
        principal, accrued, due = np.zeros((3, *lent.shape[:-1]))
        for column in range(n_periods):
            accrued = accrued * growth + principal * (growth - 1.0)
            due = due * growth
            principal = principal + lent[..., column]
            if column == n_periods - 1:
                maturing, interest = principal, accrued
            else:
                maturing = lent[..., column - term] if column >= term else np.zeros(principal.shape)
                interest = self._interest_due(accrued, maturing, growth**term, self._is_coupon_date(column, fund))
            principal, accrued, due = principal - maturing, accrued - interest, due + maturing + interest
            received[..., column] = np.minimum(fund.distributions[..., column], due)
            due = due - received[..., column]
        return received

    def _interest_due(
        self, accrued: FloatArray, maturing: FloatArray, term_growth: float, is_coupon_date: bool
    ) -> FloatArray:
        if self.interest == "accruing":
            # Rounding apart it is what the maturing loan has accrued, which is never more than all have.
            return np.minimum(maturing * (term_growth - 1.0), accrued)
        return accrued if is_coupon_date else np.where(maturing > 0.0, accrued, 0.0)

    def _is_coupon_date(self, column: int, fund: Partnership) -> bool:
        coupons_in_a_column = self.payments_per_year / fund.periods_per_year
        return column_at(column, coupons_in_a_column) > column_at(max(column - 1, 0), coupons_in_a_column)

    def _refuse_above_the_cap(self, fund: Partnership) -> None:
        room = self._room(np.cumsum(fund.private_paid_in, axis=-1))
        drawn = np.cumsum(fund.public_paid_in, axis=-1)
        excess = np.where(np.isinf(room), 0.0, drawn - np.where(np.isinf(room), 0.0, room))
        if np.any(excess > ROUNDING_SHARE * np.maximum(drawn, 1.0)):
            raise ValueError(message("policy.drawn_above_cap", excess=f"{excess.max():g}"))
