"""What every template may use without loading it: dates, deadlines, badges, masks, marked text.

Badges are Python strings, not included templates: a desk shows fifty rows of them. What is written here is escaped
by Python's own `escape`: Django's is the same behind a wrapper for lazy words, and a desk calls it five hundred times.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from fangxin.agencies.quarters import DUTY_TITLES, DutyState
from fangxin.deadlines.clock import today
from fangxin.deadlines.queries import due_words

register = template.Library()

WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
MEDIA = {
    "image/jpeg": "图片", "image/png": "图片", "image/webp": "图片", "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "audio/mpeg": "录音", "audio/mp4": "录音", "audio/x-m4a": "录音", "audio/x-wav": "录音", "audio/wav": "录音",
    "video/mp4": "录像",
}  # fmt: skip
RUNNING = {"running", "soon", "today", "overdue"}
TENTATIVE = mark_safe(' <span class="badge badge-waiting">暂算</span>')
_CASE_WORDS = ("id", "number", "url", "subject", "respondent", "link", "source", "district", "officer")
_LATE = ' class="row-overdue"'
_MAJOR = '<span class="badge badge-major">重大</span> '
_PICK = (
    '<td class="pick"><label><input type="checkbox" name="case" value="{id}">'
    '<span class="unseen">选择 {number}</span></label></td>'
)
_CASE_ROW = (
    '<tr{late}>{pick}<td class="number-cell"><a href="{url}">{number}</a></td>'
    '<td class="subject whole">{major}{subject}{respondent}</td>'
    '<td data-label="环节">{link}</td><td data-label="来源">{source}</td><td data-label="区">{district}</td>'
    '<td>{standing}</td><td data-label="经办">{officer}</td><td class="{width}">{due}</td></tr>'
)
_STAGES = {"done": "已完成", "current": "当前", "skipped": "不需要"}
_TENTATIVE_DAY = '<p class="small">当年放假通知尚未公布，暂按周末和法定节日推算；通知录入后重新计算。</p>'
_PLACE = "[here stands the form token]"
NOTHING = mark_safe('<span class="soft">—</span>')


def field_of(thing: Any, name: str, default: Any = None) -> Any:
    """The value called `name` of a mapping or of an object; `default` if it has none."""
    if isinstance(thing, Mapping):
        return thing.get(name, default)
    return getattr(thing, name, default)


@register.filter
def weekday(day: date | None) -> str:
    """星期三 for 2026-02-25; empty for no day."""
    return WEEKDAYS[day.weekday()] if day else ""


@register.filter
def day(value: date | None) -> SafeString:
    """A <time> reading “2026-02-25 星期三”; a dash for no day. A moment gives its day in Asia/Shanghai."""
    if not value:
        return NOTHING
    if isinstance(value, datetime):
        value = (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    said = value.isoformat()
    return mark_safe(f'<time datetime="{said}">{said} {WEEKDAYS[value.weekday()]}</time>')  # noqa: S308 - digits


@register.filter
def moment(value: datetime | None) -> SafeString:
    """A <time> reading “2026-02-25 14:03” in Asia/Shanghai; a dash for no moment."""
    if not value:
        return NOTHING
    if timezone.is_aware(value):
        value = timezone.localtime(value)
    said = value.isoformat(" ", "minutes")[:16]
    return mark_safe(f'<time datetime="{value.isoformat("T", "seconds")}">{said}</time>')  # noqa: S308 - digits


@register.filter
def masked(value: str | None, kind: str = "") -> str:
    """A name, mobile, identity number, e-mail or address with its telling part starred; `kind` names which.

    Without a kind the first and last characters stay. Meant for values the page already may show:
    sealed identities arrive masked from their own query.
    """
    text = (value or "").strip()
    if not text:
        return "—"
    if kind == "姓名":
        return text[0] + "*" * max(len(text) - 1, 1)
    if "@" in text:
        name, _, host = text.partition("@")
        return f"{name[:1]}***@{host}"
    if kind == "地址":
        return text[:6] + "*" * max(len(text) - 6, 3)
    ahead, behind = (3, 4) if len(text) >= 11 else (1, 1)
    if len(text) <= ahead + behind:
        return text[:1] + "*" * max(len(text) - 1, 1)
    return text[:ahead] + "*" * (len(text) - ahead - behind) + text[-behind:]


@register.filter
def percent(value: float | None) -> str:
    """86% for 0.861; a dash for nothing."""
    return "—" if value is None else f"{value * 100:.0f}%"


@register.filter
def file_size(octets: int | str | None) -> str:
    """“812 KB”, “3.4 MB”: the size of an attachment; nothing for an unknown one."""
    if not isinstance(octets, int):
        return ""
    if octets < 1024 * 1024:
        return f"{max(1, round(octets / 1024))} KB"
    return f"{octets / 1024 / 1024:.1f} MB"


@register.filter
def paragraphs(value: str | None) -> SafeString:
    """Text as its author broke it into lines, escaped."""
    if not value:
        return NOTHING
    said = value if isinstance(value, SafeString) else escape(str(value))
    if "\n" in said or "\r" in said:
        said = said.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "<br>")
    return mark_safe(said)  # noqa: S308 - escaped above


@register.filter
def media_title(media_type: str | None) -> str:
    """图片、PDF、Word…: a media type in a reader's words; other words stay."""
    return MEDIA.get(media_type or "", media_type or "")


