"""The register's review: the queue of a place, and a declaration with its differences, findings and steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.agencies import actions, review
from fangxin.agencies.differences import (
    MARK_TITLES,
    FieldChange,
    Mark,
    RowChange,
    TableChange,
    codes_with_values,
)
from fangxin.agencies.review import Reviewed, Sieve
from fangxin.agencies.standing import standing_of
from fangxin.agencies.values import declared_fields, declared_tables
from fangxin.agencies.workflow import PLACE_TITLES, STATE_TITLES, STEP_BY_VERB, Place, State, find_step
from fangxin.deadlines.clock import today
from fangxin.disclosure.actions.looking import record_look, sees_unapproved
from fangxin.disclosure.readers import reader_of
from fangxin.documents.queries import attachments_of
from fangxin.organisations.roles import Acting, Role
from fangxin.rules.crosschecks import Finding
from fangxin.rules.reading import marked
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, attempt, sent_before
from fangxin.web.office.review_forms import OpinionForm, PrecheckForm, QueueForm, ReturnForm, place_words

REVIEWING = (Role.REVIEWER, Role.PRECHECKER)
TILES = {"todo": "", "warned": "soon", "others": "", "returned": "", "decided": ""}
TONES = {"approved": "good", "returned": "bad", "pre_checked": "info", "awaiting_city": "waiting"}
# Rows of a table that a page shows; the others have pages of their own.
ROWS = 100
RETURNS = ("return_declaration", "return_from_city")
# Steps that others may take, without anything waiting for them.
ASIDE = {"recall_declaration", "precheck_declaration", *RETURNS}


@dataclass(frozen=True)
class StepPage:
    """The form of a step and the action it calls."""

    form: Callable[..., Any]
    run: Callable[[UUID, Any, Acting], Any]
    primary: bool = True


PAGES: Mapping[str, StepPage] = {
    "approve_declaration": StepPage(
        OpinionForm,
        lambda pk, form, by: actions.approve_declaration(
            pk, opinion=form.cleaned_data["opinion"], by=by, **form.act
        ),
    ),
    "confirm_declaration": StepPage(
        OpinionForm,
        lambda pk, form, by: actions.confirm_declaration(
            pk, opinion=form.cleaned_data["opinion"], by=by, **form.act
        ),
    ),
    "precheck_declaration": StepPage(
        PrecheckForm,
        lambda pk, form, by: actions.precheck_declaration(
            pk, opinion=form.cleaned_data["opinion"], by=by, **form.act
        ),
    ),
    **{
        verb: StepPage(
            ReturnForm,
            lambda pk, form, by: actions.return_declaration(
                pk, reasons=form.reasons, opinion=form.cleaned_data["opinion"], by=by, **form.act
            ),
            primary=False,
        )
        for verb in RETURNS
    },
}


@office(*REVIEWING)
def queue(request: ActingRequest) -> HttpResponse:
    """What waits for this person, longest first."""
    acting = request.acting
    form = QueueForm(request.GET or None, jurisdiction=acting.jurisdiction, **own_place(acting))
    sieve = _sieve(form, request)
    found, counts = review.queue(acting, sieve), review.queue_counts(acting)
    asked = {name: value for name, value in request.GET.items() if value and name in form.fields}
    page = found["page"]
    context = {
        "heading": "机构申报", "form": form, "found": found, "bin": sieve.bin,
        "rows": [_row(row, acting.jurisdiction) for row in found["rows"]],
        "tiles": [
            {
                "label": review.BINS[key], "count": counts[key], "tone": tone, "url": f"?bin={key}",
                "current": sieve.bin == key,
            }
            for key, tone in TILES.items()
        ],
        "previous_url": f"?{urlencode({**asked, 'page': page - 1})}" if page > 1 else "",
        "next_url": f"?{urlencode({**asked, 'page': page + 1})}" if found["more"] else "",
        "filtered": bool(asked.keys() - {"bin"}),
    }  # fmt: skip
    status = 200 if not form.is_bound or form.is_valid() else 422
    return render(request, "office/register_queue.html", context, status=status)


@office(*REVIEWING)
def declaration(request: ActingRequest, declaration_id: UUID) -> HttpResponse:
    """One declaration: what it changes, what speaks against it, and what can be done now."""
    return _page(request, _declaration(request, declaration_id))


@office(*REVIEWING)
def step(request: ActingRequest, declaration_id: UUID, verb: str) -> HttpResponse:
    """One step on one declaration; the table decides whether it is there at all."""
    if verb not in PAGES:
        raise Http404
    found = _declaration(request, declaration_id)
    row, shown = STEP_BY_VERB[verb], PAGES[verb]
    if request.method != "POST" or request.acting.role not in row.roles:
        find_step(verb, standing_of(found, request.acting))
    if request.method != "POST":
        if verb not in RETURNS:
            return redirect("declaration", declaration_id=declaration_id)
        return _page(request, found, verb, _form(verb, found, initial={"turn": found.turn}))
    form = _form(verb, found, request.POST)
    if form.is_valid():
        done, _ = attempt(form, lambda: shown.run(found.pk, form, request.acting))
        if done:
            messages.success(request, f"{found.agency.company.name}：{row.title}，已记录。")
            return redirect("register_queue")
    elif sent_before(request.POST):
        return redirect("register_queue")
    return _page(request, _declaration(request, declaration_id), verb, form)


def _declaration(request: ActingRequest, declaration_id: UUID) -> Any:
    """The declaration, for whoever may see what waits for review."""
    found = review.declaration_of(request.acting.jurisdiction, declaration_id)
    if found is None or not sees_unapproved(reader_of(request.acting, found.agency)):
        raise Http404
    return found


def _form(verb: str, found: Any, data: Any = None, initial: Any = None) -> ActForm:
    given = {"fields": _returnable(found.jurisdiction)} if verb in RETURNS else {}
    form: ActForm = PAGES[verb].form(data, initial=initial, auto_id=f"{verb}_%s", **given)
    return form


def _returnable(jurisdiction: str) -> list[Any]:
    """What may be named in a return: the agency's own fields."""
    return [
        one for table in declared_tables(jurisdiction) for one in declared_fields(jurisdiction, table.code)
    ]


