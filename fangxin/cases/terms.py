"""Short code lists of casework that no document numbers; titles for the screens."""

from collections.abc import Mapping

from fangxin.deadlines.clock import today
from fangxin.rules import book

# 二(六)1: 直接回复，或要求企业回复；二(六)2: 可告知; no complainant: BJ-2.1-3, -4.
TOLD_HOW: Mapping[str, str] = {
    "directly": "经办部门直接回复",
    "by_company": "由企业答复，经平台转达",
    "not_told": "不告知（仅民事纠纷，须说明理由）",
    "not_applicable": "无投诉人",
}
SOLVED: Mapping[str, str] = {"solved": "已解决", "partly": "部分解决", "unsolved": "未解决"}
OUTCOME_WEIGHT: Mapping[str, int] = {"answered": 0, "civil_dispute": 1, "violation": 2}
LINKS: Mapping[str, str] = {
    "trading": "交易",
    "brokerage": "经纪",
    "development": "开发",
    "property": "物业",
    "appraisal": "评估",
    "surveying": "测绘",
}


def satisfaction_titles(jurisdiction: str) -> Mapping[str, str]:
    """The answers of the call-back by key (二(七))."""
    return {answer.key: answer.title for answer in book(jurisdiction).callback_answers}


def outcome_titles(jurisdiction: str) -> Mapping[str, str]:
    """The outcomes of 二(六)1–3 by key."""
    return {outcome.key: outcome.short for outcome in book(jurisdiction).outcomes}


def reason_titles(jurisdiction: str, kind: str) -> Mapping[str, str]:
    """The reasons for a `return` or a `refusal` by key (二(三))."""
    rules = book(jurisdiction)
    reasons = rules.return_reasons if kind == "return" else rules.refusal_reasons
    return {reason.key: reason.title for reason in reasons}


def refusal_told(jurisdiction: str, reason_code: str) -> str:
    """What a complainant reads of a refusal: the reason's title and the way on, never what was typed inside."""
    reason = next(one for one in book(jurisdiction).refusal_reasons if one.key == reason_code)
    return f"经部门领导批准，本投诉不予受理。\n理由：{reason.title}。\n{reason.way_on}"


def source_titles(jurisdiction: str) -> Mapping[str, str]:
    """The intake sources by key (二(一))."""
    return {source.key: source.title for source in book(jurisdiction).sources}


def district_titles(jurisdiction: str) -> Mapping[str, str]:
    """The districts by six-digit code."""
    return {district.key: district.title for district in book(jurisdiction).districts}


def supervision_levels(jurisdiction: str) -> list[str]:
    """Who is told of a supervision order that nobody answers, level after level; the first is who was given it."""
    levels: list[str] = book(jurisdiction).value("callback.supervision_levels", on=today()).value  # type: ignore[assignment]
    return levels
