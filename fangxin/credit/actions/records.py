"""Bad records: drafted by one official, entered by another, told, released, taken down (二（二）, 四（四）)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.agencies.models import Agency
from fangxin.credit.actions.publishing import publish_bad_record, show_comment, take_down
from fangxin.credit.actions.steps import allowed_anew, begin_step, journal_step, keep_files, take_step
from fangxin.credit.models import BadRecord
from fangxin.credit.standing import parts_in
from fangxin.credit.workflow import BAD_RECORD
from fangxin.deadlines.clock import today
from fangxin.documents.actions import Upload
from fangxin.journal.actions import claim_act, record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.queries import company_name
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book
from fangxin.rules.conduct import months_after
from fangxin.rules.crosschecks import evaluate
from fangxin.rules.indicators import catalogue
from fangxin.rules.workdays import calendar

LONGEST = 2000
CLOCK = Actor.system("时钟")


@dataclass(frozen=True)
class Conduct:
    """What is to go on record: the values of J4, where it comes from, and how grave it is."""

    values: Mapping[str, Any]
    source: str
    record_class: str
    source_number: str = ""
    items: Sequence[str] = ()
    person: str = ""
    registration_no: str = ""
    project: str = ""
    shown_because: str = ""
    evidence: Sequence[Upload] = field(default=())


@transaction.atomic
def draft_record(
    agency_id: int, conduct: Conduct, *, by: Acting, verified: bool = False, act_key: UUID | None = None
) -> BadRecord:
    """A draft waits for a second official; nobody outside sees it (二（二）).

    `verified`: what a complaint's or a case's file says was found true. ActRefused names the field, also when the
    source is a complaint that was not (TVX-22), when there is no evidence, or J4-04 lies ahead (XV-23).
    """
    claim_act(act_key, "draft_record", "agency", agency_id)
    agency = Agency.objects.filter(pk=agency_id).first()
    if agency is None:
        raise ActRefused("没有这家机构，或者您无权办理。")
    verb = "propose_record" if by.role is Role.PRECHECKER else "draft_record"
    step, after = allowed_anew(BAD_RECORD, agency, verb, by)
    made = new_record(agency, conduct, state=after, entered_by_id=by.user_id, body_id=_body_for(agency, by))
    source = book(agency.jurisdiction).record_sources[conduct.source]
    if source.needs_finding and not verified:
        raise ActRefused(f"来源为“{source.title}”的，须先有查证属实的结论（二（二））。", "source")
    if not conduct.evidence and not source.automatic:
        raise ActRefused("请上传认定不良行为的材料。", "evidence")
    made.save(force_insert=True)
    keep_files("bad_record", made, conduct.evidence, by)
    journal_step(BAD_RECORD, step, made, by=by, act_key=act_key, details={
        "after": after, "source": conduct.source, "record_class": conduct.record_class,
    })  # fmt: skip
    return made


def draft_by_itself(agency: Agency, conduct: Conduct, *, judged_by_id: int | None = None) -> BadRecord:
    """The platform's own draft, for a source whose records it may begin; a person decides what becomes of it.

    `judged_by_id` is the official upon whose judgement it was drafted: another one enters it.
    """
    if not book(agency.jurisdiction).record_sources[conduct.source].automatic:
        raise ActRefused("这种来源的不良行为记录须由工作人员起草。", "source")
    made = new_record(
        agency, conduct, state="draft", entered_by_id=judged_by_id, body_id=agency.reviewing_body_id
    )
    made.save(force_insert=True)
    record(
        Kind.CREDIT_DRAFT_BY_ITSELF, BAD_RECORD.name, made.pk, by=Actor.system("平台"), summary="自动起草，待人决定",
        details={"agency": agency.pk, "source": conduct.source, "record_class": conduct.record_class},
        clause=book(agency.jurisdiction).record_sources[conduct.source].clause, jurisdiction=agency.jurisdiction,
    )  # fmt: skip
    send_notice(
        title="有自动起草的不良行为记录待处理", matter_id=made.pk, to_body_id=agency.reviewing_body_id
    )
    return made


@transaction.atomic
def confirm_record(
    record_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> BadRecord:
    """A second official has entered it (记入); it is not public, and cannot be before the unit was told (四（四）)."""
    found = _begin(record_id, "confirm_record", by, turn, act_key)
    take_step(
        BAD_RECORD, found, "confirm_record", by=by, acted_as=parts_in(found, by), act_key=act_key,
        changes={"confirmed_by_id": by.user_id, "confirmed_on": today()},
    )  # fmt: skip
    return found


@transaction.atomic
def drop_record(
    record_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> BadRecord:
    """The draft came to nothing, for this reason; it stays on file."""
    found = _begin(record_id, "drop_record", by, turn, act_key)
    reason = fields.text(reason, "不予记入的理由", LONGEST, "reason")
    take_step(BAD_RECORD, found, "drop_record", by=by, act_key=act_key, changes={"dropped_because": reason})
    return found


@transaction.atomic
def serve_notice(
    record_id: UUID,
    *,
    served_on: date,
    served_how: str,
    proof: Sequence[Upload],
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> BadRecord:
    """The unit has been told on that day, with proof; ten full days must pass before anything is public (AMB-24)."""
    found = _begin(record_id, "serve_notice", by, turn, act_key)
    if served_on > today():
        raise ActRefused(f"告知送达日期不得晚于今天，填的是{served_on}。", "served_on")
    if found.confirmed_on is None or served_on < found.confirmed_on:
        raise ActRefused(f"告知送达日期不得早于记入日期{found.confirmed_on}。", "served_on")
    served_how = fields.text(served_how, "告知方式", 60, "served_how")
    if not proof:
        raise ActRefused("请上传送达的凭证（回执、挂号单、邮件回复等）。", "proof")
    limit = book(found.jurisdiction).limit("publication_notice", on=served_on)
    take_step(
        BAD_RECORD, found, "serve_notice", by=by, act_key=act_key, details={"served_on": served_on.isoformat()},
        changes={
            "served_on": served_on, "served_how": served_how,
            "releasable_on": limit.first_permitted_day(served_on, calendar()),
        },
    )  # fmt: skip
    keep_files("bad_record", found, proof, by)
    send_notice(
        title=f"公示前告知：{found.releasable_on}起可能公示一条不良行为记录，您可以陈述", matter_id=found.pk,
        to_company_id=found.company_id,
    )  # fmt: skip
    return found


@transaction.atomic
def state_case(
    record_id: UUID,
    *,
    statement: str,
    evidence: Sequence[Upload] = (),
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> BadRecord:
    """The unit has said what it has to say; it must be read before release, and stops nothing by itself (AMB-24)."""
    found = _begin(record_id, "state_case", by, turn, act_key)
    statement = fields.text(statement, "陈述", LONGEST, "statement")
    take_step(
        BAD_RECORD, found, "state_case", by=by, act_key=act_key,
        changes={"statement": _after(found.statement, statement), "stated_on": today()},
    )  # fmt: skip
    keep_files("bad_record", found, evidence, by)
    send_notice(title="被公示单位提交了陈述，放行前须阅处", matter_id=found.pk, to_body_id=found.body_id)
    return found


@transaction.atomic
def cancel_notice(
    record_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> BadRecord:
    """The notice is taken back, a statement being accepted, say: a later publication needs a new one."""
    found = _begin(record_id, "cancel_notice", by, turn, act_key)
    reason = fields.text(reason, "撤回告知的理由", LONGEST, "reason")
    take_step(
        BAD_RECORD, found, "cancel_notice", by=by, act_key=act_key,
        changes={"releasable_on": None, "statement_answer": _after(found.statement_answer, reason)},
    )  # fmt: skip
    send_notice(title="公示前告知已撤回", matter_id=found.pk, to_company_id=found.company_id)
    return found


@transaction.atomic
def release_record(
    record_id: UUID,
    *,
    statement_answer: str = "",
    shown_because: str = "",
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> BadRecord:
    """The record is public from today until the last day its class allows (四（四）, AMB-40).

    ActRefused before ten full days have passed since the unit was told, without exception (XV-25); while a statement
    is not answered; and for a class that is not shown unless a reason says why it must be.
    """
    found = _begin(record_id, "release_record", by, turn, act_key)
    if found.served_on is None or found.releasable_on is None or today() < found.releasable_on:
        limit = book(found.jurisdiction).limit("publication_notice", on=found.served_on or today())
        raise ActRefused(
            f"{found.served_on}告知，满{limit.within}后自{found.releasable_on}起方可公示，任何人都不能提前"
            f"（{limit.clause}）。",
            "served_on",
        )
    if found.stated_on is not None and not (answer := statement_answer.strip()):
        raise ActRefused("被公示单位有陈述，请写明采纳与否及理由后再放行。", "statement_answer")
    kept = book("national").record_classes[found.record_class]
    because = shown_because.strip()[:LONGEST] or found.shown_because
    if not kept.shown and not because:
        raise ActRefused(
            f"类别“{kept.title}”原则上不公示；确有必要的，请写明理由（AMB-40）。", "shown_because"
        )
    until = kept.shown_until(decided_on(found))
    if until < today():
        raise ActRefused(f"按{decided_on(found)}处理、类别“{kept.title}”，公示期已于{until}届满，不再公示。")
    take_step(
        BAD_RECORD, found, "release_record", by=by, act_key=act_key,
        details={"shown_until": until.isoformat()},
        changes={
            "published_on": today(), "published_by_id": by.user_id, "shown_until": until,
            "shown_because": because,
            "statement_answer": _after(found.statement_answer, answer) if found.stated_on is not None else "",
        },
    )  # fmt: skip
    publish_bad_record(found)
    send_notice(title="一条不良行为记录已公示", matter_id=found.pk, to_company_id=found.company_id)
    return found


@transaction.atomic
def comment_on_record(
    record_id: UUID, *, comment: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> BadRecord:
    """The unit's own words stand beside the record, wherever it is shown."""
    found = _begin(record_id, "comment_on_record", by, turn, act_key)
    comment = fields.text(comment, "机构说明", 1000, "comment")
    take_step(BAD_RECORD, found, "comment_on_record", by=by, act_key=act_key, changes={"comment": comment})
    show_comment(found)
    return found


