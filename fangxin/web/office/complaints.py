"""公众投诉: complaints about agencies are sorted, verified, judged and decided here (二（三）)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fangxin.complaints.queries import summary_to_pass_on
from fangxin.deadlines.clock import today
from fangxin.deadlines.queries import deadlines_of
from fangxin.documents.actions import open_attachment
from fangxin.documents.queries import attachments_of
from fangxin.journal.queries import entries_about, title
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role
from fangxin.redress import actions, queries
from fangxin.redress.workflow import COMPLAINT, FINDINGS, LATENESS, PROPOSAL, WAYS
from fangxin.rules import book
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, attempt, sent_before
from fangxin.web.office import complaint_forms as given
from fangxin.web.office.review_forms import place_words
from fangxin.web.public.places import as_city_and_county, choices, city_of

HANDLING = (Role.REVIEWER, Role.PRECHECKER)
TILE_TONES = {"late": "overdue"}
TONES = {
    "submitted": "info", "awaiting_decision": "waiting", "closed": "good", "published": "good", "set_aside": "",
    "proposed": "info", "accepted": "good", "declined": "",
}  # fmt: skip


@dataclass(frozen=True)
class StepPage:
    """The form of a step and the action it calls."""

    form: type[ActForm]
    run: Callable[[UUID, Any, Any, dict[str, Any]], Any]
    needs: str = ""


def _place(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    city, county = as_city_and_county(cleaned["place"])
    return {"city": city or city_of(county), "county": county}


def _agency(cleaned: Mapping[str, Any]) -> int | None:
    return int(cleaned["agency"]) if cleaned["agency"] else None


PAGES: Mapping[str, StepPage] = {
    "suggest_sorting": StepPage(
        given.SuggestForm, lambda pk, by, f, act: actions.suggest_sorting(pk, way=f["way"], by=by, **act)
    ),
    "refer_complaint": StepPage(
        given.ReferForm,
        lambda pk, by, f, act: actions.refer_complaint(pk, **_place(f), reason=f["reason"], by=by, **act),
        "places",
    ),
    "sort_complaint": StepPage(
        given.SortForm,
        lambda pk, by, f, act: actions.sort_complaint(
            pk, way=f["way"], agency_id=_agency(f), digest=f["digest"], by=by, **act
        ),
        "agencies",
    ),
    "transfer_complaint": StepPage(
        given.TransferForm,
        lambda pk, by, f, act: actions.transfer_complaint(
            pk, agency_id=_agency(f) or 0, digest=f["digest"], by=by, **act
        ),
        "agencies",
    ),
    "set_aside": StepPage(
        given.ReasonForm, lambda pk, by, f, act: actions.set_aside(pk, reason=f["reason"], by=by, **act)
    ),
    "record_finding": StepPage(
        given.FindingForm,
        lambda pk, by, f, act: actions.record_finding(
            pk, finding=f["finding"], opinion=f["opinion"], by=by, **act
        ),
    ),
    "judge_lateness": StepPage(
        given.JudgeForm,
        lambda pk, by, f, act: actions.judge_lateness(
            pk, verdict=f["verdict"], reason=f["reason"], by=by, **act
        ),
    ),
    "decide_complaint": StepPage(
        given.DecideForm,
        lambda pk, by, f, act: actions.decide_complaint(
            pk, publish=f["publish"] == "yes", publish_because=f["publish_because"], count=f["count"] == "yes",
            count_because=f["count_because"], reply=f["reply"], public_summary=f["public_summary"],
            public_result=f["public_result"], by=by, **act,
        ),
    ),
    "tell_respondent": StepPage(
        given.ServeForm,
        lambda pk, by, f, act: actions.tell_respondent(
            pk, served_on=f["served_on"], served_how=f["served_how"], proof=f["proof"], by=by, **act
        ),
    ),
    "publish_complaint": StepPage(
        given.ConfirmForm, lambda pk, by, f, act: actions.publish_complaint(pk, by=by, **act)
    ),
    "take_down_complaint": StepPage(
        given.ReasonForm,
        lambda pk, by, f, act: actions.take_down_complaint(pk, reason=f["reason"], by=by, **act),
    ),
}  # fmt: skip


@office(*HANDLING)
def complaints(request: ActingRequest) -> HttpResponse:
    """What waits for this body, the longest first."""
    acting = request.acting
    if not queries.sees_complaints(acting):
        raise Http404
    counts = queries.complaint_counts(acting)
    first = next((name for name in queries.BINS if counts.get(name)), "todo")
    bin_ = request.GET.get("bin", "")
    bin_ = bin_ if bin_ in queries.BINS else first
    asked = request.GET.get("page", "1")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 5 else 1
    found = queries.complaints_for(acting, bin_, page=page)
    context = {
        "heading": "公众投诉", "bin_title": queries.BINS[bin_][0], "on": today(), "more": found["more"], "page": page,
        "rows": [_row(row, acting.jurisdiction) for row in found["rows"]],
        "tiles": [
            {
                "label": label, "count": counts.get(name, ""), "tone": TILE_TONES.get(name, "") if counts.get(name) else "",
                "url": f"?bin={name}", "current": name == bin_,
            }
            for name, (label, _) in queries.BINS.items()
        ],
        "previous_url": f"?bin={bin_}&page={page - 1}" if page > 1 else "",
        "next_url": f"?bin={bin_}&page={page + 1}" if found["more"] else "",
    }  # fmt: skip
    return render(request, "office/complaints.html", context)


@office(*HANDLING)
def page(request: ActingRequest, complaint_id: UUID) -> HttpResponse:
    """One complaint: what was written, what was answered, what was decided, and what can be done now."""
    return render(request, "office/complaint.html", _facts(request, complaint_id))


@office(*HANDLING)
def step(request: ActingRequest, complaint_id: UUID, verb: str) -> HttpResponse:
    """One step on one complaint; the tables decide whether it is there at all."""
    if verb not in PAGES:
        raise Http404
    context = _facts(request, complaint_id)
    found, shown = context["complaint"], PAGES[verb]
    row = LATENESS.step(verb) if verb == "judge_lateness" else COMPLAINT.step(verb)
    if request.method != "POST" and row not in context["steps"]:
        raise ActRefused(f"现在不能{row.title}：请看这件投诉的状态和要求（{row.clause}）。")
    searching = "find" in request.POST
    form = _form(request, verb, found, searching)
    if request.method == "POST" and not searching:
        if form.is_valid():
            done, _ = attempt(form, lambda: shown.run(found.pk, request.acting, form.cleaned_data, form.act))
            if done:
                messages.success(request, f"{found.number}：{row.title}，已记录。")
                return redirect("agency_complaint", complaint_id=found.pk)
        elif sent_before(request.POST):
            return redirect("agency_complaint", complaint_id=found.pk)
    crumbs = [*context["crumbs"], (found.number, reverse("agency_complaint", args=[found.pk]))]
    context |= {
        "heading": row.title,
        "step": row,
        "form": form,
        "crumbs": crumbs,
        "searchable": "search" in form.fields,
    }
    failed = request.method == "POST" and not searching
    return render(request, "office/complaint_step.html", context, status=422 if failed else 200)


@office(*HANDLING)
def file(request: ActingRequest, complaint_id: UUID, attachment_id: UUID) -> HttpResponse:
    """A paper of the complaint, or of the agency's feedback; that it was opened stands in the journal."""
    found = _found(request, complaint_id)
    if not queries.reads_the_words(found, request.acting):
        raise Http404
    transfer = queries.transfer_of(found)
    subjects = [("complaint", found.pk), *([("agency_complaint", transfer.pk)] if transfer else [])]
    for kind, pk in subjects:
        if any(row["id"] == attachment_id for row in attachments_of(kind, pk)):
            opened = open_attachment(
                attachment_id, subject_kind=kind, subject_id=pk, by=request.acting.actor, original=True
            )
            return HttpResponse(opened.content, headers=opened.headers)
    raise Http404


