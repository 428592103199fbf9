"""Small made-up markets: numbers one can follow by hand, and random ones in which everything happens."""

from typing import NamedTuple

import numpy as np

from finance import luck
from finance.market.capital import Standing
from finance.market.conventions import ABSENT, LONGEST_ATTEMPT, MOST_ATTEMPTS, TO_EXIT
from finance.market.grids import SIGNAL
from finance.market.relief import NEVER_HELD, RELIEF_STEPS
from finance.market.tables import CAUSE_STEPS, CompanyTables, MarketTables
from finance.market.terms import Terms, trade_wait_value
from finance.policy.commitments import Programme, commitments
from finance.policy.contracts import PariPassu
from finance.policy.sub_funds import Agreement
from tests.readable.economy import World
from tests.readable.market import run_economy

KEY = luck.key_of_seed(20250101)
#: No guidance programme, and none of its terms.
NO_PROGRAMME = Programme(-1, -1, 0.0, 0.0, 1.0, 0.5, 0.5)
NO_TERMS = Agreement(0.0, 0.0, 0.0, PariPassu(), 0.0)
NONE_BESIDE = Standing(-1, 4, None)
SURE = 500.0  # log-odds of a milestone that is always passed; minus it, of one that never is


class Case(NamedTuple):
    """Everything that one path of the market needs."""

    root: Terms
    own: Terms
    root_tables: MarketTables
    own_tables: MarketTables
    planner: CompanyTables
    world: World

    def run(self, path=0, key=KEY):
        """Simulate a path the readable way; returns the Economy at its end."""
        return run_economy(*self, key, path)


def one_era(terms, tables, planner=None, world=None):
    """Case without warm-up: the same numbers throughout, the planner values companies as the market does."""
    return Case(
        root=terms,
        own=terms,
        root_tables=tables,
        own_tables=tables,
        planner=tables.company if planner is None else planner,
        world=calm_world(terms) if world is None else world,
    )


def as_stated(terms):
    """Commitments of classes that expect nothing new."""
    nothing = np.zeros(len(terms.capacity))
    return commitments(terms.capacity, terms.public_share, nothing, nothing, NO_PROGRAMME)


def calm_world(terms):
    """Index and sector factors one, window always open."""
    quarters = terms.n_quarters
    sectors = len(np.unique(terms.base))
    return World(np.ones(quarters), np.ones(quarters, dtype=np.bool_), np.ones((sectors, quarters)))


# --- terms ---


