"""Instruments of policy beside the classes of capital: the guidance programme and its managers, platforms."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from finance.scenario.schema_base import TABLE_NAME_PATTERN, Steps, Table, described
from finance.scenario.schema_further import FurtherTerms

CONTRACTS = (
    "pari-passu",
    "buy-out",
    "scheduled-buy-out",
    "put",
    "first-loss",
    "capped",
    "shared-hurdle",
    "give-up",
    "tiered-give-up",
    "stage-give-up",
    "guarantee",
    "private-priority",
    "senior-debt",
    "debenture",
    "accruing-debenture",
    "grant",
)
"""Contracts between public and private partners; `finance.policy.contracts` has the arithmetic of each."""


class GuidanceFund(Table):
    """The guidance programme: public money through sub-funds, and the terms on which private partners join it."""

    sub_funds: str = described(
        "Class whose vehicles are the programme's sub-funds; its capacity is what partners commit in the baseline.",
        "作为本计划子基金的资本类别；其资金规模为基准情景下各出资方的认缴额。",
        "name",
        pattern=TABLE_NAME_PATTERN,
    )
    commitment: float = described(
        "Central public money offered to sub-funds each year in the whole country, beyond the baseline's.",
        "在基准之外，中央每年面向全国子基金提供的公共资金。",
        "CNY million a year",
        extensive=True,
        ge=0,
        le=1e9,
    )
    regional_commitment: float = described(
        "Local public money offered beside it each year through regional funds, in the whole country.",
        "地方通过区域基金每年配套提供的公共资金（全国合计）。",
        "CNY million a year",
        extensive=True,
        ge=0,
        le=1e9,
    )
    regional_share_cap: float = described(
        "Largest central share of a regional fund; 1 if central money needs no local money beside it.",
        "中央资金在区域基金中的出资比例上限；1 表示无需地方配套。",
        "share",
        gt=0,
        le=1,
    )
    sub_fund_share_cap: float = described(
        "Largest public share of a sub-fund; public money waits until private partners have committed the rest.",
        "公共资金在子基金中的出资比例上限；社会资本到位后公共资金方可出资。",
        "share",
        ge=0,
        lt=1,
    )
    diverted_share: float = described(
        "Share of private partners' additional commitments that would have gone to the class named beside it.",
        "社会出资人新增认缴中，本会投向所列资本类别的份额。",
        "share",
        ge=0,
        le=1,
    )
    diverted_from: str = described(
        "Class from which private partners' additional commitments are diverted.",
        "社会出资人新增认缴所挤出的资本类别。",
        "name",
        pattern=TABLE_NAME_PATTERN,
    )
    fee_rate: float = described(
        "Management fee of a sub-fund, on what `fee_base` says.",
        "子基金管理费率，计费基数见 fee_base。",
        "rate a year",
        ge=0,
        le=0.1,
    )
    fee_base: Literal["invested", "paid-in", "committed"] = described(
        "What the fee is on in the investment period: cost of what is held, capital paid in to date, or commitments.",
        "投资期内管理费的计费基数：在管投资成本、累计实缴额或认缴额。",
        "choice",
    )
    later_fee_base: Literal["invested", "paid-in", "committed"] = described(
        "What the fee is on after the investment period, to the end of the life.",
        "投资期结束后至存续期满的管理费计费基数。",
        "choice",
    )
    regional_fee_rate: float = described(
        "Fee of the fund of funds between public money and sub-funds, on the cost of its part of what these hold.",
        "公共资金与子基金之间的母基金（区域基金）管理费率，以其在子基金中所占的在管投资成本为基数，由公共方承担。",
        "rate a year",
        ge=0,
        le=0.1,
    )
    carry_share: float = described(
        "Manager's share of a sub-fund's profit, once capital and hurdle are back.",
        "子基金在返还本金与门槛收益后，管理人的收益分成比例。",
        "share",
        ge=0,
        le=0.5,
    )
    hurdle_rate: float = described(
        "Preferred return before the manager's carry, nominal; the catch-up is full.",
        "管理人取得分成前的门槛收益率（名义），追赶比例为全额。",
        "rate a year",
        ge=0,
        le=0.2,
    )
    contract: Literal[
        "pari-passu",
        "buy-out",
        "scheduled-buy-out",
        "put",
        "first-loss",
        "capped",
        "shared-hurdle",
        "give-up",
        "tiered-give-up",
        "stage-give-up",
        "guarantee",
        "private-priority",
        "senior-debt",
        "debenture",
        "accruing-debenture",
        "grant",
    ] = described(
        "How a sub-fund's distributions are shared between public and private partners.",
        "子基金的分配在公共与社会出资人之间如何划分。",
        "choice",
    )
    contract_rate: float = described(
        "Rate of the contract, nominal: strike of a buy-out, cap, interest, or preferred rate.",
        "合同利率（名义）：回购行权利率、收益上限、利息或优先收益率。",
        "rate a year",
        ge=0,
        le=0.5,
    )
    contract_share: float = described(
        "Share in the contract: loss absorbed or guaranteed, excess given up, stake sold, or public part of a rest.",
        "合同比例：承担或担保的损失份额、让渡的超额收益份额、可买卖的份额，或上限之外归公共方的份额。",
        "share",
        ge=0,
        le=1,
    )
    contract_first_year: float = described(
        "Years from a sub-fund's first closing from which a scheduled buy-out is possible.",
        "分期回购自子基金首次关账后第几年起可以行使。",
        "years",
        ge=0,
        le=30,
    )
    contract_last_year: float = described(
        "Years from a sub-fund's first closing to the last date of a right, or until debt falls due.",
        "自子基金首次关账至权利最后行使日（或债务到期日）的年数。",
        "years",
        ge=0.25,
        le=30,
    )
    contract_steps: Steps = described(
        "Steps: years and the rate of a buy-out's price up to them, or multiples of capital and shares given up above.",
        "分档：回购价格各期的截止年份及年利率，或收益倍数及其以上让渡的比例。",
        "list of pairs",
    )
    contract_is_retroactive: bool = described(
        "Whether the rate of the year in which a buy-out is made holds from the start.",
        "回购价格是否按行使当年的利率自出资之日起追溯计算。",
        "yes or no",
    )
    contract_profit_share: float = described(
        "What the public keeps of the profit on the stake that it has sold in a scheduled buy-out.",
        "分期回购后公共方就已售份额保留的后续利润比例。",
        "share",
        ge=0,
        le=1,
    )
    contract_target_share: float = described(
        "Share of its investments at which a sub-fund in seed and angel rounds earns the whole give-up by stage.",
        "子基金投向种子轮与天使轮的比例达到该值时，按阶段让利全额兑现。",
        "share",
        gt=0,
        le=1,
    )
    contract_premium_rate: float = described(
        "What private partners pay for a guarantee, over the guaranteed part of their capital that is still out.",
        "社会出资人为担保支付的费率，以仍在外的被担保资本为基数。",
        "rate a year",
        ge=0,
        le=0.2,
    )
    contract_claim_cap: float = described(
        "Largest claim on a guarantee, over the guaranteed part of private capital; 1 is no limit.",
        "担保代偿上限，占被担保社会资本的比例；1 表示不设上限。",
        "share",
        ge=0,
        le=1,
    )
    reinvestment_multiple: float = described(
        "Duty to reinvest: what sub-funds must invest in the place, over the public money in them; 0 is none.",
        "返投要求：子基金须投向本地的金额与其中公共资金之比；0 表示没有。",
        "multiple",
        ge=0,
        le=5,
    )
    local_share: float = described(
        "Share of ventures that belong to the place.",
        "属于本地的创业企业占比。",
        "share",
        ge=0,
        le=1,
    )
    direction_share: float = described(
        "Part of the duty that what would be invested in the place anyhow does not meet.",
        "返投要求中无法由本来就会投向本地的资金满足的比例。",
        "share",
        ge=0,
        le=1,
    )
    vintages: int = described(
        "Consecutive years' vehicles whose deals one sub-fund holds together: losses and profits are shared within it.",
        "由同一子基金合并持有的连续募集年数；盈亏在其内部合并计算。",
        "years",
        ge=1,
        le=20,
    )
    further: FurtherTerms = Field(default_factory=lambda: FurtherTerms.model_validate({"order": []}))
    """Further terms behind the contract; none if left out."""


class Managers(Table):
    """Managers of public money, who bid for its partners: what may make them bid worse than these would."""

    deployment_points: float = described(
        "What a manager all of whose called money lies idle takes off the return it requires.",
        "已缴资金全部闲置时，公共资金管理人降低的要求回报率。",
        "rate a year",
        ge=0,
        le=0.02,
    )
    cover_noise: float = described(
        "Growth of the noise in what a manager sees of a venture, as a share of it, if others bear all of the loss.",
        "损失全部由他人承担时，管理人判断项目的噪声增幅（占原噪声的比例）。",
        "share",
        ge=0,
        le=0.5,
    )
    unwatched_noise: float = described(
        "Growth of that noise, as a share of it, if all of the money is public and nobody with money of his own watches.",
        "资金全部为公共资金、无自有资金出资人监督时，上述噪声的增幅（占原噪声的比例）。",
        "share",
        ge=0,
        le=0.5,
    )
    clawback_share: float = described(
        "Share of its carry that the manager of a sub-fund above its loss limit, if punished, does not get.",
        "子基金超出亏损容忍率且被问责时，管理人收益分成被追回的比例。",
        "share",
        ge=0,
        le=1,
    )
    clawback_years: int = described(
        "Years for which carry is clawed back, that of the punishment included.",
        "收益分成追回的年数（含被问责当年）。",
        "years",
        ge=1,
        le=20,
    )


class PilotPlatform(Table):
    """Shared platforms for pilot production (中试): what a venture gains that finds a place, and what a place costs."""

    places: float = described(
        "Ventures that find a place each year in the whole country.",
        "全国每年可接纳的企业数。",
        "number a year",
        extensive=True,
        ge=0,
        le=1e9,
    )
    odds_ratio: float = described(
        "Odds of the milestone on the platform over those without it.",
        "使用平台后里程碑成功几率与不使用时之比。",
        "ratio",
        gt=0,
        le=20,
    )
    cost_reduction_share: float = described(
        "Share of the stage's cash need that a place saves the venture.",
        "平台为企业节省的该阶段资金需求比例。",
        "share",
        ge=0,
        lt=1,
    )
    time_reduction_share: float = described(
        "Share of the stage's mean time that a place saves.",
        "平台为企业节省的该阶段平均时间比例。",
        "share",
        ge=0,
        lt=1,
    )
    queue_quarters: int = described(
        "Quarters a venture waits for a place before it goes on without.",
        "企业等待平台名额的最长季度数；到期后不使用平台继续。",
        "quarters",
        ge=0,
        le=20,
    )
    subsidy: float = described(
        "Public money that a place costs, beyond what ventures pay for it.",
        "每个名额除企业付费之外所需的公共资金。",
        "CNY million",
        ge=0,
        le=1e6,
    )