@register.filter
def lookup(thing: Any, name: str) -> Any:
    """The value under a key held in a variable: `{{ totals|lookup:row.code }}`."""
    return field_of(thing, name, "")


@register.simple_tag
def deadline_badge(
    due_on: date | None,
    *,
    words: str = "",
    tone: str = "",
    provisional: bool = False,
    on: date | None = None,
) -> SafeString:
    """“剩 3 个工作日 2026-02-25 星期三”, 今日到期, 逾期 2 个工作日.

    `words` and `tone` come from `deadlines.queries` when the term is already met or ended; without them the
    term counts as running and is told as of `on`, today unless given.
    """
    if not due_on:
        return NOTHING
    if not words:
        told = due_words(due_on, on or today())
        words, tone = told["words"], told["tone"]
    return format_html(
        '<span class="due due-{}"><strong>{}</strong>{} <time datetime="{}">{}{} {}</time></span>',
        tone,
        words,
        TENTATIVE if provisional else "",
        due_on.isoformat(),
        "" if tone in RUNNING else "期限 ",
        due_on.isoformat(),
        WEEKDAYS[due_on.weekday()],
    )


@register.simple_tag(takes_context=True)
def acting_as(context: Mapping[str, Any]) -> SafeString:
    """For which of the writer's companies the form is: see `access.ACTING_AS`."""
    acting = getattr(context.get("request"), "acting", None)
    if acting is None:
        return mark_safe("")
    return format_html('<input type="hidden" name="acting_as" value="{}">', acting.membership_id)


@register.simple_tag
def status_badge(label: str, tone: str = "") -> SafeString:
    """A status in a frame; tones: (none), info, waiting, good, bad, done. The words carry the meaning."""
    if not label:
        return NOTHING
    toned = f" badge-{escape(str(tone))}" if tone else ""
    said = label if isinstance(label, SafeString) else escape(str(label))
    return mark_safe(f'<span class="badge{toned}">{said}</span>')  # noqa: S308 - escaped above


@register.simple_tag
def quarter_badge(state: str, was_late: bool = False) -> SafeString:
    """Where an agency's submission for a quarter stands."""
    if was_late:
        return status_badge("逾期提交", "waiting")
    tones = {
        DutyState.OPEN: "info",
        DutyState.UPDATED: "good",
        DutyState.LATE: "bad",
        DutyState.MISSING: "bad",
    }
    return status_badge(DUTY_TITLES[DutyState(state)], tones.get(DutyState(state), ""))


