"""The economy: clock, entry, world, planner, public accounts, ventures, exits."""

from __future__ import annotations

from finance.scenario.schema_base import NAME_PATTERN, Table, described


class Clock(Table):
    """How long the simulation runs, in years of four quarters."""

    warm_up_years: int = described(
        "Years under the reference scenario before the levers switch on, from an empty world.",
        "政策启动前在参照情景下运行的年数，从空白状态开始。",
        "years",
        ge=0,
        le=60,
    )
    entry_years: int = described(
        "Years from year 0 in which the reported cohort enters.",
        "所报告的企业批次自第 0 年起的进入年数。",
        "years",
        ge=1,
        le=30,
    )
    simulated_years: int = described(
        "Years from year 0 to the end of the clock.",
        "自第 0 年至模拟结束的年数。",
        "years",
        ge=1,
        le=60,
    )


class Entry(Table):
    """Who arrives."""

    entrants_a_year: int = described(
        "Ventures that enter the small economy of one path each year.",
        "每条路径的小型经济体每年新进入的企业数。",
        "number a year",
        ge=1,
        le=2000,
    )
    national_entrants: float = described(
        "Ventures of the same kind that enter each year in the whole country; divided by the entrants of a "
        "path it is the scale from path to nation.",
        "全国每年新进入的同类企业数；与每条路径的进入数之比即由路径换算到全国的比例。",
        "number a year",
        gt=0,
        le=1e9,
    )
    lemon_share: float = described(
        "Share of entrants without core technology.",
        "缺乏核心技术（同质化）的进入企业占比。",
        "share",
        ge=0,
        lt=1,
    )
    lemon_quality_mean: float = described(
        "Mean quality of ventures without core technology; the others have mean 0 and standard deviation 1.",
        "缺乏核心技术企业的质量均值；其余企业均值为 0、标准差为 1。",
        "standard deviations",
        ge=-10,
        le=5,
    )
    lemon_quality_sd: float = described(
        "Standard deviation of quality among ventures without core technology.",
        "缺乏核心技术企业的质量标准差。",
        "standard deviations",
        ge=0,
        le=5,
    )


class World(Table):
    """What is the same for everybody on a path: rates, the index, the exit window, sector conditions."""

    curve: str = described(
        "Name of the dated yield curve in scenarios/data that discounts public money.",
        "用于公共资金折现的收益率曲线文件名（位于 scenarios/data）。",
        "name",
        pattern=NAME_PATTERN,
    )
    mean_reversion: float = described(
        "Speed at which the Hull–White short rate returns to the curve.",
        "Hull–White 短期利率向收益率曲线回归的速度。",
        "reversion a year",
        ge=0.001,
        le=2,
    )
    rate_volatility: float = described(
        "Volatility of the short rate, in absolute terms.",
        "短期利率的波动率（绝对值）。",
        "volatility a year",
        ge=0,
        le=0.1,
    )
    index_volatility: float = described(
        "Volatility of the technology equity index.",
        "科技股指数的波动率。",
        "volatility a year",
        ge=0,
        le=1,
    )
    index_premium: float = described(
        "Expected return of the technology equity index above the short rate.",
        "科技股指数相对短期利率的预期超额收益率。",
        "rate a year",
        ge=0,
        le=0.2,
    )
    index_rate_correlation: float = described(
        "Correlation between the shocks of the index and of the short rate.",
        "指数冲击与短期利率冲击的相关系数。",
        "correlation",
        ge=-0.95,
        le=0.95,
    )
    window_open_share: float = described(
        "Share of quarters in which the market for new listings is open, in the long run.",
        "上市窗口长期处于开启状态的季度占比。",
        "share",
        gt=0,
        le=1,
    )
    window_shut_years: float = described(
        "Mean length of a spell in which the listing window is shut.",
        "上市窗口每次关闭的平均时长。",
        "years",
        ge=0.25,
        le=20,
    )
    window_tilt: float = described(
        "How strongly the trailing return of the index moves the odds that the window opens or shuts.",
        "指数过往收益对窗口开闭几率的影响强度。",
        "log-odds",
        ge=0,
        le=5,
    )
    sector_volatility: float = described(
        "Stationary standard deviation of a sector's condition, in log exit value.",
        "行业景气度的稳态标准差（以退出价值对数计）。",
        "log value",
        ge=0,
        le=1,
    )
    sector_persistence: float = described(
        "Share of a sector's condition that is carried from one quarter to the next.",
        "行业景气度由一个季度延续至下一季度的比例。",
        "correlation a quarter",
        ge=0,
        le=0.99,
    )
    sector_correlation: float = described(
        "Correlation between the conditions of two sectors, of the part that the index does not drive.",
        "两个行业景气度中不由指数驱动的部分之间的相关系数。",
        "correlation",
        ge=0,
        le=0.99,
    )
    sector_index_loading: float = described(
        "Correlation between the shock of a sector's condition and the shock of the index.",
        "行业景气冲击与指数冲击的相关系数。",
        "correlation",
        ge=-0.95,
        le=0.95,
    )
    inflation_rate: float = described(
        "Inflation that turns constant prices into nominal amounts for the curve, tax and funds.",
        "将不变价换算为名义金额的通货膨胀率（用于曲线、税收与基金）。",
        "rate a year",
        ge=-0.05,
        le=0.2,
    )


