"""An agency and its own record: what it is told before the public is, what it says to it, what it asks for (四（四）)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.credit import actions, queries
from fangxin.credit.notice import TITLE, last_day_to_state, notice_pdf
from fangxin.credit.standing import parts_in, standing
from fangxin.credit.workflow import APPLICATION, BAD_RECORD
from fangxin.deadlines.clock import today
from fangxin.documents.queries import attachments_for_company
from fangxin.organisations.process import NEW
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.rules.indicators import catalogue
from fangxin.web.access import ActingRequest, enterprise
from fangxin.web.enterprise.conduct_forms import (
    ApplicationForm,
    CommentForm,
    EvidencedApplicationForm,
    OwnHonourForm,
    RepairForm,
    StatementForm,
    beside_column,
)
from fangxin.web.enterprise.register import own_agency
from fangxin.web.fields import ActForm, attempt, sent_before
from fangxin.web.files import pdf
from fangxin.web.public.home import quoted

HOME = ("良好与不良记录", "own_conduct")
TONES = {
    "published": "info", "notice_served": "waiting", "submitted": "waiting", "applied": "waiting", "assessing": "waiting",
    "returned": "bad", "rejected": "bad", "refused": "bad", "failed": "bad", "revoked": "bad", "passed": "good",
    "consented": "good", "upheld": "good",
}  # fmt: skip


@dataclass(frozen=True)
class StepPage:
    """The form of a step and the action it calls; an application is of that `kind`."""

    form: type[ActForm]
    lead: str
    run: Callable[[UUID, Any, Acting], Any] | None = None
    kind: str = ""


PAGES: Mapping[str, StepPage] = {
    "state_case": StepPage(
        StatementForm, "主管部门放行公示以前须阅处您的陈述，写明采纳与否；陈述不自动中止公示（AMB-24）。",
        lambda pk, form, by: actions.state_case(
            pk, statement=form.cleaned_data["statement"], evidence=form.cleaned_data["evidence"], by=by, **form.act
        ),
    ),
    "comment_on_record": StepPage(
        CommentForm, "说明与记录一起公示，署机构名。请勿写入个人信息。",
        lambda pk, form, by: actions.comment_on_record(pk, comment=form.cleaned_data["comment"], by=by, **form.act),
    ),
    "ask_for_assessment": StepPage(
        EvidencedApplicationForm, "整改以后可以提请主管部门考核验收；通过的，整改结果在记录旁边公布。", kind="assessment"
    ),
    "apply_for_withdrawal": StepPage(ApplicationForm, "撤销公示须由被公示单位申请，经主管部门同意。", kind="withdrawal"),
    "apply_for_repair": StepPage(
        RepairForm, "国家的信用修复：最短公示期满、整改经考核验收合格、作出信用承诺。", kind="repair"
    ),
    "object_to_record": StepPage(
        EvidencedApplicationForm, "认为记录有误的可以提出异议；一经提出，公示处即注明有异议，由未经手的人处理。",
        kind="objection",
    ),
}  # fmt: skip


@enterprise
def overview(request: ActingRequest) -> HttpResponse:
    """Everything on record about the agency that it was told of or reported itself."""
    agency = own_agency(request)
    found = queries.records_of_company(agency.company_id)
    classes = book("national").record_classes
    for row in (*found["bad"], *found["good"]):
        row["tone"] = TONES.get(row["state"], "")
    for row in found["bad"]:
        row["class"] = classes[row["record_class"]].title
    return render(request, "enterprise/conduct.html", {"heading": HOME[0], "on": today(), **found})


@enterprise
def bad_record(request: ActingRequest, record_id: UUID) -> HttpResponse:
    """One bad record with the notice, what the agency said and asked for, and what it may do from which day."""
    record = _record(request, record_id)
    kept = book("national").record_classes[record.record_class]
    rules = {one.key: one for one in book(record.jurisdiction).provisions}
    context = {
        "heading": record.matter, "crumbs": [(HOME[0], reverse(HOME[1]))], "record": record, "kept": kept, "on": today(),
        "badge": record.get_state_display(), "badge_tone": TONES.get(record.state, ""), "agency": record.agency,
        "items": _indicators(record, "J4"), "limit": book(record.jurisdiction).limit("publication_notice", on=record.served_on),
        "actions": _actions(record, request.acting), "waits": _waits(record), "law": quoted(rules["told_before_publication" if record.state != "published" else "withdrawn_on_application"]),
        "files": _files(request, "bad_record", record.pk), "last_day": last_day_to_state(record),
        "applications": [
            {"one": one, "tone": TONES.get(one.state, ""), "files": _files(request, "application", one.pk)}
            for one in queries.applications_of(record.company_id, record.pk)
        ],
    }  # fmt: skip
    return render(request, "enterprise/bad_record.html", context)


@enterprise
def notice(request: ActingRequest, record_id: UUID) -> HttpResponse:
    """公示前告知书 as it was served."""
    record = _record(request, record_id)
    if record.releasable_on is None:
        raise ActRefused("告知已经撤回，没有有效的告知书。")
    return pdf(f"{TITLE}.pdf", notice_pdf(record))


@enterprise
def step(request: ActingRequest, record_id: UUID, verb: str) -> HttpResponse:
    """One thing the agency may say or ask for; the table decides whether the page is there at all."""
    if verb not in PAGES:
        raise Http404
    record, shown = _record(request, record_id), PAGES[verb]
    row = (APPLICATION if shown.kind else BAD_RECORD).step(verb)
    if request.method != "POST":
        _expect(record, verb, request.acting)
    begun = {} if shown.kind else {"turn": record.turn}
    form: Any = shown.form(request.POST or None, request.FILES or None, initial=begun)
    back = redirect("own_bad_record", record_id=record.pk)
    if request.method == "POST":
        if form.is_valid():
            done, _ = attempt(form, lambda: _run(shown, record.pk, form, request.acting))
            if done:
                messages.success(request, f"{row.title}，已提交。")
                return back
        elif sent_before(request.POST):
            return back
    context = {
        "heading": row.title, "badge": row.clause, "lead": shown.lead, "form": form, "record": record,
        "crumbs": [(HOME[0], reverse(HOME[1])), (record.matter, reverse("own_bad_record", args=[record.pk]))],
        "items": _indicators(record, "J4"),
    }  # fmt: skip
    return render(request, "enterprise/conduct_step.html", context, status=422 if form.is_bound else 200)


@enterprise
def new_honour(request: ActingRequest) -> HttpResponse:
    """An honour is reported with its material."""
    agency = own_agency(request)
    form = OwnHonourForm(request.POST or None, request.FILES or None, jurisdiction=agency.jurisdiction)

    def act() -> Any:
        given = form.cleaned_data
        return actions.submit_good_record(
            agency.pk, values=form.values, material=given["material"], registration_no=given["registration_no"],
            by=request.acting, act_key=given["act_key"],
        )  # fmt: skip

    context = {
        "heading": "报送良好行为",
        "lead": "由所在地主管部门核实，通过后载入信用信息并公示（二（二））。",
    }
    return _honour(request, form, act, context)


@enterprise
def good_record(request: ActingRequest, record_id: UUID) -> HttpResponse:
    """One honour; returned, it is mended here and reported again."""
    agency = own_agency(request)
    record: Any = queries.good_record_of(agency.company_id, record_id)
    if record is None:
        raise Http404
    context = {
        "heading": record.award, "record": record, "badge": record.get_state_display(), "items": _indicators(record, "J3"),
        "badge_tone": TONES.get(record.state, ""), "files": _files(request, "good_record", record.pk),
    }  # fmt: skip
    if record.state != "returned" and request.method != "POST":
        return render(request, "enterprise/honour.html", {**context, "crumbs": [(HOME[0], reverse(HOME[1]))]})
    initial = {name: getattr(record, name) for name in OwnHonourForm.columns} | {
        "registration_no": record.registration_no, "turn": record.turn,
    }  # fmt: skip
    form = OwnHonourForm(
        request.POST or None,
        request.FILES or None,
        jurisdiction=agency.jurisdiction,
        initial=initial,
        material_there=True,
    )
    act = lambda: actions.resubmit_good_record(  # noqa: E731 - called once, when the form is valid
        record.pk, values=form.values, material=form.cleaned_data["material"], by=request.acting, **form.act
    )
    return _honour(request, form, act, context)


def _honour(
    request: ActingRequest, form: Any, act: Callable[[], Any], context: dict[str, Any]
) -> HttpResponse:
    agency = own_agency(request)
    if request.method == "POST":
        if form.is_valid():
            done, made = attempt(form, lambda: beside_column("J3", agency.jurisdiction, act))
            if done:
                messages.success(request, "已报送，由主管部门核实。")
                return (
                    redirect("own_conduct")
                    if made is None
                    else redirect("own_good_record", record_id=made.pk)
                )
        elif sent_before(request.POST):
            return redirect("own_conduct")
    context |= {"form": form, "crumbs": [(HOME[0], reverse(HOME[1]))]}
    return render(request, "enterprise/honour.html", context, status=422 if form.is_bound else 200)


def _record(request: ActingRequest, record_id: UUID) -> Any:
    found = queries.bad_record_of(own_agency(request).company_id, record_id)
    if found is None:
        raise Http404
    return found


def _run(shown: StepPage, record_id: UUID, form: Any, acting: Acting) -> Any:
    if shown.run is not None:
        return shown.run(record_id, form, acting)
    given = form.cleaned_data
    return actions.apply(
        record_id, shown.kind, text=given["text"], commitment=given.get("commitment", False),
        evidence=given.get("evidence", ()), by=acting, act_key=given["act_key"],
    )  # fmt: skip


def _expect(record: Any, verb: str, acting: Acting) -> None:
    """ActRefused when the step is not the agency's to take now, with the day from which it is."""
    if not PAGES[verb].kind:
        BAD_RECORD.allowed(verb, standing(record.agency, record.state, acting, parts_in(record, acting)))
        return
    step = APPLICATION.allowed(verb, standing(record.agency, NEW, acting))
    if record.state != "published":
        raise ActRefused(
            f"不能{step.title}：这条记录现为“{record.get_state_display()}”，只有公示中的可以申请（{step.clause}）。"
        )
    if (wait := _wait(record, verb)) and wait.from_on:
        raise ActRefused(f"不能{step.title}：{wait.why}，自{wait.from_on}起可以申请（{wait.clause}）。")


