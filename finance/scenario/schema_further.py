"""Further terms of the contract between partners of sub-funds, each working on what those before it have left."""

from __future__ import annotations

from typing import Literal

from finance.scenario.schema_base import NamedTables, Steps, Table, described

FURTHER_CONTRACTS = ("scheduled-buy-out", "put", "guarantee", "give-up", "tiered-give-up", "stage-give-up")
"""Contracts that can stand behind others: they move money from where these have left it and divide nothing anew."""


class FurtherTerm(Table):
    """A term that stands behind the contract of the sub-funds; without a share it is not there."""

    contract: Literal["scheduled-buy-out", "put", "guarantee", "give-up", "tiered-give-up", "stage-give-up"] = (
        described("Kind of the term.", "附加条款的种类。", "choice")
    )
    share: float = described(
        "Share in the term: stake bought or sold, loss made good, excess given up, or part of the shares in its steps.",
        "条款比例：可买卖的份额、担保的损失比例、让渡的超额收益比例，或对分档比例的折算系数。",
        "share",
        neutral=0.0,
        ge=0,
        le=1,
    )
    rate: float = described(
        "Rate of the term, nominal: interest in the price of a put, or the public's return before a give-up.",
        "条款利率（名义）：回售价格中的利息，或让利前公共方的收益率。",
        "rate a year",
        default=0.0,
        ge=0,
        le=0.5,
    )
    first_year: float = described(
        "Years from a sub-fund's first closing from which a scheduled buy-out is possible.",
        "分期回购自子基金首次关账后第几年起可以行使。",
        "years",
        default=1.0,
        ge=0,
        le=30,
    )
    last_year: float = described(
        "Years from a sub-fund's first closing to the last date of a right; whole years where there are several rights.",
        "自子基金首次关账至权利最后行使日的年数；有多项权利时取整年。",
        "years",
        default=5.0,
        ge=0.25,
        le=30,
    )
    steps: Steps = described(
        "Steps: years and the rate of a buy-out's price up to them, or multiples of capital and shares given up above.",
        "分档：回购价格各期的截止年份及年利率，或收益倍数及其以上让渡的比例。",
        "list of pairs",
        default=(),
    )
    is_retroactive: bool = described(
        "Whether the rate of the year in which a buy-out is made holds from the start.",
        "回购价格是否按行使当年的利率自出资之日起追溯计算。",
        "yes or no",
        default=True,
    )
    profit_share: float = described(
        "What the public keeps of the profit on the stake that it has sold in a scheduled buy-out.",
        "分期回购后公共方就已售份额保留的后续利润比例。",
        "share",
        default=0.0,
        ge=0,
        le=1,
    )
    target_share: float = described(
        "Share of its investments at which a sub-fund in seed and angel rounds earns the whole give-up by stage.",
        "子基金投向种子轮与天使轮的比例达到该值时，按阶段让利全额兑现。",
        "share",
        default=0.7,
        gt=0,
        le=1,
    )
    premium_rate: float = described(
        "What private partners pay for a guarantee, over the guaranteed part of their capital that is still out.",
        "社会出资人为担保支付的费率，以仍在外的被担保资本为基数。",
        "rate a year",
        default=0.0,
        ge=0,
        le=0.2,
    )
    claim_cap: float = described(
        "Largest claim on a guarantee, over the guaranteed part of private capital; 1 is no limit.",
        "担保代偿上限，占被担保社会资本的比例；1 表示不设上限。",
        "share",
        default=1.0,
        ge=0,
        le=1,
    )


class FurtherTerms(NamedTables[FurtherTerm]):
    """Further terms in the order in which they work."""
