"""The case page: what it is, what can be done now and by whom, why each day, and what happened."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.cases import actions, queries
from fangxin.cases.standing import standing_of
from fangxin.cases.terms import (
    LINKS,
    SOLVED,
    district_titles,
    outcome_titles,
    reason_titles,
    satisfaction_titles,
    source_titles,
)
from fangxin.cases.workflow import STATUS_TITLES, STEP_BY_VERB, Status, Step, find_step
from fangxin.deadlines.clock import now, today
from fangxin.deadlines.queries import deadlines_of
from fangxin.documents.queries import attachments_of, attachments_of_each
from fangxin.investigations import actions as investigations
from fangxin.investigations.queries import asked_of_a_case as investigations_of_a_case
from fangxin.investigations.queries import (
    inquiries_of,
    judges_files,
    may_ask_others,
    opinions_of,
    orders_of,
)
from fangxin.organisations.asked_often import asked_ahead
from fangxin.organisations.queries import company_matching, find_companies, officers_of
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.web.access import ActingRequest, office
from fangxin.web.context import asked_of_the_frame
from fangxin.web.fields import attempt, sent_before
from fangxin.web.office import forms


@dataclass(frozen=True)
class StepPage:
    """The form of a step and the action it calls with what was filled in."""

    form: type[forms.StepForm]
    run: Callable[[Any, forms.Any, Any], Any]
    lead: str = ""


# Steps off the main line: at hand, but not what the case is waiting for.
ASIDE = {
    "reassign_officer",
    "propose_return",
    "propose_refusal",
    "reject_proposal",
    "reopen_refused",
    "reopen_case",
    "register_reply",
    "ask_again",
    "record_rectification",
    "register_report",
    "urge_company",
    "record_answer",
    "ask_extension",
    "issue_supervision",
    "close_supervision",
}
ABOUT_AN_ORDER = {"acknowledge_supervision", "answer_supervision", "close_supervision"}
ABOUT_A_COMPANY = {
    "issue_supervision",
    "urge_company",
    "tell_company",
    "register_reply",
    "ask_again",
    "record_rectification",
}
RUNNING = {"running", "soon", "today", "overdue"}

PAGES: dict[str, StepPage] = {
    "dispatch_case": StepPage(
        forms.DispatchForm,
        lambda case, form, by: actions.dispatch_case(
            case.pk, link=form["link"], district=form["district"], reason=form["reason"], by=by, **form["act"]
        ),
    ),
    "forward_from_hub": StepPage(
        forms.ForwardForm,
        lambda case, form, by: actions.forward_from_hub(case.pk, district=form["district"], by=by, **form["act"]),
    ),
    "accept_case": StepPage(
        forms.AcceptForm,
        lambda case, form, by: actions.accept_case(
            case.pk, officer_id=int(form["officer"]), summary=form["summary"], points=form["points"].splitlines(),
            respondents=form["respondents"], project_name=form["project_name"], by=by, **form["act"],
        ),
        "受理即核定转办摘要：平台随即自动分派至每一家已入驻的被投诉企业，3个工作日内网上回复；10个工作日的处理期限自次日起算。",
    ),
    "reassign_officer": StepPage(
        forms.OfficerForm,
        lambda case, form, by: actions.reassign_officer(
            case.pk, officer_id=int(form["officer"]), reason=form["reason"], by=by, **form["act"]
        ),
    ),
    "propose_return": StepPage(
        forms.ProposeReturnForm,
        lambda case, form, by: actions.propose_return(
            case.pk, reason_code=form["reason_code"], reason=form["reason"], by=by, **form["act"]
        ),
    ),
    "propose_refusal": StepPage(
        forms.ProposeRefusalForm,
        lambda case, form, by: actions.propose_refusal(
            case.pk, reason_code=form["reason_code"], reason=form["reason"], by=by, **form["act"]
        ),
    ),
    "approve_return": StepPage(
        forms.OpinionOfHeadForm,
        lambda case, form, by: actions.approve_proposal(case.pk, opinion=form["opinion"], by=by, **form["act"]),
    ),
    "approve_refusal": StepPage(
        forms.OpinionOfHeadForm,
        lambda case, form, by: actions.approve_proposal(case.pk, opinion=form["opinion"], by=by, **form["act"]),
    ),
    "reject_proposal": StepPage(
        forms.OpinionOfHeadForm,
        lambda case, form, by: actions.reject_proposal(case.pk, opinion=form["opinion"], by=by, **form["act"]),
    ),
    "reopen_refused": StepPage(
        forms.ReasonForm,
        lambda case, form, by: actions.reopen_refused(case.pk, reason=form["reason"], by=by, **form["act"]),
    ),
    "explain_delay": StepPage(
        forms.DelayForm,
        lambda case, form, by: actions.explain_delay(case.pk, reason=form["reason"], by=by, **form["act"]),
        "未按期办理的，应注明理由或上报市建委有关主管部门（二(七)）。注明之后可以继续办理；逾期仍记在案。",
    ),
    "report_delay": StepPage(
        forms.DelayForm,
        lambda case, form, by: actions.report_delay(case.pk, reason=form["reason"], by=by, **form["act"]),
        "上报之后，主管业务部门看得到本案，督促或协调加快办理（二(七)）。",
    ),
    "urge_department": StepPage(
        forms.UrgeDepartmentForm,
        lambda case, form, by: actions.urge_department(
            case.pk, kind=form["kind"], channel=form["channel"], addressee=form["addressee"], text=form["text"],
            by=by, **form["act"],
        ),
    ),
    "issue_supervision": StepPage(
        forms.SuperviseForm,
        lambda case, form, by: actions.issue_supervision(
            case.pk, company_id=form["company_id"], text=form["text"], by=by, **form["act"]
        ),
        "编号由系统连续编排；按期没有答复的，自动升一级（二(七)）。",
    ),
    "acknowledge_supervision": StepPage(
        forms.AcknowledgeForm,
        lambda case, form, by: actions.acknowledge_supervision(
            case.pk, order_id=form["order_id"], by=by, **form["act"]
        ),
    ),
    "answer_supervision": StepPage(
        forms.AnswerSupervisionForm,
        lambda case, form, by: actions.answer_supervision(
            case.pk, order_id=form["order_id"], answer=form["answer"], by=by, **form["act"]
        ),
    ),
    "close_supervision": StepPage(
        forms.CloseSupervisionForm,
        lambda case, form, by: actions.close_supervision(
            case.pk, order_id=form["order_id"], suffices=form["result"] == "close", conclusion=form["conclusion"],
            by=by, **form["act"],
        ),
    ),
    "ask_extension": StepPage(
        forms.AskExtensionForm,
        lambda case, form, by: actions.ask_extension(
            case.pk, until=form["until"], reason=form["reason"], by=by, **form["act"]
        ),
    ),
    "decide_extension": StepPage(
        forms.DecideExtensionForm,
        lambda case, form, by: actions.decide_extension(
            case.pk, approved=form["result"] == "approved", opinion=form["opinion"], by=by, **form["act"]
        ),
    ),
    "urge_company": StepPage(
        forms.UrgeCompanyForm,
        lambda case, form, by: actions.urge_company(
            case.pk, task_id=form["task_id"], channel=form["channel"], addressee=form["addressee"],
            text=form["text"], by=by, **form["act"],
        ),
    ),
    "record_answer": StepPage(
        forms.UrgingAnswerForm,
        lambda case, form, by: actions.record_answer(
            case.pk, number=int(form["urging"]), answer=form["answer"], by=by, **form["act"]
        ),
    ),
    "tell_company": StepPage(
        forms.TellCompanyForm,
        lambda case, form, by: actions.tell_company(
            case.pk, task_id=form["task_id"], channel=form["channel"], address=form["address"],
            told_at=form["told_at"], files=form["files"], by=by, **form["act"],
        ),
        "请先打印告知单：它只有核定的转办摘要，没有投诉人的任何信息。告知之后在这里登记，企业书面回复的期限随之起算。",
    ),
    "register_reply": StepPage(
        forms.RegisterReplyForm,
        lambda case, form, by: actions.register_reply(
            case.pk, task_id=form["task_id"], answers=form["answers"], received_on=form["received_on"],
            by_name=form["by_name"], files=form["files"], admits_violation=form["admits_violation"],
            plan=form["plan"], contact=form["contact"], by=by, **form["act"],
        ),
    ),
    "ask_again": StepPage(
        forms.AskAgainForm,
        lambda case, form, by: actions.ask_again(
            case.pk, task_id=form["task_id"], points=form["points"], reason=form["reason"], by=by, **form["act"]
        ),
    ),
    "record_rectification": StepPage(
        forms.OwnRectificationForm,
        lambda case, form, by: actions.record_rectification(
            case.pk, task_id=form["task_id"], text=form["text"], done_on=form["done_on"], files=form["files"],
            by=by, **form["act"],
        ),
    ),
    "register_report": StepPage(
        forms.RegisterReportForm,
        lambda case, form, by: investigations.register_report(
            case.pk, order_id=UUID(form["order"]), kind=form["kind"], text=form["text"],
            received_on=form["received_on"], by_name=form["by_name"], files=form["files"], by=by, **form["act"],
        ),
    ),
    "submit_opinion": StepPage(
        forms.OpinionForm,
        lambda case, form, by: investigations.submit_opinion(
            case.pk, outcome=form["outcome"], affirmed=form["affirmed"], findings=form["findings"],
            text=form["text"], legal_basis=form["legal_basis"], violations=form["violations"],
            without_reply_because=form["without_reply_because"], by=by, **form["act"],
        ),
    ),
    "order_rectification": StepPage(
        forms.OrderForm,
        lambda case, form, by: investigations.order_rectification(
            case.pk, task_ids=form["task_ids"], requirements=form["requirements"], served_on=form["served_on"],
            by=by, **form["act"],
        ),
    ),
    "check_rectification": StepPage(
        forms.CheckForm,
        lambda case, form, by: investigations.check_rectification(
            case.pk, order_id=form["order"], accepted=form["accepted"] == "yes", opinion=form["opinion"], by=by,
            **form["act"],
        ),
    ),
    "tell_complainant": StepPage(
        forms.TellForm,
        lambda case, form, by: actions.tell_complainant(
            case.pk, told_how=form["told_how"], text=form["text"], reason=form["reason"], by=by, **form["act"]
        ),
    ),
    "record_callback": StepPage(
        forms.CallBackForm,
        lambda case, form, by: actions.record_callback(
            case.pk, contacted=form["contacted"] == "yes", solved=form["solved"],
            satisfaction=form["satisfaction"], comment=form["comment"], by=by, **form["act"],
        ),
        "投诉人的联系方式在案件页“投诉人”处，说明理由后查看；每次查看均记入日志（五）。",
    ),
    "reopen_case": StepPage(
        forms.ReasonForm,
        lambda case, form, by: actions.reopen_case(case.pk, reason=form["reason"], by=by, **form["act"]),
    ),
}  # fmt: skip


@office()
def page(request: ActingRequest, number: str) -> HttpResponse:
    """One case, whole."""
    case = _case(request, number)
    asked = [
        *queries.asked_of_a_case(case, request.acting),
        *investigations_of_a_case(case.pk),
        asked_of_the_frame(request),
    ]
    with asked_ahead(*asked):
        return render(request, "office/case.html", _facts(case, request))


@office()
def paper(request: ActingRequest, number: str, task_id: UUID) -> HttpResponse:
    """The sheet to be copied or faxed to a company that the platform cannot reach (二(五))."""
    # Typst is big: it is read in when somebody prints.
    from fangxin.cases.paper import company_notice

    printed = company_notice(_case(request, number), task_id, now())
    if printed is None:
        raise Http404
    named = f'inline; filename="{number}.pdf"'
    return HttpResponse(printed, content_type="application/pdf", headers={"Content-Disposition": named})


@office()
def step(request: ActingRequest, number: str, verb: str) -> HttpResponse:
    """One step on one case; the table decides whether the page is there at all."""
    if verb not in PAGES:
        raise Http404
    case = queries.case_for(request.acting, number)
    if case is None:
        return _done_and_gone(request)
    row, shown = STEP_BY_VERB[verb], PAGES[verb]
    if request.method != "POST" or request.acting.role not in row.roles:
        find_step(verb, standing_of(case, request.acting), next(iter(row.to)))
    context = {**step_context(case, row, request), "lead": shown.lead}
    if request.method != "POST" or "find" in request.POST:
        begun = _typed(request) if "find" in request.POST else first_values(case, verb, context)
        return render(
            request, "office/step.html", {**context, "form": shown.form(page=context, initial=begun)}
        )
    form = shown.form(request.POST, request.FILES, page=context)
    if form.is_valid():
        given = Given(form)
        done, _ = attempt(form, lambda: shown.run(case, given, request.acting))
        if done:
            messages.success(request, f"案件 {case.number}：{row.title}，已记录。")
            return _onwards(request, number)
    elif sent_before(request.POST):
        return _onwards(request, number)
    if (seen := request.POST.get("turn")) and seen != str(_case(request, number).turn):
        context["latest"] = list(queries.story_of(str(case.pk)))[-1]
    return render(request, "office/step.html", {**context, "form": form}, status=422)


def _onwards(request: ActingRequest, number: str) -> HttpResponse:
    """To the case, or to the desk when the step took it out of the reader's sight."""
    return redirect("desk") if queries.case_for(request.acting, number) is None else redirect("case", number)