class Planner(Table):
    """The yardstick of what deserves funding."""

    social_rate: float = described(
        "Real rate at which society discounts, the same for the planner and for every class.",
        "社会折现率（实际），规划者与各类资本相同。",
        "rate a year",
        ge=0,
        le=0.2,
    )


class Accounts(Table):
    """How public money is counted."""

    marginal_cost_of_public_funds: float = described(
        "Cost to the economy of raising one yuan of public money.",
        "筹集一元公共资金的社会成本。",
        "multiple",
        ge=1,
        le=3,
    )
    displacement_share: float = described(
        "Share of tax receipts from ventures that the same people and capital would have paid elsewhere.",
        "企业所缴税收中，相同人员与资本在别处本会缴纳的份额。",
        "share",
        ge=0,
        le=1,
    )
    standard_tax_rate: float = described(
        "Tax rate on the gain against which reliefs are measured as tax forgone.",
        "衡量税式支出所依据的标准收益税率。",
        "share",
        ge=0,
        lt=1,
    )


class Ventures(Table):
    """How a venture succeeds, misses, tries again or is sold on the way."""

    quality_log_odds: float = described(
        "Log-odds of a milestone gained by one standard deviation of quality.",
        "质量每提高一个标准差，里程碑成功几率对数的增量。",
        "log-odds",
        ge=0,
        le=5,
    )
    factor_correlation: float = described(
        "Correlation of milestone luck within a sector, stage and cohort.",
        "同一行业、阶段与批次内里程碑运气的相关系数。",
        "correlation",
        ge=0,
        le=0.9,
    )
    learning_log_odds: float = described(
        "Log-odds gained by each attempt already made at the same milestone.",
        "在同一里程碑上每多一次尝试所提高的成功几率对数。",
        "log-odds",
        ge=0,
        le=3,
    )
    retry_time_share: float = described(
        "Time of a further attempt as a share of the first attempt's.",
        "再次尝试所需时间占首次尝试的比例。",
        "share",
        gt=0,
        le=2,
    )
    bridge_share: float = described(
        "Cost of a further attempt as a share of the stage's cash need.",
        "再次尝试的过桥资金占该阶段资金需求的比例。",
        "share",
        ge=0,
        le=2,
    )
    distress_probability: float = described(
        "Probability that a venture that ends without an exit finds a buyer in distress.",
        "未能退出而终止的企业以困境出售方式成交的概率。",
        "probability",
        ge=0,
        le=1,
    )
    distress_low: float = described(
        "Lowest price of a distress sale as a share of the cash spent so far.",
        "困境出售价格占累计投入资金比例的下限。",
        "share",
        ge=0,
        le=1,
    )
    distress_high: float = described(
        "Highest price of a distress sale as a share of the cash spent so far.",
        "困境出售价格占累计投入资金比例的上限。",
        "share",
        ge=0,
        le=1,
    )
    offer_premium_median: float = described(
        "Median ratio of an acquisition offer to the value of going on.",
        "收购报价与持续经营价值之比的中位数。",
        "multiple",
        gt=0,
        le=10,
    )
    offer_premium_log_sd: float = described(
        "Standard deviation of the log of that ratio.",
        "该比率对数的标准差。",
        "log value",
        ge=0,
        le=3,
    )


class Exits(Table):
    """How a finished venture turns into money."""

    truncation_sd: float = described(
        "Standard deviations at which the draw of the log exit value is cut off on both sides.",
        "退出价值对数抽样在两侧截断的标准差倍数。",
        "standard deviations",
        ge=0.5,
        le=8,
    )
    ipo_floor: float = described(
        "Smallest exit value with which a venture can be listed.",
        "企业可上市的最低退出价值。",
        "CNY million",
        ge=0,
        le=1e9,
    )
    trade_sale_discount: float = described(
        "What a trade sale fetches less than a listing, as a share.",
        "并购出售相对上市价值的折价比例。",
        "share",
        ge=0,
        lt=1,
    )
    trade_sale_probability: float = described(
        "Probability that a buyer is found in a quarter by a venture that looks for one.",
        "寻求出售的企业每季度找到买方的概率。",
        "probability a quarter",
        gt=0,
        le=1,
    )
    trade_floor: float = described(
        "Exit value below which there is no buyer and the venture lives on by itself.",
        "低于该退出价值则无人收购，企业自行维持经营。",
        "CNY million",
        ge=0,
        le=1e9,
    )
