"""案件录入: five sources, each by those the text allows (二(一))."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from fangxin.cases.models import Case
from fangxin.cases.routing import NoRoute, destination
from fangxin.cases.search import tokens_of
from fangxin.cases.triage import Suggestion, current_model, suggest
from fangxin.cases.workflow import Status
from fangxin.complaints.actions import (
    Grievance,
    Receipt,
    next_number,
    note_progress,
    note_progress_of,
    register_complaint,
    register_complaints,
)
from fangxin.complaints.complainant import Identity
from fangxin.complaints.models import Complaint
from fangxin.deadlines.clock import today
from fangxin.journal.actions import claim_act, record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.journal.statements import held_together, tell
from fangxin.notices.actions import send_notice
from fangxin.organisations.queries import body, entry_department, people_of_body
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.organisations.written_often import insert
from fangxin.rules import book
from fangxin.rules.book import RuleUnknown
from fangxin.rules.casework import IntakeSource

REGISTERED = ("投诉已登记", "已录入监管平台，等待分派经办部门。")


@transaction.atomic
def receive_web_complaint(
    grievance: Grievance, identity: Identity, *, jurisdiction: str, act_key: UUID
) -> Receipt:
    """A citizen's complaint has entered the platform by itself and waits in the sorting queue (二(一)2).

    The author is sealed; the receipt's number and secret are shown once. The same `act_key` again raises
    AlreadyDone, and `organisations.receipts.secret_for(act_key)` shows the same secret again.
    """
    number, case_id = next_number(jurisdiction), uuid4()
    claim_act(act_key, "receive_web_complaint", "complaint", number)
    rule = _source(jurisdiction, "web")
    centre_id = body(rule.sorted_by[0]).pk
    # The statements leave without waiting for one another's answers.
    with held_together():
        receipt = register_complaint(
            grievance, identity, jurisdiction=jurisdiction, source="web", number=number, act_key=act_key
        )
        _open_case(
            case_id, grievance, receipt, jurisdiction, "web", by=Actor.citizen(), act_key=act_key,
            sorting_body_id=centre_id, rule=rule,
        )  # fmt: skip
        note_progress(receipt.complaint_id, "投诉已收到", "已进入监管平台，等待分派经办部门。")
        send_notice(title=f"新的网上投诉 {receipt.number} 待分件", matter_id=case_id, to_body_id=centre_id)
        if identity.email:
            send_notice(
                title=f"您的投诉 {receipt.number} 已收到",
                to_complainant_of=receipt.complaint_id,
                matter_id=None,
            )
    return receipt


@transaction.atomic
def register_case(
    grievance: Grievance,
    identity: Identity,
    *,
    source: str,
    by: Acting,
    keep_link: str = "",
    act_key: UUID | None = None,
) -> Receipt:
    """A clerk has entered a case from `source`; only the bodies the text names may use it (二(一)1、3–5).

    District cases wait in the queue of the district's designated department, all others in the centre's.
    With `keep_link` a department keeps a case of its own business and it is at once waiting for acceptance.
    ActRefused when the source is not this body's to enter, or the same work order was entered before.
    """
    jurisdiction = by.jurisdiction
    rule = _source(jurisdiction, source)
    if refusal := may_enter(rule, by):
        raise ActRefused(refusal, "source")
    if act_key is not None:
        claim_act(act_key, "register_case", "case", "")
    sorting_id = _sorting_body_id(rule, by)
    receipt = _registered_once(grievance, identity, source=source, by=by, act_key=act_key)
    case_id = uuid4()
    case = _open_case(
        case_id, grievance, receipt, jurisdiction, source, by=by.actor, act_key=act_key,
        sorting_body_id=sorting_id, rule=rule,
    )  # fmt: skip
    if keep_link:
        _keep(case, keep_link, by)
    note_progress(receipt.complaint_id, *REGISTERED)
    return receipt


def _registered_once(
    grievance: Grievance, identity: Identity, *, source: str, by: Acting, act_key: UUID | None
) -> Receipt:
    """The complaint's receipt; ActRefused when its work order is there already, also when entered this second."""
    try:
        with transaction.atomic():
            return register_complaint(
                grievance, identity, jurisdiction=by.jurisdiction, source=source, entered_by_id=by.body_id,
                entered_by_name=by.user_name, act_key=act_key,
            )  # fmt: skip
    except IntegrityError as twice:
        known = Complaint.objects.get(
            jurisdiction=by.jurisdiction, source=source, external_number=grievance.external_number
        )
        raise ActRefused(
            f"工单“{grievance.external_number}”已经录入，案件编号{known.number}；同一来源的同一工单只录入一次。",
            "external_number",
        ) from twice


