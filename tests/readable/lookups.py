"""The numbers and tables that hold at a time, and how they are read."""

from typing import NamedTuple

from finance.market.conventions import LONGEST_ATTEMPT
from finance.market.grids import SIGNAL, SIGNAL_FIRST, SIGNAL_STEP
from finance.market.tables import MarketTables
from finance.market.terms import Terms


def at_signal(values, signal):
    """Interpolate values on the nodes of SIGNAL; beyond the ends the end value holds."""
    last = len(SIGNAL) - 1
    place = min(max((signal - SIGNAL_FIRST) / SIGNAL_STEP, 0.0), float(last))
    lower = min(int(place), last - 1)
    weight = place - lower
    return float(values[lower] * (1.0 - weight) + values[lower + 1] * weight)


class Era(NamedTuple):
    """The root baseline's numbers and tables, or the scenario's own. All values at index 1."""

    terms: Terms
    tables: MarketTables

    def going_concern(self, sector, stage, signal):
        return at_signal(self.tables.company.going_concern[sector, stage], signal)

    def fresh(self, venture, attempt):
        return at_signal(self.tables.company.fresh[venture.sector, venture.stage, attempt], venture.signal)

    def extended(self, venture, attempt, elapsed):
        return self._under_way(self.tables.company.extended, venture, attempt, elapsed)

    def holding(self, venture, attempt, elapsed):
        return self._under_way(self.tables.company.holding, venture, attempt, elapsed)

    def _under_way(self, table, venture, attempt, elapsed):
        row = table[venture.sector, venture.stage, attempt, min(elapsed, LONGEST_ATTEMPT)]
        return at_signal(row, venture.signal)

    def seen(self, venture, capital_class):
        """Signal that a class's managers see: the common one, with noise of their own where others bear their losses.

        What a duty reserves is bid without a look: any signal stands for all.
        """
        if self.terms.owner[capital_class] != capital_class:
            return SIGNAL_FIRST
        return venture.signal + float(self.terms.added_noise[capital_class]) * venture.doubt

    def bid(self, venture, vehicle, life):
        """Post-money that a vehicle with a life left offers; a class without horizon the same whatever its life."""
        bids = self.tables.bid[vehicle.capital_class]
        life = 0 if self.tables.unlimited[vehicle.capital_class] else min(life, len(bids) - 1)
        seen = self.seen(venture, vehicle.capital_class)
        return at_signal(bids[life, venture.sector, venture.stage], seen)

    def plain_bid(self, venture, vehicle):
        """Bid of a fresh vehicle on the common signal and without charge, of managers who see something else."""
        return at_signal(self.tables.plain_bid[vehicle.capital_class, venture.sector, venture.stage], venture.signal)

    def best_bid(self, venture):
        return at_signal(self.tables.best_bid[venture.sector, venture.stage], venture.signal)

    def uncharged(self, venture, vehicle):
        """Bid without accountability charge over the bid with it, for a fresh vehicle."""
        return at_signal(self.tables.uncharged[vehicle.capital_class, venture.sector, venture.stage], venture.signal)

    def cause_bid(self, venture, step, capital_class):
        table = self.tables.cause_bid[step, capital_class, venture.sector, venture.stage]
        return at_signal(table, self.seen(venture, capital_class))

    def certain_value(self, venture):
        return at_signal(self.tables.certain_value[venture.sector, venture.stage], venture.signal)