def _page(request: ActingRequest, found: Any, verb: str = "", form: Any = None) -> HttpResponse:
    acting = request.acting
    everything = request.GET.get("show") == "all"
    seen = review.reviewed(found, acting, everything=everything)
    _note_look(seen, acting)
    returning = form if verb in RETURNS and STEP_BY_VERB[verb] in seen.steps else None
    failed = request.method == "POST"
    lost = failed and STEP_BY_VERB[verb] not in seen.steps
    context = {
        "declaration": found, "agency": found.agency, "heading": found.agency.company.name,
        "crumbs": [("机构申报", reverse("register_queue"))],
        "lead": f"{found.agency.code} · {_place(found.agency)}",
        "badge": STATE_TITLES[State(found.state)], "badge_tone": TONES.get(found.state, ""),
        "glance": _glance(seen), "everything": everything, "returning": returning, "step": STEP_BY_VERB.get(verb),
        "tables": _tables(request, seen, returning), "first": seen.compared is None,
        "overtaken": seen.compared and found.state != "approved" and seen.compared.pk != found.base_id,
        "consistency": _consistency(seen, everything), "on": today(),
        "actions": [] if returning else _actions(seen, verb, form),
        "others": _others(seen), "files": _files(found), "versions": _versions(found),
        "reasons": _reasons(found), "form": form if failed else None,
        "typed": _written(form) if lost else [], "first_mover": lost,
    }  # fmt: skip
    return render(request, "office/declaration.html", context, status=422 if failed else 200)


def _written(form: ActForm) -> list[str]:
    """What stands in a form whose step is gone, to be copied."""
    values = (field.value() for field in form.visible_fields())
    return [value for value in values if isinstance(value, str) and value.strip()]


def _note_look(seen: Reviewed, acting: Acting) -> None:
    """Once a page: which marked fields the declaration holds."""
    found = seen.declaration
    if codes := marked(codes_with_values(seen.values, found.jurisdiction)):
        record_look(found.agency, reader_of(acting, found.agency), codes, by=acting.actor)


def own_place(acting: Acting) -> dict[str, str]:
    """The place a body cannot leave: a county's own, or the city's."""
    if not acting.district:
        return {}
    of_city = acting.body_level == "city"
    return {"city": acting.district} if of_city else {"city": acting.district, "county": acting.district}


