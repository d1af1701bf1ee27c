"""协查: sheets to other bodies, as the asking office, the body asked and the centre see them (二(六)4)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.cases.queries import case_for
from fangxin.deadlines.clock import today
from fangxin.deadlines.queries import deadlines_of
from fangxin.documents.actions import open_attachment
from fangxin.documents.queries import attachments_of
from fangxin.investigations import actions, queries
from fangxin.investigations.sheets import cells_from_case, form_for, form_of, from_the_case, written_cells
from fangxin.investigations.workflow import INQUIRY
from fangxin.organisations.refusals import ActRefused
from fangxin.rules.casework import CellKind
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, attempt, sent_before
from fangxin.web.office import inquiry_forms as given

TONES = {
    "draft": "", "awaiting_opinion": "waiting", "sent": "info", "received": "info", "answered": "good", "closed": "good",
    "declined": "waiting",
}  # fmt: skip


@dataclass(frozen=True)
class StepPage:
    """The form of a step and the action it calls."""

    form: type[ActForm]
    run: Callable[[UUID, Any, Any, dict[str, Any]], Any]


PAGES: Mapping[str, StepPage] = {
    "revise_inquiry": StepPage(
        given.CellsForm, lambda pk, by, form, act: actions.revise_inquiry(pk, cells=form.cells, by=by, **act)
    ),
    "submit_inquiry": StepPage(
        given.ConfirmForm, lambda pk, by, form, act: actions.submit_inquiry(pk, by=by, **act)
    ),
    "drop_inquiry": StepPage(
        given.ReasonForm,
        lambda pk, by, form, act: actions.drop_inquiry(pk, reason=form.cleaned_data["reason"], by=by, **act),
    ),
    "sign_inquiry": StepPage(
        given.SignForm, lambda pk, by, form, act: actions.sign_inquiry(pk, by=by, **_filled(form), **act)
    ),
    "send_back_inquiry": StepPage(
        given.ReasonForm, lambda pk, by, form, act: actions.send_back_inquiry(pk, by=by, **_filled(form), **act)
    ),
    "receive_inquiry": StepPage(
        given.ConfirmForm, lambda pk, by, form, act: actions.receive_inquiry(pk, by=by, **act)
    ),
    "register_dispatch": StepPage(
        given.DispatchForm, lambda pk, by, form, act: actions.register_dispatch(pk, by=by, **_filled(form), **act)
    ),
    "answer_inquiry": StepPage(
        given.AnswerForm, lambda pk, by, form, act: actions.answer_inquiry(pk, by=by, **_filled(form), **act)
    ),
    "register_answer": StepPage(
        given.PaperAnswerForm, lambda pk, by, form, act: actions.register_answer(pk, by=by, **_filled(form), **act)
    ),
    "decline_inquiry": StepPage(
        given.ReasonForm, lambda pk, by, form, act: actions.decline_inquiry(pk, by=by, **_filled(form), **act)
    ),
    "register_decline": StepPage(
        given.PaperDeclineForm,
        lambda pk, by, form, act: actions.register_decline(pk, by=by, **_filled(form), **act),
    ),
    "ask_more": StepPage(
        given.ReasonForm, lambda pk, by, form, act: actions.ask_more(pk, by=by, **_filled(form), **act)
    ),
    "recall_inquiry": StepPage(
        given.ReasonForm, lambda pk, by, form, act: actions.recall_inquiry(pk, by=by, **_filled(form), **act)
    ),
    "close_inquiry": StepPage(
        given.ConfirmForm, lambda pk, by, form, act: actions.close_inquiry(pk, by=by, **act)
    ),
}  # fmt: skip


def _filled(form: ActForm) -> dict[str, Any]:
    names = {"papers": "files"}
    return {
        names.get(name, name): value
        for name, value in form.cleaned_data.items()
        if name not in {"act_key", "turn"}
    }


@office()
def inquiry_list(request: ActingRequest) -> HttpResponse:
    """What was asked of this body and by it, what waits for the reader first."""
    acting = request.acting
    counts = queries.inquiry_counts(acting)
    bin_ = request.GET.get("bin", "")
    if bin_ not in queries.BINS:
        bin_ = next((name for name in queries.BINS if counts[name]), "todo")
    asked = request.GET.get("page", "1")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 5 else 1
    found = queries.inquiries_for(acting, bin_, page=page)
    context = {
        "heading": "协查", "bin_title": queries.BINS[bin_], "on": today(), "rows": [_row(row) for row in found["rows"]],
        "tiles": [
            {
                "label": label, "count": counts[name], "tone": "overdue" if name == "late" else "",
                "url": f"?bin={name}", "current": name == bin_,
            }
            for name, label in queries.BINS.items()
        ],
        "previous_url": f"?bin={bin_}&page={page - 1}" if page > 1 else "",
        "next_url": f"?bin={bin_}&page={page + 1}" if found["more"] else "",
    }  # fmt: skip
    return render(request, "office/inquiries.html", context)


@office()
def new_inquiry(request: ActingRequest, number: str) -> HttpResponse:
    """Whom to ask first; then the sheet for that body, filled from the case."""
    case = case_for(request.acting, number)
    if case is None:
        raise Http404
    if not queries.may_ask_others(case, request.acting):
        raise ActRefused("不能发起协查：须由本案经办人本人在办理期间发起（二(六)4）。")
    crumbs = [("工作台", reverse("desk")), (case.number, reverse("case", args=[case.number]))]
    context: dict[str, Any] = {"heading": "发起协查", "case": case, "crumbs": crumbs}
    begun = any(request.GET.get(name) for name in ("asked_code", "asked_name"))
    whom = given.WhomForm(
        request.GET if begun else None, jurisdiction=case.jurisdiction, besides=request.acting.body_id or 0
    )
    if not whom.is_valid():
        return render(
            request, "office/inquiry_new.html", {**context, "whom": whom}, status=422 if begun else 200
        )
    asked = whom.cleaned_data
    form_key = form_for(asked["asked_code"], case.jurisdiction)
    options: dict[str, Any] = {"form": form_key, "jurisdiction": case.jurisdiction}
    form = given.CellsForm(
        request.POST if request.method == "POST" else None, initial=cells_from_case(case, form_key), **options
    )
    context |= {
        "form": form,
        "lead": f"《{form_of(form_key, case.jurisdiction).title}》",
        "asked": _named(whom),
    }
    if request.method != "POST":
        return render(request, "office/inquiry_new.html", context)
    if form.is_valid():
        done, inquiry = attempt(
            form,
            lambda: actions.draft_inquiry(
                case.pk, cells=form.cells, by=request.acting, act_key=form.act["act_key"], **asked
            ),
        )
        if done:
            messages.success(request, "协查已拟好，请核对后送签处室意见。")
            return redirect("inquiry", inquiry_id=inquiry.pk) if inquiry else redirect("case", number)
    return render(request, "office/inquiry_new.html", context, status=422)


def _named(whom: given.WhomForm) -> str:
    names = dict(whom.fields["asked_code"].choices)  # type: ignore[attr-defined]
    return str(
        names.get(whom.cleaned_data["asked_code"])
        if whom.cleaned_data["asked_code"]
        else whom.cleaned_data["asked_name"]
    )


@office()
def page(request: ActingRequest, inquiry_id: UUID) -> HttpResponse:
    """One sheet: what it says, how far it has come, what was answered, and what can be done now."""
    return render(request, "office/inquiry.html", _facts(request, _found(request, inquiry_id)))


@office()
def step(request: ActingRequest, inquiry_id: UUID, verb: str) -> HttpResponse:
    """One step on one sheet; the table decides whether it is there at all."""
    if verb not in PAGES:
        raise Http404
    inquiry = _found(request, inquiry_id)
    row, shown = INQUIRY.step(verb), PAGES[verb]
    if request.method != "POST" and row not in queries.inquiry_steps(inquiry, request.acting):
        raise ActRefused(f"现在不能{row.title}：请看这份协查的状态和由谁办理（{row.clause}）。")
    options: dict[str, Any] = {}
    begun: dict[str, Any] = {"turn": inquiry.turn}
    if verb == "revise_inquiry":
        options = {"form": inquiry.form, "jurisdiction": inquiry.jurisdiction}
        begun |= inquiry.cells
    if verb in {"register_answer", "register_decline", "register_dispatch"}:
        begun |= {"answered_on": today(), "served_on": today()}
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = shown.form(*posted, initial=begun, **options)
    if request.method == "POST":
        if form.is_valid():
            done, _ = attempt(form, lambda: shown.run(inquiry.pk, request.acting, form, form.act))
            if done:
                messages.success(request, f"协查（{inquiry.asked_name}）：{row.title}，已记录。")
                return redirect("inquiry", inquiry_id=inquiry.pk)
        elif sent_before(request.POST):
            return redirect("inquiry", inquiry_id=inquiry.pk)
    facts = _facts(request, inquiry)
    context = {
        **facts, "heading": row.title, "step": row, "form": form,
        "crumbs": [*facts["crumbs"], (str(inquiry), reverse("inquiry", args=[inquiry.pk]))],
    }  # fmt: skip
    return render(request, "office/inquiry_step.html", context, status=422 if form.is_bound else 200)


@office()
def file(request: ActingRequest, inquiry_id: UUID, attachment_id: UUID) -> HttpResponse:
    """A paper that came with an answer; that it was opened stands in the journal."""
    inquiry = _found(request, inquiry_id)
    if not any(row["id"] == attachment_id for row in attachments_of("inquiry", inquiry.pk)):
        raise Http404
    opened = open_attachment(
        attachment_id, subject_kind="inquiry", subject_id=inquiry.pk, by=request.acting.actor, original=True
    )
    return HttpResponse(opened.content, headers=opened.headers)


SHEETS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@office()
def sheet(request: ActingRequest, inquiry_id: UUID, kind: str) -> HttpResponse:
    """The sheet to be printed and sealed, or to be edited; the complainant's cells are blank unless the signing released them."""
    from fangxin.investigations.printing import sheet_docx, sheet_pdf

    if kind not in SHEETS:
        raise Http404
    inquiry = _found(request, inquiry_id)
    names = actions.print_inquiry(inquiry.pk, by=request.acting)
    return HttpResponse(
        (sheet_pdf if kind == "pdf" else sheet_docx)(inquiry, names),
        headers={
            "Content-Type": SHEETS[kind],
            "Content-Disposition": f'attachment; filename="{inquiry.form}.{kind}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _found(request: ActingRequest, inquiry_id: UUID) -> Any:
    found = queries.inquiry_for(request.acting, inquiry_id)
    if found is None:
        raise Http404
    return found


def _facts(request: ActingRequest, inquiry: Any) -> dict[str, Any]:
    acting = request.acting
    steps = [one for one in queries.inquiry_steps(inquiry, acting) if one.verb in PAGES]
    own = queries.sees_the_case(inquiry, acting)
    crumbs = [("协查", reverse("inquiries"))]
    if own:
        crumbs.append((inquiry.case.number, reverse("case", args=[inquiry.case.number])))
    return {
        "inquiry": inquiry, "heading": f"协查：{inquiry.asked_name}", "lead": f"《{queries.form_title(inquiry)}》{inquiry.number}",
        "badge": INQUIRY.states[inquiry.state], "badge_tone": TONES.get(inquiry.state, ""), "on": today(),
        "crumbs": crumbs, "own": own,
        "links": [
            {"title": one.title, "url": reverse("inquiry_step", args=[inquiry.pk, one.verb])} for one in steps
        ],
        "deadlines": deadlines_of(inquiry.pk), "sheet": _sheet(inquiry), "long": _long(inquiry),
        "facts": [
            ("发送单位", inquiry.asking_body.name), ("协查单位", inquiry.asked_name), ("编号", inquiry.number),
            ("签署", f"{inquiry.signed_by.full_name}" if inquiry.signed_by else ""), ("发出", inquiry.sent_on or ""),
            ("收到", inquiry.received_on or ""), ("送达方式", inquiry.sent_how),
            ("投诉人", "印出" if inquiry.names_complainant else "空白"),
        ],
        "answers": queries.inquiry_answers(inquiry.pk),
        "files": [
            {
                "name": row["shown_name"], "size": row["size"], "kind": row["media_type"], "at": row["uploaded_at"],
                "by": row["uploaded_by_user__full_name"] or inquiry.asked_name, "note": "",
                "url": "" if row["scan_state"] == "quarantined" else reverse("inquiry_file", args=[inquiry.pk, row["id"]]),
            }
            for row in attachments_of("inquiry", inquiry.pk)
        ],
        "story": [
            {"at": one["at"], "title": one["summary"], "by": one["actor_label"], "clause": one["clause"]}
            for one in queries.inquiry_story(inquiry)
        ],
    }  # fmt: skip


def _sheet(inquiry: Any) -> list[tuple[str, str]]:
    """The short cells of the sheet, in its order and its words."""
    taken = from_the_case(inquiry.case)
    of_case = [("投诉来源", taken["source"]), ("投诉类型", taken["kind"])]
    written = [
        (cell.label.rstrip("："), inquiry.cells.get(cell.code, ""))
        for _, cell in written_cells(inquiry.form, inquiry.jurisdiction)
        if cell.kind is not CellKind.LONG_TEXT
    ]
    return [*written[:1], *of_case, *written[1:]]


def _long(inquiry: Any) -> list[tuple[str, str]]:
    return [
        (cell.label, inquiry.cells.get(cell.code, ""))
        for _, cell in written_cells(inquiry.form, inquiry.jurisdiction)
        if cell.kind is CellKind.LONG_TEXT
    ]


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "url": reverse("inquiry", args=[row["id"]]), "tone": TONES.get(row["state"], "")}