def _wait(record: Any, verb: str) -> queries.Wait | None:
    return queries.wait_of_minimum(record) if verb in ("apply_for_withdrawal", "apply_for_repair") else None


def _actions(record: Any, acting: Acting) -> list[dict[str, Any]]:
    """What the agency may do about its record today, each with its clause."""
    steps = [one for one in queries.steps_for(record, acting) if one.verb in PAGES]
    waiting = {
        one.kind
        for one in queries.applications_of(record.company_id, record.pk)
        if one.state in ("applied", "assessing")
    }
    asked = [
        one
        for one in queries.applications_open(record, acting)
        if PAGES[one.verb].kind not in waiting and _wait(record, one.verb) is None
        and (one.verb != "apply_for_repair" or record.rectified_on)
    ]  # fmt: skip
    return [
        {
            "title": f"{one.title}（{one.clause}）", "primary": one.verb == "state_case",
            "href": reverse("own_bad_record_step", args=[record.pk, one.verb]),
        }
        for one in (*steps, *asked)
    ]  # fmt: skip


def _waits(record: Any) -> list[dict[str, Any]]:
    """What is to come and only time or something else undone forbids."""
    if record.state != "published":
        return []
    found = []
    for verb in ("apply_for_withdrawal", "apply_for_repair"):
        title = APPLICATION.step(verb).title
        if wait := _wait(record, verb):
            found.append({"title": title, "why": wait.why, "clause": wait.clause, "from_on": wait.from_on})
        elif verb == "apply_for_repair" and not record.rectified_on:
            found.append(
                {"title": title, "why": "须先经考核验收合格", "clause": "四(四)，AMB-40", "from_on": None}
            )
    return found


def _indicators(record: Any, table: str) -> list[tuple[str, str]]:
    return [
        (f"{one.code} {one.title}", one.display(value))
        for one in catalogue(record.jurisdiction).table(table).all_fields
        if one.column not in ("agency_name", "agency_code")
        and (value := getattr(record, one.column, None)) not in (None, "")
    ]


def _files(request: ActingRequest, kind: str, subject_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "name": row["shown_name"], "size": row["size"], "kind": row["media_type"], "at": row["uploaded_at"],
            "url": reverse("enterprise_attachment", args=[row["id"]]),
        }
        for row in attachments_for_company(request.acting.company_id or 0, kind, subject_id)
    ]  # fmt: skip
