"""Cases for the office: the desk, one case, and the steps of its table."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404
from ninja import Router

from fangxin.cases import queries
from fangxin.cases.standing import standing_of
from fangxin.cases.terms import LINKS, district_titles, outcome_titles, source_titles
from fangxin.cases.workflow import STATUS_TITLES, STEP_BY_VERB, Status, Step, find_step
from fangxin.deadlines.queries import deadlines_of
from fangxin.investigations.queries import opinions_of, orders_of
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.queries import act_done, entries_about
from fangxin.organisations.refusals import ActRefused
from fangxin.web.access import ActingRequest
from fangxin.web.api import schemas
from fangxin.web.api.json_forms import (
    KEY_HEADER,
    act_key,
    as_posted,
    described,
    json_object,
    parameters_of,
    schema_of,
    wrong_fields,
)
from fangxin.web.api.problems import Problem
from fangxin.web.office import case as case_page
from fangxin.web.office.desk import sieve_of
from fangxin.web.office.forms import BINS, SieveForm

router = Router(tags=["案件"])
# One action does both approvals; its key is claimed in its own name.
CLAIMED_AS = {"approve_return": "approve_proposal", "approve_refusal": "approve_proposal"}
BIN_TITLES = {**BINS, "all": "全部"}
KEY_PARAMETER = {
    "in": "header", "name": KEY_HEADER, "required": False, "schema": {"type": "string", "format": "uuid"},
    "description": "同一个键发两次只办一次；不带则每次都算新的办理。",
}  # fmt: skip
BIN_PARAMETER = {
    "in": "query", "name": "bin", "required": False, "schema": {"type": "string", "enum": list(BIN_TITLES), "default": "todo"},
    "description": "；".join(f"{key} {title}" for key, title in BIN_TITLES.items()),
}  # fmt: skip
PAGE_PARAMETER = {
    "in": "query", "name": "page", "required": False, "schema": {"type": "integer", "minimum": 1, "maximum": 100},
    "description": "第几页，每页50件",
}  # fmt: skip
STEP_BODIES = {
    "description": "与网页上该步骤的表单相同；turn 是读到的案件版本，他人先办了就会答复 409。",
    "required": True,
    "content": {
        "application/json": {
            "schema": {"oneOf": [{"title": verb, **schema_of(page.form)} for verb, page in case_page.PAGES.items()]}
        }
    },
}  # fmt: skip


@router.get(
    "/cases",
    url_name="api_cases",
    response=schemas.Desk,
    summary="工作台",
    openapi_extra={"parameters": parameters_of(SieveForm, BIN_PARAMETER, PAGE_PARAMETER)},
)
def cases(request: ActingRequest) -> dict[str, Any]:
    """本人看得到的案件，条件与网页工作台相同；bin 缺省为 todo。"""
    asked, number = request.GET.copy(), request.GET.get("page", "1")
    if everything := asked.get("bin") == "all":
        del asked["bin"]
    form = SieveForm(asked, jurisdiction=request.acting.jurisdiction)
    if not form.is_valid():
        raise wrong_fields(form)
    if not (number.isascii() and number.isdecimal() and len(number) < 4 and 1 <= int(number) <= 100):
        raise Problem(422, fields={"page": ["page 应为1至100的整数。"]})
    sieve = sieve_of(form, request, "all" if everything else "todo")
    found = queries.desk(request.acting, sieve)
    return {**found, "cases": [_row(row) for row in found["rows"]]}


@router.get("/cases/{number}", url_name="api_case", response=schemas.Case, summary="案件")
def case(request: ActingRequest, number: str) -> dict[str, Any]:
    """一件案件的全部情况；投诉人身份不在其中。"""
    found = _case(request, number)
    words = queries.case_text(found)
    return {
        **{name: getattr(found, name) for name in _OF_CASE},
        **{name: words[name] for name in _OF_WORDS},
        **_titles(found),
        "deadlines": deadlines_of(found.pk),
        "tasks": queries.tasks_of(found.pk),
        "opinions": [_opinion(one, found.jurisdiction) for one in opinions_of(found.pk)],
        "orders": orders_of(found.pk),
        "hops": [{**one, "from_body": one["from_body__name"], "to_body": one["to_body__name"]} for one in queries.hops_of(found.pk)],
        "story": [{**one, "by": one["actor_label"]} for one in entries_about("case", str(found.pk))],
        "steps": queries.steps_for(found, request.acting),
    }  # fmt: skip


@router.get(
    "/cases/{number}/steps", url_name="api_steps", response=schemas.OpenSteps, summary="现在可以办理的步骤"
)
def steps(request: ActingRequest, number: str) -> dict[str, Any]:
    """本人现在可以办理的步骤，照步骤表；没有时，others 说明在等谁。"""
    found = _case(request, number)
    mine = queries.steps_for(found, request.acting)
    return {
        "number": found.number,
        "status": found.status,
        "status_title": STATUS_TITLES[Status(found.status)],
        "turn": found.turn,
        "steps": mine,
        "others": [] if mine else queries.next_actors(found),
    }


@router.get(
    "/cases/{number}/steps/{verb}", url_name="api_step", response=schemas.StepForm, summary="步骤的表单"
)
def step_form(request: ActingRequest, number: str, verb: str) -> dict[str, Any]:
    """该步骤要填写什么、可选什么、网页会预先填上什么；现在不能办理的答复 409，并说明原因。"""
    found, step, page = _step(request, number, verb)
    context = _context(found, step, request)
    form = page.form(page=context, initial=case_page.first_values(found, verb, context))
    return {"verb": verb, "title": step.title, "clause": step.clause, "fields": described(form)}


@router.post(
    "/cases/{number}/steps/{verb}",
    url_name="api_step",
    response=schemas.Standing,
    summary="办理步骤",
    openapi_extra={"parameters": [KEY_PARAMETER], "requestBody": STEP_BODIES},
)
def take_step(request: ActingRequest, number: str, verb: str) -> dict[str, Any]:
    """办理一步，与在网页上填表相同；步骤表不许可的答复 409，填写有误的答复 422，都没有写入任何内容。"""
    key, given = act_key(request), json_object(request)
    seen = queries.case_for(request.acting, number)
    if done_before(key, CLAIMED_AS.get(verb, verb), "case", str(seen.pk) if seen else ""):
        # Sent again, perhaps after the case has left the sender's sight: the answer is the same.
        return _standing(request, number, repeated=True)
    found, step, page = _step(request, number, verb)
    # Which points are to be answered is the case's own; the other forms are the same for every case.
    known = page.form(page=_context(found, step, request)) if page.form.of_the_case else page.form
    request.POST = as_posted(given, known, key)  # type: ignore[assignment]
    form = page.form(request.POST, page=_context(found, step, request))
    if not form.is_valid():
        raise wrong_fields(form)
    # A program says itself what is one act.
    form.cleaned_data["act_key"] = key
    try:
        page.run(found, case_page.Given(form), request.acting)
    except AlreadyDone:
        return _standing(request, number, repeated=True)
    except ActRefused as refused:
        if refused.field in form.fields:
            raise Problem(422, fields={refused.field: [str(refused)]}) from refused
        raise
    return _standing(request, number, repeated=False)


def done_before(key: UUID, verb: str, subject_kind: str, subject_id: str) -> bool:
    """Whether this act was done with this key, to whatever subject when none is given. Problem 409 for another act's."""
    done = act_done(key)
    if done is not None and done != (verb, subject_kind, subject_id or done[2]):
        raise Problem(409, f"请求头 {KEY_HEADER} 的值已用于另一项办理，请换一个。")
    return done is not None