def _sieve(form: QueueForm, request: ActingRequest) -> Sieve:
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    page = request.GET.get("page", "1")
    return Sieve(
        bin=given.get("bin") or "todo", words=given.get("q", ""), city=given.get("city", ""),
        county=given.get("county", ""), state=given.get("state", ""), channel=given.get("channel", ""),
        waiting=int(given.get("waiting") or 0), warned=given.get("warned", ""),
        page=max(1, min(int(page), 1000)) if page.isdecimal() and len(page) < 5 else 1,
    )  # fmt: skip


def _row(row: dict[str, Any], jurisdiction: str) -> dict[str, Any]:
    return {
        "url": reverse("declaration", args=[row["id"]]), "name": row["agency__company__name"],
        "code": row["agency__code"], "place": place_words(jurisdiction, row["agency__city"], row["agency__county"]),
        "state": STATE_TITLES[State(row["state"])], "tone": TONES.get(row["state"], ""),
        "channel": dict(_CHANNELS)[row["channel"]], "submitted_on": row["submitted_on"], "waiting": row["waiting"],
        "warnings": row["warnings"],
        "what": f"第{row['base__number']}版之后的更新" if row["base__number"] else "首次申报",
    }  # fmt: skip


_CHANNELS = (("declared", "机构申报"), ("collected", "部门采集"))


def _place(agency: Any) -> str:
    return place_words(agency.jurisdiction, agency.city, agency.county)


def _glance(seen: Reviewed) -> dict[str, Any]:
    found = seen.declaration
    changed = sum(table.changed for table in seen.tables)
    what = f"与第{seen.compared.number}版比较，改动{changed}处" if seen.compared else "首次申报"
    mine = [one.title for one in seen.steps if PAGES[one.verb].primary]
    return {
        "what": f"{found.get_channel_display()}，{what}", "reason": found.reason, "mine": mine,
        "waiting": (today() - found.submitted_on).days if found.submitted_on and not found.decided_on else None,
    }  # fmt: skip


def _others(seen: Reviewed) -> list[dict[str, Any]]:
    """Who else must do something, in words."""
    agency = seen.declaration.agency
    bodies = {
        Place.AGENCY: agency.company.name,
        Place.REVIEWING: agency.reviewing_body.name,
        Place.CITY: agency.city_body.name if agency.city_body else "",
    }
    return [
        {"who": bodies.get(one.place) or PLACE_TITLES[one.place], "what": one.title}
        for one in review.steps_before(seen.declaration)
        if one.verb not in ASIDE and one not in seen.steps
    ]


def _actions(seen: Reviewed, verb: str, form: Any) -> list[dict[str, Any]]:
    found, rows = seen.declaration, []
    for one in seen.steps:
        if one.verb not in PAGES:
            continue
        url = reverse("declaration_step", args=[found.pk, one.verb])
        row: dict[str, Any] = {"title": one.title, "clause": one.clause, "primary": PAGES[one.verb].primary}
        if one.verb in RETURNS:
            row["href"] = url
        else:
            given = form if one.verb == verb else _form(one.verb, found, initial={"turn": found.turn})
            row |= {"url": url, "form": given, "open": PAGES[one.verb].primary}
        rows.append(row)
    return rows


def _tables(request: ActingRequest, seen: Reviewed, returning: ReturnForm | None) -> list[dict[str, Any]]:
    only, page = request.GET.get("only", ""), request.GET.get("page", "1")
    at = int(page) if page.isdecimal() and len(page) < 5 else 1
    findings = _by_place([*seen.consistency.with_others, *seen.consistency.within])
    tables = [table for table in seen.tables if not only or table.table.code == only]
    return [_table(seen, table, findings, at if only else 1, returning) for table in tables]


def _table(
    seen: Reviewed, table: TableChange, findings: Mapping[Any, list[str]], page: int, returning: ReturnForm | None
) -> dict[str, Any]:  # fmt: skip
    code, many = table.table.code, table.table.many
    first = (max(page, 1) - 1) * ROWS
    rows = [_shown_row(seen, code, row, findings, returning) for row in table.rows[first : first + ROWS]]
    beside = {field["code"] for row in rows for field in row["fields"]} if not many else set()
    own = declared_fields(seen.declaration.jurisdiction, code)
    ticks = [returning.tick(one.code) for one in own if one.code not in beside] if returning else []
    left = len(table.rows) - first - len(rows)
    return {
        "code": code, "title": table.table.title, "many": many, "rows": rows,
        "counts": _counts(table), "ticks": ticks, "open": any(tick and tick["chosen"] for tick in ticks),
        "left": left if left > 0 else 0, "next": f"?{urlencode({'only': code, 'page': max(page, 1) + 1})}",
    }  # fmt: skip