@office(Role.REVIEWER)
@require_POST
def complainant(request: ActingRequest, complaint_id: UUID) -> HttpResponse:
    """Who complained, in the clear, for the reason given; recorded, and never cached."""
    found = _found(request, complaint_id)
    try:
        identity = actions.open_complainant(
            found.pk, reason=request.POST.get("reason", ""), by=request.acting
        )
    except ActRefused as refused:
        messages.error(request, str(refused))
        return redirect("agency_complaint", complaint_id=found.pk)
    context = {
        "case": found, "items": list(identity.items()), "heading": "投诉人身份",
        "crumbs": [("公众投诉", reverse("agency_complaints")), (found.number, reverse("agency_complaint", args=[found.pk]))],
    }  # fmt: skip
    response = render(request, "office/identity.html", context)
    response["Cache-Control"] = "no-store"
    return response


@office(Role.REVIEWER)
def proposals(request: ActingRequest) -> HttpResponse:
    """What was found true of the agencies of this place: a record is drafted of it, or it is said why not."""
    if "record_conduct" not in request.acting.functions:
        raise Http404
    context = {
        "heading": "记入提示",
        "waiting": [_proposal(row, request) for row in queries.proposals_for(request.acting, waiting=True)],
        "done": [_proposal(row, request) for row in queries.proposals_for(request.acting, waiting=False)],
    }
    return render(request, "office/proposals.html", context)


