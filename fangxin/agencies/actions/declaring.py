"""An agency writes its declaration, hands it in, takes it back, mends it (二（二）, 四（二）)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from fangxin.agencies import values
from fangxin.agencies.actions.quarters import meet_duty
from fangxin.agencies.actions.steps import (
    allowed_anew,
    begin_step,
    expect_active,
    journal_step,
    locked_declaration,
    take_step,
)
from fangxin.agencies.columns import pictures_column
from fangxin.agencies.models import Agency, Declaration
from fangxin.agencies.queries import accepted_values, known_of, version_in_force
from fangxin.agencies.standing import places_of
from fangxin.agencies.workflow import Place, State
from fangxin.deadlines.clock import now, today
from fangxin.documents.actions import Upload, add_attachments
from fangxin.journal.actions import claim_act
from fangxin.notices.actions import send_notice
from fangxin.organisations.queries import company_name
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.rules.crosscheck_base import same_code
from fangxin.rules.crosschecks import Finding, Severity
from fangxin.rules.indicators import Field, catalogue

# What a draft may hold: more than any field allows, so that nothing is lost that may still be shortened.
LONGEST_TYPED = 20_000
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Seen:
    """What a writer had before them: the edition of the row (`values.edition`), and the window they write in."""

    edition: str = ""
    window: str = ""


class NotSound(ActRefused):
    """The declaration is not taken; `findings` name each indicator, what is wrong with it and the way on."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(f"还有{len(findings)}处须改正，改正后才能提交。", "findings")
        self.findings = tuple(findings)


@transaction.atomic
def begin_declaration(agency_id: int, *, by: Acting, act_key: UUID | None = None) -> Declaration:
    """The agency has an open declaration, filled in from what was accepted last; one that is open already is it."""
    claim_act(act_key, "begin_declaration", "agency", agency_id)
    agency = Agency.objects.get(pk=agency_id)
    step, after = allowed_anew(agency, "begin_declaration", by)
    if found := open_declaration(agency):
        return found
    expect_active(agency)
    base = version_in_force(agency.pk)
    declaration = Declaration(
        agency=agency, company_id=agency.company_id, jurisdiction=agency.jurisdiction, state=after, base=base,
        reviewing_body_id=agency.reviewing_body_id, begun_on=today(),
    )  # fmt: skip
    filled = values.plain(accepted_values(base), agency.jurisdiction) if base else _first_values(agency)
    declaration.values, declaration.sealed_values = values.sealed_apart(
        values.with_row_keys(filled), agency.jurisdiction, declaration.pk
    )
    try:
        with transaction.atomic():
            declaration.save(force_insert=True)
    except IntegrityError:
        # The other tab was first.
        return open_declaration(agency) or declaration
    journal_step(step, declaration, by=by, act_key=act_key, details={"after": after})
    return declaration


@transaction.atomic
def save_table(
    declaration_id: UUID,
    table: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    by: Acting,
    seen: Seen | None = None,
) -> list[Finding]:
    """The draft holds these rows of the table as they were typed; returns what is wrong with them so far.

    Empty rows are left out. Pictures stay as they were. ActRefused when the declaration is not with the agency;
    SomebodyWasFirst when the only row of the table is not any more as it was `seen`.
    """
    declaration = _draft(declaration_id, by)
    jurisdiction = declaration.jurisdiction
    many, fields = _asked_in(jurisdiction, table)
    if len(rows) > MOST_ROWS:
        raise _too_many(table, len(rows))
    typed = [_typed(row, fields) for row in rows]
    whole = values.joined(declaration.values, declaration.sealed_values, declaration.pk)
    before = values.rows_of(whole, table)
    if many:
        whole[table] = [_with_key(row, given) for row, given in zip(typed, rows, strict=True) if row]
    else:
        pictures = {
            column: kept
            for field in fields
            if field.pictures
            for column in (field.column, pictures_column(field))
            if before and isinstance(kept := before[0].get(column), list)
        }
        _expect_as_seen(before[0] if before else {}, typed[0] if typed else {}, fields, seen, table)
        whole[table] = {**(typed[0] if typed else {}), **pictures, **_written_in(seen)}
    _keep(declaration, whole)
    return _found_in(declaration, whole, table)