def _counts(table: TableChange) -> str:
    if not table.table.many:
        return f"改动{table.changed}项" if table.changed else "没有改动"
    told = [f"{MARK_TITLES[mark]}{table.counts[mark]}行" for mark in _TOLD if table.counts.get(mark)]
    return "，".join(told) or "没有改动"


_TOLD = (Mark.ADDED, Mark.CHANGED, Mark.REMOVED)


def _shown_row(
    seen: Reviewed, code: str, row: RowChange, findings: Mapping[Any, list[str]], returning: ReturnForm | None
) -> dict[str, Any]:
    return {
        "title": row.title, "mark": row.mark.value, "mark_title": MARK_TITLES[row.mark],
        "fields": [_shown_field(seen, code, row, one, findings, returning) for one in row.fields],
    }  # fmt: skip


def _shown_field(
    seen: Reviewed, code: str, row: RowChange, one: FieldChange, findings: Mapping[Any, list[str]],
    returning: ReturnForm | None,
) -> dict[str, Any]:  # fmt: skip
    many = bool(row.title)
    agency_id = seen.declaration.agency_id
    return {
        "code": one.field.code, "title": one.field.title, "secret": one.field.mark, "mark": one.mark.value,
        "old": one.old, "new": one.new, "anchor": _anchor((code, row.place or 0, one.column) if many else (code, one.column)),
        "old_pictures": [_picture(agency_id, pk) for pk in one.old_pictures],
        "new_pictures": [_picture(agency_id, pk) for pk in one.new_pictures],
        "findings": findings.get((code, row.place, one.column) if many else (code, one.column), []),
        "tick": returning.tick(one.field.code) if returning and not many else None,
    }  # fmt: skip


def _picture(agency_id: int, number: str) -> str:
    return reverse("register_file", args=[agency_id, number])


def _anchor(path: tuple[Any, ...]) -> str:
    return "-".join(map(str, path))


def _by_place(found: list[Finding]) -> dict[Any, list[str]]:
    placed: dict[Any, list[str]] = {}
    for one in found:
        placed.setdefault(one.path, []).append(one.message)
    return placed


def _consistency(seen: Reviewed, everything: bool) -> dict[str, Any]:
    shown = {
        (table.table.code, *((row.place,) if row.title else ()), change.column)
        for table in seen.tables
        for row in table.rows
        for change in row.fields
    }
    found = seen.consistency

    def listed(findings: tuple[Finding, ...]) -> list[dict[str, str]]:
        return [
            {
                "message": one.message,
                "href": f"{'' if one.path in shown else '?show=all'}#{_anchor(one.path)}",
            }
            for one in findings
        ]

    missing = [
        title
        for title, known in (("企业备案", found.filing_known), ("从业管理", found.roster_known))
        if not known
    ]
    return {
        "with_others": listed(found.with_others), "within": listed(found.within), "missing": "、".join(missing),
    }  # fmt: skip


def _files(found: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": row["shown_name"], "url": _picture(found.agency_id, str(row["id"])), "size": row["size"],
            "kind": row["media_type"], "at": row["uploaded_at"],
            "by": row["uploaded_by_company__name"] or row["uploaded_by_user__full_name"],
        }
        for row in attachments_of("declaration", found.pk)
    ]  # fmt: skip


def _versions(found: Any) -> list[dict[str, Any]]:
    record = reverse("register_agency", args=[found.agency_id])
    return [
        {
            **row,
            "url": f"{record}?on={row['from_on'].isoformat()}",
            "channel": dict(_CHANNELS)[row["channel"]],
        }
        for row in review.versions_of(found.agency_id)
    ]


def _reasons(found: Any) -> list[tuple[str, str]]:
    titles = {one.code: one.title for one in _returnable(found.jurisdiction)}
    return [(f"{code} {titles.get(code, '')}", reason) for code, reason in found.return_reasons.items()]