@office(Role.REVIEWER)
def proposal_step(request: ActingRequest, proposal_id: UUID, verb: str) -> HttpResponse:
    """Drafts the record, or declines with a reason."""
    found = queries.proposal_for(request.acting, proposal_id)
    if found is None or verb not in ("accept_proposal", "decline_proposal"):
        raise Http404
    row = PROPOSAL.step(verb)
    if request.method != "POST" and row not in queries.proposal_steps(found, request.acting):
        raise ActRefused(f"现在不能{row.title}：这条提示已经处理（{row.clause}）。")
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    initial = {"turn": found.turn}
    form: Any = (
        given.AcceptForm(
            data,
            files,
            initial={
                **initial,
                "decided_on": found.found_on,
                "decided_by": request.acting.capacity.partition("·")[0],
            },
        )
        if verb == "accept_proposal"
        else given.ReasonForm(data, initial=initial)
    )
    if request.method == "POST":
        if form.is_valid():
            done, _ = attempt(form, lambda: _run_proposal(verb, found.pk, form, request))
            if done:
                messages.success(request, f"{found.source_number}：{row.title}，已记录。")
                return redirect("proposals")
        elif sent_before(request.POST):
            return redirect("proposals")
    source = book(found.jurisdiction).record_sources[found.source]
    context = {
        "heading": row.title, "step": row, "form": form, "crumbs": [("记入提示", reverse("proposals"))],
        "back": reverse("proposals"),
        "facts": [
            ("机构", found.agency.company.name), ("法人代码", found.agency.code), ("来源", source.title),
            ("编号", found.source_number), ("查实日期", f"{found.found_on}"), ("违法行为目录", "、".join(found.items)),
        ],
    }  # fmt: skip
    return render(request, "office/proposal_step.html", context, status=422 if form.is_bound else 200)


def _run_proposal(verb: str, proposal_id: UUID, form: Any, request: ActingRequest) -> None:
    if verb == "accept_proposal":
        actions.accept_proposal(proposal_id, form.conduct, by=request.acting, **form.act)
    else:
        actions.decline_proposal(
            proposal_id, reason=form.cleaned_data["reason"], by=request.acting, **form.act
        )


def _found(request: ActingRequest, complaint_id: UUID) -> Any:
    found = queries.complaint_for(request.acting, complaint_id)
    if found is None:
        raise Http404
    return found


def _form(request: ActingRequest, verb: str, found: Any, searching: bool) -> ActForm:
    shown = PAGES[verb]
    more: dict[str, Any] = {}
    begun: dict[str, Any] = {"turn": found.turn}
    if verb == "judge_lateness" and (late := queries.lateness_of(found)):
        begun["turn"] = late.turn
    if shown.needs == "places":
        more["places"] = choices()[1:]
    if shown.needs == "agencies":
        words = queries.words_of(found)["respondent_name"]
        search = request.POST.get("search", words) if request.method == "POST" else words
        offered = list(queries.agencies_named(found.jurisdiction, search))
        chosen = request.POST.get("agency", "")
        if found.agency is not None and str(found.agency_id) not in {str(pk) for pk, _ in offered}:
            offered.insert(0, (found.agency_id, f"{found.agency.company.name}（{found.agency.code}）"))
        more["agencies"] = offered
        begun |= {
            "way": found.suggested_way or "both", "search": words, "digest": summary_to_pass_on(found.pk).text_masked,
            "agency": found.agency_id or (offered[0][0] if len(offered) == 1 else ""),
        }  # fmt: skip
        if searching:
            # What was typed stays, and is not yet told what is missing.
            typed = {name: request.POST.get(name, "") for name in ("way", "search", "digest", "turn")}
            kept = chosen if chosen in {str(pk) for pk, _ in offered} else ""
            begun |= typed | {"agency": kept or (offered[0][0] if len(offered) == 1 else "")}
    if request.method != "POST" or searching:
        return shown.form(initial=begun, **more)
    return shown.form(request.POST, request.FILES, initial=begun, **more)