def plain_terms(n_stages=1, n_classes=1, n_sectors=1, **changes):
    """Numbers that leave nothing to luck: every milestone is passed after two quarters, a round needs 10.

    One venture a year, entering in its first quarter; cohort of one year; exit value 200 at once (window
    open); no preferences, taxes, rights, budgets, limits or offers. A class offers 40 a year, in quarters.
    """
    cells, of_class = (n_sectors, n_stages), (n_classes,)
    chain = np.array([*range(1, n_stages), TO_EXIT], dtype=np.int64)
    pairs = [f"sector {k}/stage {i}" for k in range(n_sectors) for i in range(n_stages)]
    terms = Terms(
        n_quarters=8, switch_quarter=0, entry_quarters=4, entrants_a_year=1,
        lemon_share=0.0, lemon_quality_mean=-2.0, lemon_quality_sd=0.5,
        quality_log_odds=0.0, factor_correlation=0.0, learning_log_odds=0.0,
        retry_time_share=1.0, bridge_share=0.3,
        distress_probability=0.0, distress_low=0.1, distress_high=0.4, offer_log_median=0.1, offer_log_sd=0.0,
        truncation_sd=3.0, ipo_floor=100.0, trade_sale_discount=0.3, trade_sale_probability=1.0,
        trade_floor=50.0,
        min_fill=0.8, sellers_share_short=0.3, sellers_share_ample=0.9, largest_dilution=0.5,
        distressed_dilution=1.0, distressed_preference=1.0, founders_floor=0.1, preference_multiple=0.0,
        pro_rata_share=0.0, carry_over_quarters=100.0, earmark_quarters=2, secondary_discount=0.3,
        continuing_rate=0.1,
        company_tax_rate=0.0, super_deduction_share=0.0, holiday_years=0, reduced_years=0, reduced_share=1.0,
        carry_forward_years=10, earnings_yield=0.0,
        transferable_share=0.5, queue=0, attempts=2, search_quarters=4, patience_quarters=40,
        honoured=np.zeros(n_classes), reserve_share=np.zeros(n_classes),
        freeze_quarters=2, penalty=0.0, first_audited_deal=1, social_rate=0.0,
        ipo_waits=True, ipo_wait_value=0.9, trade_wait_value=1.0,
        loss_limit=np.ones((n_classes, 3)),
        sector_cumulative=np.arange(1.0, n_sectors + 1.0) / n_sectors,
        exit_log_median=np.full(n_sectors, np.log(200.0)),
        quality_log_value=np.zeros(n_sectors),
        exit_log_sd=np.zeros(n_sectors),
        first_stage=np.zeros(n_sectors, dtype=np.int64),
        sector_code=luck.name_codes(f"sector {k}" for k in range(n_sectors)),
        stage_code=luck.name_codes(f"stage {i}" for i in range(n_stages)),
        factor_code=luck.name_codes(pairs).reshape(cells),
        class_code=luck.name_codes(f"class {c}" for c in range(n_classes)),
        next_stage=np.tile(chain, (n_sectors, 1)),
        need=np.full(cells, 10.0),
        burn=np.full(cells, 16.0),
        mean_quarters=np.full(cells, 2.0),
        time_shape=np.zeros(cells),
        time_table=np.broadcast_to(luck.gamma_table(0.0), (*cells, len(luck.gamma_table(0.0)))).copy(),
        log_odds=np.full(cells, SURE),
        signal_sd=np.zeros(cells),
        technical_attempts=np.ones(cells, dtype=np.int64),
        offer_probability=np.zeros(cells),
        research_share=np.zeros(cells),
        category=np.zeros(cells, dtype=np.int64),
        shortest_life=np.zeros(cells),
        capacity=np.full(of_class, 40.0),
        required_return=np.full(of_class, 0.1),
        life_quarters=np.full(of_class, 40, dtype=np.int64),
        investment_quarters=np.full(of_class, 4, dtype=np.int64),
        extension_quarters=np.zeros(of_class, dtype=np.int64), extension_probability=np.zeros(of_class),
        tax_rate=np.zeros(of_class),
        tax_deduction=np.zeros(of_class),
        investment_credit=np.zeros(of_class),
        valuation_max=np.full(of_class, np.inf),
        preservation_rate=np.zeros(of_class),
        loss_relief=np.zeros(of_class),
        relief_quarters=np.full((*of_class, RELIEF_STEPS), NEVER_HELD),
        relief_share=np.zeros((*of_class, RELIEF_STEPS)),
        public_share=np.zeros(of_class),
        ticket_max=np.full(of_class, np.inf),
        in_mandate=np.ones((n_classes, n_sectors, n_stages), dtype=np.bool_),
        follow_share=np.zeros((n_classes, n_sectors, n_stages)),
        stage_budget=np.zeros((n_classes, n_stages)), budgets_bind=np.zeros(n_classes, dtype=np.int64),
        supply_elasticity=np.zeros(of_class),
        owner=np.arange(n_classes), added_noise=np.zeros(of_class), local_share=0.0,
        reinvestment_multiple=0.0, direction_share=0.0, deployment_points=0.0,
        sub_fund_class=-1, pool_quarters=4, valuation_quarters=(), programme=NO_PROGRAMME, agreement=NO_TERMS,
        standing=NONE_BESIDE,
        platform_places=0.0, queue_quarters=0,
        base=np.arange(n_sectors), platform=np.full(n_sectors, -1), pilot=np.zeros(cells, dtype=np.int64),
        lent=np.zeros(cells), owed=np.zeros(cells), loan_fee=np.zeros(cells),
        public_cost=np.zeros(cells), place_cost=np.zeros(cells), gross=np.ones(cells),
        support_costs=np.zeros((*cells, 0, 2)),
    )  # fmt: skip
    return terms._replace(**changes)


# --- tables ---


def _cells(terms, *shape):
    return np.zeros((*terms.need.shape, *shape, len(SIGNAL)))


def flat_company(terms, going_concern=30.0, fresh=50.0, extended=45.0, holding=40.0):
    """Company values that hang on nothing, not even the signal."""
    return CompanyTables(
        _cells(terms) + going_concern,
        _cells(terms, MOST_ATTEMPTS) + fresh,
        _cells(terms, MOST_ATTEMPTS, LONGEST_ATTEMPT + 1) + extended,
        _cells(terms, MOST_ATTEMPTS, LONGEST_ATTEMPT + 1) + holding,
    )