@register.simple_tag(takes_context=True)
def frame(context: template.Context, standing: Mapping[str, Any]) -> SafeString:
    """What stands above every page: the same for the same reader in the same room, and drawn once for them."""
    drawn = _frame(json.dumps(standing or {}))
    if _PLACE in drawn:
        drawn = drawn.replace(_PLACE, escape(str(context.get("csrf_token", ""))))
    return mark_safe(drawn)  # noqa: S308 - a template's own text, and the token escaped


@register.simple_tag
@lru_cache(maxsize=8)
def frame_head(audience: str) -> SafeString:
    """The stylesheet and scripts of an audience's pages."""
    return render_to_string("components/frame_head.html", {"audience": audience})


@lru_cache(maxsize=1024)
def _frame(standing: str) -> str:
    """A pure function of what it is told: the JSON of `standing`. The form token's place is kept for the request's own."""
    return render_to_string("components/frame.html", {"standing": json.loads(standing), "csrf_token": _PLACE})


@register.simple_tag
def case_rows(rows: Iterable[Mapping[str, Any]], bulk: Any = None, on: date | None = None) -> SafeString:
    """The body of `components/case_table.html`: fifty rows in a template would cost half of the desk's page."""
    day = on or today()
    return mark_safe("\n".join([_case_row(row, bool(bulk), day) for row in rows]))  # noqa: S308 - escaped below


def _case_row(row: Mapping[str, Any], choosable: bool, on: date) -> str:
    """One case; every word of it is escaped here."""
    said: dict[str, str] = {name: escape(str(row.get(name) or "")) for name in _CASE_WORDS}
    due_on, words, tone = row.get("due_on"), row.get("words") or "", row.get("tone") or ""
    said["due"] = deadline_badge(
        due_on, words=words, tone=tone, provisional=bool(row.get("provisional")), on=on
    )
    said["standing"] = status_badge(row.get("status") or "", row.get("status_tone") or "")
    said["pick"] = _PICK.format_map(said) if choosable else ""
    said["late"] = _LATE if row.get("overdue") else ""
    said["major"] = _MAJOR if row.get("major") else ""
    said["respondent"] = f"<small>{said['respondent']}</small>" if said["respondent"] else ""
    said["width"] = "whole" if due_on else "none"
    for name in ("link", "source", "district", "officer"):
        said[name] = said[name] or "—"
    return _CASE_ROW.format_map(said)


@register.simple_tag
def indicator_facts(facts: Iterable[tuple[str, str, str]]) -> SafeString:
    """Code, title and value of the indicators of a table, one below the other; line breaks are kept."""
    said = "".join(
        [
            f'<div id="{escape(code)}"><dt>{escape(title)}</dt>'
            f"<dd>{linebreaksbr(value, autoescape=True)}</dd></div>"
            for code, title, value in facts
        ]
    )
    return mark_safe(f'<dl class="facts">{said}</dl>')  # noqa: S308 - escaped above


