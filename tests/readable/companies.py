"""A venture: its shares, its search for money, its attempts; and who gets what when it is sold."""

import math
from dataclasses import dataclass, field

from tests.readable.vehicles import Vehicle

SEARCHING, TRYING, EXITING, ENDED, QUEUEING = "searching", "trying", "exiting", "ended", "queueing"

#: Money below this, CNY million, is what rounding leaves: nobody has it, nobody misses it.
NOTHING = 1e-9
HIGHEST_DILUTION = 1.0 - 1e-9


@dataclass(eq=False)
class Holding:
    """What a vehicle got in one round; once sold it is the outside buyers'."""

    vehicle: Vehicle
    paid: float
    quarter: int
    shares: float
    is_sold: bool = False


@dataclass(eq=False)
class Round:
    """Preferred shares issued at once: a closing, a top-up, a bridge or an extension."""

    category: int  # of the stage, for the loss limits
    preference: float
    shares: float
    holdings: list[Holding]


@dataclass
class Attempt:
    """One try at a milestone."""

    number: int  # from 0
    start: int  # quarter
    quarters: int  # until it is settled
    burn: float  # a year
    cash: float

    def elapsed(self, quarter):
        return quarter - self.start

    @property
    def runway(self):
        """Quarters that the cash lasts (with a hair, so that the last bit does not cut a whole quarter)."""
        if self.burn == 0.0:
            return math.inf
        return max(1, math.floor(4.0 * self.cash / self.burn + 1e-9))


@dataclass
class Search:
    """What is asked for at one stage."""

    asked: int  # quarter
    tie: float  # draw that orders equals
    is_worthwhile: bool
    asks: float = 0.0  # of vehicles
    supplied: float = 0.0
    closed: int | None = None
    share_price: float = 0.0  # of the first closing
    is_explained: bool = False  # whether the cause of what is missing has been looked for


@dataclass(eq=False)
class Venture:
    """One venture from entry to end."""

    year: int  # of entry, relative to the switch
    ordinal: int
    row: int | None  # in the record, None outside the cohort
    sector: int
    quality: float
    stage: int = -1
    state: str = SEARCHING
    signal: float = 0.0
    place: float = 0.0  # draw by which it belongs to a place
    doubt: float = 0.0  # noise of their own that managers see at the stage, for one unit of it
    arrived: int = 0  # quarter, at the stage
    search: Search | None = None
    attempt: Attempt | None = None
    rounds: list[Round] = field(default_factory=list)
    founders: float = 1.0  # shares
    cash_received: float = 0.0  # from vehicles
    owed: float = 0.0  # to a bank
    recovered: float = 0.0  # what a sale in distress would bring the bank
    spending: dict = field(default_factory=dict)  # {year of the clock: (cash, of it research)}
    exit_value: float = 0.0  # X, at index 1
    trade_quarter: int = 0  # the first in which a trade buyer is there

    @property
    def total_shares(self):
        return self.founders + sum(round_.shares for round_ in self.rounds)

    @property
    def founders_stake(self):
        return self.founders / self.total_shares

    def stakes(self):
        """Stake of each vehicle that holds shares, {vehicle: share of the company}."""
        shares = {}
        for holding in self.holdings():
            shares[holding.vehicle] = shares.get(holding.vehicle, 0.0) + holding.shares
        return {vehicle: number / self.total_shares for vehicle, number in shares.items()}

    def holdings(self):
        """List the holdings that are still a vehicle's."""
        return [holding for round_ in self.rounds for holding in round_.holdings if not holding.is_sold]

    def issue(self, quarter, payments, dilution, preference, category):
        """Issue shares in a quarter against payments {vehicle: money}; the new ones are `dilution` of the company."""
        dilution = min(dilution, HIGHEST_DILUTION)
        new = self.total_shares * dilution / (1.0 - dilution)
        paid = sum(payments.values())
        holdings = [Holding(vehicle, money, quarter, new * money / paid) for vehicle, money in payments.items()]
        self.rounds.append(Round(category, preference, new, holdings))

    def split(self, price):
        """Split the price of the company: [(holding, part)], sold ones too; founders get the rest."""
        preferences = [round_.preference for round_ in self.rounds]
        shares = [round_.shares for round_ in self.rounds]
        parts = waterfall(price, preferences, shares, self.founders)
        return [
            (holding, part * holding.shares / round_.shares)
            for round_, part in zip(self.rounds, parts, strict=True)
            for holding in round_.holdings
        ]


def waterfall(price, preferences, shares, common):
    """Split a price between rounds with non-participating preferences, pari passu, converting if that pays.

    Whoever converts first has the lowest preference per share. So try the most conversions first: right is
    the largest number at which the last to convert gets as a common share at least what it gives up.
    """
    standing = sum(preferences)
    if standing > 0.0 and price <= standing:
        return [price * preference / standing for preference in preferences]
    by_eagerness = sorted(range(len(shares)), key=lambda r: preferences[r] / shares[r])
    for n in range(len(shares), -1, -1):
        converting, keeping = by_eagerness[:n], by_eagerness[n:]
        for_common = price - sum(preferences[r] for r in keeping)
        per_share = for_common / (common + sum(shares[r] for r in converting))
        if n == 0 or per_share * shares[by_eagerness[n - 1]] >= preferences[by_eagerness[n - 1]]:
            break
    return [per_share * shares[r] if r in converting else preferences[r] for r in range(len(shares))]
