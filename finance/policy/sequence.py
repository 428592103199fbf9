"""Several terms of one contract, each working on what those before it have left."""

from collections.abc import Iterator
from dataclasses import dataclass

from finance.fund.amounts import FloatArray
from finance.language import message
from finance.policy.partnership import Contract, Partnership


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
        In order, at least one. Buy-outs and puts decide with foresight.

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

    def _public_receipts(self, fund: Partnership) -> FloatArray:
        *_, last = self._steps(fund)
        assert last.public_before is not None
        return last.public_before

    def _paid_in(self, fund: Partnership) -> tuple[FloatArray, FloatArray]:
        *_, last = self._steps(fund)
        return last.public_paid_in, last.private_paid_in

    def _steps(self, fund: Partnership) -> Iterator[Partnership]:
        """The fund as it stands after each term."""
        for term in self.terms:
            public, (public_paid_in, private_paid_in) = term._public_receipts(fund), term._paid_in(fund)
            fund = fund._replace(public_paid_in=public_paid_in, private_paid_in=private_paid_in, public_before=public)
            yield fund