def _done_and_gone(request: ActingRequest) -> HttpResponse:
    """The second sending of the form that sent the case away leads where the first one led."""
    if request.method == "POST" and sent_before(request.POST):
        return redirect("desk")
    raise Http404


def _typed(request: ActingRequest) -> dict[str, Any]:
    """What stands in the form, for a page that only looks something up."""
    return {
        name: request.POST.getlist(name) if name == "companies" else request.POST[name]
        for name in request.POST
    }


class Given:
    """What was filled in: a form's cleaned values, and its computed ones, by name."""

    def __init__(self, form: forms.StepForm) -> None:
        self.form = form

    def __getitem__(self, name: str) -> Any:
        cleaned = self.form.cleaned_data
        return cleaned[name] if name in cleaned else getattr(self.form, name)


def _case(request: ActingRequest, number: str) -> Any:
    case = queries.case_for(request.acting, number)
    if case is None:
        raise Http404
    return case


# Steps about something that is there or is not: what the page has read of the case says which.
IF_THERE: dict[str, Callable[[dict[str, Any]], bool]] = {
    "tell_company": lambda facts: _some_task(facts, "unreached"),
    "register_reply": lambda facts: _some_task(facts, "told", "notified", "viewed", "replied", "returned"),
    "ask_again": lambda facts: _some_task(facts, "replied"),
    "record_rectification": lambda facts: any(
        term["rule_key"] == "offline_rectification" and term["tone"] in RUNNING for term in facts["deadlines"]
    ),
    "record_answer": lambda facts: any(not one["answered_on"] for one in facts["beside"]["urgings"]),
    "register_report": lambda facts: any(
        not order["company__on_platform"] and order["state"] != "verified" for order in facts["orders"]
    ),
}


