"""Rules as a page shows them: what the program reads, beside the words it was read from.

Everything comes from the entries of `fangxin.rules`; here are only the Chinese names of their fields.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from django.urls import reverse

from fangxin.cases.terms import LINKS
from fangxin.rules.book import Chapter, Rulebook, book
from fangxin.rules.casework import Cell, CellKind, FilledBy
from fangxin.rules.citation import Cited
from fangxin.rules.dated import NotInForce, in_force
from fangxin.rules.limits import Limit, Value
from fangxin.rules.sources import sources
from fangxin.rules.terms import Term, Unit
from fangxin.web.markdown import CODE_NAME, slug

BOOKS: Mapping[str, str] = {"beijing": "北京", "fujian": "福建", "national": "全国"}
SECTIONS: Mapping[str, str] = {
    "sources": "案件来源", "routes": "分件去向", "supervisors": "主管业务部门", "limits": "期限", "outcomes": "处理意见",
    "grounds": "重大案件情形", "forms": "文书", "returns": "月报", "sections": "月报内容", "bodies": "机构",
    "departments": "区县部门", "districts": "区县", "return_reasons": "回退理由", "refusal_reasons": "不予受理理由",
    "answers": "回访答复", "provisions": "条文", "values": "取值", "violations": "违法违规行为",
    "city_departments": "设区市部门", "cities": "设区市", "tables": "申报的表", "checks": "核对", "never": "不得核对",
    "classes": "信息类别", "readers": "谁能看什么", "query_grounds": "授权查询的理由", "joins": "须堵上的拼合", "lists": "代码表",
    "record_classes": "不良行为的类别", "record_sources": "不良行为记录从哪里来",
}  # fmt: skip
# Said elsewhere in an entry: in its heading, its words, or not meant for a reader.
SAID_ELSEWHERE = frozenset(
    {
        "key",
        "title",
        "clause",
        "quote",
        "ours",
        "source",
        "checked_on",
        "settled_in",
        "note",
        "value",
        "within",
        "cells",
    }
)
FIELDS: Mapping[str, str] = {
    "who": "谁", "modality": "力度", "entered_by": "由谁录入", "automatic": "平台自动", "complainant": "有投诉举报人",
    "designated": "只限区县指定的部门", "sorted_by": "由谁分拣", "asks_for": "录入时填写", "presets_major": "预先提示",
    "label": "简称", "when": "适用于", "via": "经由", "send_to": "分至", "level": "层级", "body": "部门",
    "short": "简称", "conditions": "逐项确认", "holds_when": "成立须确认", "obliges": "由此产生", "limit": "期限",
    "proposed_when": "何时提示", "explained": "说明", "way_on": "告诉投诉人", "weight": "满意率中计为", "may_reopen": "可以重新办理",
    "from_": "由", "to": "报至", "prefilled": "由平台预填", "addressed": "用于", "also_called": "又称",
    "starts": "起算", "owed_by": "由谁承担", "starts_from": "自何时施行", "roll": "末日遇休息日顺延", "warn": "提前提示",
    "not_before": "期满前不得为之", "against": "另一处的说法", "departures": "允许的例外", "inside": "委内", "duties": "职责",
    "link": "环节", "standard": "国家标准代码", "city": "所在城市",
    "fields": "只填", "groups": "分栏", "may_be_empty": "可以没有", "rule": "核对编号", "codes": "涉及的指标", "severity": "结果", "message": "提示",
    "grantable": "可以授权", "sees": "不必申请可看", "unapproved": "审核之前也可看", "granted": "凭授权可看所批栏目", "logged": "每次查看留痕",
    "applicants": "谁可以申请", "papers": "须交材料", "without": "不含", "may_be_secret": "可以不告知机构", "secret": "有●的", "open_name": "无●而相同的", "through": "可以对上的",
    "needs_finding": "须先查证属实", "matter": "记作", "class_": "类别", "shown": "公示", "least_months": "最短公示几个月",
    "most_months": "最长公示几个月", "items": "代码", "titles": "可填", "counties_of": "取自", "also": "又可写作", "needs_checking": "代码待核对",
}  # fmt: skip
ASKED: Mapping[str, str] = {"media_link": "舆情链接", "origin_body": "来文单位", "origin_number": "来文编号"}
SEVERITIES: Mapping[str, str] = {"block": "不改正不能提交", "warn": "提示，不拦"}
LEVELS: Mapping[str, str] = {"city": "市级", "district": "区县"}
CELL_KINDS: Mapping[CellKind, str] = {
    CellKind.FIXED: "固定文字", CellKind.HEADING: "标题", CellKind.NUMBER: "编号", CellKind.CODE: "代码",
    CellKind.TEXT: "文字", CellKind.LONG_TEXT: "长文字", CellKind.ORGANISATION: "单位", CellKind.PERSON: "人员",
    CellKind.PHONE: "电话", CellKind.DATE: "日期", CellKind.SEAL: "印章", CellKind.FILES: "附件",
}  # fmt: skip
FILLED_BY: Mapping[FilledBy, str] = {
    FilledBy.SYSTEM: "由案件带出", FilledBy.SENDER: "发送单位", FilledBy.RECIPIENT: "协查单位", FilledBy.BOTH: "双方",
    FilledBy.NOBODY: "不填",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """Where a rule comes from: the quotation, or our own reason, and the way to the document."""

    clause: str
    quote: str
    ours: str
    source: str
    url: str
    checked_on: date


@dataclass(frozen=True)
class Shown:
    """One rule, ready to be shown; `parts` are rules within it, under the name of what they are to it."""

    anchor: str
    title: str
    key: str = ""
    figure: str = ""
    state: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    note: str = ""
    settled_in: str = ""
    words: Words | None = None
    parts: list[tuple[str, list["Shown"]]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    trial: str = ""

    @property
    def settled_anchor(self) -> str:
        """Where among the interpretations it is settled."""
        return settled_anchor(self.settled_in)


def settled_anchor(settled_in: str) -> str:
    """The anchor among the interpretations: a code (AMB-01), or made of the title of a section."""
    code = CODE_NAME.fullmatch(settled_in)
    return code[0] if code else slug(settled_in)


def counted(chapter: Chapter) -> str:
    """“期限 8 · 条文 6 · 取值 3”: what a chapter holds."""
    return " · ".join(
        f"{SECTIONS.get(name, name)} {len(entries)}" for name, entries in chapter.sections.items() if entries
    )


def sections_of(rules: Rulebook, chapter: Chapter, on: date) -> list[tuple[str, list[Shown]]]:
    """Every section of a chapter with its rules, each value that ever was among them."""
    return [
        (
            SECTIONS.get(name, name),
            [shown(entry, rules, anchor, on, entries) for anchor, entry in anchored(name, entries)],
        )
        for name, entries in chapter.sections.items()
    ]


def anchored(section: str, entries: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """Each entry of a section with its anchor on the page; successive values of one rule are numbered."""
    seen: Counter[str] = Counter()
    for entry in entries:
        key = _key(entry)
        seen[key] += 1
        later = f"-{seen[key]}" if seen[key] > 1 else ""
        yield f"{section}-{key}{later}", entry


def shown(entry: Any, rules: Rulebook, anchor: str, on: date, among: Sequence[Any] = ()) -> Shown:
    """One rule; `among` are its fellows, by which a dated one knows whether another has followed it."""
    facts, parts = [], []
    for one in dataclasses.fields(entry):
        value = getattr(entry, one.name)
        if one.name in SAID_ELSEWHERE or _goes_without_saying(one, value, entry):
            continue
        inner = _inner(value)
        if inner:
            nested = [shown(part, rules, f"{anchor}-{name}", on) for name, part in inner]
            parts.append((FIELDS.get(one.name, one.name), nested))
        elif words := _words(one.name, value, entry, rules):
            facts.append((FIELDS.get(one.name, one.name), words))
    return Shown(
        anchor=anchor,
        title=getattr(entry, "title", ""),
        key=_key(entry),
        figure=_figure(entry),
        state=_state(entry, among, on),
        facts=facts,
        note=getattr(entry, "note", ""),
        settled_in=getattr(entry, "settled_in", ""),
        words=words_of(entry) if isinstance(entry, Cited) else None,
        parts=parts,
        cells=[_cell(cell) for cell in getattr(entry, "cells", ())],
        trial=f"?start={on}&n={entry.n}&unit={entry.unit}#trial" if isinstance(entry, Limit) else "",
    )


def _goes_without_saying(one: dataclasses.Field[Any], value: Any, entry: Any) -> bool:
    """Nothing, or what holds unless something else is written; a term's beginning is always told."""
    if one.name == "roll":
        return value is True and entry.unit is Unit.WORKING_DAY
    return one.name != "starts_from" and (
        value in ("", (), None, {}) or (value is False and one.default is False)
    )