@register.simple_tag
def indicator_rows(
    titles: Iterable[tuple[str, str]], rows: Iterable[Iterable[tuple[str, str]]], caption: str
) -> SafeString:
    """A table of the annex with many rows; cards on a phone."""
    head = "".join([f'<th scope="col">{escape(title)}</th>' for _, title in titles])
    body = "".join(
        [
            "<tr>"
            + "".join(
                [
                    f'<td class="whole" data-label="{escape(title)}">{linebreaksbr(value, autoescape=True) or "—"}</td>'
                    for title, value in row
                ]
            )
            + "</tr>"
            for row in rows
        ]
    )
    return mark_safe(  # noqa: S308 - escaped above
        f'<table class="cards"><caption class="unseen">{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


@register.simple_tag
def timeline_rows(entries: Iterable[Mapping[str, Any]]) -> SafeString:
    """The lines of `components/timeline.html`: a case's story is the longest list of its page."""
    return mark_safe("\n".join([_entry(entry) for entry in entries]))  # noqa: S308 - escaped below


def _entry(entry: Mapping[str, Any]) -> str:
    """One thing that happened; every word of it is escaped here."""
    said = {name: escape(str(entry.get(name) or "")) for name in ("title", "by", "clause", "tone")}
    tone = f' class="entry-{said["tone"]}"' if said["tone"] else ""
    clause = f' <span class="soft small">{said["clause"]}</span>' if said["clause"] else ""
    body = f"<p>{paragraphs(entry['body'])}</p>" if entry.get("body") else ""
    by = f" · {said['by']}" if said["by"] else ""
    return (
        f"<li{tone}><p><strong>{said['title']}</strong>{clause}</p>{body}"
        f'<p class="soft small">{moment(entry["at"])}{by}</p></li>'
    )


@register.simple_tag
def fact_rows(items: Iterable[tuple[str, Any]]) -> SafeString:
    """The rows of `components/facts.html`."""
    rows = [f"<div><dt>{escape(str(name))}</dt><dd>{paragraphs(value)}</dd></div>" for name, value in items]
    return mark_safe("".join(rows))  # noqa: S308 - escaped above


@register.simple_tag
def stepper_rows(steps: Iterable[Mapping[str, Any]]) -> SafeString:
    """The steps of `components/stepper.html`."""
    return mark_safe("\n".join([_stage(step) for step in steps]))  # noqa: S308 - escaped below


def _stage(step: Mapping[str, Any]) -> str:
    state = step["state"]
    current = ' aria-current="step"' if state == "current" else ""
    note = f"<small>{escape(str(step['note']))}</small>" if step.get("note") else ""
    return (
        f'<li class="step-{escape(state)}"{current}><span>{escape(step["title"])}'
        f'<span class="unseen">（{_STAGES.get(state, "未开始")}）</span>{note}</span></li>'
    )


@register.simple_tag
def why_this_day(deadline: Any) -> SafeString:
    """How the day was counted, line by line, and the words it is counted from."""
    lines = field_of(deadline, "explanation") or ()
    counted = (
        f'<ol class="small">{"".join([f"<li>{escape(line)}</li>" for line in lines])}</ol>' if lines else ""
    )
    tentative = _TENTATIVE_DAY if field_of(deadline, "provisional") else ""
    quoted = law_words(deadline) if field_of(deadline, "quote") else ""
    return mark_safe(f"{counted}{tentative}{quoted}")  # noqa: S308 - escaped above and below


@register.simple_tag
def law_words(law: Any) -> SafeString:
    """The quotation, its clause (a link into the rulebook if there is one), its source, and when it was checked."""
    clause, url = escape(str(field_of(law, "clause", ""))), field_of(law, "url")
    source, checked_on = field_of(law, "source"), field_of(law, "checked_on")
    told = [
        f'<a href="{escape(url)}">{clause}</a>' if url else clause,
        f" · {escape(str(source))}" if source else "",
        f" · 核对于 {day(checked_on)}" if checked_on else "",
    ]
    quote = escape(str(field_of(law, "quote", "")))
    return mark_safe(  # noqa: S308 - escaped above
        f'<figure class="law"><blockquote>{quote}</blockquote><figcaption>{"".join(told)}</figcaption></figure>'
    )


@register.filter
def segments(text: str, marks: Iterable[Any]) -> list[dict[str, str]]:
    """`text` cut at its redaction marks (start, end, kind, replacement) for the redaction preview."""
    cut: list[dict[str, str]] = []
    at = 0
    for mark in sorted(marks, key=lambda m: int(field_of(m, "start"))):
        start, end = max(at, int(field_of(mark, "start"))), int(field_of(mark, "end"))
        if end <= start:
            continue
        if start > at:
            cut.append({"text": text[at:start], "kind": "", "replacement": ""})
        kind, replacement = str(field_of(mark, "kind", "")), str(field_of(mark, "replacement", "") or "")
        cut.append({"text": text[start:end], "kind": kind, "replacement": replacement})
        at = end
    if at < len(text):
        cut.append({"text": text[at:], "kind": "", "replacement": ""})
    return cut


@register.filter
def first_control(field: Any) -> str:
    """The id an error link should reach: the control, or the first of a group of radios or checkboxes."""
    return field.id_for_label or f"{field.auto_id}_0"