def _some_task(facts: dict[str, Any], *states: str) -> bool:
    latest = max((task["round"] for task in facts["tasks"]), default=0)
    return any(task["round"] == latest and task["state"] in states for task in facts["tasks"])


def _facts(case: Any, request: ActingRequest) -> dict[str, Any]:
    acting, words = request.acting, queries.case_text(case)
    deadlines = sorted(deadlines_of(case.pk), key=lambda term: term["tone"] not in RUNNING)
    there: dict[str, Any] = {
        "tasks": _tasks(case, acting),
        "orders": _orders(case, acting),
        "deadlines": deadlines,
    }
    there["beside"] = queries.beside_case(case.pk)
    named = {task["id"]: task["company_name"] for task in there["tasks"]}
    for term in deadlines:
        # A company that the register does not have owes under the name by which it was told.
        term["owner"] = term["owner_company__name"] or named.get(term["subject_id"], "")
    absent = {verb for verb, is_there in IF_THERE.items() if not is_there(there)}
    steps = [one for one in queries.steps_for(case, acting, beside=there["beside"]) if one.verb not in absent]
    doable = _actions(case, steps)
    awaited = [] if any(one["primary"] for one in doable) else _awaited(case, absent)
    return {
        "case": case,
        "heading": case.title,
        "crumbs": [("工作台", reverse("desk"))],
        "badge": STATUS_TITLES[Status(case.status)],
        "words": words,
        "basics": _basics(case, words),
        "steps": queries.stages_of(case),
        "glance": _glance(case, words, doable, awaited, deadlines),
        "actions": doable,
        "others": awaited,
        "deadlines": deadlines,
        "suggestion": _suggestion(case) if not case.link else None,
        "tasks": there["tasks"],
        "beside": there["beside"],
        "opinions": _opinions(case),
        "orders": there["orders"],
        "inquiries": inquiries_of(case.pk),
        "may_ask_others": may_ask_others(case, acting),
        "proposals": [_proposal(one, case.jurisdiction) for one in queries.proposals_of(case.pk)],
        "callbacks": _callbacks(case),
        "hops": queries.hops_of(case.pk),
        "files": _files(case, attachments_of("complaint", case.complaint_id), acting),
        "timeline": [
            {"at": e["at"], "title": e["summary"], "by": e["actor_label"], "clause": e["clause"]}
            for e in queries.story_of(str(case.pk))
        ],
        "openings": queries.openings_of(case.pk, acting),
        "on": today(),
    }  # fmt: skip