@dataclass(frozen=True)
class Entry:
    """One of many cases entered together; `row` is its place in the file it came in."""

    grievance: Grievance
    identity: Identity
    has_complainant: bool
    row: int | None = None
    act_key: UUID | None = None


@transaction.atomic
def register_cases(entries: Sequence[Entry], *, source: str, by: Acting) -> list[Receipt]:
    """A clerk has entered these cases, each as `register_case` would and in this order, in few statements.

    One journal entry a case. All of them are entered or none: IntegrityError when a work order is there
    already, AlreadyDone for an `act_key` used before, ActRefused as `register_case`.
    """
    rule = _source(by.jurisdiction, source)
    if refusal := may_enter(rule, by):
        raise ActRefused(refusal, "source")
    sorting_id = _sorting_body_id(rule, by)
    for entry in entries:
        claim_act(entry.act_key, "register_case", "case", "")
    receipts = register_complaints(
        [(entry.grievance, entry.identity, entry.has_complainant) for entry in entries],
        jurisdiction=by.jurisdiction, source=source, entered_by_id=by.body_id or 0,
        entered_by_name=by.user_name,
    )  # fmt: skip
    cases = [
        _new_case(
            uuid4(), entry.grievance, receipt, jurisdiction=by.jurisdiction, source=source,
            sorting_body_id=sorting_id, rule=rule, entered_by_id=by.body_id,
        )
        for entry, receipt in zip(entries, receipts, strict=True)
    ]  # fmt: skip
    Case.objects.bulk_create(cases)
    actor = by.actor
    # The statements leave without waiting for one another's answers.
    with held_together():
        for case, entry in zip(cases, entries, strict=True):
            index_case(case.pk, case.number, entry.grievance)
            _record_registration(case, rule, actor, act_key=entry.act_key, row=entry.row)
    note_progress_of([receipt.complaint_id for receipt in receipts], *REGISTERED)
    return receipts


def may_enter(rule: IntakeSource, by: Acting) -> str:
    """ "" when the person's body may enter cases of that source, otherwise why not and who may (二(一))."""
    if by.role not in {Role.INTAKE_CLERK, Role.DISPATCHER, Role.DEPARTMENT_CLERK, Role.CASE_OFFICER}:
        return f"{by.role.title}不录入案件，请由录入员或部门专人录入（{rule.clause}）。"
    if rule.may_be_entered_by(by.body_code, designated="intake_district" in by.functions):
        return ""
    why = "由系统自动转入，不由人工录入" if rule.automatic else "不由贵部门录入"
    return f"来源“{rule.title}”的案件{why}（{rule.clause}：“{rule.quote}”）。"


def _open_case(
    case_id: UUID,
    grievance: Grievance,
    receipt: Receipt,
    jurisdiction: str,
    source: str,
    *,
    by: Actor,
    act_key: UUID | None,
    sorting_body_id: int,
    rule: IntakeSource,
) -> Case:
    case = _new_case(
        case_id, grievance, receipt, jurisdiction=jurisdiction, source=source,
        sorting_body_id=sorting_body_id, rule=rule, entered_by_id=by.body_id,
    )  # fmt: skip
    insert(case)
    index_case(case_id, receipt.number, grievance)
    _record_registration(case, rule, by, act_key=act_key)
    return case


def _new_case(
    case_id: UUID,
    grievance: Grievance,
    receipt: Receipt,
    *,
    jurisdiction: str,
    source: str,
    sorting_body_id: int,
    rule: IntakeSource,
    entered_by_id: int | None,
) -> Case:
    suggestion = suggest(grievance.title, grievance.text, model=current_model(settings.HOME))
    return Case(
        id=case_id,
        number=receipt.number,
        jurisdiction=jurisdiction,
        complaint_id=receipt.complaint_id,
        source=source,
        title=grievance.title,
        respondent_name=grievance.respondent_name,
        project_name=grievance.project_name,
        district=grievance.district,
        status=Status.REGISTERED,
        holder_id=sorting_body_id,
        sorting_body_id=sorting_body_id,
        entered_by_id=entered_by_id,
        registered_on=today(),
        may_be_major=bool(rule.presets_major),
        suggested_link=suggestion.link,
        suggestion=_as_json(suggestion),
        rulebook_version=book(jurisdiction).version,
    )


