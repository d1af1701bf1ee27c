"""Taking files in, giving them to those who may have them, and taking them away."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from urllib.parse import quote
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from fangxin.documents import storage
from fangxin.documents.cleaning import clean_picture
from fangxin.documents.inspection import FILE_LIMIT, check_batch, inspect_file
from fangxin.documents.models import Attachment
from fangxin.documents.sealing import open_text, seal_text
from fangxin.journal.actions import record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role


class Upload(Protocol):
    """A file on its way in, as Django hands it over."""

    @property
    def name(self) -> str | None: ...
    @property
    def size(self) -> int | None: ...
    def read(self, num_bytes: int | None = None, /) -> bytes: ...


class NoSuchAttachment(ActRefused):
    """Not there, or not for this reader: the two are not told apart."""


@dataclass(frozen=True, slots=True)
class OpenedAttachment:
    """Content and name as this reader may have them."""

    name: str
    media_type: str
    content: bytes

    @property
    def headers(self) -> dict[str, str]:
        """What a download carries: saved rather than run, kept by no cache, named safely in any browser."""
        # For browsers that know only ASCII names; the name itself follows in the form of RFC 8187.
        plain = re.sub(r"[^A-Za-z0-9._-]", "", self.name).lstrip("._-")
        plain = plain if "." in plain else f"attachment.{plain}".rstrip(".")
        encoded = quote(self.name, safe="")
        return {
            "Content-Type": self.media_type,
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        }


@transaction.atomic
def add_attachments(
    subject_kind: str,
    subject_id: object,
    files: Iterable[Upload],
    *,
    purpose: str,
    by: Actor,
    first_ordinal: int = 1,
    jurisdiction: str = "",
) -> list[Attachment]:
    """The files belong to the matter, each inspected, sealed and, if a picture, cleaned; all of them or none.

    The writer needs no right to read the table. A company's files are rows of that company; nothing else is
    passed on to anybody until an officer releases it. Raises AttachmentRefused.
    """
    files = list(files)
    purpose = Attachment.Purpose(purpose).value
    check_batch([file.size or 0 for file in files])
    added: list[Attachment] = []
    with ExitStack() as undo:
        for ordinal, file in enumerate(files, first_ordinal):
            added.append(_taken_in(file, ordinal, undo))
        for attachment in added:
            attachment.subject_kind, attachment.subject_id = subject_kind, str(subject_id)
            attachment.purpose = purpose
            attachment.company_id = attachment.uploaded_by_company_id = by.company_id
            attachment.uploaded_by_user_id = by.user_id
            attachment.uploaded_by_citizen = by.role == Role.CITIZEN
        Attachment.objects.bulk_create(added)
        for attachment in added:
            record(
                Kind.ATTACHMENT_ADD,
                subject_kind,
                subject_id,
                by=by,
                summary=f"上传{attachment.get_purpose_display()}：{attachment.shown_name}",
                details={
                    "attachment": attachment.pk,
                    "kind": attachment.media_type,
                    "size": attachment.size,
                    "sha256": attachment.sha256,
                },
                jurisdiction=jurisdiction,
            )
        undo.pop_all()
    return added


def _taken_in(file: Upload, ordinal: int, undo: ExitStack) -> Attachment:
    """The row of one file, whose octets already lie in the store; `undo` takes them out again."""
    content = file.read(FILE_LIMIT + 1)
    found = inspect_file(file.name or "", content)
    picture = clean_picture(found.name, content) if found.kind.is_image else None
    extension = picture.extension if picture else found.kind.extension
    attachment = Attachment(
        ordinal=ordinal,
        shown_name=f"附件{ordinal}.{extension}",
        sha256=found.sha256,
        size=found.size,
        media_type=picture.media_type if picture else found.kind.media_type,
    )
    attachment.original_name = seal_text(found.name, _name_aad(attachment.pk))
    attachment.original_path = storage.put(storage.ORIGINALS, content)
    undo.callback(storage.remove, attachment.original_path)
    if picture:
        attachment.shown_path = storage.put(storage.SHOWN, picture.content)
        undo.callback(storage.remove, attachment.shown_path)
    return attachment


@transaction.atomic
def release_attachment(
    attachment_id: UUID,
    *,
    to: Mapping[int, tuple[str, object]],
    by: Actor,
    reason: str = "",
    told_of: tuple[str, object] | None = None,
) -> list[Attachment]:
    """Each company has the cleaned copy of the picture, under its neutral name; once, however often asked.

    `to` says with which matter of theirs each company sees it. Returns the copies a company did not see there before. `told_of` is the matter in whose story the
    entries stand, the attachment's own unless given. What the picture shows is for the officer to judge. Raises ActRefused for anything that has no cleaned
    copy (PDF, office files, recordings keep what their makers wrote into them) or is quarantined.
    """
    attachment = Attachment.objects.select_for_update().filter(pk=attachment_id).first()
    if attachment is None or attachment.released_from_id is not None:
        raise NoSuchAttachment("没有这个附件。")
    if not attachment.shown_path:
        raise ActRefused(
            f"{attachment.shown_name}不能转给企业：只有图片有去除个人信息的副本。"
            "请把企业需要知道的内容写进转办摘要，或上传处理过的图片。"
        )
    if attachment.scan_state == Attachment.Scan.QUARANTINED:
        raise ActRefused(f"{attachment.shown_name}已隔离，不能转给企业。")
    Attachment.objects.filter(pk=attachment.pk).update(not_passed_on=False)
    there = {copy.company_id: copy for copy in attachment.released_copies.all()}
    cleaned = storage.get(attachment.shown_path)
    released = [
        Attachment(
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            purpose=attachment.purpose,
            ordinal=attachment.ordinal,
            shown_name=attachment.shown_name,
            # Of the copy: the original's own would let a company recognise a file it has.
            sha256=_sha256(cleaned),
            size=len(cleaned),
            media_type=attachment.media_type,
            shown_path=attachment.shown_path,
            not_passed_on=False,
            scan_state=attachment.scan_state,
            company_id=company_id,
            released_from=attachment,
            uploaded_by_user_id=by.user_id,
        )
        for company_id, (subject_kind, subject_id) in to.items()
        if company_id not in there
    ]
    Attachment.objects.bulk_create(released)
    released += _shown_elsewhere(there, to)
    for copy in released:
        record(
            Kind.ATTACHMENT_RELEASE,
            *(told_of or (attachment.subject_kind, attachment.subject_id)),
            by=by,
            summary=f"将{copy.shown_name}转给企业",
            details={
                "attachment": copy.pk,
                "company": copy.company_id,
                "sha256": copy.sha256,
                "reason": reason,
            },
        )
    return released


def _shown_elsewhere(
    there: Mapping[int | None, Attachment], to: Mapping[int, tuple[str, object]]
) -> list[Attachment]:
    """The copies that lay beside another matter of their company: a case may come to the same company again."""
    moved = []
    for company_id, (subject_kind, subject_id) in to.items():
        copy = there.get(company_id)
        if copy and (copy.subject_kind, copy.subject_id) != (subject_kind, str(subject_id)):
            copy.subject_kind, copy.subject_id = subject_kind, str(subject_id)
            copy.save(update_fields=["subject_kind", "subject_id"])
            moved.append(copy)
    return moved


@transaction.atomic
def open_attachment(
    attachment_id: UUID, *, subject_kind: str, subject_id: object, by: Actor, original: bool = False
) -> OpenedAttachment:
    """Content and neutral name of a file of this matter; that it was read stands in the journal.

    The caller has made sure that the reader may see the matter. Within it the office opens everything
    (`original`: as it was uploaded, with its own name), a company its own rows, a complainant what they
    uploaded and what is shown to them. Raises NoSuchAttachment, ActRefused when quarantined, SealBroken.
    """
    attachment = Attachment.objects.filter(
        pk=attachment_id, subject_kind=subject_kind, subject_id=str(subject_id)
    ).first()
    if attachment is None or not _may_open(attachment, by) or (original and by.body_id is None):
        raise NoSuchAttachment("没有这个附件。")
    if attachment.scan_state == Attachment.Scan.QUARANTINED:
        raise ActRefused(f"{attachment.shown_name}已被隔离，不能打开。如需核实，请联系系统管理员。")
    name, path = attachment.shown_name, attachment.shown_path or attachment.original_path
    media_type = attachment.media_type
    if original and attachment.original_path and attachment.original_name:
        name = open_text(bytes(attachment.original_name), _name_aad(attachment.pk))
        path = attachment.original_path
        # What the original is does not matter to a browser that may only save it.
        media_type = "application/octet-stream" if attachment.shown_path else media_type
    opened = OpenedAttachment(name, media_type, storage.get(path))
    record(
        Kind.ATTACHMENT_READ,
        subject_kind,
        subject_id,
        by=by,
        summary=f"查看{attachment.shown_name}" + ("原件" if path == attachment.original_path else ""),
        details={"attachment": attachment.pk, "kind": attachment.media_type},
    )
    return opened


def shown_content(attachment_id: UUID | str, subject_kind: str, subject_id: object) -> OpenedAttachment:
    """The cleaned copy of a picture of this matter, to be published with it; the publishing is the act that is journalled.

    Raises NoSuchAttachment, also for a file of another kind and one in quarantine.
    """
    attachment = Attachment.objects.filter(
        pk=attachment_id, subject_kind=subject_kind, subject_id=str(subject_id)
    ).first()
    if (
        attachment is None
        or not attachment.shown_path
        or attachment.scan_state == Attachment.Scan.QUARANTINED
    ):
        raise NoSuchAttachment("没有这张图片，或者它已被隔离。")
    return OpenedAttachment(attachment.shown_name, attachment.media_type, storage.get(attachment.shown_path))


def _may_open(attachment: Attachment, by: Actor) -> bool:
    if by.body_id is not None:
        return True
    if by.company_id is not None:
        return attachment.company_id == by.company_id
    if by.role == Role.CITIZEN:
        own = attachment.uploaded_by_citizen and attachment.released_from_id is None
        return own or (attachment.shown_to_complainant and bool(attachment.shown_path))
    return False


@transaction.atomic
def quarantine_attachment(
    attachment_id: UUID, *, reason: str, by: Actor, told_of: tuple[str, object] | None = None
) -> None:
    """Nobody opens the file or any released copy of it any more; the octets stay as evidence.

    `told_of` as for `release_attachment`.
    """
    attachment = Attachment.objects.select_for_update().filter(pk=attachment_id).first()
    if attachment is None:
        raise NoSuchAttachment("没有这个附件。")
    Attachment.objects.filter(pk=attachment.pk).update(scan_state=Attachment.Scan.QUARANTINED)
    attachment.released_copies.update(scan_state=Attachment.Scan.QUARANTINED)
    record(
        Kind.ATTACHMENT_QUARANTINE,
        *(told_of or (attachment.subject_kind, attachment.subject_id)),
        by=by,
        summary=f"隔离{attachment.shown_name}",
        details={"attachment": attachment.pk, "reason": reason},
    )


def remove_unclaimed_files(older_than: timedelta = timedelta(days=1)) -> int:
    """Octets that no row points at are gone from the store; returns how many files.

    They are left behind when a transaction fails after its files were written. Needs to see every row.
    """
    removed = 0
    waiting: list[str] = []

    def drop(paths: list[str]) -> int:
        claimed = set(
            Attachment.objects.filter(original_path__in=paths).values_list("original_path", flat=True)
        )
        claimed |= set(Attachment.objects.filter(shown_path__in=paths).values_list("shown_path", flat=True))
        for path in set(paths) - claimed:
            storage.remove(path)
        return len(set(paths) - claimed)

    for path in storage.stored_before(timezone.now() - older_than):
        waiting.append(path)
        if len(waiting) == 500:
            removed += drop(waiting)
            waiting = []
    return removed + drop(waiting)


def _name_aad(attachment_id: UUID) -> str:
    return f"attachment.original_name:{attachment_id}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
