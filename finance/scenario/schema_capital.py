"""Capital: how the market clears, what failure is allowed, and the classes that invest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from finance.scenario.schema_base import Frozen, NamedTables, Names, Steps, Table, Text, described

BudgetShare = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="Share of the class's capacity that is kept for this stage.",
        json_schema_extra={"zh": "该类资本为此阶段预留的资金占比。", "unit": "share"},
    ),
]
FirstStage = Annotated[
    str,
    Field(
        description="First stage of this sector that the class can price; before it, it does not bid.",
        json_schema_extra={"zh": "该类资本在此行业能够定价的最早阶段；此前不出价（失能）。", "unit": "name"},
    ),
]


class Market(Table):
    """How rounds are priced, filled and shared."""

    min_fill: float = described(
        "Smallest share of a round's need with which it closes.",
        "一轮融资得以完成的最低募集比例。",
        "share",
        ge=0,
        le=1,
    )
    sellers_share_short: float = described(
        "Share of the surplus that goes to the founders when capital is short.",
        "资本短缺时创始人分得的剩余份额。",
        "share",
        ge=0,
        le=1,
    )
    sellers_share_ample: float = described(
        "Share of the surplus that goes to the founders when capital is ample.",
        "资本充裕时创始人分得的剩余份额。",
        "share",
        ge=0,
        le=1,
    )
    largest_dilution: float = described(
        "Largest stake founders sell in one round.",
        "创始人单轮最多出让的股权比例。",
        "share",
        gt=0,
        le=1,
    )
    distressed_dilution: float = described(
        "Stake sold above which a round counts as distressed.",
        "出让比例超过此值的融资视为困境融资。",
        "share",
        gt=0,
        le=1,
    )
    distressed_preference: float = described(
        "Liquidation preference in a distressed round, as a multiple of the money paid.",
        "困境融资的优先清算权倍数。",
        "multiple",
        ge=1,
        le=5,
    )
    founders_floor: float = described(
        "Smallest stake with which founders go on.",
        "创始人愿意继续经营的最低持股比例。",
        "share",
        ge=0,
        lt=1,
    )
    preference_multiple: float = described(
        "Liquidation preference of an ordinary round, as a multiple of the money paid; 0 is none.",
        "普通融资的优先清算权倍数；0 表示没有。",
        "multiple",
        ge=0,
        le=3,
    )
    pro_rata_share: float = described(
        "Share of their stake that earlier holders defend in the next round, capacity permitting.",
        "现有股东在下一轮按比例跟投的份额（以可用资金为限）。",
        "share",
        ge=0,
        le=1,
    )
    carry_over_years: float = described(
        "Uncalled money a vehicle may carry over, in years of its calls.",
        "基金未缴款可结转的上限，以年度缴款的年数计。",
        "years",
        ge=0,
        le=100,
    )
    earmark_quarters: int = described(
        "Quarters after which an unused stage budget is free for any stage of the mandate.",
        "阶段预算未使用满多少个季度后可转用于其他阶段。",
        "quarters",
        ge=0,
        le=2,
    )
    secondary_discount: float = described(
        "Discount on the continuing value at which a vehicle sells its holdings when its life ends.",
        "基金到期时按持续价值转让份额的折价比例。",
        "share",
        ge=0,
        lt=1,
    )
    continuing_rate: float = described(
        "Discount rate behind the continuing value at which holdings are sold or bridged.",
        "计算转让与过桥所用持续价值的折现率。",
        "rate a year",
        ge=0,
        le=0.5,
    )
    queue: Literal["value", "oldest", "lottery"] = described(
        "Order in which ventures are served within a quarter: by value per need, longest wait, or lot.",
        "同一季度内企业获得资金的次序：按单位需求价值、按等待时间或抽签。",
        "choice",
    )


class LossLimits(Table):
    """Share of the cost invested in a category that a vehicle with public money may lose."""

    seed: float = described("Loss limit for seed stages.", "种子类阶段的亏损容忍率。", "share", ge=0, le=1)
    venture: float = described("Loss limit for venture stages.", "创业投资类阶段的亏损容忍率。", "share", ge=0, le=1)
    later: float = described("Loss limit for later stages.", "后期阶段的亏损容忍率。", "share", ge=0, le=1)


class Tolerance(Table):
    """What failure is allowed: to a project, to a fund, to its manager."""

    attempts: int = described(
        "Attempts at a milestone that capital allows, the first included.",
        "资本允许在同一里程碑上尝试的次数（含首次）。",
        "number",
        ge=1,
        le=8,
    )
    search_quarters: int = described(
        "Quarters for which a round stays open before it lapses.",
        "一轮融资在失效前保持开放的季度数。",
        "quarters",
        ge=1,
        le=40,
    )
    patience_quarters: int = described(
        "Quarters without progress that capital allows.",
        "资本允许没有进展的季度数。",
        "quarters",
        ge=1,
        le=400,
    )
    fund_loss_limit: LossLimits
    honoured: float = described(
        "Probability that a vehicle above its loss limit is not punished.",
        "超出容忍率的基金免于问责的概率（尽职免责兑现率）。",
        "probability",
        ge=0,
        le=1,
    )
    freeze_quarters: int = described(
        "Quarters for which the uncalled money of a punished vehicle is frozen.",
        "被问责基金的未缴款被冻结的季度数。",
        "quarters",
        ge=0,
        le=40,
    )
    penalty: float = described(
        "What a punishment costs the manager; scales the accountability charge in bids.",
        "问责给管理人带来的代价；决定报价中的问责折减。",
        "multiple",
        ge=0,
        le=20,
    )
    first_audited_deal: int = described(
        "Number of deals from which the loss limit is checked.",
        "自第几笔投资起考核亏损容忍率。",
        "number",
        ge=1,
        le=50,
    )


class CapitalClass(Table):
    """A class of investors; each year it raises one vehicle."""

    title: Text
    capacity: float = described(
        "Commitment of the vehicle raised each year, in the small economy of one path.",
        "每条路径的小型经济体中该类资本每年新募基金的规模。",
        "CNY million a year",
        extensive=True,
        ge=0,
        le=1e9,
    )
    return_premium: float = described(
        "Required return above the social rate, for illiquidity and agency; negative only where subsidised.",
        "要求回报率高于社会折现率的部分（流动性与代理溢价）；仅在有补贴时可为负。",
        "rate a year",
        ge=-0.1,
        le=1,
    )
    subsidised: bool = described(
        "Whether a required return below the social rate is meant, as a subsidy.",
        "是否有意以补贴方式使要求回报率低于社会折现率。",
        "yes or no",
        default=False,
    )
    life_years: float = described(
        "Life of a vehicle from the raise, sure extensions included; 60 or more is without an end.",
        "基金自募集起的存续期（含确定的延长期）；60 年及以上视为无期限。",
        "years",
        gt=0,
        le=100,
    )
    investment_years: int = described(
        "Years from the raise in which a vehicle makes first investments.",
        "基金自募集起可进行首次投资的年数。",
        "years",
        ge=1,
        le=30,
    )
    tax_rate: float = described(
        "Tax on the gain that the class pays.",
        "该类资本就投资收益缴纳的税率。",
        "share",
        ge=0,
        lt=1,
    )
    supply_elasticity: float = described(
        "Change of private commitments, in tenths of their log, for a point of expected net return above the baseline's.",
        "预期净回报每高于基准一个百分点，社会资本认缴额对数变动的十分位数。",
        "elasticity",
        default=0.0,
        ge=0,
        le=3,
    )
    public_share: float = described(
        "Share of the class's money that is public.",
        "该类资本中公共资金的占比。",
        "share",
        ge=0,
        le=1,
    )
    stages: Names = described("Stages in which the class may invest.", "该类资本可投资的阶段。", "list of names")
    stage_budgets: Annotated[Mapping[str, BudgetShare], Frozen] = described(
        "Shares of capacity kept for stages of the mandate; the rest is free for any of them.",
        "为各阶段预留的资金占比；其余可用于任何可投阶段。",
        "share",
        default={},
        validate_default=True,
    )
    ticket_max: float = described(
        "Largest sum the class puts into one venture's round.",
        "该类资本单轮最大投资额。",
        "CNY million",
        default=1e12,
        gt=0,
        le=1e12,
    )
    valuation_max: float = described(
        "Largest value of a company before the round, as the class sees it, at which it takes part.",
        "该类资本参与一轮融资时，按其自身判断可接受的最高投前估值。",
        "CNY million",
        default=1e12,
        gt=0,
        le=1e12,
    )
    preservation_rate: float = described(
        "Growth a year of what a stake cost below which its sale counts as a loss of public money (state-asset duty).",
        "国有资产保值增值要求：处置所得低于成本按此年增长率计算的数额时，计为公共资金损失。",
        "rate a year",
        default=0.0,
        ge=0,
        le=0.2,
    )
    incapacity: Annotated[Mapping[str, FirstStage], Frozen] = described(
        "By sector, the first stage that the class can price; before it, it does not bid.",
        "按行业列出该类资本能够定价的最早阶段；此前不出价（失能）。",
        "name",
        default={},
        validate_default=True,
    )

    co_invests: Steps = described(
        "Sizes of round, and the share of what lies below each that the class pays where others lead; empty if it leads.",
        "跟投分档：轮次金额上限及该档以下由本类资本跟投的比例；为空表示自行领投。",
        "list of pairs",
        default=(),
    )
    fund_loss_limit: LossLimits | None = None
    """Loss limits of this class's vehicles, where a place or a programme has its own; those of tolerance if left out."""
    budgets_bind: bool = described(
        "Whether what is kept for a stage is never free for another, as a programme's stage floor demands.",
        "阶段预留是否具有约束力（政策规定的投早下限）：未用完的部分不得转用于其他阶段。",
        "yes or no",
        default=False,
    )
    extension_years: float = described(
        "Years by which the life of a vehicle that still holds stakes at its end is extended, once, if partners agree.",
        "基金到期仍持有项目且合伙人同意时，一次性延长的年数。",
        "years",
        default=0.0,
        ge=0,
        le=10,
    )
    extension_probability: float = described(
        "Probability that partners agree to extend a vehicle's life.",
        "合伙人同意延长存续期的概率。",
        "probability",
        default=0.0,
        ge=0,
        le=1,
    )
    honoured: float | None = described(
        "Probability that a vehicle of this class above its loss limit is not punished; that of tolerance if left out.",
        "该类资本的基金超出容忍率时免于问责的概率；未设时取 tolerance 的值。",
        "probability",
        default=None,
        ge=0,
        le=1,
    )
    reserve_share: float = described(
        "Share of each realised gain of a vehicle set aside to make good what it loses beyond its loss limits.",
        "每笔已实现收益中提取为风险准备金、用于弥补超出容忍率的亏损的比例。",
        "share",
        default=0.0,
        ge=0,
        le=1,
    )


class Classes(NamedTables[CapitalClass]):
    """The classes of investors in order."""