@transaction.atomic
def save_row(
    declaration_id: UUID,
    table: str,
    key: str,
    row: Mapping[str, Any],
    *,
    by: Acting,
    seen: Seen | None = None,
) -> list[Finding]:
    """The row of that key holds what was typed; a key that is not there yet is a new row at the end.

    The other rows stay as they are, whoever writes in them meanwhile. Returns what is wrong with the table so far.
    SomebodyWasFirst when the row is not any more as it was `seen`.
    """
    declaration = _draft(declaration_id, by)
    many, fields = _asked_in(declaration.jurisdiction, table)
    if not many:
        raise ActRefused(f"{table}只有一张，没有第二张。", table)
    typed = _typed(row, fields)
    whole = values.joined(declaration.values, declaration.sealed_values, declaration.pk)
    rows = [dict(one) for one in values.rows_of(whole, table)]
    at = next((at for at, one in enumerate(rows) if one.get(values.ROW_KEY) == key), None)
    _expect_as_seen(rows[at] if at is not None else {}, typed, fields, seen, table)
    if at is not None:
        rows[at] = {**typed, values.ROW_KEY: key, **_written_in(seen)}
    elif typed:
        if len(rows) >= MOST_ROWS:
            raise _too_many(table, len(rows) + 1)
        rows.append({**typed, values.ROW_KEY: key, **_written_in(seen)})
    whole[table] = rows
    _keep(declaration, whole)
    return _found_in(declaration, whole, table)


@transaction.atomic
def remove_row(declaration_id: UUID, table: str, key: str, *, by: Acting) -> None:
    """The draft has no row of that key; twice is once."""
    declaration = _draft(declaration_id, by)
    _asked_in(declaration.jurisdiction, table)
    whole = values.joined(declaration.values, declaration.sealed_values, declaration.pk)
    whole[table] = [row for row in values.rows_of(whole, table) if row.get(values.ROW_KEY) != key]
    _keep(declaration, whole)


@transaction.atomic
def add_picture(declaration_id: UUID, code: str, file: Upload, *, by: Acting) -> str:
    """The draft has the picture, cleaned, under the indicator J1-25 or J2-06; returns its number.

    ActRefused for one picture too many (J1-25: two), or a file that is no picture.
    """
    declaration = _draft(declaration_id, by)
    field = catalogue(declaration.jurisdiction).field(code)
    whole = values.joined(declaration.values, declaration.sealed_values, declaration.pk)
    row, column = _picture_place(whole, field)
    if len(row.get(column) or []) >= field.pictures:
        raise ActRefused(f"{code}：{field.title}的图片不得超过{field.pictures}张，请先删去一张再上传。", code)
    (added,) = add_attachments(
        "agency", declaration.agency_id, [file], purpose="picture", by=by.actor,
        jurisdiction=declaration.jurisdiction,
    )  # fmt: skip
    if not added.media_type.startswith("image/"):
        raise ActRefused(f"{code}：{field.title}只收照片（JPG、PNG等），这个文件不是图片。", code)
    row[column] = [*(row.get(column) or []), str(added.pk)]
    _keep(declaration, whole)
    return str(added.pk)


@transaction.atomic
def remove_picture(declaration_id: UUID, code: str, picture: str, *, by: Acting) -> None:
    """The draft no longer names the picture; versions that do keep it."""
    declaration = _draft(declaration_id, by)
    whole = values.joined(declaration.values, declaration.sealed_values, declaration.pk)
    row, column = _picture_place(whole, catalogue(declaration.jurisdiction).field(code))
    row[column] = [one for one in row.get(column) or [] if one != picture]
    _keep(declaration, whole)