def _facts(request: ActingRequest, complaint_id: UUID) -> dict[str, Any]:
    found, acting = _found(request, complaint_id), request.acting
    reads = queries.reads_the_words(found, acting)
    words, transfer, late = queries.words_of(found), queries.transfer_of(found), queries.lateness_of(found)
    steps = [one for one in queries.steps_for(found, acting) if one.verb in PAGES]
    return {
        "complaint": found, "heading": f"投诉 {found.number}", "lead": f"{found.respondent_kind}：{words['respondent_name']}",
        "badge": COMPLAINT.states[found.state], "badge_tone": TONES.get(found.state, ""), "on": today(),
        "crumbs": [("公众投诉", reverse("agency_complaints"))], "steps": steps, "reads": reads,
        "links": [
            {"title": one.title, "clause": one.clause, "url": reverse("agency_complaint_step", args=[found.pk, one.verb])}
            for one in steps
        ],
        "facts": _about(found, words), "text": words["text"] if reads else summary_to_pass_on(found.pk).text_masked,
        "transfer": transfer, "late": late, "late_state": LATENESS.states[late.state] if late else "",
        "deadlines": [one for one in deadlines_of(found.pk) if one["state"] != "cancelled"],
        "answers": queries.answers_of(found.pk) if reads else [], "decision": _decision(found) if reads else [],
        "files": _files(found, "complaint", found.pk) if reads else [],
        "feedback_files": _files(found, "agency_complaint", transfer.pk) if reads and transfer else [],
        "story": [
            {"at": one["at"], "title": title(one["kind"]), "by": one["actor_label"], "clause": one["clause"]}
            for name in (COMPLAINT.name, LATENESS.name)
            for one in entries_about(name, found.pk)
        ] if reads else [],
    }  # fmt: skip


def _about(found: Any, words: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        ("投诉编号", found.number), ("被投诉对象", words["respondent_name"]), ("分类", found.respondent_kind),
        ("所在地", place_words(found.jurisdiction, found.city, found.county) if found.county else place_words(found.jurisdiction, found.city, found.city)),
        ("投诉日期", f"{found.received_on}"), ("办理部门", found.body.name),
        ("机构", f"{found.agency.company.name}（{found.agency.code}）" if found.agency else "尚未选定"),
        *([("初分建议", WAYS[found.suggested_way])] if found.suggested_way else []),
        *([("分办", WAYS[found.way])] if found.way else []),
        *([("核查结论", FINDINGS[found.finding])] if found.finding else []),
    ]  # fmt: skip


def _decision(found: Any) -> list[tuple[str, Any]]:
    if found.decided_on is None or found.is_counted is None:
        return []
    return [
        ("公示", f"{'公示' if found.is_published_wanted else '不公示'}。{found.publish_because}"),
        ("计入信用", f"{'计入' if found.is_counted else '不计入'}。{found.count_because}"),
        ("确定", f"{found.decided_on} {found.decided_by.full_name if found.decided_by else ''}"),
        *([("公开摘要", found.public_summary), ("公开的处理结果", found.public_result)] if found.public_summary else []),
        *([("告知", f"{found.served_on} {found.served_how}")] if found.served_on else []),
        *([("最早公示日期", f"{found.publishable_on}")] if found.publishable_on else []),
        *([("公示日期", f"{found.published_on}，至{found.shown_until}")] if found.published_on else []),
    ]  # fmt: skip


def _files(found: Any, kind: str, pk: UUID) -> list[dict[str, Any]]:
    return [
        {
            "name": row["shown_name"], "size": row["size"], "kind": row["media_type"], "at": row["uploaded_at"],
            "url": reverse("agency_complaint_file", args=[found.pk, row["id"]]),
        }
        for row in attachments_of(kind, pk)
    ]  # fmt: skip


def _row(row: Mapping[str, Any], jurisdiction: str) -> dict[str, Any]:
    due = row["transfer__due_on"] if row["transfer__answered_on"] is None else None
    return {
        "url": reverse("agency_complaint", args=[row["complaint_id"]]), "number": row["number"],
        "respondent": row["complaint__respondent_name"], "kind": row["respondent_kind"],
        "place": place_words(jurisdiction, row["city"], row["county"] or row["city"]), "received_on": row["received_on"],
        "state": COMPLAINT.states[row["state"]], "tone": TONES.get(row["state"], ""), "due_on": due,
        "late": row["transfer__lateness__state"] == "found",
    }  # fmt: skip


def _proposal(row: Mapping[str, Any], request: ActingRequest) -> dict[str, Any]:
    return {
        **row, "name": row["agency__company__name"], "code": row["agency__code"],
        "source_title": book(request.acting.jurisdiction).record_sources[row["source"]].title,
        "state_title": PROPOSAL.states[row["state"]], "tone": TONES.get(row["state"], ""),
        "accept_url": reverse("proposal_step", args=[row["id"], "accept_proposal"]),
        "decline_url": reverse("proposal_step", args=[row["id"], "decline_proposal"]),
    }  # fmt: skip
