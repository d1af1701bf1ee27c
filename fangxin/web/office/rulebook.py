"""规则库: the law as the program reads it, beside its words. Everything is read through fangxin.rules."""

import calendar as months
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from fangxin.cases.terms import LINKS
from fangxin.deadlines.clock import today
from fangxin.rules import book
from fangxin.rules.casework import Violation
from fangxin.rules.indicators import Table
from fangxin.rules.interpretations import interpretations as chosen_readings
from fangxin.rules.sources import Source, sources
from fangxin.rules.workdays import Calendar, calendar
from fangxin.web import workflow_tables
from fangxin.web.access import ActingRequest, office
from fangxin.web.due_day import DueDayForm
from fangxin.web.fields import Choice, Line
from fangxin.web.markdown import render as as_html
from fangxin.web.office.rulebook_tables import table_links
from fangxin.web.office.rulebook_words import BOOKS, anchored, cited_within, counted, sections_of

MARKS = {"S": "读过法条原文", "F": "见于公开转载或者摘录", "G": "凭一般了解"}
# Chapters that have a page of their own.
ELSEWHERE = frozenset({"violations"})


@office()
def index(request: ActingRequest) -> HttpResponse:
    """The books with their chapters, and the box that counts a term."""
    asked = bool({"start", "n", "unit"} & set(request.GET))
    form = (
        DueDayForm(request.GET) if asked else DueDayForm(initial={"start": today(), "n": 3, "unit": "工作日"})
    )
    wrong = asked and not form.is_valid()
    context = {
        "heading": "规则库",
        "books": [_book(name, title) for name, title in BOOKS.items()],
        "sources": [(source, reverse("rulebook_source", args=[source.key])) for source in sources().values()],
        "years": _years(calendar()),
        "violations": len(book("national").violations),
        "to_check": sum(1 for violation in book("national").violations if violation.needs_checking),
        "form": form,
        "due": form.due_day,
    }
    return render(request, "office/rulebook.html", context, status=422 if wrong else 200)


@office()
def chapter(request: ActingRequest, name: str, chapter: str) -> HttpResponse:
    """One chapter: every rule as the program reads it, and the words it was read from."""
    if name not in BOOKS or chapter not in book(name).chapters or chapter in ELSEWHERE:
        raise Http404
    rules = book(name)
    read = rules.chapters[chapter]
    context = {
        "heading": f"{BOOKS[name]} · {read.title}",
        "crumbs": _crumbs(),
        "lead": f"{read.path.parent.name}/{read.path.name}，本册版本 {rules.version}",
        "sections": sections_of(rules, read, today()),
    }
    return render(request, "office/rulebook_chapter.html", context)


@office()
def year(request: ActingRequest, year: int) -> HttpResponse:
    """One year of the calendar, month by month."""
    known = calendar()
    if year not in known.years:
        raise Http404
    context = {
        "heading": f"{year}年工作日历",
        "crumbs": _crumbs(),
        "year": known.years[year],
        "provisional": known.is_provisional(year),
        "years": _years(known, year),
        "months": [_month(known, year, month) for month in range(1, 13)],
        "total": sum(1 for _ in known.years[year].working_days()),
    }
    return render(request, "office/rulebook_calendar.html", context)


class ViolationFilter(forms.Form):
    """What the catalogue is filtered by."""

    q = Line("名称、法律、字词", 100, required=False, widget=forms.TextInput(attrs={"type": "search"}))
    link = Choice("环节", [("", "全部"), *LINKS.items()], required=False)
    checking = Choice("核对", [("", "全部"), ("yes", "待核对"), ("no", "已核对")], required=False)


@office()
def violations(request: ActingRequest) -> HttpResponse:
    """The catalogue of violations, with the law of each and whether it still needs checking."""
    form = ViolationFilter(request.GET or None)
    wrong = form.is_bound and not form.is_valid()
    given = form.cleaned_data if form.is_bound and not wrong else {}
    catalogue = book("national").violations
    found = [one for one in catalogue if _wanted(one, given)]
    context = {
        "heading": "违法违规行为目录",
        "crumbs": _crumbs(),
        "lead": f"全国，共 {len(catalogue)} 种；本册版本 {book('national').version}",
        "form": form,
        "rows": [{"it": one, "link": LINKS[one.link], "mark": MARKS[one.mark]} for one in found],
        "marks": MARKS,
    }
    return render(request, "office/rulebook_violations.html", context, status=422 if wrong else 200)


@office()
def interpretations(request: ActingRequest) -> HttpResponse:
    """Where the texts are silent: what was chosen, and why."""
    context = {"heading": "解释", "crumbs": _crumbs(), "text": as_html(chosen_readings(), lowered_by=1)}
    return render(request, "office/rulebook_interpretations.html", context)


@office()
def source(request: ActingRequest, key: str) -> HttpResponse:
    """A document word for word; `?words=12-40` highlights a passage, and each line names the rules that rest on it."""
    if key not in sources():
        raise Http404
    document = sources()[key]
    context = {
        "heading": document.title,
        "crumbs": _crumbs(),
        "source": document,
        "lines": list(_lines(document, _passage(request.GET.get("words", ""), len(document.text)))),
    }
    return render(request, "office/rulebook_source.html", context)


