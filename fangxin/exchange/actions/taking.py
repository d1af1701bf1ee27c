"""Takes the rows of a file: each is entered once, known already, or refused with its reason."""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from fangxin.cases.actions import Entry, register_cases
from fangxin.complaints.actions import identity_from
from fangxin.deadlines.clock import now
from fangxin.documents import storage
from fangxin.exchange.actions.beginning import check_columns, check_right, journal_import
from fangxin.exchange.columns import FIELDS
from fangxin.exchange.models import ImportedRow, ImportRun
from fangxin.exchange.orders import Order, Reading, Remark
from fangxin.exchange.queries import COMPARED, differences, done_acts, known_orders
from fangxin.exchange.tables import Row, Table
from fangxin.journal.actions import AlreadyDone
from fangxin.notices.actions import send_notice
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.queries import body
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book

BATCH = 50
_Result = ImportedRow.Result
_COUNTS = ("read", "added", "known", "differing", "refused", "noted")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one row, or would."""

    order: Order
    result: ImportedRow.Result
    case_number: str = ""
    remarks: tuple[Remark, ...] = ()
    differs: bool = False

    @property
    def told(self) -> dict[str, object]:
        """The same as a line of the report."""
        return {
            "row": self.order.row,
            "result": self.result.value,
            "result_title": self.result.label,
            "external_number": self.order.number,
            "case_number": self.case_number,
            "remarks": [asdict(remark) for remark in self.remarks],
        }


# By source and number, or act: the row that brought it.
Ahead = dict[tuple[str, str], Order]


@dataclass
class Tally:
    """The rows of a file counted by what became of them: read = added + known + refused."""

    read: int = 0
    added: int = 0
    known: int = 0
    differing: int = 0
    refused: int = 0
    noted: int = 0
    rows: list[dict[str, object]] = field(default_factory=list)

    def count(self, verdict: Verdict) -> None:
        """One row more."""
        self.read += 1
        self.added += verdict.result == _Result.ADDED
        self.known += verdict.result == _Result.KNOWN
        self.refused += verdict.result == _Result.REFUSED
        self.differing += verdict.differs
        self.noted += bool(verdict.order.notes) and verdict.result != _Result.REFUSED


def take_rows(
    run: ImportRun, table: Table, *, by: Acting, progress: Callable[[int], None] | None = None
) -> ImportRun:
    """Every row of the file has been taken, from where the run stands; returns the run as it is then.

    Each batch is one transaction with its count, so that a process killed anywhere loses nothing and doubles
    nothing, and two processes at the same file share it.
    """
    reading = Reading(by.jurisdiction, run.header, run.columns, run.default_source, now())
    ahead: Ahead = {}
    place = 0
    for batch in _batches(table.rows()):
        if place + len(batch) > run.read:
            orders = [reading.order(row, place + at) for at, row in enumerate(batch)]
            with as_office(by):
                reached = _take_batch(run.pk, run.attempt, orders, by, ahead)
            if progress is not None:
                progress(reached)
        place += len(batch)
    with as_office(by):
        finished = _finish(run.pk, place, by)
    if finished.state == ImportRun.State.DONE and not finished.dry_run and finished.stored_at:
        storage.remove(finished.stored_at)
        with as_office(by):
            ImportRun.objects.filter(pk=run.pk).update(stored_at="", sample=None)
    return finished


def try_rows(
    table: Table,
    columns: Mapping[str, int],
    *,
    source: str,
    by: Acting,
    progress: Callable[[int], None] | None = None,
) -> Tally:
    """What would become of every row, with nothing written."""
    check_columns(table.header, columns)
    check_right(source, by)
    reading = Reading(by.jurisdiction, table.header, columns, source, now())
    tally = Tally()
    ahead: Ahead = {}
    for batch in _batches(table.rows()):
        orders = [reading.order(row, tally.read + at) for at, row in enumerate(batch)]
        with as_office(by):
            verdicts = _foreseen(orders, by, ahead)
        for verdict in verdicts:
            tally.count(verdict)
            if verdict.remarks:
                tally.rows.append(verdict.told)
        if progress is not None:
            progress(tally.read)
    return tally


def _take_batch(run_id: UUID, attempt: int, orders: Sequence[Order], by: Acting, ahead: Ahead) -> int:
    """How many rows of the file have been taken when this batch is."""
    with connection.cursor() as cursor:
        # Two imports of the same orders in different order would wait for each other's unfinished batch.
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"import:{by.jurisdiction}"])
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    # Another process took these, or the import was begun anew.
    fresh = [order for order in orders if order.place >= run.read]
    if (
        run.attempt != attempt
        or run.state not in {ImportRun.State.RUNNING, ImportRun.State.QUEUED}
        or not fresh
    ):
        return run.read
    # An administrator may look, as the clerk of the same body would see it.
    clerk = replace(by, role=Role.INTAKE_CLERK)
    verdicts = _foreseen(fresh, clerk, ahead) if run.dry_run else _entered(fresh, by)
    tally = Tally()
    for verdict in verdicts:
        tally.count(verdict)
    ImportedRow.objects.bulk_create(
        ImportedRow(
            run_id=run_id, attempt=attempt, row=verdict.order.row, result=verdict.result,
            external_number=verdict.order.number, case_number=verdict.case_number,
            remarks=[asdict(remark) for remark in verdict.remarks],
        )
        for verdict in verdicts
    )  # fmt: skip
    for name in _COUNTS:
        setattr(run, name, getattr(run, name) + getattr(tally, name))
    run.state = ImportRun.State.RUNNING
    run.save(update_fields=[*_COUNTS, "state", "touched_at"])
    return run.read


def _foreseen(orders: Sequence[Order], by: Acting, ahead: Ahead) -> list[Verdict]:
    """What would become of the orders; `ahead` are the new ones of the rows before them, and grows."""
    readable = [order for order in orders if not order.wrong]
    known = known_orders(readable, by.jurisdiction)
    acts = {order.place: key for order in readable if (key := act_of(order, by.jurisdiction))}
    done = done_acts(acts.values()) if acts else set()
    verdicts = []
    for order in orders:
        mark = (order.source, order.number or str(acts.get(order.place, "")))
        if verdict := _refused(order, by) or _known(order, known):
            verdicts.append(verdict)
        elif acts.get(order.place) in done:
            verdicts.append(_entered_before(order))
        elif mark in ahead:
            verdicts.append(_repeated(order, ahead[mark]))
        else:
            ahead[mark] = order
            verdicts.append(Verdict(order, _Result.ADDED, "", order.notes))
    return verdicts


def _entered(orders: Sequence[Order], by: Acting) -> list[Verdict]:
    """Enters what can be entered; in a batch if the batch agrees, else one by one."""
    verdicts = {verdict.order.place: verdict for verdict in _foreseen(orders, by, {})}
    new = [verdict.order for verdict in verdicts.values() if verdict.result == _Result.ADDED]
    try:
        with transaction.atomic():
            entered = _enter(new, by)
    except (IntegrityError, DataError, AlreadyDone, ActRefused):
        entered = [_enter_one(order, by) for order in new]
    verdicts |= {verdict.order.place: verdict for verdict in entered}
    return [verdicts[order.place] for order in orders]


def _enter(orders: Sequence[Order], by: Acting) -> list[Verdict]:
    verdicts = []
    complains = {source.key: source.complainant for source in book(by.jurisdiction).sources}
    for source in dict.fromkeys(order.source for order in orders):
        mine = [order for order in orders if order.source == source]
        entries = [
            Entry(
                order.grievance, identity_from(order.person), order.has_caller or complains[source],
                row=order.row, act_key=act_of(order, by.jurisdiction),
            )
            for order in mine
        ]  # fmt: skip
        receipts = register_cases(entries, source=source, by=by)
        verdicts += [
            Verdict(order, _Result.ADDED, receipt.number, order.notes)
            for order, receipt in zip(mine, receipts, strict=True)
        ]
    return verdicts


def _enter_one(order: Order, by: Acting) -> Verdict:
    try:
        with transaction.atomic():
            return _enter([order], by)[0]
    except (IntegrityError, AlreadyDone):
        # Another import entered the same order between our looking and our writing.
        return _known(order, known_orders([order], by.jurisdiction)) or _entered_before(order)
    except DataError:
        return _wholly(order, _Result.REFUSED, "数据库不能保存这一行，请检查各格内容。")
    except ActRefused as refused:
        return _wholly(order, _Result.REFUSED, str(refused))


def _refused(order: Order, by: Acting) -> Verdict | None:
    if order.wrong:
        return Verdict(order, _Result.REFUSED, "", order.wrong)
    try:
        check_right(order.source, by)
    except ActRefused as refused:
        return Verdict(order, _Result.REFUSED, "", (Remark(FIELDS["source"].title, "", str(refused)),))
    return None


def _known(order: Order, known: Mapping[tuple[str, str], tuple[str, list[str]]]) -> Verdict | None:
    if (found := known.get((order.source, order.number))) is None:
        return None
    number, differing = found
    if not differing:
        return Verdict(order, _Result.KNOWN, number)
    message = f"已存在，内容不同（{'、'.join(differing)}），未覆盖。如有新情况请在案件 {number} 中补充。"
    remark = Remark(FIELDS["external_number"].title, order.number, message)
    return Verdict(order, _Result.KNOWN, number, (remark,), differs=True)


def _repeated(order: Order, earlier: Order) -> Verdict:
    differing = differences(order.grievance, {name: getattr(earlier.grievance, name) for name in COMPARED})
    message = f"与第 {earlier.row} 行是同一件"
    message += (
        f"，内容不同（{'、'.join(differing)}），以第 {earlier.row} 行为准。"
        if differing
        else "，没有重复导入。"
    )
    remark = Remark(FIELDS["external_number"].title if order.number else "（整行）", order.number, message)
    return Verdict(order, _Result.KNOWN, "", (remark,), differs=bool(differing))


def _entered_before(order: Order) -> Verdict:
    return _wholly(order, _Result.KNOWN, "以前已经导入，没有重复导入。")


def _wholly(order: Order, result: ImportedRow.Result, message: str) -> Verdict:
    return Verdict(order, result, "", (Remark("（整行）", "", message),))


def act_of(order: Order, jurisdiction: str) -> UUID | None:
    """The key of entering an order without a number: the same for the same words of the same person and time.

    None for one with a number, which is its own key. Keyed, so that no identity can be guessed from it.
    """
    if order.number:
        return None
    told = order.grievance
    words = [
        jurisdiction, order.source, told.title, told.text, str(told.received_at or ""), told.district,
        told.respondent_name, told.project_name, told.project_address, told.origin_document,
        *(f"{key}={order.person[key]}" for key in sorted(order.person)),
    ]  # fmt: skip
    secret = b"import:" + settings.SECRET_KEY.encode()
    return UUID(bytes=hmac.digest(secret, "\x1f".join(words).encode(), hashlib.sha256)[:16])


def _finish(run_id: UUID, total: int, by: Acting) -> ImportRun:
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    if run.state == ImportRun.State.DONE or run.read < total:
        return run
    run.state, run.total, run.finished_at = ImportRun.State.DONE, total, timezone.now()
    run.save()
    if run.dry_run:
        return run
    journal_import(run, by, "完成导入工单", counted=True)
    if run.added:
        sorter = next(s for s in book(run.jurisdiction).sources if s.key == run.default_source).sorted_by[0]
        if not sorter.startswith("district."):
            send_notice(title=f"导入工单 {run.added} 件，待分件", to_body_id=body(sorter).pk)
    return run


def as_office(by: Acting) -> AbstractContextManager[None]:
    """One transaction in the office's database role, in that person's name."""
    return speaking_as(Speaker(Audience.OFFICE, by.user_id, by.body_id or 0))


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
