"""Good and bad records before the office: the queue, one record with all that belongs to it, each step on a page of its own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.credit import actions, queries
from fangxin.credit.notice import TITLE, notice_pdf
from fangxin.credit.queries import BINS, Sieve
from fangxin.credit.standing import parts_in, standing
from fangxin.credit.workflow import APPLICATION, BAD_RECORD, GOOD_RECORD
from fangxin.deadlines.clock import today
from fangxin.documents.actions import open_attachment
from fangxin.documents.queries import attachments_of
from fangxin.organisations.process import Process
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.rules.indicators import catalogue
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, attempt, sent_before
from fangxin.web.files import pdf
from fangxin.web.office import conduct_forms as forms
from fangxin.web.office.register import REVIEWING, own_place
from fangxin.web.office.review_forms import place_words
from fangxin.web.public.home import quoted

HOME = ("信用记录", "conduct")
TONES = {
    "published": "info", "notice_served": "waiting", "draft": "waiting", "recorded": "waiting", "submitted": "waiting",
    "applied": "waiting", "assessing": "waiting", "returned": "bad", "rejected": "bad", "refused": "bad", "failed": "bad",
    "passed": "good", "consented": "good", "upheld": "good", "revoked": "bad",
}  # fmt: skip
CLASS_TONES = {"minor": "", "general": "waiting", "serious": "bad"}
TILES = {"bad": "soon", "told": "", "asked": "soon", "good": "soon", "public": "", "honoured": "", "over": ""}


@dataclass(frozen=True)
class StepPage:
    """The form of a step and the action it calls; `form` takes the matter as `record` where it `needs` it."""

    form: Callable[..., ActForm]
    run: Callable[[UUID, Any, Acting], Any]
    lead: str = ""
    needs: bool = False


def _values(form: Any) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name not in ("act_key", "turn")}


def _plain(act: Callable[..., Any]) -> Callable[[UUID, Any, Acting], Any]:
    """An action that takes what its form has, by the same names."""
    return lambda pk, form, by: act(pk, by=by, **_values(form), **form.act)


BAD_PAGES: Mapping[str, StepPage] = {
    "confirm_record": StepPage(
        forms.ConfirmForm, _plain(actions.confirm_record),
        "记入以后不对外公开；须先告知被公示单位，告知期满才可以公示（四（四））。",
    ),
    "drop_record": StepPage(forms.ConductReasonForm, _plain(actions.drop_record), "草稿和理由都留存。"),
    "serve_notice": StepPage(
        forms.NoticeForm, _plain(actions.serve_notice), "送达以后机构即可在网上看到告知、提出陈述。"
    ),
    "cancel_notice": StepPage(
        forms.ConductReasonForm, _plain(actions.cancel_notice), "撤回以后要公示的，须重新告知，重新起算。"
    ),
    "release_record": StepPage(
        forms.ReleaseForm, _plain(actions.release_record), "放行以后立即公示，机构会收到通知。", needs=True
    ),
    "propose_correction": StepPage(
        forms.CorrectionForm,
        lambda pk, form, by: actions.propose_correction(
            pk, kind=form.cleaned_data["kind"], reason=form.cleaned_data["reason"], values=form.values, by=by, **form.act
        ),
        "更正的是机关自己的错误，不需要机构申请，须两个人经手；批准以前公示不变（AMB-25）。", needs=True,
    ),
    "confirm_correction": StepPage(forms.ConfirmForm, _plain(actions.confirm_correction), "批准以后公示立即随之改变，并注明已更正。"),
    "archive_record": StepPage(forms.ConfirmForm, _plain(actions.archive_record), "归档以后仍可查到，不删除（四（四））。"),
}  # fmt: skip
GOOD_PAGES: Mapping[str, StepPage] = {
    "verify_good_record": StepPage(forms.VerifyForm, _plain(actions.verify_good_record), "核实通过即载入信用信息并公示（二（二））。"),
    "return_good_record": StepPage(forms.ConductReasonForm, _plain(actions.return_good_record), "机构补正以后可以再报。"),
    "reject_good_record": StepPage(
        forms.ConductReasonForm,
        lambda pk, form, by: actions.return_good_record(pk, rejected=True, by=by, **_values(form), **form.act),
    ),
    "revoke_good_record": StepPage(forms.RevokeForm, _plain(actions.revoke_good_record), "撤销以后立即不再公示。"),
}  # fmt: skip
APPLICATION_PAGES: Mapping[str, StepPage] = {
    "begin_assessment": StepPage(forms.AssessmentForm, _plain(actions.begin_assessment)),
    "conclude_assessment": StepPage(
        forms.ConclusionForm,
        lambda pk, form, by: actions.conclude_assessment(
            pk, passed=form.cleaned_data["passed"] == "yes", result=form.cleaned_data["result"], by=by, **form.act
        ),
        "验收通过的，记录仍在，整改结果在旁边公布（四（四））。",
    ),
    "consent_to_withdrawal": StepPage(
        forms.ConsentForm, _plain(actions.consent_to_withdrawal), "同意以后立即从网上撤下，登记留存（四（四））。"
    ),
    "refuse_withdrawal": StepPage(forms.ConductReasonForm, _plain(actions.refuse_withdrawal)),
    "decide_objection": StepPage(
        forms.ObjectionDecisionForm,
        lambda pk, form, by: actions.decide_objection(
            pk, upheld=form.cleaned_data["upheld"] == "yes", reason=form.cleaned_data["reason"], by=by, **form.act
        ),
        "由未经手该记录的人处理；异议成立的，再按更正办理（AMB-25、AMB-41）。",
    ),
}  # fmt: skip
PAGES: Mapping[str, Mapping[str, StepPage]] = {
    "bad_record": BAD_PAGES, "good_record": GOOD_PAGES, "application": APPLICATION_PAGES,
}  # fmt: skip


@office(*REVIEWING)
def queue(request: ActingRequest) -> HttpResponse:
    """What waits here, longest first; what is public and what is over."""
    acting = _expected(request)
    asked = request.GET.get("bin", "")
    bin_ = asked if asked in BINS else "bad"
    process = GOOD_RECORD if bin_ in ("good", "honoured") else APPLICATION if bin_ == "asked" else BAD_RECORD
    form = forms.ConductSieveForm(
        request.GET or None,
        jurisdiction=acting.jurisdiction,
        states=dict(process.states),
        **own_place(acting),
    )
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    page = request.GET.get("page", "1")
    sieve = Sieve(
        bin=bin_, words=given.get("q", ""), city=given.get("city", ""), county=given.get("county", ""),
        state=given.get("state", ""), record_class=given.get("record_class", ""),
        page=max(1, int(page)) if page.isdecimal() and len(page) < 5 else 1,
    )  # fmt: skip
    found, counts = queries.queue(acting, sieve), queries.queue_counts(acting)
    kept = {name: value for name, value in request.GET.items() if value and name in form.fields}
    context = {
        "heading": HOME[0], "form": form, "bin": bin_, "page": sieve.page, "what": BINS[bin_],
        "rows": [_row(row, bin_, acting.jurisdiction) for row in found["rows"]],
        "tiles": [
            {"label": BINS[key], "count": counts[key], "tone": tone, "url": f"?bin={key}", "current": bin_ == key}
            for key, tone in TILES.items()
        ],
        "previous_url": f"?{urlencode({**kept, 'page': sieve.page - 1})}" if sieve.page > 1 else "",
        "next_url": f"?{urlencode({**kept, 'page': sieve.page + 1})}" if found["more"] else "",
        "filtered": bool(kept.keys() - {"bin"}),
    }  # fmt: skip
    return render(
        request, "office/conduct.html", context, status=422 if form.is_bound and form.errors else 200
    )


@office(*REVIEWING)
def new_bad_record(request: ActingRequest) -> HttpResponse:
    """A draft from what an inspection found, for a second official to enter."""
    acting = _expected(request)
    titles = {
        key: one.title
        for key, one in book(acting.jurisdiction).record_sources.items()
        if not one.needs_finding and not one.automatic
    }
    initial = {"agency_code": request.GET.get("agency", "")[:18], "decided_by": acting.capacity.split("·")[0]}
    form = forms.ConductForm(request.POST or None, request.FILES or None, sources=titles, initial=initial)
    act = lambda: _draft(form, acting)  # noqa: E731 - called once, when the form is valid
    return _begun(
        request,
        form,
        act,
        "起草不良行为记录",
        "bad_record",
        "J4",
        "由另一名工作人员记入；机构和公众在告知以前都看不到。",
    )


@office(*REVIEWING)
def new_good_record(request: ActingRequest) -> HttpResponse:
    """An honour with its material, to be verified."""
    acting = _expected(request)
    initial = {"agency_code": request.GET.get("agency", "")[:18]}
    form = forms.OfficeHonourForm(
        request.POST or None, request.FILES or None, jurisdiction=acting.jurisdiction, initial=initial
    )
    act = lambda: _honour(form, acting)  # noqa: E731 - called once, when the form is valid
    return _begun(
        request,
        form,
        act,
        "报送良好行为",
        "good_record",
        "J3",
        "须有材料；核实以后载入信用信息并公示（二（二））。",
    )


@office(*REVIEWING)
def bad_record(request: ActingRequest, record_id: UUID) -> HttpResponse:
    """One bad record: what it is, what can be done now and by whom, why each day, and what happened."""
    record = _found(request, "bad_record", record_id)
    asked = queries.applications_on(record.pk)
    kept = book("national").record_classes[record.record_class]
    frame = _frame(record, request.acting)
    applications: list[dict[str, Any]] = [
        {
            "one": one, "tone": TONES.get(one.state, ""), "files": _files(one, "application"),
            "actions": _actions(one, request.acting), "others": queries.awaited(one),
        }
        for one in asked
    ]  # fmt: skip
    # What is asked about a public record is what it waits for.
    frame["mine"] += [do for one in applications for do in one["actions"] if do["primary"]]
    frame["others"] = (
        [] if frame["mine"] else frame["others"] + [who for one in applications for who in one["others"]]
    )
    context = {
        **frame, "record": record, "kept": kept, "class_tone": CLASS_TONES[record.record_class],
        "stages": _stages(record), "class_words": forms.class_words(kept), "law": _law(record),
        "items": _indicators(record, "J4"), "files": _files(record, "bad_record"), "basics": _basics(record),
        "applications": applications,
        "notice_url": reverse("bad_record_notice", args=[record.pk]) if record.confirmed_on else "",
        "corrections": [
            {"one": one, "changes": _changes(record, one.before, one.after)} for one in queries.corrections_of(record.pk)
        ],
        "timeline": _timeline(queries.story_of(record, asked)),
    }  # fmt: skip
    return render(request, "office/bad_record.html", context)


@office(*REVIEWING)
def notice(request: ActingRequest, record_id: UUID) -> HttpResponse:
    """公示前告知书 for print, once the record is entered: with its days to fill in, or as it was served."""
    record = _found(request, "bad_record", record_id)
    if record.confirmed_on is None:
        raise ActRefused("记入以后才有告知书（四（四））。")
    return pdf(f"{TITLE}.pdf", notice_pdf(record))


@office(*REVIEWING)
def good_record(request: ActingRequest, record_id: UUID) -> HttpResponse:
    """One honour with its material, and what can be done now."""
    record = _found(request, "good_record", record_id)
    context = {
        **_frame(record, request.acting), "record": record, "items": _indicators(record, "J3"),
        "files": _files(record, "good_record"), "timeline": _timeline(queries.story_of(record)),
        "basics": [
            ("机构", record.agency.company.name), ("法人代码", record.agency.code),
            ("报送", f"{record.entered_on} {record.entered_by.full_name if record.entered_by else ''}"),
            ("受表彰人员注册号", record.registration_no), ("核实", record.decided_on), ("公示至", record.shown_until),
            ("撤销", record.revoked_on), ("意见", record.opinion),
        ],
    }  # fmt: skip
    return render(request, "office/good_record.html", context)


@office(*REVIEWING)
def bad_record_step(request: ActingRequest, record_id: UUID, verb: str) -> HttpResponse:
    """One step on one bad record; the table decides whether the page is there at all."""
    return _step(request, _found(request, "bad_record", record_id), BAD_RECORD, verb)


@office(*REVIEWING)
def good_record_step(request: ActingRequest, record_id: UUID, verb: str) -> HttpResponse:
    """One step on one honour; the table decides whether the page is there at all."""
    return _step(request, _found(request, "good_record", record_id), GOOD_RECORD, verb)


@office(*REVIEWING)
def application_step(request: ActingRequest, application_id: UUID, verb: str) -> HttpResponse:
    """One step on one application; the table decides whether the page is there at all."""
    return _step(request, _found(request, "application", application_id), APPLICATION, verb)


@office(*REVIEWING)
def file(request: ActingRequest, kind: str, record_id: UUID, attachment_id: UUID) -> HttpResponse:
    """A piece of evidence or material; that it was opened stands in the journal."""
    found = _found(request, kind, record_id)
    opened = open_attachment(attachment_id, subject_kind=kind, subject_id=found.pk, by=request.acting.actor)
    return HttpResponse(opened.content, headers=opened.headers)


def url_of(matter_kind: str, pk: Any) -> str:
    """The page of a record; of an application, that of the record it is about."""
    return reverse("good_record" if matter_kind == "good_record" else "bad_record", args=[pk])


def _expected(request: ActingRequest) -> Acting:
    if not queries.sees_conduct(request.acting):
        raise Http404
    return request.acting


def _found(request: ActingRequest, kind: str, pk: UUID) -> Any:
    read: Mapping[str, Callable[[Acting, UUID], Any]] = {
        "bad_record": queries.bad_record_before, "good_record": queries.good_record_before,
        "application": queries.application_before,
    }  # fmt: skip
    found = read[kind](request.acting, pk) if kind in read else None
    if found is None:
        raise Http404
    return found


def _begun(
    request: ActingRequest, form: Any, act: Callable[[], Any], title: str, page: str, table: str, lead: str
) -> HttpResponse:
    """The page on which something new is written down, and where it leads."""
    if request.method == "POST":
        if form.is_valid():
            done, made = attempt(form, lambda: forms.beside_column(table, request.acting.jurisdiction, act))
            if done:
                messages.success(request, f"{title}，已记录。")
                return redirect("conduct") if made is None else redirect(page, record_id=made.pk)
        elif sent_before(request.POST):
            return redirect("conduct")
    context = {
        "heading": title,
        "form": form,
        "crumbs": [(HOME[0], reverse(HOME[1]))],
        "lead": lead,
        "verb": title,
    }
    return render(request, "office/conduct_new.html", context, status=422 if form.is_bound else 200)


def _agency(form: Any, acting: Acting) -> Any:
    agency = queries.agency_called(acting.jurisdiction, form.cleaned_data["agency_code"])
    if agency is None:
        raise ActRefused("登记册里没有这个代码的机构，请核对。", "agency_code")
    return agency


def _draft(form: Any, acting: Acting) -> Any:
    given, agency = form.cleaned_data, _agency(form, acting)
    conduct = actions.Conduct(
        values=form.values, source=given["source"], record_class=given["record_class"], person=given["person"],
        registration_no=given["registration_no"], project=given["project"], shown_because=given["shown_because"],
        items=[given["item"]] if given["item"] else [], evidence=given["evidence"],
    )  # fmt: skip
    return actions.draft_record(agency.pk, conduct, by=acting, act_key=given["act_key"])


def _honour(form: Any, acting: Acting) -> Any:
    given, agency = form.cleaned_data, _agency(form, acting)
    return actions.submit_good_record(
        agency.pk, values=form.values, material=given["material"], registration_no=given["registration_no"], by=acting,
        act_key=given["act_key"],
    )  # fmt: skip


def _step(request: ActingRequest, matter: Any, process: Process, verb: str) -> HttpResponse:
    pages = PAGES[process.name]
    if verb not in pages:
        raise Http404
    shown, row, acting = pages[verb], process.step(verb), request.acting
    back = url_of(process.name, matter.record_id if process is APPLICATION else matter.pk)
    if request.method != "POST":
        process.allowed(verb, standing(matter.agency, matter.state, acting, parts_in(matter, acting)))
        if wait := queries.wait_for(matter, verb):
            raise ActRefused(f"不能{row.title}：{wait.why}，自{wait.from_on}起可以办理（{wait.clause}）。")
    given = {"record": matter} if shown.needs else {}
    form = shown.form(request.POST or None, request.FILES or None, initial={"turn": matter.turn}, **given)
    if request.method == "POST":
        if form.is_valid():
            act = lambda: shown.run(matter.pk, form, acting)  # noqa: E731 - called once, here
            done, _ = attempt(form, lambda: forms.beside_column("J4", matter.jurisdiction, act))
            if done:
                messages.success(request, f"{row.title}，已记录。")
                return redirect(back)
        elif sent_before(request.POST):
            return redirect(back)
    record = matter.record if process is APPLICATION else matter
    context = {
        "heading": row.title, "step": row, "form": form, "lead": shown.lead, "back": back, "matter": matter,
        "crumbs": [(HOME[0], reverse(HOME[1])), (_name(record), back)], "agency": matter.agency,
        "items": _indicators(record, "J3" if process is GOOD_RECORD else "J4"), "record": record,
        "asked": matter if process is APPLICATION else None, "law": [] if process is GOOD_RECORD or "correction" in verb else _law(record),
        "waiting": [
            {"one": one, "changes": _changes(record, one.before, one.after)}
            for one in queries.corrections_of(record.pk) if one.decided_on is None
        ] if verb == "confirm_correction" else [],
    }  # fmt: skip
    return render(request, "office/conduct_step.html", context, status=422 if form.is_bound else 200)


def _frame(matter: Any, acting: Acting) -> dict[str, Any]:
    agency = matter.agency
    doable = _actions(matter, acting)
    mine = [one for one in doable if one["primary"]]
    return {
        "heading": _name(matter), "crumbs": [(HOME[0], reverse(HOME[1]))], "agency": agency, "on": today(),
        "lead": f"{agency.company.name} · {agency.code} · {place_words(agency.jurisdiction, agency.city, agency.county)}",
        "badge": matter.get_state_display(), "badge_tone": TONES.get(matter.state, ""), "actions": doable, "mine": mine,
        "others": [] if mine else queries.awaited(matter), "waits": _waits(matter, acting),
    }  # fmt: skip


def _name(matter: Any) -> str:
    return str(getattr(matter, "matter", "") or getattr(matter, "award", ""))


def _actions(matter: Any, acting: Acting) -> list[dict[str, Any]]:
    """The person's steps that can be taken today, the main line's first."""
    name = queries.PROCESS_OF[type(matter)].name
    return [
        {
            "title": one.title, "clause": one.clause, "primary": one.verb not in queries.ASIDE,
            "href": reverse(f"{name}_step", args=[matter.pk, one.verb]),
        }
        for one in queries.steps_for(matter, acting)
        if one.verb in PAGES[name] and queries.wait_for(matter, one.verb) is None
    ]  # fmt: skip


def _waits(matter: Any, acting: Acting) -> list[dict[str, Any]]:
    """What comes next and only time forbids, with the day and the reason."""
    process = queries.PROCESS_OF[type(matter)]
    found = []
    for step in process.steps:
        if matter.state in step.before and (wait := queries.wait_for(matter, step.verb)):
            found.append(
                {"title": step.title, "why": wait.why, "clause": wait.clause, "from_on": wait.from_on}
            )
    return found


def _stages(record: Any) -> list[dict[str, Any]]:
    """How far the record has come, with the day of each step."""
    days = [
        ("起草", record.entered_on), ("记入", record.confirmed_on), ("告知", record.served_on),
        ("公示", record.published_on), ("停止公示", record.taken_down_on), ("归档", record.archived_on),
    ]  # fmt: skip
    if record.state == "dropped":
        return [
            {"title": "起草", "state": "done", "note": str(record.entered_on)},
            {"title": "不予记入", "state": "current"},
        ]
    reached = {"draft": 1, "recorded": 2, "notice_served": 3, "published": 4, "archived": 6}.get(
        record.state, 5
    )
    shown = []
    for at, (title, day) in enumerate(days):
        state = (
            "done"
            if day and at < reached
            else "current"
            if at == reached
            else "skipped"
            if at < reached
            else "todo"
        )
        shown.append({"title": title, "state": state, "note": str(day) if day and at < reached else ""})
    return shown


def _law(record: Any) -> list[dict[str, Any]]:
    """The sentences that govern a bad record now."""
    keys = {
        "draft": ("record_conduct",), "recorded": ("told_before_publication",), "notice_served": ("told_before_publication",),
        "published": ("assessed_after_rectification", "withdrawn_on_application"),
    }.get(record.state, ("kept_by_class",))  # fmt: skip
    rules = {one.key: one for one in book(record.jurisdiction).provisions}
    return [quoted(rules[key]) for key in keys if key in rules]


def _indicators(record: Any, table: str) -> list[tuple[str, str]]:
    """The values of the record under the titles of the annex."""
    found = []
    for one in catalogue(record.jurisdiction).table(table).all_fields:
        value = getattr(record, one.column, None)
        if one.column not in ("agency_name", "agency_code") and value not in (None, ""):
            found.append((f"{one.code} {one.title}", one.display(value)))
    return found


def _changes(record: Any, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    columns = catalogue(record.jurisdiction).table("J4").by_column
    return [
        (columns[name].title, before.get(name, ""), after.get(name, ""))
        for name in columns
        if after and before.get(name) != after.get(name)
    ]


def _basics(record: Any) -> list[tuple[str, Any]]:
    source = book(record.jurisdiction).record_sources[record.source]
    facts = [
        ("机构", record.agency.company.name), ("法人代码", record.agency.code),
        ("来源", f"{source.title}{f'（{record.source_number}）' if record.source_number else ''}"),
        ("违法行为目录", "；".join(_acts(record.items))),
        ("经纪人员", f"{record.person} {record.registration_no}".strip()), ("项目", record.project),
        ("起草", f"{record.entered_on} {record.entered_by.full_name if record.entered_by else '平台自动起草'}"),
        ("记入", f"{record.confirmed_on or ''} {record.confirmed_by.full_name if record.confirmed_by else ''}".strip()),
        ("记入部门", record.body.name), ("不予记入的理由", record.dropped_because),
        ("告知送达", f"{record.served_on}（{record.served_how}）" if record.served_on else ""),
        ("最早公示", record.releasable_on),
        ("放行", f"{record.published_on or ''} {record.published_by.full_name if record.published_by else ''}".strip()),
        ("公示至", record.shown_until), ("确有必要公示的理由", record.shown_because), ("停止公示", record.taken_down_on),
        ("更正", record.corrected_on), ("归档", record.archived_on),
    ]  # fmt: skip
    return [(name, value) for name, value in facts if value]


def _acts(codes: Iterable[str]) -> list[str]:
    """What the catalogue calls each of the acts; a code it has no longer stands as it is."""
    acts = {one.code: one.act for one in book("national").violations}
    return [f"{code} {acts.get(code, '')}".strip() for code in codes]


def _files(matter: Any, kind: str) -> list[dict[str, Any]]:
    return [
        {
            "name": row["shown_name"], "size": row["size"], "kind": row["media_type"], "at": row["uploaded_at"],
            "by": row["uploaded_by_company__name"] or row["uploaded_by_user__full_name"] or "",
            "url": reverse("conduct_file", args=[kind, matter.pk, row["id"]]),
        }
        for row in attachments_of(kind, matter.pk)
    ]  # fmt: skip


def _timeline(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"at": one["at"], "title": one["summary"], "by": one["actor_label"], "clause": one["clause"]}
        for one in entries
    ]


def _row(row: dict[str, Any], bin_: str, jurisdiction: str) -> dict[str, Any]:
    """One line of a list, whatever kind of matter it is of."""
    shown: dict[str, Any] = {
        "name": row["agency__company__name"], "code": row["agency__code"], "state": row["state_title"],
        "place": place_words(jurisdiction, row["agency__city"], row["agency__county"]), "tone": TONES.get(row["state"], ""),
        "entered_on": row["entered_on"],
    }  # fmt: skip
    if bin_ == "asked":
        kind = APPLICATION_KINDS[row["kind"]]
        return shown | {
            "url": reverse("bad_record", args=[row["record_id"]]), "what": f"{kind}：{row['record__matter']}",
            "due_on": row["due_on"],
        }  # fmt: skip
    if bin_ in ("good", "honoured"):
        return shown | {
            "url": reverse("good_record", args=[row["id"]]), "what": row["award"], "class": row["level"],
            "days": [("公示至", row["shown_until"])],
        }  # fmt: skip
    days = [
        ("最早公示", row["releasable_on"]) if row["state"] == "notice_served" else ("公示至", row["shown_until"]),
        ("停止公示", row["taken_down_on"]),
    ]  # fmt: skip
    kept = book("national").record_classes[row["record_class"]]
    return shown | {
        "url": reverse("bad_record", args=[row["id"]]), "what": row["matter"], "class": kept.title,
        "class_tone": CLASS_TONES[row["record_class"]], "days": [(words, day) for words, day in days if day],
        "stated": row["state"] == "notice_served" and row["stated_on"] is not None,
    }  # fmt: skip


APPLICATION_KINDS = {
    "assessment": "考核验收",
    "withdrawal": "撤销公示",
    "repair": "信用修复",
    "objection": "异议",
}