@office()
def workflow(request: ActingRequest) -> HttpResponse:
    """The step tables: who may do what, when, by which clause, and where it leads."""
    context = {
        "heading": "办理步骤",
        "crumbs": _crumbs(),
        "tables": [
            ("案件", workflow_tables.case_chart(), workflow_tables.case_rows()),
            ("责令整改", workflow_tables.order_chart(), workflow_tables.order_rows()),
            ("机构申报", workflow_tables.declaration_chart(), workflow_tables.declaration_rows()),
            ("机构", workflow_tables.agency_chart(), workflow_tables.agency_rows()),
            ("季度更新", workflow_tables.duty_chart(), workflow_tables.duty_rows()),
            *(
                (title, workflow_tables.process_chart(process), workflow_tables.process_rows(process))
                for title, _, process in workflow_tables.PROCESSES
            ),
        ],
    }
    return render(request, "office/rulebook_workflow.html", context)


def _crumbs() -> list[tuple[str, str]]:
    return [("规则库", reverse("rulebook"))]


def _book(name: str, title: str) -> dict[str, Any]:
    rules = book(name)
    chapters = [
        {"title": one.title, "counted": counted(one), "url": reverse("rulebook_chapter", args=[name, key])}
        for key, one in rules.chapters.items()
        if key not in ELSEWHERE
    ]
    return {
        "name": name, "title": title, "version": rules.version, "chapters": chapters,
        "tables": table_links(rules),
    }  # fmt: skip


def _years(known: Calendar, current: int | None = None) -> list[dict[str, Any]]:
    return [
        {
            "year": number, "provisional": known.is_provisional(number), "current": number == current,
            "url": reverse("rulebook_year", args=[number]),
        }
        for number in known.years
    ]  # fmt: skip


def _month(known: Calendar, year: int, month: int) -> dict[str, Any]:
    weeks = months.Calendar().monthdatescalendar(year, month)
    shown = [[_day(known, day) if day.month == month else None for day in week] for week in weeks]
    worked = sum(1 for week in shown for day in week if day and day["worked"])
    return {"title": f"{month}月", "weeks": shown, "worked": worked}


def _day(known: Calendar, day: date) -> dict[str, Any]:
    name, worked = known.name_of(day), known.is_working_day(day)
    particular = name not in {"", "周末"}
    return {
        "day": day.day, "worked": worked, "name": name, "sign": ("班" if worked else "休") if particular else "",
        "tone": ("worked" if worked else "off") if particular else ("" if worked else "rest"),
    }  # fmt: skip


def _wanted(violation: Violation, given: dict[str, Any]) -> bool:
    if given.get("link") and violation.link != given["link"]:
        return False
    if given.get("checking") and violation.needs_checking != (given["checking"] == "yes"):
        return False
    said = " ".join(
        (
            violation.code,
            violation.act,
            violation.consequence,
            *violation.words,
            *(basis.law for basis in violation.basis),
        )
    )
    return all(word in said for word in given.get("q", "").split())


def _passage(asked: str, length: int) -> tuple[int, int]:
    """The asked passage within the text; an empty one for anything that is not."""
    first, _, last = asked.partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) < 8 for part in (first, last)):
        return 0, 0
    start, end = int(first), min(int(last), length)
    return (start, end) if start < end else (0, 0)


@dataclass(frozen=True)
class SourceLine:
    """A line of a document, cut where the highlighted words begin and end, with the rules that rest on it."""

    number: int
    pieces: list[tuple[str, bool]]
    begins_words: bool
    rules: list[tuple[str, str]]


def _lines(document: Source, passage: tuple[int, int]) -> Iterator[SourceLine]:
    resting, at = _resting_on(document), 0
    start, end = passage
    for number, line in enumerate(document.text.split("\n"), start=1):
        low, high = (min(max(place - at, 0), len(line)) for place in (start, end))
        pieces = [(line[:low], False), (line[low:high], True), (line[high:], False)]
        if line.strip():
            begins = at <= start < at + len(line) and end > start
            yield SourceLine(number, [piece for piece in pieces if piece[0]], begins, resting[number])
        at += len(line) + 1


def _resting_on(document: Source) -> defaultdict[int, list[tuple[str, str]]]:
    """For each line, the rules whose quotation begins on it: title and address."""
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for name in BOOKS:
        for key, one in book(name).chapters.items():
            if key in ELSEWHERE:
                continue
            page = reverse("rulebook_chapter", args=[name, key])
            for section, entries in one.sections.items():
                for anchor, entry in anchored(section, entries):
                    for line in _lines_quoted(document, entry):
                        rule = (entry.title, f"{page}#{anchor}")
                        if rule not in found[line]:
                            found[line].append(rule)
        for table in book(name).tables:
            _add_table(found, document, table, reverse("rulebook_table", args=[name, table.code]))
    return found


def _add_table(
    found: defaultdict[int, list[tuple[str, str]]], document: Source, table: Table, page: str
) -> None:
    if table.source != document.key:
        return
    quotes = [(f"{table.code} {table.title}", page, one.quote) for one in (table, *table.notes)]
    quotes += [(f"{one.code} {one.title}", f"{page}#{one.code}", one.quote) for one in table.fields]
    for title, url, quote in quotes:
        if quote and (place := document.place_of(quote)):
            line = document.text.count("\n", 0, place[0]) + 1
            if (title, url) not in found[line]:
                found[line].append((title, url))


def _lines_quoted(document: Source, entry: Any) -> Iterator[int]:
    for cited in cited_within(entry):
        if cited.source == document.key and cited.quote and (place := document.place_of(cited.quote)):
            yield document.text.count("\n", 0, place[0]) + 1
