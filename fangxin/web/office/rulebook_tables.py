"""规则库: the tables of indicators as the program reads them, field by field, with the checks that touch them."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from fangxin.deadlines.clock import today
from fangxin.rules import book
from fangxin.rules.book import Rulebook
from fangxin.rules.indicators import Field, FilledBy, Table
from fangxin.web.access import ActingRequest, office
from fangxin.web.office.rulebook_words import (
    BOOKS,
    Shown,
    Words,
    anchored,
    quoted,
    settled_anchor,
    shown,
    words_of,
)

TYPES = {
    "text": "文字", "long_text": "长文字", "reference": "编号", "registration_no": "注册号", "person": "姓名",
    "people": "姓名，可多人", "code": "代码", "choice": "选一项", "choices": "选几项", "integer": "整数",
    "money_wan": "金额", "percent": "百分数", "date": "日期", "period": "起止日期", "moment": "日期和时间",
    "phone": "电话", "email": "电子信箱", "postcode": "邮政编码", "company_code": "企业代码",
    "person_id": "证件号码", "url": "网址", "image": "图片",
}  # fmt: skip
FILLED_BY = {
    FilledBy.AGENCY: "机构", FilledBy.AUTHORITY: "主管部门", FilledBy.BOTH: "机构和主管部门",
    FilledBy.COMPLAINANT: "投诉人", FilledBy.PLATFORM: "平台带出",
}  # fmt: skip


@office()
def table(request: ActingRequest, name: str, code: str) -> HttpResponse:
    """One table: each indicator as printed, its column, what may be written there, and who may see it."""
    rules = book(name) if name in BOOKS else None
    read = next((one for one in rules.tables if one.code == code), None) if rules else None
    if rules is None or read is None:
        raise Http404
    context = {
        "heading": f"{read.code} {read.title}",
        "crumbs": [("规则库", reverse("rulebook"))],
        "lead": f"{BOOKS[name]}，记录 {read.record}，{read.repeats or '每家机构一表'}；本册版本 {rules.version}",
        "table": read,
        "words": words_of(read),
        "settled_anchor": settled_anchor(read.settled_in),
        "notes": [words_of(note) for note in read.notes],
        "parts": [
            ("原表的指标", [_row(rules, read, one) for one in read.fields]),
            ("平台增设", [_row(rules, read, one) for one in read.additions]),
        ],
        "counts": _counts(read),
        "checks": list(_checks(rules, read)),
        "tables": table_links(rules, code),
    }
    return render(request, "office/rulebook_table.html", context)


def table_links(rules: Rulebook, current: str = "") -> list[dict[str, Any]]:
    """The tables of a book with their addresses, J before T."""
    return [
        {
            "code": one.code, "title": one.title, "counted": f"{len(one.fields)} 项",
            "url": reverse("rulebook_table", args=[rules.name, one.code]), "current": one.code == current,
        }
        for one in rules.tables
    ]  # fmt: skip


def words_of_field(of_table: Table, one: Field) -> Words | None:
    """The document's note on an indicator, or our reason for one it does not have."""
    if not (one.quote or one.ours):
        return None
    return quoted(of_table.source, one.clause, one.quote, one.ours, of_table.checked_on)


def _row(rules: Rulebook, of_table: Table, one: Field) -> dict[str, Any]:
    classes = {entry.key: entry.title for entry in rules.chapters["disclosure"].sections["classes"]}
    titles = {entry.key: entry.title for entry in rules.chapters["code_lists"].sections["lists"]}
    lists = reverse("rulebook_chapter", args=[rules.name, "code_lists"])
    return {
        "it": one,
        "type": TYPES[one.type],
        "bounds": "" if one.lowest is None else f"{one.lowest} 至 {one.highest}{one.unit}",
        "list": titles.get(one.list_, ""),
        "list_url": f"{lists}#lists-{one.list_}",
        "hint": "" if one.list_ else one.hint,
        "filled_by": FILLED_BY[one.filled_by],
        "class": classes[str(one.class_)],
        "words": words_of_field(of_table, one),
        "settled_anchor": settled_anchor(one.settled_in),
    }


def _counts(read: Table) -> list[tuple[str, int]]:
    fields = read.all_fields
    found = [
        ("公示", sum(one.shown for one in fields)),
        ("有●", sum(not one.public for one in fields)),
        ("无●而不公示", sum(bool(one.held_back) for one in fields)),
        ("必填", sum(one.required for one in fields)),
    ]
    return [(title, count) for title, count in found if count]


def _checks(rules: Rulebook, read: Table) -> Iterator[tuple[str, Shown]]:
    """What is compared with a field of this table, and what must not be: rule number and entry."""
    codes = {one.code for one in read.all_fields}
    sections = rules.chapters["declaration"].sections
    for name in ("checks", "never"):
        for anchor, entry in anchored(name, sections[name]):
            if codes & set(entry.codes):
                yield entry.rule, shown(entry, rules, anchor, today(), sections[name])