def _glance(
    case: Any, words: dict[str, Any], doable: list[dict[str, Any]], awaited: list[dict[str, str]],
    deadlines: list[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """What it is, what now, by when: read before anything else."""
    link = LINKS.get(case.link, "")
    kinds = [f"{link}环节" if link else "", source_titles(case.jurisdiction).get(case.source, ""),
             district_titles(case.jurisdiction).get(case.district, "")]  # fmt: skip
    mine = [one["title"] for one in doable if one["primary"]]
    running = [term for term in deadlines if term["tone"] in RUNNING]
    own = [term for term in running if not term["owner_company_id"]] if mine else []
    return {
        "kinds": " · ".join(kind for kind in kinds if kind),
        "whom": "，".join(name for name in (words["respondent_name"], words["project_name"]) if name),
        "mine": mine,
        "others": [] if mine else awaited,
        "term": next(iter(own or running), None),
    }


def _actions(case: Any, steps: list[Step]) -> list[dict[str, Any]]:
    """The person's steps, the main line's first."""
    return [
        {
            "title": one.title, "href": reverse("case_step", args=[case.number, one.verb]), "clause": one.clause,
            "primary": one.verb not in ASIDE,
        }
        for one in sorted(steps, key=lambda one: one.verb in ASIDE)
    ]  # fmt: skip


def _basics(case: Any, words: dict[str, Any]) -> list[tuple[str, Any]]:
    facts = [
        ("案件编号", case.number),
        ("来源", source_titles(case.jurisdiction).get(case.source, case.source)),
        ("环节", LINKS.get(case.link, "")),
        ("区县", district_titles(case.jurisdiction).get(case.district, "")),
        ("被投诉单位", words["respondent_name"]),
        ("被投诉人员", words["respondent_person"]),
        ("项目名称", words["project_name"]),
        ("项目地址", words["project_address"]),
        ("外部工单编号", words["external_number"]),
        ("来文编号", words["origin_document"]),
        ("录入", f"{words['entered_by__name'] or '网上自动转入'} {words['entered_by_name']}"),
        ("经办部门", case.handling_body.name if case.handling_body else ""),
        ("经办人", case.officer.full_name if case.officer else ""),
        ("录入日期", case.registered_on),
        ("受理日期", case.accepted_on),
        ("办结日期", case.handled_on),
    ]
    return [(name, value) for name, value in facts if value]


def _files(case: Any, rows: list[dict[str, Any]], acting: Acting) -> list[dict[str, Any]]:
    judges = judges_files(case, acting)
    return [
        {
            "name": row["shown_name"], "size": row["size"], "kind": row["media_type"], "at": row["uploaded_at"],
            "url": "" if _is_quarantined(row) else reverse("attachment", args=[case.number, row["id"]]),
            "by": row["uploaded_by_company__name"] or row["uploaded_by_user__full_name"] or "投诉人",
            "note": "已隔离" if _is_quarantined(row) else _released(row),
            "judge_url": reverse("judge_file", args=[case.number, row["id"]])
            if judges and not _is_quarantined(row) else "",
        }
        for row in rows
    ]  # fmt: skip


def _is_quarantined(row: dict[str, Any]) -> bool:
    return bool(row["scan_state"] == "quarantined")


def _released(row: dict[str, Any]) -> str:
    return f"已转给 {len(row['released_to'])} 家企业" if row["released_to"] else ""


def _tasks(case: Any, acting: Acting) -> list[dict[str, Any]]:
    tasks = queries.tasks_of(case.pk)
    files = queries.files_of_tasks(case.pk)
    for task in tasks:
        _with_files(case, files, [*task["replies"], *task["tellings"], *task["rectifications"]], acting)
        if task["state"] in {"unreached", "told"}:
            task["paper_url"] = reverse("company_paper", args=[case.number, task["id"]])
    return tasks


def _with_files(case: Any, files: dict[str, Any], rows: list[dict[str, Any]], acting: Acting) -> None:
    for row in rows:
        row["files"] = _files(case, files.get(str(row["id"]), []), acting)


def _opinions(case: Any) -> list[dict[str, Any]]:
    titles = outcome_titles(case.jurisdiction)
    return [{**one, "title": titles[one["outcome"]]} for one in opinions_of(case.pk)]


def _callbacks(case: Any) -> list[dict[str, Any]]:
    titles = satisfaction_titles(case.jurisdiction)
    return [
        {
            **one, "satisfaction_title": titles.get(one["satisfaction"], ""),
            "solved_title": SOLVED.get(one["solved"], ""),
        }
        for one in queries.callbacks_of(case.pk)
    ]  # fmt: skip


def _orders(case: Any, acting: Acting) -> list[dict[str, Any]]:
    orders = orders_of(case.pk)
    reports = [report for order in orders for report in order["reports"]]
    _with_files(case, attachments_of_each("report", [one["id"] for one in reports]), reports, acting)
    return orders


def _awaited(case: Any, absent: set[str]) -> list[dict[str, str]]:
    """Who must take the main line's next step, in words."""
    # The competent department may urge; the case does not wait for it.
    aside = {STEP_BY_VERB[verb].title for verb in ASIDE | absent | {"urge_department"}}
    lines = (line.partition("：") for line in queries.next_actors(case))
    return [{"who": who, "what": what} for who, _, what in lines if what not in aside]


def _suggestion(case: Any) -> dict[str, Any] | None:
    given = case.suggestion
    if not given.get("link"):
        return None
    label = LINKS.get(given["link"], "可能不属于本平台")
    violations = [
        f"{hint['code']} {hint['act']}（{'、'.join(hint['words'])}）" for hint in given.get("violations", [])
    ]
    return {
        "items": [{"label": label, "certainty": given["certainty"], "words": given.get("reasons", [])}],
        "threshold": book(case.jurisdiction).value("triage.apply_certainty", on=today()).value,
        "violations": violations,
    }


def _proposal(row: dict[str, Any], jurisdiction: str) -> dict[str, Any]:
    titles = reason_titles(jurisdiction, row["kind"])
    return {**row, "reason_title": titles.get(row["reason_code"], row["reason_code"])}


def step_context(case: Any, row: Step, request: ActingRequest) -> dict[str, Any]:
    """What a step's page needs to know beside its form."""
    context: dict[str, Any] = {
        "case": case, "step": row, "heading": row.title, "words": queries.case_text(case), "on": today(),
        "crumbs": [("工作台", reverse("desk")), (case.number, reverse("case", args=[case.number]))],
    }  # fmt: skip
    if row.verb == "dispatch_case":
        context["suggestion"] = _suggestion(case)
    if row.verb in {"accept_case", "reassign_officer"}:
        context["officers"] = officers_of(case.handling_body_id)
    if row.verb == "accept_case":
        context["companies"] = _candidates(case, request)
        context["proposal"] = queries.summary_proposal(case)
        context["search"] = _searched(request)
    if row.verb in ABOUT_A_COMPANY | {"submit_opinion", "order_rectification"}:
        context["tasks"] = queries.tasks_of(case.pk)
    if row.verb in {"order_rectification", "tell_complainant", "record_callback"}:
        context["opinions"] = _opinions(case)
    if row.verb in ABOUT_AN_ORDER | {"record_answer", "decide_extension"}:
        context["beside"] = queries.beside_case(case.pk)
    if row.verb in {"check_rectification", "register_report"}:
        context["orders"] = orders_of(case.pk)
    if row.verb in {"approve_return", "approve_refusal", "reject_proposal"}:
        context["proposals"] = [_proposal(one, case.jurisdiction) for one in queries.proposals_of(case.pk)]
    return context


def _searched(request: ActingRequest) -> str:
    return request.POST.get("company", "").strip()[:100]


def _candidates(case: Any, request: ActingRequest) -> list[Any]:
    """The companies offered for choosing: what was searched for, what was chosen, the respondent's name's matches."""
    chosen = [int(pk) for pk in request.POST.getlist("companies") if pk.isdecimal() and len(pk) < 12]
    searched = _searched(request)
    exact = company_matching(case.respondent_name) if case.respondent_name else None
    found = find_companies(searched, limit=10) if searched else []
    likely = find_companies(case.respondent_name, limit=5) if case.respondent_name and not found else []
    return queries.companies_by_id([*chosen, *(c.pk for c in [*([exact] if exact else []), *found, *likely])])


def first_values(case: Any, verb: str, context: dict[str, Any]) -> dict[str, Any]:
    """What a step's form is filled with when it is opened."""
    initial: dict[str, Any] = {"turn": case.turn}
    if verb == "dispatch_case":
        suggestion = case.suggestion
        threshold = book(case.jurisdiction).value("triage.apply_certainty", on=today()).value
        sure = suggestion.get("certainty", 0) >= threshold and suggestion.get("link") in LINKS
        initial |= {"district": case.district, "link": case.link or (suggestion["link"] if sure else "")}
    if verb == "forward_from_hub":
        initial["district"] = case.district
    if verb == "accept_case":
        exact = company_matching(case.respondent_name) if case.respondent_name else None
        initial |= {
            "summary": context["proposal"].text_masked,
            "project_name": queries.project_proposal(case),
            # The title as masked: the questions go to the company as well.
            "points": context["proposal"].text_masked.partition("\n")[0],
            "companies": [exact.pk] if exact else [],
            "other_names": "" if exact else case.respondent_name,
        }
    if verb == "order_rectification":
        initial |= {"companies": [str(task["id"]) for task in context["tasks"]], "served_on": today()}
    if verb in {"register_reply", "record_rectification", "register_report"}:
        initial |= {"received_on": today(), "done_on": today()}
    if verb == "tell_complainant":
        initial["told_how"] = "directly" if case.complaint.has_complainant else "not_applicable"
    return initial