def flat_tables(terms, bids=(40.0,), certain=60.0, **company):
    """Tables in which a class bids one number everywhere in its mandate, whatever life and signal."""
    by_class = np.array(bids).reshape(-1, 1, 1, 1) * terms.in_mandate[..., None] * np.ones(len(SIGNAL))
    return MarketTables(
        company=flat_company(terms, **company),
        bid=by_class[:, None],
        best_bid=by_class.max(axis=0),
        cause_bid=np.stack([by_class] * len(CAUSE_STEPS)),
        certain_value=_cells(terms) + certain,
        uncharged=np.ones((len(terms.capacity), *terms.need.shape, len(SIGNAL))),
        plain_bid=by_class,
        unlimited=np.ones(len(terms.capacity), dtype=np.bool_),
    )


# --- a market in which everything happens ---


def random_case(seed, **changes):
    """Random market of two sectors (one lacks a stage), three stages, three classes, every mechanism at work.

    The tables are made up (rising in the signal, falling with age), not worked out: for the mechanics it
    does not matter whether bids are right. `changes` go into the scenario's own terms.
    """
    rng = np.random.default_rng(seed)
    own = with_duty(random_terms(rng)._replace(**changes))
    root = random_terms(rng)._replace(
        switch_quarter=own.switch_quarter, n_quarters=own.n_quarters, entry_quarters=own.entry_quarters
    )
    longest = int(max(terms.life_quarters[:2].max() for terms in (root, own)))
    root_tables, own_tables = (random_tables(rng, terms, longest) for terms in (root, own))
    return Case(root, own, root_tables, own_tables, random_company(rng, own), random_world(rng, own))


def random_managers(rng):
    """Managers of two classes who see less, and a duty of the second class's money; draws of its own, as below."""
    rng = rng.spawn(1)[0]
    return {
        "added_noise": rng.choice([0.0, 0.5, 1.0], 3),
        "owner": np.array([0, 1, rng.choice([2, 2, 1])]),
        "local_share": float(rng.uniform(0.2, 0.9)),
    }


def random_policy(rng):
    """Guidance programme and taxes; draws of its own, so that the rest of the case does not hang on them."""
    rng = rng.spawn(1)[0]
    return {
        "tax_deduction": rng.choice([0.0, 0.7, 1.5], 3),
        "relief_quarters": np.where(rng.uniform(size=(3, 1)) < 0.5, [2, 6, 9, NEVER_HELD], NEVER_HELD),
        "relief_share": np.sort(rng.uniform(size=(3, RELIEF_STEPS)), axis=1),
        "company_tax_rate": float(rng.choice([0.0, 0.15, 0.25])),
        "super_deduction_share": float(rng.uniform(0.0, 2.0)),
        "carry_forward_years": int(rng.integers(1, 9)),
        "holiday_years": int(rng.choice([0, 0, 3])),
        "reduced_years": int(rng.choice([0, 0, 12])),
        "reduced_share": float(rng.uniform(0.0, 1.0)),
        "earnings_yield": float(rng.uniform(0.02, 0.2)),
        "transferable_share": float(rng.uniform()),
        "research_share": rng.uniform(size=(2, 3)),
        "sub_fund_class": int(rng.choice([-1, 1, 1, 2])),
        "pool_quarters": 4 * int(rng.integers(1, 5)),
        "valuation_quarters": ((), (1,), (6,), (12,), (2, 6, 9))[rng.integers(5)],
        "investment_credit": rng.choice([0.0, 0.3], 3),
        "loss_relief": rng.choice([0.0, 0.4], 3),
        "preservation_rate": rng.choice([0.0, 0.05], 3),
    }


def random_terms(rng):
    """Terms of two sectors and of their ventures on pilot platforms."""
    return with_platforms(with_duty(random_sectors(rng)), rng.spawn(1)[0])


def with_duty(terms):
    """Where a class stands for a duty it is like the class whose money it is, but for its money and its bids."""
    alike = (
        "life_quarters", "investment_quarters", "public_share", "in_mandate", "class_code", "stage_budget",
        "budgets_bind", "extension_quarters", "extension_probability", "honoured", "reserve_share",
    )  # fmt: skip
    for c in np.flatnonzero(terms.owner != np.arange(3)):
        for name in alike:
            values = getattr(terms, name).copy()
            values[c] = values[terms.owner[c]]
            terms = terms._replace(**{name: values})
    return terms