def words_of(entry: Cited) -> Words:
    """The words of an entry, with the address of their place in the document."""
    return quoted(entry.source, entry.clause, entry.quote, entry.ours, entry.checked_on)


def quoted(source: str, clause: str, quote: str, ours: str, checked_on: date) -> Words:
    """As `words_of`, for an entry whose source stands at the head of its file."""
    document = sources().get(source)
    place = document.place_of(quote) if document and quote else None
    url = ""
    if document and place:
        url = f"{reverse('rulebook_source', args=[document.key])}?words={place[0]}-{place[1]}#words"
    return Words(clause, quote, ours, document.title if document else "", url, checked_on)


def cited_within(entry: Any) -> Iterator[Cited]:
    """The entry and every cited entry inside it."""
    if isinstance(entry, Cited):
        yield entry
    for one in dataclasses.fields(entry):
        for _, part in _inner(getattr(entry, one.name)):
            yield from cited_within(part)


def _inner(value: Any) -> list[tuple[str, Any]]:
    """The rules within a value, named; none when it is a plain value."""
    if isinstance(value, dict):
        found = list(value.items())
    elif isinstance(value, tuple):
        found = [(str(number), part) for number, part in enumerate(value, start=1)]
    else:
        return []
    return [
        (name, part)
        for name, part in found
        if dataclasses.is_dataclass(part) and not isinstance(part, Cell | Term)
    ]