@transaction.atomic
def archive_record(
    record_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> BadRecord:
    """The time of keeping is over and a person has said so: the record is in the archive, not gone (四（四）).

    ActRefused before then.
    """
    found = _begin(record_id, "archive_record", by, turn, act_key)
    if (until := kept_until(found)) > today():
        raise ActRefused(f"须保留至{until}，之后方可归档（四（四））。")
    take_step(BAD_RECORD, found, "archive_record", by=by, act_key=act_key, changes={"archived_on": today()})
    return found


@transaction.atomic
def end_displays() -> int:
    """Records whose days of display are over are public no longer, by themselves; returns how many (AMB-40)."""
    over = list(
        BadRecord.objects.select_for_update(of=("self",))
        .select_related("agency")
        .filter(state="published", shown_until__lt=today())
    )
    for found in over:
        found.state, found.turn, found.taken_down_on = "expired", found.turn + 1, today()
        found.save(update_fields=["state", "turn", "taken_down_on"])
        take_down(found.pk)
        record(
            Kind.CREDIT_EXPIRE, BAD_RECORD.name, found.pk, by=CLOCK, summary="公示期满，停止公示",
            details={"agency": found.agency_id, "shown_until": found.shown_until}, clause="四(四)",
            jurisdiction=found.jurisdiction,
        )  # fmt: skip
        send_notice(
            title="一条不良行为记录公示期满，已停止公示", matter_id=found.pk, to_company_id=found.company_id
        )
    return len(over)


def new_record(
    agency: Agency, conduct: Conduct, *, state: str, entered_by_id: int | None, body_id: int
) -> BadRecord:
    """The record as it will be kept, its J4 values read by the catalogue. ActRefused names the indicator."""
    rules = book(agency.jurisdiction)
    if conduct.source not in rules.record_sources:
        raise ActRefused("请在列表中选择一种来源（二（二））。", "source")
    if conduct.record_class not in book("national").record_classes:
        raise ActRefused("请选择类别：轻微、一般或者严重。", "record_class")
    if strange := set(conduct.items) - {one.code for one in book("national").violations}:
        raise ActRefused(f"违法行为目录里没有“{'、'.join(sorted(strange))}”。", "item")
    values = checked_conduct(agency, conduct.values)
    return BadRecord(
        agency=agency, company_id=agency.company_id, jurisdiction=agency.jurisdiction, state=state,
        source=conduct.source, source_number=conduct.source_number, record_class=conduct.record_class,
        items=list(conduct.items), person=conduct.person.strip()[:50], registration_no=conduct.registration_no.strip()[:40],
        project=conduct.project.strip()[:200], shown_because=conduct.shown_because.strip(), body_id=body_id,
        entered_by_id=entered_by_id, entered_on=today(), **values,
    )  # fmt: skip


def checked_conduct(agency: Agency, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of J4 in their normal form, without name and code of the agency, which it has already."""
    fields_of = catalogue(agency.jurisdiction)
    row = {**values, "agency_name": company_name(agency.company_id), "agency_code": agency.code}
    read = fields_of.check_row("J4", row, on=today())
    if read.wrong:
        raise ActRefused(read.wrong[0].message, read.wrong[0].code)
    for finding in evaluate({"J4": [read.values]}, on=today(), name=agency.jurisdiction):
        if finding.blocks:
            raise ActRefused(finding.message, finding.codes[0])
    return {name: value for name, value in read.values.items() if name not in ("agency_name", "agency_code")}


def decided_on(found: BadRecord) -> date:
    """The day of the document that made the finding (J4-04)."""
    day: date = found.decided_on  # type: ignore[attr-defined]
    return day


def kept_until(found: BadRecord) -> date:
    """Until when the record stays outside the archive: by its class, from the end of its display."""
    years = book(found.jurisdiction).value("conduct.kept_years", on=today()).value
    begun = found.taken_down_on or found.confirmed_on or found.entered_on
    return months_after(begun, 12 * int(years[found.record_class]))  # type: ignore[index]


def _after(earlier: str, words: str) -> str:
    """What was said before stays, and what is said today stands below it with its day."""
    return f"{earlier}\n\n{today()}：{words}" if earlier else words


def _begin(record_id: UUID, verb: str, by: Acting, turn: int | None, act_key: UUID | None) -> BadRecord:
    return begin_step(BAD_RECORD, BadRecord, record_id, verb, by=by, turn=turn, act_key=act_key)


def _body_for(agency: Agency, by: Acting) -> int:
    # The committee's drafts are the department's to decide (AMB-27).
    return by.body_id if by.body_id and by.role is Role.REVIEWER else agency.reviewing_body_id