@transaction.atomic
def submit_declaration(
    declaration_id: UUID, *, truth: bool, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Declaration:
    """The declaration waits for its department, every value in its normal form, warnings listed beside it.

    NotSound with what blocks it (XV). ActRefused without the declaration of truth (二（二）). The quarter's duty,
    where one runs, is met by it (四（二）).
    """
    declaration = begin_step(declaration_id, "submit_declaration", turn=turn, act_key=act_key)
    agency, jurisdiction = declaration.agency, declaration.jurisdiction
    expect_active(agency)
    if not truth:
        raise ActRefused("请勾选声明：信息提供者须保证所提供信息的准确性、合法性（二（二））。", "truth")
    found = checked_now(declaration)
    findings = found.findings
    if found.blocking:
        raise NotSound(found.blocking)
    kept, sealed = values.sealed_apart(values.plain(found.values, jurisdiction), jurisdiction, declaration.pk)
    take_step(
        declaration, "submit_declaration", by=by, act_key=act_key, details={"warnings": len(findings)},
        changes={
            "values": kept, "sealed_values": sealed, "findings": [as_stored(one) for one in findings],
            "submitted_on": today(), "first_submitted_on": declaration.first_submitted_on or today(),
            "submitted_at": now(), "submitted_by_id": by.user_id,
            "truth_statement": str(book(jurisdiction).value("declaration.truth_statement", on=today()).value),
            "catalogue_version": catalogue(jurisdiction).version, "reviewing_body_id": agency.reviewing_body_id,
            "return_reasons": {}, "prechecked_by_id": None, "prechecked_at": None, "precheck_opinion": "",
        },
    )  # fmt: skip
    meet_duty(declaration)
    send_notice(title="有机构申报待审核", to_body_id=agency.reviewing_body_id)
    return declaration


@transaction.atomic
def recall_declaration(
    declaration_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Declaration:
    """The agency has its declaration back before it was decided, as a draft; what it handed in by then counts."""
    declaration = _own(begin_step(declaration_id, "recall_declaration", turn=turn, act_key=act_key))
    take_step(declaration, "recall_declaration", by=by, act_key=act_key, changes=_to_write_in(declaration))
    return declaration


@transaction.atomic
def correct_declaration(
    declaration_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Declaration:
    """A returned declaration is a draft again; the reasons stay beside the indicators they name."""
    declaration = _own(begin_step(declaration_id, "correct_declaration", turn=turn, act_key=act_key))
    take_step(declaration, "correct_declaration", by=by, act_key=act_key, changes=_to_write_in(declaration))
    return declaration


def open_declaration(agency: Agency) -> Declaration | None:
    """The agency's own declaration that is not decided yet."""
    declared = Declaration.objects.filter(agency=agency, channel=Declaration.Channel.DECLARED)
    return declared.exclude(state=State.APPROVED).select_related("agency").first()


def checked_now(declaration: Declaration) -> values.Checked:
    """The declaration as it would be taken today: with what filing and practitioner management know (二（二）)."""
    agency, jurisdiction = declaration.agency, declaration.jurisdiction
    whole = values.joined(declaration.values, declaration.sealed_values, declaration.pk)
    found = values.checked(whole, jurisdiction, on=today(), known=known_of(agency, whole))
    return values.Checked(found.values, (*found.findings, *_of_another_agency(agency, found.values)))


def as_stored(finding: Finding) -> dict[str, Any]:
    """A finding as the declaration keeps it."""
    return {
        "key": finding.key, "rule": finding.rule, "severity": str(finding.severity), "codes": list(finding.codes),
        "message": finding.message, "path": list(finding.path),
    }  # fmt: skip


def _own(declaration: Declaration) -> Declaration:
    """What the committee drafted of a change is neither recalled nor mended by the agency (AMB-27)."""
    if declaration.channel != Declaration.Channel.DECLARED:
        raise ActRefused("这是主管部门采集的情况变动，不由机构撤回或者补正。")
    return declaration


def _draft(declaration_id: UUID, by: Acting) -> Declaration:
    declaration = locked_declaration(declaration_id)
    if Place.AGENCY not in places_of(declaration.agency, by):
        raise ActRefused("没有这份申报，或者您无权办理。")
    if declaration.state != State.DRAFT:
        raise ActRefused(f"这份申报现为“{declaration.get_state_display()}”，不能修改；须先撤回或者补正。")
    return declaration


def _expect_as_seen(
    row: Mapping[str, Any], typed: Mapping[str, Any], fields: Sequence[Field], seen: Seen | None, table: str
) -> None:
    """SomebodyWasFirst when another window has written something else in the row since it was seen."""
    if seen is None or not seen.edition or (seen.window and row.get(values.WINDOW) == seen.window):
        return
    if values.edition(row, fields) not in (seen.edition, values.edition(typed, fields)):
        raise SomebodyWasFirst(
            f"{table}刚刚由本机构的另一位用户（或者在另一个窗口里）改过。您填写的没有保存，都还在本页；"
            "请与现在的内容对照，再按一次“保存”，就以您填写的为准。",
            table,
        )


def _written_in(seen: Seen | None) -> dict[str, str]:
    return {values.WINDOW: seen.window[:64]} if seen and seen.window else {}


def _keep(declaration: Declaration, whole: Mapping[str, Any]) -> None:
    kept, sealed = values.sealed_apart(whole, declaration.jurisdiction, declaration.pk)
    declaration.values, declaration.sealed_values = kept, sealed
    declaration.save(update_fields=["values", "sealed_values", "saved_at"])


def _to_write_in(declaration: Declaration) -> dict[str, Any]:
    return {"values": values.with_row_keys(declaration.values)}


def _asked_in(jurisdiction: str, table: str) -> tuple[bool, tuple[Field, ...]]:
    """Whether the declared table has many rows, and what the agency fills in. ActRefused."""
    known = {one.code: one for one in values.declared_tables(jurisdiction)}
    if table not in known:
        raise ActRefused(f"没有“{table}”这张表。")
    return known[table].many, values.declared_fields(jurisdiction, table)


def _found_in(declaration: Declaration, whole: Mapping[str, Any], table: str) -> list[Finding]:
    found = values.checked(whole, declaration.jurisdiction, on=today()).findings
    return [one for one in found if one.path[0] == table]


def _too_many(table: str, count: int) -> ActRefused:
    return ActRefused(f"{table}最多{MOST_ROWS}行，现有{count}行，请分开填报或用表格导入。", table)


def _with_key(row: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, values.ROW_KEY: str(given.get(values.ROW_KEY) or uuid4().hex)[:64]}


def _typed(row: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """What was typed in the agency's own fields; columns the table has not, and pictures, are left out."""
    kept: dict[str, Any] = {}
    for field in fields:
        given = _keepable(row.get(field.column))
        if given in (None, "", []) or field.type == "image":
            continue
        if len(given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)) > LONGEST_TYPED:
            raise ActRefused(f"{field.code}：{field.title}过长，请缩短（{field.hint}）。", field.code)
        kept[field.column] = given
    return kept


def _keepable(given: Any) -> Any:
    """What was typed without the one character that PostgreSQL does not keep; of several choices, each."""
    if isinstance(given, list | tuple):
        return [_keepable(one) for one in given]
    return given.replace("\0", "") if isinstance(given, str) else given


def _picture_place(whole: dict[str, Any], field: Field) -> tuple[dict[str, Any], str]:
    if not field.pictures:
        raise ActRefused(f"{field.code}：{field.title}不附图片。", field.code)
    row = whole.setdefault(field.table, {})
    return row, field.column if field.type == "image" else pictures_column(field)


def _first_values(agency: Agency) -> dict[str, Any]:
    return {
        "J1": {
            "name": company_name(agency.company_id), "legal_code": agency.code, "city": agency.city, "county": agency.county,
        }
    }  # fmt: skip


def _of_another_agency(agency: Agency, whole: Mapping[str, Any]) -> list[Finding]:
    """A declaration under another agency's code is nobody's: the account is this agency's."""
    declared = (whole.get("J1") or {}).get("legal_code")
    if declared is None or same_code(declared, agency.code):
        return []
    message = (
        f"J1-02：法人代码与本账号所属机构的代码{agency.code}不同；换照后代码变更的，请主管部门记入情况变动。"
    )
    return [Finding("own_code", "J1-02", Severity.BLOCK, ("J1-02",), message, ("J1", "legal_code"))]