def _key(entry: Any) -> str:
    return getattr(entry, "key", "") or getattr(entry, "code", "")


def _figure(entry: Any) -> str:
    if isinstance(entry, Value):
        return _plain(entry.value)
    within = getattr(entry, "within", None)
    return str(within) if within else ""


def _state(entry: Any, among: Sequence[Any], on: date) -> str:
    """尚未施行, 已有新值, or nothing for the one in force."""
    if not isinstance(entry, Limit | Value):
        return ""
    fellows = [one for one in among if one.key == entry.key]
    try:
        current = in_force(fellows or [entry], on)
    except NotInForce:
        return "尚未施行"
    if current is entry:
        return ""
    return "尚未施行" if (entry.starts_from or date.min) > on else "已有新值"


def _words(name: str, value: Any, entry: Any, rules: Rulebook) -> str:
    match name:
        case "entered_by" | "sorted_by" | "via" | "send_to" | "body" | "from_" | "to":
            return "、".join(_body(rules, one) for one in ([value] if isinstance(value, str) else value))
        case "when":
            return "、".join(f"{FIELDS.get(key, key)}为{LINKS.get(one, one)}" for key, one in value.items())
        case "asks_for":
            return "、".join(ASKED.get(one, one) for one in value)
        case "presets_major":
            return next(ground.title for ground in rules.major_grounds if ground.key == value)
        case "limit":
            limits: tuple[Limit, ...] = rules.chapters["deadlines"].sections["limits"]
            return next(f"{limit.title}，{limit.within}" for limit in limits if limit.key == value)
        case "groups":
            return "；".join(f"{title}：{'、'.join(codes)}" for title, codes in value.items())
        case "class_":
            return book("national").record_classes[value].title
        case "level" | "severity" | "link":
            return {"level": LEVELS, "severity": SEVERITIES, "link": LINKS}[name][value]
        case "also":
            titles = entry.options
            return "、".join(f"{way}（{titles[code]}）" for way, code in value.items())
        case "holds_when":
            ways = ("、".join(entry.conditions[key].title for key in group) for group in value)
            return "；或者 ".join(ways)
        case "starts_from":
            return value.isoformat() if value else "原文未署日期，视为一直有效"
    return _plain(value)


def _plain(value: Any) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case Enum():
            return str(value.value)
        case tuple() | list():
            return "、".join(_plain(one) for one in value)
        case dict():
            return "、".join(f"{key} {_plain(one)}" for key, one in value.items())
    return str(value)


def _body(rules: Rulebook, function: str) -> str:
    level, _, department = function.partition(".")
    organisations = rules.chapters["organisations"].sections
    if level == "city":
        return next(str(body.title) for body in organisations["bodies"] if body.key == function)
    return next(f"区县{one.title}" for one in organisations["departments"] if one.key == department)


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "code": cell.code, "label": cell.label, "kind": CELL_KINDS[cell.kind], "filled_by": FILLED_BY[cell.filled_by],
        "confidential": cell.confidential, "note": cell.note,
    }  # fmt: skip
