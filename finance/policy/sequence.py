"""Several terms of one contract, each working on what those before it have left."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finance.fund.amounts import FloatArray
from finance.language import message
from finance.policy.dated_right import DatedRight
from finance.policy.give_up import StageGiveUp
from finance.policy.partnership import Contract, Partnership, partnership


class Sales(NamedTuple):
    """What a sale of all that a fund holds would leave its partners at some columns, before their distributions."""

    columns: tuple[int, ...]
    net: FloatArray  # (…, column) million CNY, of both sides together

    def at(self, column: int) -> FloatArray:
        """What it would leave at a column; nothing where nobody has said it."""
        if column in self.columns:
            sold: FloatArray = self.net[..., self.columns.index(column)]
            return sold
        return np.zeros(self.net.shape[:-1])


class Settled(NamedTuple):
    """What becomes of a fund's flows under a sequence of terms, (…, n_periods)."""

    public: FloatArray  # net receipts
    public_paid_in: FloatArray
    private_paid_in: FloatArray
    public_stake: FloatArray  # the public's part of what is held at the end of each column


@dataclass(frozen=True)
class Sequence(Contract):
    """Terms one behind the other: each moves money between the two sides from where the last has left it.

    The first may be any contract. Those behind it have to be terms that move money from a given division: buy-outs,
    puts, guarantees and give-ups, which take what the public has got so far in place of pari passu. (A waterfall
    divides everything anew, and would undo what stands before it.) So no loss is made good twice: a guarantee behind a
    first loss sees the loss that is left. Who has taken over calls pays them in the terms that follow.

    Parameters
    ----------
    terms : tuple of Contract
        In order, at least one. Buy-outs and puts decide with foresight, or by `settle` on what a sale would bring.

    Raises
    ------
    ValueError
        If there is no term, or one behind the first divides everything anew.

    Notes
    -----
    Each term conserves, so the whole does: what the public gets is what it got before the term less what the term gives
    to private partners. Order matters, as the second sees what the first has done.

    References
    ----------
    Korea Venture Investment Corporation (2025), "LP first step" fund: a first loss and a put, and either a give-up of
    excess or a call on a part of the public's stake.
    """

    terms: tuple[Contract, ...]

    def __post_init__(self) -> None:
        """Check the terms, and keep them as a tuple."""
        terms = tuple(self.terms)
        if not terms or not all(isinstance(term, Contract) for term in terms):
            raise ValueError(message("policy.sequence_terms"))
        for term in terms[1:]:
            if not term.builds_on_others:
                raise ValueError(message("policy.divides_anew", name=type(term).__name__))
        object.__setattr__(self, "terms", terms)

    @property
    def builds_on_others(self) -> bool:  # type: ignore[override]
        """Whether the sequence can stand behind other terms: if its first term can."""
        return self.terms[0].builds_on_others

    @property
    def rights(self) -> tuple[DatedRight, ...]:
        """Its rights with dates, in order."""
        return tuple(term for term in self._one_by_one() if isinstance(term, DatedRight))

    def settle(
        self,
        public_paid_in: npt.ArrayLike,
        private_paid_in: npt.ArrayLike,
        distributions: npt.ArrayLike,
        periods_per_year: float = 1,
        *,
        sales: Sales | None = None,
        stage_share: npt.ArrayLike | None = None,
    ) -> Settled:
        """Go through the terms, all at once: receipts, calls and stakes.

        Parameters
        ----------
        public_paid_in, private_paid_in, distributions, periods_per_year
            As in `Contract.split`.
        sales : Sales, optional
            What partners know at the dates of their rights. Left out, they know the future.
        stage_share : array_like of shape (…), optional
            As in `StageGiveUp.split`.

        Returns
        -------
        Settled

        Raises
        ------
        ValueError
            As in `Contract.split`.

        Notes
        -----
        On sales, a stake is worth at a date what its side would receive in that column if all were sold then and the fund
        ended, under the terms that stand before the right: a first loss that would make a put idle is weighed, a give-up
        behind it is not. What other rights have moved by then is counted with it.
        """
        fund = partnership(public_paid_in, private_paid_in, distributions, periods_per_year)
        *_, last = self._steps(fund, sales, stage_share)
        return last

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        *_, last = self._steps(fund)
        return last.public

    def _paid_in(self, fund: Partnership) -> tuple[FloatArray, FloatArray]:
        *_, last = self._steps(fund)
        return last.public_paid_in, last.private_paid_in

    def _one_by_one(self) -> Iterator[Contract]:
        for term in self.terms:
            yield from term._one_by_one() if isinstance(term, Sequence) else (term,)

    def _steps(
        self, fund: Partnership, sales: Sales | None = None, stage_share: npt.ArrayLike | None = None
    ) -> Iterator[Settled]:
        """The fund as it stands after each term."""
        agreed, stake = fund, fund.public_share()
        others: list[Contract] = []
        used: list[tuple[DatedRight, FloatArray]] = []
        for term in self._one_by_one():
            if isinstance(term, DatedRight):
                value = None
                if sales is not None:
                    value = term.worth_at(_worth(term, agreed, others, used, sales, stage_share))
                handed_over = term._handed_over(fund, value)
                public, paid_in = term._received_with(fund, value), term._paid_in_with(fund, value)
                used.append((term, handed_over))
                stake = term._stake_after(stake, handed_over)
            else:
                public, paid_in = _received(term, fund, stage_share), term._paid_in(fund)
                others.append(term)
            fund = fund._replace(public_paid_in=paid_in[0], private_paid_in=paid_in[1], public_before=public)
            yield Settled(public, *paid_in, stake)


def _received(term: Contract, fund: Partnership, stage_share: npt.ArrayLike | None) -> FloatArray:
    """What the public receives by a term that has no date."""
    if isinstance(term, StageGiveUp):
        return term._received_for(fund, stage_share)
    return term._public_receipts(fund)


def _worth(
    right: DatedRight,
    agreed: Partnership,
    others: list[Contract],
    used: list[tuple[DatedRight, FloatArray]],
    sales: Sales,
    stage_share: npt.ArrayLike | None,
) -> FloatArray:
    """What the stake that a right is about would bring at each of its dates, if all were sold then; (…, date)."""
    shape = agreed.distributions.shape
    columns = right.exercise_columns(shape[-1], agreed.periods_per_year)
    worth = np.zeros((*shape[:-1], len(columns)))
    for date, column in enumerate(columns):
        net = np.broadcast_to(sales.at(column), shape[:-1])
        until = slice(column + 1)
        received = agreed.distributions[..., until].copy()
        received[..., column] = net
        fund = agreed._replace(
            public_paid_in=agreed.public_paid_in[..., until],
            private_paid_in=agreed.private_paid_in[..., until],
            distributions=received,
            public_before=None,
        )
        for term in others:
            fund = fund._replace(public_before=_received(term, fund, stage_share))
        public = fund.before_these_terms()[..., column]
        private = net - public
        for other, handed_over in used:
            moved = handed_over[..., column] * (private if other.sells_own_stake else public)
            public, private = (
                (public + moved, private - moved) if other.sells_own_stake else (public - moved, private + moved)
            )
        worth[..., date] = private if right.sells_own_stake else public
    return worth