def _record_registration(
    case: Case, rule: IntakeSource, by: Actor, *, act_key: UUID | None = None, row: int | None = None
) -> None:
    details: dict[str, object] = {
        "source": case.source, "number": case.number, "suggested_link": case.suggested_link,
    }  # fmt: skip
    if row is not None:
        details["row"] = row
    record(
        Kind.CASE_REGISTER,
        "case",
        str(case.pk),
        by=by,
        summary=f"{rule.title}案件录入，编号{case.number}",
        details=details,
        clause=rule.clause,
        rule_key=f"intake.{case.source}",
        rulebook_version=case.rulebook_version,
        act_key=act_key,
        jurisdiction=case.jurisdiction,
    )


def index_case(case_id: UUID, number: str, grievance: Grievance) -> None:
    """The case is found by its words from now on; the author's identity is never among them."""
    tokens = tokens_of(
        number, grievance.title, grievance.text, grievance.respondent_name, grievance.project_name,
        grievance.external_number or "",
    )  # fmt: skip
    tell(
        "insert into cases_casesearch (case_id, tokens) values (%s, array_to_tsvector(%s::text[]))",
        [case_id, sorted(tokens)],
    )


def _keep(case: Case, link: str, by: Acting) -> None:
    """The entering department keeps a case of its own business: the same journey, one hop shorter."""
    try:
        goal = destination(case.jurisdiction, link, by.district or case.district)
    except NoRoute as missing:
        raise ActRefused(str(missing), "keep_link") from missing
    if by.body_id is None or by.body_code != (goal.then or goal.first):
        raise ActRefused(
            "只有由本部门办理的案件才能留在本部门办理，其余请交分件部门（二(二)）。", "keep_link"
        )
    if not people_of_body(by.body_id, Role.DEPARTMENT_CLERK):
        raise ActRefused(
            "贵部门尚未指定部门专人，不能留办：请先由系统管理员指定，或交分件部门（五：指定专人负责落实案件管理）。",
            "keep_link",
        )
    case.status, case.link, case.district = Status.DISPATCHED, link, by.district or case.district
    case.holder_id = case.handling_body_id = by.body_id
    # Nobody sent it: should it turn out not to be theirs, it goes back to whoever sorts it.
    case.dispatched_on = today()
    case.turn += 1
    case.save()
    record(
        Kind.CASE_KEEP, "case", str(case.pk), by=by.actor, summary="本部门职责内案件，留本部门办理",
        details={"link": link}, clause="二(一)4", jurisdiction=case.jurisdiction,
    )  # fmt: skip


def _as_json(suggestion: Suggestion) -> dict[str, object]:
    return {
        "link": suggestion.link,
        "certainty": round(suggestion.certainty, 4),
        "reasons": suggestion.reasons[:8],
        "violations": [
            {"code": hint.code, "act": hint.act, "words": hint.words} for hint in suggestion.violations[:3]
        ],
        "model": suggestion.model,
    }


def _source(jurisdiction: str, key: str) -> IntakeSource:
    try:
        return book(jurisdiction).source(key)
    except RuleUnknown as unknown:
        raise ActRefused(f"没有名为“{key[:20]}”的案件来源，请在列表中选择。", "source") from unknown


def _sorting_body_id(rule: IntakeSource, by: Acting) -> int:
    """Who sorts: the district's designated department for what its district entered, the centre for the rest."""
    if by.body_level == "district" and any(name.startswith("district.") for name in rule.sorted_by):
        designated = entry_department(by.district, by.jurisdiction)
        if designated is None:
            raise ActRefused("贵区县尚未指定录入和分派案件的部门，请先由系统管理员指定（二(一)5）。")
        return designated.pk
    return body(rule.sorted_by[0]).pk