_OF_CASE = (
    "number", "title", "status", "turn", "source", "link", "district", "respondent_name", "project_name", "registered_on",
    "accepted_on", "handled_on", "due_on", "summary", "points", "may_be_major", "rulebook_version",
)  # fmt: skip
_OF_WORDS = (
    "text", "respondent_person", "project_address", "external_number", "origin_document", "has_complainant",
)  # fmt: skip


def _case(request: ActingRequest, number: str) -> Any:
    found = queries.case_for(request.acting, number)
    if found is None:
        raise Http404
    return found


def _step(request: ActingRequest, number: str, verb: str) -> tuple[Any, Step, case_page.StepPage]:
    found = _case(request, number)
    if verb not in case_page.PAGES:
        raise Http404
    step = STEP_BY_VERB[verb]
    find_step(verb, standing_of(found, request.acting), next(iter(step.to)))
    return found, step, case_page.PAGES[verb]


def _context(found: Any, step: Step, request: ActingRequest) -> dict[str, Any]:
    return case_page.step_context(found, step, request)


def _standing(request: ActingRequest, number: str, *, repeated: bool) -> dict[str, Any]:
    found = queries.case_for(request.acting, number)
    return {
        "number": number,
        "status": found.status if found else None,
        "status_title": STATUS_TITLES[Status(found.status)] if found else None,
        "turn": found.turn if found else None,
        "repeated": repeated,
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "officer": row["officer__full_name"], "holder": row["holder__name"]}


def _titles(found: Any) -> dict[str, Any]:
    return {
        "status_title": STATUS_TITLES[Status(found.status)],
        "source_title": source_titles(found.jurisdiction).get(found.source, ""),
        "link_title": LINKS.get(found.link, ""),
        "district_title": district_titles(found.jurisdiction).get(found.district, ""),
        "holder": found.holder.name,
        "handling_body": found.handling_body.name if found.handling_body else None,
        "officer": found.officer.full_name if found.officer else None,
    }


def _opinion(row: Mapping[str, Any], jurisdiction: str) -> dict[str, Any]:
    return {
        **row,
        "by": row["by_user__full_name"],
        "outcome_title": outcome_titles(jurisdiction).get(row["outcome"], ""),
    }
