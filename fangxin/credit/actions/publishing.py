"""What the public reads of good and bad records: a copy made by each act, in the act's own transaction."""

from typing import Any
from uuid import UUID

from fangxin.agencies.columns import REPEATED
from fangxin.agencies.models import Agency
from fangxin.credit.models import Application, BadRecord, GoodRecord, PublishedRecord
from fangxin.deadlines.clock import today
from fangxin.rules.reading import fields_for


def publish_bad_record(record: BadRecord) -> None:
    """The public reads the record as it stands now, with the unit's comment, the result and what is marked beside it."""
    _publish(
        record, "J4", PublishedRecord.Kind.BAD, record_class=record.record_class, source=record.source, person=record.person,
        published_on=record.published_on, shown_until=record.shown_until, comment=record.comment,
        rectification_result=record.rectification_result, rectified_on=record.rectified_on,
        is_objected=Application.objects.filter(record=record, kind="objection", state="applied").exists(),
        corrected_on=record.corrected_on,
    )  # fmt: skip


def publish_good_record(record: GoodRecord) -> None:
    """The public reads the honour until its last day."""
    person = getattr(record, "person", None) or ""
    _publish(
        record, "J3", PublishedRecord.Kind.GOOD, person=person, published_on=record.decided_on,
        shown_until=record.shown_until,
    )  # fmt: skip


def show_comment(record: BadRecord) -> None:
    """The unit's comment stands beside the record in public; its session may write that and no more."""
    PublishedRecord.objects.filter(pk=record.pk).update(comment=record.comment)


def mark_objection(record: BadRecord) -> None:
    """The public is told that the record is objected to."""
    PublishedRecord.objects.filter(pk=record.pk).update(is_objected=True)


def take_down(record_id: UUID) -> None:
    """The public reads the record no longer: it is in no table a public page, search, file or interface can read."""
    PublishedRecord.objects.filter(pk=record_id).delete()


def _publish(record: BadRecord | GoodRecord, table: str, kind: str, **beside: Any) -> None:
    agency = Agency.objects.select_related("company").get(pk=record.agency_id)
    shown = {
        field.column: field.plain(getattr(record, field.column))
        for field in fields_for("public", table, on=today(), jurisdiction=record.jurisdiction)
        if field.column not in REPEATED
    }
    PublishedRecord.objects.update_or_create(
        pk=record.pk,
        defaults={
            "company_id": record.company_id, "jurisdiction": record.jurisdiction, "kind": kind, "agency_code": agency.code,
            "agency_name": agency.company.name[:100], "city": agency.city, "county": agency.county,
            "values": {column: value for column, value in shown.items() if value not in (None, "", [])}, **beside,
        },
    )  # fmt: skip
