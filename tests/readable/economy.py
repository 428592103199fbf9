"""The state of one path, and the questions that every step asks of it."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from finance.market.records import Record
from finance.market.tables import CompanyTables
from tests.readable.companies import ENDED, EXITING, NOTHING, QUEUEING, SEARCHING, TRYING, Venture
from tests.readable.draws import Draws
from tests.readable.lookups import Era, at_signal
from tests.readable.vehicles import Vehicle


class World(NamedTuple):
    """One path of the world, by quarter from the first of the warm-up."""

    index_ratio: np.ndarray  # (quarter,) J
    window: np.ndarray  # (quarter,) whether the exit window is open
    sector_factor: np.ndarray  # (sector, quarter) S


@dataclass
class Economy:
    """Vehicles, ventures and the record, at a quarter."""

    root: Era
    own: Era
    planner: CompanyTables
    world: World
    draws: Draws
    record: Record
    quarter: int = 0
    vehicles: list[Vehicle] = field(default_factory=list)
    ventures: list[Venture] = field(default_factory=list)
    asked: list[list[float]] = field(default_factory=list)  # need asked, by quarter and stage
    tightness: list[float] = field(default_factory=list)  # by stage
    free_places: float = 0.0  # on pilot platforms
    is_duty_turn: bool = False  # while what duties reserve is given out
    odds_of_a_place: list[float] | None = None  # by sector, in the twin, where nobody stands in another's way

    # --- what holds now ---

    @property
    def era(self):
        return self.root if self.quarter < self.own.terms.switch_quarter else self.own

    @property
    def terms(self):
        return self.era.terms

    @property
    def index(self):
        return float(self.world.index_ratio[self.quarter])

    @property
    def year(self):
        """Year relative to the switch."""
        return (self.quarter - self.own.terms.switch_quarter) // 4

    def need(self, venture):
        return float(self.terms.need[venture.sector, venture.stage])

    def gross(self, venture):
        """Cash that comes in for each unit that investors pay."""
        return float(self.terms.gross[venture.sector, venture.stage])

    def public_cost(self, venture):
        """Public money that a round on a pilot platform costs beside its need."""
        return float(self.terms.public_cost[venture.sector, venture.stage])

    def missing(self, venture):
        return venture.search.asks - venture.search.supplied

    def living(self):
        return [venture for venture in self.ventures if venture.state != ENDED]

    def is_searching_in_time(self, venture):
        """Whether money is missing at the venture's stage and its search goes on."""
        if venture.state not in (SEARCHING, TRYING):
            return False
        in_time = self.quarter - venture.search.asked < self.terms.search_quarters
        return in_time and (venture.search.closed is None or self.missing(venture) > NOTHING)

    # --- what things are worth ---

    def company_value(self, venture):
        """Continuing value of a company: at the end of a vehicle's life, and when the clock ends."""
        if venture.state == EXITING:
            return self.market_price(venture) * self.wait_value(venture)
        if venture.state in (SEARCHING, QUEUEING):
            going_concern = self.era.going_concern(venture.sector, venture.stage, venture.signal)
            return max(0.0, going_concern) * self.index
        attempt = venture.attempt
        return self.era.holding(venture, attempt.number, attempt.elapsed(self.quarter)) * self.index

    def market_price(self, venture):
        """X·J·S: what a listing brings."""
        factor = self.world.sector_factor[self.own.terms.base[venture.sector], self.quarter]
        return venture.exit_value * self.index * float(factor)

    def wait_value(self, venture):
        """Share of the market price that a wait for the window, or for a trade buyer, is worth."""
        terms = self.terms
        if venture.exit_value >= terms.ipo_floor and terms.ipo_waits:
            return terms.ipo_wait_value
        return (1.0 - terms.trade_sale_discount) * terms.trade_wait_value

    def is_worthwhile(self, venture):
        """By the planner's value, attempt 0 just funded."""
        fresh = at_signal(self.planner.fresh[venture.sector, venture.stage, 0], venture.signal)
        return fresh * self.index >= self.need(venture) * self.gross(venture) + self.public_cost(venture)

    # --- who may pay ---

    def is_in_market(self, capital_class):
        """Whether a class raises vehicles, or still has one in its investment period."""
        return self.terms.capacity[capital_class] > 0.0 or any(
            vehicle.is_investing(self.quarter) for vehicle in self.vehicles if vehicle.capital_class == capital_class
        )

    def bid(self, venture, vehicle):
        """What a vehicle offers: what its manager thinks, and for a duty what founders accept, in its place alone."""
        value = self.era.bid(venture, vehicle, vehicle.life_left(self.quarter)) * self.index
        if not self.is_duty(vehicle.capital_class):
            return value
        floor = self.lowest_price(venture)
        return max(value, floor) if self.is_local(venture) and floor < float("inf") else 0.0

    def is_duty(self, capital_class):
        """Whether a class stands for what a duty reserves of another's money."""
        return self.terms.owner[capital_class] != capital_class

    def has_turn(self, vehicle):
        """Whether a vehicle offers money now: what duties reserve in the first turn of a quarter, all others after it."""
        return self.is_duty(vehicle.capital_class) == self.is_duty_turn

    def is_local(self, venture):
        return venture.place < self.terms.local_share

    def is_meant(self, venture, capital_class):
        """Whether a class may pay for a venture, or would have to by its duty."""
        return not self.is_duty(capital_class) or self.is_local(venture)

    @property
    def is_entry(self):
        """Whether the cohort enters now."""
        return 0 <= self.quarter - self.own.terms.switch_quarter < self.own.terms.entry_quarters

    def is_able(self, vehicle, sector, stage):
        """Whether a vehicle may join a round there, whatever its money and its bid."""
        terms = self.terms
        return bool(
            terms.in_mandate[vehicle.capital_class, sector, stage]
            and vehicle.is_investing(self.quarter)
            and not vehicle.is_frozen(self.quarter)
            and vehicle.life_left(self.quarter) >= terms.shortest_life[sector, stage]
        )

    def can_join(self, vehicle, sector, stage):
        """Whether a vehicle may pay a part of a round there that others lead."""
        terms = self.terms
        return bool(
            terms.follow_share[vehicle.capital_class, sector, stage] > 0.0
            and vehicle.is_investing(self.quarter)
            and not vehicle.is_frozen(self.quarter)
            and vehicle.life_left(self.quarter) >= terms.shortest_life[sector, stage]
        )

    def able(self, venture):
        """Vehicles that may join a venture's round."""
        return [vehicle for vehicle in self.vehicles if self.is_able(vehicle, venture.sector, venture.stage)]

    def money_here(self, vehicle, venture):
        """Tell what a vehicle can put into one deal at the venture's stage."""
        ticket = float(self.terms.ticket_max[vehicle.capital_class])
        return min(vehicle.money_at(venture.stage), ticket)

    def largest_dilution(self, venture):
        """Share of the company that the founders sell at most."""
        terms = self.terms
        return min(terms.largest_dilution, 1.0 - terms.founders_floor / venture.founders_stake)

    def founders_floor(self, venture):
        """Post-money at which the need buys all that founders would sell; infinite if that is nothing."""
        largest = self.largest_dilution(venture)
        return venture.search.asks / largest if largest > NOTHING else float("inf")

    def lowest_price(self, venture):
        """Post-money that a bid must reach: a second closing comes in at the first's price a share."""
        if venture.state == SEARCHING:
            return self.founders_floor(venture)
        return venture.search.share_price * venture.total_shares + self.missing(venture)