#: Fields of `Terms` whose first axis is the sector; of `in_mandate` it is the second.
BY_SECTOR = (
    "sector_cumulative", "exit_log_median", "quality_log_value", "exit_log_sd", "first_stage", "sector_code",
    "factor_code", "next_stage", "need", "burn", "mean_quarters", "time_shape", "time_table", "log_odds", "signal_sd",
    "technical_attempts", "offer_probability", "research_share", "category", "shortest_life", "pilot", "public_cost",
    "place_cost", "gross", "support_costs", "lent", "owed", "loan_fee",
)  # fmt: skip


def with_platforms(terms, rng):
    """Add ventures on platforms as copies of their sectors; the middle stage is the pilot, served or not."""
    real = len(terms.base)
    pilot = np.zeros_like(terms.pilot)
    pilot[:, 1] = 1
    pilot[1, 2] = 1  # the second sector has no middle stage
    terms = terms._replace(pilot=pilot)
    terms = terms._replace(**{name: np.concatenate([getattr(terms, name)] * 2) for name in BY_SECTOR})
    terms.sector_cumulative[real - 1 :] = 1.0
    served = pilot > 0
    cheaper, faster = float(rng.uniform(0.5, 1.0)), float(rng.uniform(0.5, 1.0))
    for name, factor in (("need", cheaper), ("mean_quarters", faster), ("burn", cheaper / faster)):
        getattr(terms, name)[real:][served] *= factor
    terms.log_odds[real:][served] += float(rng.uniform(0.0, 1.0))
    terms.place_cost[real:][served] = float(rng.uniform(0.0, 5.0))
    terms.public_cost[:] += terms.place_cost
    places = float(rng.choice([0.0, 0.1, 0.4, 2.0]))
    nowhere = np.full(2 * real, -1)
    return terms._replace(
        base=np.tile(np.arange(real), 2),
        platform=np.r_[real : 2 * real, nowhere[:real]] if places > 0.0 else nowhere,
        platform_places=places,
        queue_quarters=int(rng.integers(0, 4)),
        in_mandate=np.concatenate([terms.in_mandate] * 2, axis=1),
        follow_share=np.concatenate([terms.follow_share] * 2, axis=1),
    )


def random_sectors(rng):
    shape = (2, 3)
    shapes = rng.choice([0.0, 1.0, 3.0], shape)
    p = float(rng.uniform(0.1, 1.0))
    need = rng.uniform(5.0, 15.0, shape) * np.array([1.0, 2.0, 4.0])
    mean = rng.uniform(2.0, 6.0, shape)
    return plain_terms(
        n_stages=3, n_classes=3, n_sectors=2,
        n_quarters=52, switch_quarter=16, entry_quarters=24, entrants_a_year=int(rng.integers(7, 12)),
        lemon_share=0.3, quality_log_odds=0.8, factor_correlation=0.3, learning_log_odds=0.3,
        retry_time_share=float(rng.uniform(0.4, 1.0)), bridge_share=float(rng.uniform(0.1, 0.6)),
        distress_probability=0.3, offer_log_median=0.2, offer_log_sd=0.6,
        ipo_floor=250.0, trade_floor=60.0, trade_sale_probability=p,
        trade_wait_value=trade_wait_value(p, 0.1),
        min_fill=float(rng.uniform(0.5, 1.0)), distressed_dilution=0.3, distressed_preference=1.5,
        preference_multiple=float(rng.choice([0.0, 1.0])), pro_rata_share=float(rng.uniform(0.0, 1.0)),
        carry_over_quarters=float(rng.uniform(2.0, 8.0)), earmark_quarters=int(rng.integers(0, 3)),
        queue=int(rng.integers(0, 3)), attempts=int(rng.integers(1, 4)),
        search_quarters=int(rng.integers(1, 7)),
        patience_quarters=int(rng.integers(3, 14)), honoured=np.full(3, 0.4), freeze_quarters=6, first_audited_deal=2,
        social_rate=0.08, ipo_waits=bool(rng.integers(0, 2)), ipo_wait_value=0.85,
        loss_limit=np.array([[0.3, 0.2, 0.1], [0.2, 0.3, 0.1], [0.1, 0.2, 0.3]]),
        exit_log_median=np.log([200.0, 400.0]), quality_log_value=np.array([0.5, 0.8]),
        exit_log_sd=np.full(2, 0.8),
        next_stage=np.array([[1, 2, TO_EXIT], [2, ABSENT, TO_EXIT]], dtype=np.int64),
        need=need, burn=4.0 * need / (1.25 * mean), mean_quarters=mean, time_shape=shapes,
        time_table=np.array([[luck.gamma_table(s) for s in row] for row in shapes]),
        log_odds=rng.normal(0.3, 0.5, shape), signal_sd=rng.uniform(0.3, 1.0, shape),
        technical_attempts=rng.integers(1, 5, shape),
        offer_probability=rng.uniform(0.0, 0.3, shape) * [1, 1, 0],
        category=rng.integers(0, 3, shape),
        shortest_life=rng.uniform(0.0, 8.0, shape),
        capacity=rng.uniform(40.0, 320.0, 3),
        life_quarters=np.array([rng.integers(16, 32), rng.integers(24, 48), 400], dtype=np.int64),
        investment_quarters=rng.choice([8, 12, 16], 3).astype(np.int64),
        tax_rate=rng.uniform(0.0, 0.3, 3), public_share=np.array([0.0, 0.6, 1.0]),
        ticket_max=np.array([np.inf, 30.0, np.inf]),
        in_mandate=random_mandate(rng),
        stage_budget=np.array([[0.3, 0.4, 0.0], [0.0, 0.0, 0.0], [0.5, 0.2, 0.3]]),
        **random_policy(rng),
        **random_managers(rng),
    )  # fmt: skip


