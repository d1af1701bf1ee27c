"""授权查询: applications wait here; the department with jurisdiction grants, refuses and revokes (四（三）)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.deadlines.clock import today
from fangxin.disclosure import actions
from fangxin.disclosure.queries import id_number_of, looks_by_grant, queries_for, query_for
from fangxin.disclosure.standing import standing_of
from fangxin.disclosure.workflow import PROCESS, STATE_TITLES, State
from fangxin.documents.actions import open_attachment
from fangxin.documents.queries import attachments_of
from fangxin.organisations.process import Step
from fangxin.organisations.roles import Role
from fangxin.rules import book
from fangxin.rules.reading import grantable_fields
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, Lines, Several, attempt, sent_before
from fangxin.web.public.query_forms import grouped_codes, titled

DECIDING = (Role.REVIEWER, Role.DEPARTMENT_HEAD)
MOST = 100
TONES = {State.GRANTED: "good", State.REFUSED: "bad", State.REVOKED: "bad", State.APPLIED: "info"}


class GrantForm(ActForm):
    """What of the application is granted, and for how long."""

    codes = Several("批准的栏目", help_text="可以少于申请的，不能多于。")
    days = forms.IntegerField(
        label="天数", widget=forms.NumberInput(attrs={"min": 1, "inputmode": "numeric"}),
        error_messages={"required": "请填写天数。", "invalid": "天数：请填写整数。"},
    )  # fmt: skip
    opinion = Lines("审批意见", 1000, rows=3, required=False, help_text="申请人能看到。")
    keep_secret = forms.BooleanField(
        label="调查令写明保密，不告知被查询机构", required=False, help_text="请核对调查令原件。"
    )

    def __init__(self, *args: Any, query: Any, **kwargs: Any) -> None:
        asked = [
            field.code
            for field in grantable_fields(query.ground, on=today(), jurisdiction=query.jurisdiction)
            if field.code in query.asked_codes
        ]
        kwargs["initial"] = {"codes": asked, "days": query.asked_days, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.fields["codes"].choices = grouped_codes(asked)  # type: ignore[attr-defined]
        self.fields["days"].help_text = f"申请{query.asked_days}日，可以少于。"
        if not query.asks_secrecy:
            del self.fields["keep_secret"]


class ReasonForm(ActForm):
    """Why not, or why no longer; the applicant reads it."""

    reason = Lines("理由", 1000, rows=4, help_text="申请人能看到。")


@office(*DECIDING)
def query_list(request: ActingRequest) -> HttpResponse:
    """The applications the reader's body decides on, and those it has decided."""
    if "approve_query" not in request.acting.functions:
        raise Http404
    waiting = list(queries_for(request.acting, waiting=True)[: MOST + 1])
    decided = list(queries_for(request.acting, waiting=False)[: MOST + 1])
    context = {
        "heading": "授权查询", "waiting": [_row(one) for one in waiting[:MOST]], "decided": [_row(one) for one in decided[:MOST]],
        "more": len(waiting) > MOST or len(decided) > MOST, "most": MOST,
    }  # fmt: skip
    return render(request, "office/queries.html", context)


@office(*DECIDING)
def page(request: ActingRequest, query_id: UUID) -> HttpResponse:
    """One application with its papers, what may be done now, and the looks there were."""
    return render(request, "office/query.html", _facts(request, query_id))


@office(*DECIDING)
def step(request: ActingRequest, query_id: UUID, verb: str) -> HttpResponse:
    """Grants, refuses or revokes; the table decides whether the page is there at all."""
    if verb not in _FORMS:
        raise Http404
    context = _facts(request, query_id)
    query, row = context["query"], PROCESS.step(verb)
    if request.method != "POST":
        PROCESS.allowed(verb, standing_of(query, request.acting))
    form = _form(verb, request, query)
    if request.method == "POST":
        if form.is_valid():
            done, _ = attempt(form, lambda: _run(row, query.pk, form, request))
            if done:
                messages.success(request, f"{query.number}：{row.title}，已记录。")
                return redirect("query", query_id=query.pk)
        elif sent_before(request.POST):
            return redirect("query", query_id=query.pk)
    crumbs = [("授权查询", reverse("query_list")), (query.number, reverse("query", args=[query.pk]))]
    context |= {"heading": row.title, "step": row, "form": form, "crumbs": crumbs, "state": ""}
    return render(request, "office/query_step.html", context, status=422 if form.is_bound else 200)


