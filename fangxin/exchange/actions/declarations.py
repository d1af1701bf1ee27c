"""The province's workbook of declarations enters the register: whole agencies, each once (一（一）, AMB-44)."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice

from fangxin.agencies.actions import Collected, enter_declarations, may_import
from fangxin.agencies.actions.publishing import count_coverage
from fangxin.agencies.queries import agencies_naming
from fangxin.deadlines.clock import today
from fangxin.exchange.actions.taking import as_office
from fangxin.exchange.declarations.checking import (
    CheckedDeclaration,
    check_declaration,
    numbers_of_persons,
)
from fangxin.exchange.declarations.faults import Fault
from fangxin.exchange.declarations.layout import Shape
from fangxin.exchange.declarations.reading import DeclarationWorkbook, read_workbook
from fangxin.exchange.refusals import FileRefused
from fangxin.journal.actions import record
from fangxin.journal.kinds import Kind
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules.crosscheck_base import same_code

BATCH = 400
# A report lists so many; the rest are counted.
MOST_FAULTS = 2000
ENTERED_BEFORE = "“{}”已在登记册中代码为{}的机构名下，同一人不能是两家机构的，没有导入，请核对。"


@dataclass
class Imported:
    """What became of a file: agencies read, entered, known already, and why others were not; `faults` by cell."""

    read: int = 0
    entered: int = 0
    known: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    blocked: int = 0
    warned: int = 0
    faults: list[Fault] = field(default_factory=list)
    refused_at: list[Fault] = field(default_factory=list)

    @property
    def not_entered(self) -> int:
        """Read, and neither entered nor known."""
        return self.blocked + len(self.refused)


def import_declarations(
    name: str,
    content: bytes,
    *,
    by: Acting,
    dry_run: bool = False,
    begun: Callable[[int], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Every sound agency of the workbook has its record; what is wrong with the others is told by cell.

    Each batch is a transaction of its own: stopped anywhere and begun again it goes on, for what was entered is
    known. With `dry_run` everything is checked and nothing written. `begun` is told how many agencies there are,
    `progress` how many have been read. FileRefused for a file that is no province's
    workbook, or has rows that are nobody's; ActRefused for anybody but the body that imports agencies.
    """
    if not may_import(by):
        raise ActRefused("成批导入全省机构由省住建厅的审核员办理（二（二））。")
    workbook = _expected(name, content, by.jurisdiction)
    told = Imported(faults=list(workbook.faults))
    if begun is not None:
        begun(len(workbook.codes))
    for batch in _checked(workbook):
        with as_office(by):
            compared = _numbers_compared(batch, by.jurisdiction)
        sound = list(_sound(compared, told))
        if sound and not dry_run:
            with as_office(by):
                outcome = enter_declarations(sound, by=by)
            told.entered += len(outcome.entered)
            told.known += len(outcome.known)
            _refused(batch, outcome.refused, told)
        elif dry_run:
            told.entered += len(sound)
        if progress is not None:
            progress(told.read)
    if not dry_run:
        _finish(content, told, by)
    return told


def _expected(name: str, content: bytes, jurisdiction: str) -> DeclarationWorkbook:
    workbook = read_workbook(name, content, jurisdiction)
    if workbook.layout.shape is not Shape.PROVINCE:
        raise FileRefused("这是一家机构的模板；成批导入请用多家机构的模板，一家机构的由机构自己上传。")
    if blocking := [fault for fault in workbook.faults if fault.blocks]:
        more = f"，另有{len(blocking) - 1}处" if len(blocking) > 1 else ""
        raise FileRefused(
            f"{blocking[0].place}：{blocking[0].message}{more}。有不知道归属的内容，整个文件都没有导入。"
        )
    return workbook


def _checked(workbook: DeclarationWorkbook) -> Iterator[list[CheckedDeclaration]]:
    """The declarations, checked, batch by batch; while the database writes one, the next is being checked."""
    on = today()
    checked = (check_declaration(raw, on=on) for raw in workbook)
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(lambda: list(islice(checked, BATCH)))
        while batch := coming.result():
            coming = ahead.submit(lambda: list(islice(checked, BATCH)))
            yield batch


def _refused(batch: list[CheckedDeclaration], why: dict[str, str], told: Imported) -> None:
    """Why sound agencies were not entered, each at the row it stands in."""
    told.refused |= why
    first = batch[0].raw.layout.first.code
    for one in batch:
        if one.code in why and len(told.refused_at) < MOST_FAULTS:
            place = one.raw.sheets[first].name, one.raw.rows[first][0].number
            told.refused_at.append(Fault(f"没有导入：{why[one.code]}", *place, agency=one.code))


def _numbers_compared(batch: list[CheckedDeclaration], jurisdiction: str) -> list[CheckedDeclaration]:
    """With a fault at each cell whose person another agency entered before has named: as between two of one file."""
    places = [(one, list(numbers_of_persons(one))) for one in batch]
    held = agencies_naming(jurisdiction, {number for _, found in places for number, *_ in found})
    return [
        replace(one, faults=(*one.faults, *faults))
        if (faults := [
            Fault(ENTERED_BEFORE.format(number, others[0]), sheet, row, column, one.code)
            for number, sheet, row, column in found
            if (others := sorted(code for code in held.get(number, ()) if not same_code(code, one.code)))
        ])
        else one
        for one, found in places
    ]  # fmt: skip


def _sound(batch: list[CheckedDeclaration], told: Imported) -> Iterator[Collected]:
    for one in batch:
        told.read += 1
        told.faults += one.faults[: max(0, MOST_FAULTS - len(told.faults))]
        told.warned += one.taken and bool(one.faults)
        if one.taken:
            yield Collected(one.values)
        else:
            told.blocked += 1


def _finish(content: bytes, told: Imported, by: Acting) -> None:
    with as_office(by):
        if told.entered:
            count_coverage(by.jurisdiction, on=today())
        digest = hashlib.sha256(content).hexdigest()
        record(
            Kind.IMPORT, "agencies", digest[:16], by=by.actor, summary="成批导入全省机构",
            details={
                "sha256": digest[:16], "rows": told.read, "accepted": told.entered, "known": told.known,
                "refused": told.not_entered,
            },
            clause="二(二)", jurisdiction=by.jurisdiction,
        )  # fmt: skip