def random_mandate(rng):
    """Who may invest where: the first stage of the second sector may be nobody's."""
    mandate = np.zeros((3, 2, 3), dtype=np.bool_)
    mandate[0] = [[1, 1, 0], [rng.integers(0, 2), 0, 0]]
    mandate[1] = [[0, 1, 1], [0, 0, 1]]
    mandate[2] = [[1, 1, 1], [0, 0, 1]]
    return mandate


def random_company(rng, terms):
    """Values of companies by stage, rising in the signal; a retry is nearly always worth its bridge."""
    rise = np.exp(0.4 * SIGNAL)
    known = np.arange(MOST_ATTEMPTS) < terms.technical_attempts.max()  # nothing is tabled beyond
    level = terms.need[..., None] * rng.uniform(1.5, 4.0, terms.need.shape)[..., None]
    fade = (known * 0.9 ** np.arange(MOST_ATTEMPTS))[:, None]
    by_elapsed = (level * rise)[..., None, None, :] * fade[:, :, None]
    age = np.exp(-0.02 * np.arange(LONGEST_ATTEMPT + 1))[:, None]
    return CompanyTables(
        going_concern=level * rise - 0.8 * terms.need[..., None],
        fresh=(level * rise)[..., None, :] * fade,
        extended=0.9 * by_elapsed * age,
        holding=by_elapsed * age,
    )


def random_tables(rng, terms, longest):
    n_classes = len(terms.capacity)
    company = random_company(rng, terms)
    taste = rng.uniform(0.7, 1.3, (n_classes, *terms.need.shape, 1)) * terms.in_mandate[..., None]
    fresh_bid = taste * company.fresh[:, :, 0]
    life = np.minimum(1.0, 0.5 + np.arange(longest + 1) / 40.0).reshape(-1, 1, 1, 1)
    unlimited = np.array([False, False, True])
    bid = np.where(unlimited.reshape(-1, 1, 1, 1, 1), 1.0, life) * fresh_bid[:, None]
    more = rng.spawn(1)[0]
    uncharged = more.uniform(1.0, 1.4, fresh_bid.shape)
    certain = more.choice([0.5, 2.5], (*terms.need.shape, 1), p=[0.2, 0.8])
    plain = more.uniform(0.8, 1.2, fresh_bid.shape) * fresh_bid
    steps = 1.2 ** np.arange(len(CAUSE_STEPS)).reshape(-1, 1, 1, 1, 1)
    return MarketTables(
        company=company,
        bid=bid,
        best_bid=fresh_bid.max(axis=0),
        cause_bid=steps * fresh_bid,
        certain_value=certain * company.fresh[:, :, 0],
        uncharged=uncharged,
        plain_bid=plain,
        unlimited=unlimited,
    )


def random_world(rng, terms):
    """World of made-up arrays; the index stands at one until the switch."""
    steps = rng.normal(0.0, 0.1, terms.n_quarters)
    steps[: terms.switch_quarter + 1] = 0.0
    sectors = np.exp(rng.normal(0.0, 0.2, (len(np.unique(terms.base)), terms.n_quarters)))
    return World(np.exp(np.cumsum(steps)), rng.uniform(size=terms.n_quarters) < 0.5, sectors)