@office(*DECIDING)
def paper(request: ActingRequest, query_id: UUID, attachment_id: UUID) -> HttpResponse:
    """One of the papers of an application; that it was opened stands in the journal."""
    query = query_for(request.acting, query_id)
    if query is None:
        raise Http404
    opened = open_attachment(
        attachment_id, subject_kind="query", subject_id=query.pk, by=request.acting.actor, original=True
    )
    return HttpResponse(opened.content, headers=opened.headers)


_FORMS = ("grant_query", "refuse_query", "revoke_query")


def _form(verb: str, request: ActingRequest, query: Any) -> ActForm:
    data = request.POST if request.method == "POST" else None
    begun = {"turn": query.turn}
    return (
        GrantForm(data, query=query, initial=begun)
        if verb == "grant_query"
        else ReasonForm(data, initial=begun)
    )


def _run(row: Step, query_id: UUID, form: ActForm, request: ActingRequest) -> None:
    given = form.cleaned_data
    match row.verb:
        case "grant_query":
            actions.grant_query(
                query_id, codes=given["codes"], days=given["days"], opinion=given["opinion"],
                tell_agency=not given.get("keep_secret"), by=request.acting, **form.act,
            )  # fmt: skip
        case "refuse_query":
            actions.refuse_query(query_id, reason=given["reason"], by=request.acting, **form.act)
        case "revoke_query":
            actions.revoke_query(query_id, reason=given["reason"], by=request.acting, **form.act)


def _facts(request: ActingRequest, query_id: UUID) -> dict[str, Any]:
    query = query_for(request.acting, query_id)
    if query is None:
        raise Http404
    state = _state(query)
    ground = book(query.jurisdiction).query_ground(query.ground)
    return {
        "query": query, "heading": query.number, "lead": f"{query.agency.company.name}　{query.agency.code}",
        "state": STATE_TITLES[state], "tone": TONES.get(state, ""), "crumbs": [("授权查询", reverse("query_list"))],
        "steps": [
            {"title": one.title, "url": reverse("query_step", args=[query.pk, one.verb]), "clause": one.clause}
            for one in PROCESS.open_steps(standing_of(query, request.acting))
        ],
        "facts": [
            ("申请人", f"{query.applicant_name}（{query.organisation}）"),
            ("证件", f"{query.id_kind}　{id_number_of(query)}"),
            ("联系", "　".join(filter(None, (query.telephone, query.email)))),
            ("理由", ground.title), ("查询目的", query.purpose), ("依据", query.basis),
            ("申请的栏目", "、".join(titled(query.asked_codes))),
            ("申请的期间", f"自{query.asked_from_on:%Y-%m-%d}起{query.asked_days}日"),
            ("提交日期", f"{query.applied_on:%Y-%m-%d}"),
            *([("告知机构", "申请人称调查令写明保密，请求不告知")] if query.asks_secrecy else []),
        ],
        "asked_for": ground.papers,
        "files": [
            {
                "name": file["shown_name"], "size": file["size"], "kind": file["media_type"], "at": file["uploaded_at"],
                "url": reverse("query_paper", args=[query.pk, file["id"]]),
            }
            for file in attachments_of("query", query.pk)
        ],
        "decision": _decision(query, state), "looks": looks_by_grant(query) if query.granted_codes else [],
    }  # fmt: skip


def _decision(query: Any, state: State) -> list[tuple[str, Any]]:
    if not query.decided_at:
        return []
    granted = [
        ("批准的栏目", "、".join(titled(query.granted_codes))),
        ("有效期", f"{query.from_on:%Y-%m-%d}至{query.until_on:%Y-%m-%d}"),
        ("告知机构", "已告知" if query.agency_told else "未告知（调查令保密）"),
    ] if query.granted_codes else []  # fmt: skip
    ended = [("收回理由", query.end_reason)] if state is State.REVOKED else []
    return [("审批人", query.decided_by_label), *granted, ("审批意见", query.opinion), *ended]


def _state(query: Any) -> State:
    """As `follow_query`: what is over is expired, whether or not the clock has said so."""
    over = query.state == State.GRANTED and query.until_on < today()
    return State.EXPIRED if over else State(query.state)


def _row(query: Any) -> dict[str, Any]:
    state = _state(query)
    return {
        "url": reverse("query", args=[query.pk]), "number": query.number, "agency": query.agency.company.name,
        "applicant": f"{query.applicant_name}（{query.organisation}）", "ground": book(query.jurisdiction).query_ground(query.ground).title,
        "codes": len(query.granted_codes or query.asked_codes), "applied_on": query.applied_on,
        "until_on": query.until_on, "state": STATE_TITLES[state], "tone": TONES.get(state, ""),
    }  # fmt: skip
