"""Files taken in, opened, released and quarantined, against the real database and a real store."""

import io
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.http import HttpRequest
from django.test import RequestFactory
from PIL import Image

from fangxin.documents.actions import (
    NoSuchAttachment,
    add_attachments,
    open_attachment,
    quarantine_attachment,
    release_attachment,
    remove_unclaimed_files,
)
from fangxin.documents.inspection import FILE_LIMIT, AttachmentRefused
from fangxin.documents.key_rotation import SEALED_TABLES
from fangxin.documents.models import Attachment
from fangxin.documents.queries import (
    attachments_for_company,
    attachments_for_complainant,
    attachments_of,
    next_ordinal,
)
from fangxin.documents.sealing import SealBroken
from fangxin.documents.tests.hostile_files import CANARY, HOSTILE_PICTURES, office, pdf, photo
from fangxin.documents.uploads import BoundedUploadHandler
from fangxin.journal.actors import Actor
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.models import Body, Company, User
from fangxin.organisations.refusals import ActRefused

pytestmark = pytest.mark.django_db


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    # Django cuts folders off a name already; what it lets through is given whole.
    made = SimpleUploadedFile("x", content)
    made._name = name
    return made


@pytest.fixture
def people() -> dict[str, Actor]:
    officer = User.objects.create_user("chentao", full_name="陈涛")
    body = Body.objects.create(
        code="district.110105.brokerage",
        jurisdiction="beijing",
        name="朝阳区",
        level="district",
        district="110105",
    )
    agency = Company.objects.create(name="诚信房产", name_key="诚信房产")
    rival = Company.objects.create(name="广厦房产", name_key="广厦房产")
    return {
        "citizen": Actor.citizen(),
        "officer": Actor(officer.pk, "陈涛", body_id=body.pk, role="case_officer"),
        "agency": Actor(officer.pk, "刘洋", company_id=agency.pk, role="company_user"),
        "rival": Actor(officer.pk, "何静", company_id=rival.pk, role="company_user"),
    }


def complain(people: dict[str, Actor], *files: SimpleUploadedFile) -> tuple[uuid.UUID, list[Attachment]]:
    subject = uuid.uuid4()
    return subject, add_attachments(
        "complaint", subject, files, purpose="complaint_evidence", by=people["citizen"]
    )


def opened(row: Attachment, by: Actor, **more: Any) -> Any:
    return open_attachment(row.pk, subject_kind="complaint", subject_id=row.subject_id, by=by, **more)


def everything_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_photo_keeps_its_original_sealed_and_shows_a_clean_copy(
    people: dict[str, Actor], file_store: Path
) -> None:
    name = f"{CANARY['name']}的合同.jpg"
    _, [row] = complain(people, upload(name, photo()))
    assert row.shown_name == "附件1.jpg"
    shown = opened(row, people["officer"])
    assert shown.name == "附件1.jpg"
    for word in CANARY.values():
        assert word.encode() not in shown.content
    original = opened(row, people["officer"], original=True)
    assert (original.name, original.content) == (name, photo())


def test_neither_the_store_nor_the_table_says_what_the_file_was_called_or_holds(
    people: dict[str, Actor], file_store: Path
) -> None:
    complain(people, upload(f"{CANARY['telephone']}.jpg", photo()), upload(f"{CANARY['name']}.pdf", pdf()))
    with connection.cursor() as cursor:
        cursor.execute("select a::text from documents_attachment a")
        rows = "".join(text for (text,) in cursor.fetchall())
    stored = everything_in(file_store)
    assert len(stored) == 3
    for word in CANARY.values():
        assert word not in rows
        assert word.encode().hex() not in rows
        for path in stored:
            assert word not in str(path)
            assert word.encode() not in path.read_bytes()
    assert not any(b"%PDF" in path.read_bytes() or b"JFIF" in path.read_bytes() for path in stored)


def test_what_lies_in_the_store_cannot_be_exchanged_or_altered(
    people: dict[str, Actor], file_store: Path
) -> None:
    _, [first, second] = complain(people, upload("一.pdf", pdf()), upload("二.pdf", pdf(b"<<>>")))
    one, two = (file_store / row.original_path for row in (first, second))
    one.write_bytes(two.read_bytes())
    with pytest.raises(SealBroken):
        opened(first, people["officer"])


def test_one_bad_file_of_three_and_nothing_is_written(people: dict[str, Actor], file_store: Path) -> None:
    bad = HOSTILE_PICTURES["洪水.png"][0]()
    with pytest.raises(AttachmentRefused, match=r"洪水\.png"):
        complain(people, upload("好.jpg", photo()), upload("好.pdf", pdf()), upload("洪水.png", bad))
    assert not Attachment.objects.exists()
    assert everything_in(file_store) == []


def test_a_file_larger_than_it_says_is_refused(people: dict[str, Actor], file_store: Path) -> None:
    liar = upload("大.pdf", pdf() + bytes(FILE_LIMIT))
    liar.size = 10
    with pytest.raises(AttachmentRefused, match="10 MB"):
        complain(people, liar)


def test_the_intake_role_adds_files_without_the_right_to_read_them(
    people: dict[str, Actor], file_store: Path
) -> None:
    with speaking_as(Speaker(Audience.INTAKE)):
        _, [row] = complain(people, upload("收据.jpg", photo()))
        with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
            cursor.execute("select 1 from documents_attachment")
    assert Attachment.objects.get(pk=row.pk).uploaded_by_citizen


def test_a_company_sees_its_own_uploads_and_not_those_of_another(
    people: dict[str, Actor], file_store: Path
) -> None:
    agency, rival = people["agency"], people["rival"]
    assert agency.company_id
    assert rival.company_id
    with speaking_as(Speaker(Audience.ENTERPRISE, company_id=agency.company_id)):
        [row] = add_attachments(
            "complaint", "7", [upload("答复.docx", office())], purpose="reply_evidence", by=agency
        )
        assert [f["shown_name"] for f in attachments_for_company(agency.company_id, "complaint", 7)] == [
            "附件1.docx"
        ]
        assert opened(row, agency).content == office()
    with speaking_as(Speaker(Audience.ENTERPRISE, company_id=rival.company_id)):
        assert not Attachment.objects.exists()
        with pytest.raises(NoSuchAttachment):
            opened(row, rival)
    # Without the row policy the application refuses by itself.
    assert attachments_for_company(rival.company_id, "complaint", 7) == []
    with pytest.raises(NoSuchAttachment):
        opened(row, rival)


def test_a_company_cannot_write_a_row_of_another(people: dict[str, Actor], file_store: Path) -> None:
    agency, rival = people["agency"], people["rival"]
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        speaking_as(Speaker(Audience.ENTERPRISE, company_id=rival.company_id or 0)),
    ):
        add_attachments("complaint", "7", [upload("答复.pdf", pdf())], purpose="reply_evidence", by=agency)


def test_a_complainants_file_reaches_a_company_only_as_a_released_clean_picture(
    people: dict[str, Actor], file_store: Path
) -> None:
    agency = people["agency"]
    assert agency.company_id
    subject, [picture, paper] = complain(people, upload("合同.jpg", photo()), upload("合同.pdf", pdf()))
    assert attachments_for_company(agency.company_id, "complaint", subject) == []
    for row in (picture, paper):
        with pytest.raises(NoSuchAttachment):
            opened(row, agency)
    with pytest.raises(ActRefused, match=r"附件2\.pdf不能转给企业"):
        release_attachment(paper.pk, to={agency.company_id: ("complaint", subject)}, by=people["officer"])
    [copy] = release_attachment(
        picture.pk, to={agency.company_id: ("complaint", subject)}, by=people["officer"]
    )
    assert (
        release_attachment(picture.pk, to={agency.company_id: ("complaint", subject)}, by=people["officer"])
        == []
    )
    with speaking_as(Speaker(Audience.ENTERPRISE, company_id=agency.company_id)):
        [seen] = attachments_for_company(agency.company_id, "complaint", subject)
        assert (seen["id"], seen["shown_name"]) == (copy.pk, "附件1.jpg")
        assert Attachment.objects.count() == 1
        content = opened(copy, agency).content
    for word in CANARY.values():
        assert word.encode() not in content
    assert copy.sha256 != picture.sha256
    with pytest.raises(NoSuchAttachment):
        opened(copy, agency, original=True)
    with pytest.raises(NoSuchAttachment):
        opened(copy, people["rival"])
    [first, second] = attachments_of("complaint", subject)
    assert first["released_to"] == [agency.company_id]
    assert (first["can_be_released"], second["can_be_released"]) == (True, False)


def test_the_same_picture_of_two_complainants_looks_alike_to_the_company(
    people: dict[str, Actor], file_store: Path
) -> None:
    agency = people["agency"]
    assert agency.company_id
    seen = []
    for name in ("张敏的合同.jpg", "欧阳建国身份证110105199003078515.jpeg"):
        subject, [picture] = complain(people, upload(name, photo()))
        release_attachment(picture.pk, to={agency.company_id: ("complaint", subject)}, by=people["officer"])
        [row] = attachments_for_company(agency.company_id, "complaint", subject)
        copy = Attachment.objects.get(pk=row.pop("id"))
        row.pop("uploaded_at")
        seen.append((row, copy.sha256, opened(copy, agency).headers, opened(copy, agency).content))
    assert seen[0] == seen[1]


def test_a_stranger_to_the_matter_and_an_unknown_number_get_the_same_answer(
    people: dict[str, Actor], file_store: Path
) -> None:
    _, [row] = complain(people, upload("合同.jpg", photo()))
    answers = set()
    for attachment_id, subject, by in (
        (row.pk, row.subject_id, people["agency"]),
        (row.pk, str(uuid.uuid4()), people["officer"]),
        (uuid.uuid4(), row.subject_id, people["officer"]),
        (row.pk, row.subject_id, Actor(None, "无名")),
    ):
        with pytest.raises(NoSuchAttachment) as refusal:
            open_attachment(attachment_id, subject_kind="complaint", subject_id=subject, by=by)
        answers.add(str(refusal.value))
    assert answers == {"没有这个附件。"}


def test_a_complainant_opens_their_own_file_and_not_the_companys(
    people: dict[str, Actor], file_store: Path
) -> None:
    subject, [own] = complain(people, upload("合同.pdf", pdf()))
    [reply] = add_attachments(
        "complaint", subject, [upload("答复.jpg", photo())], purpose="reply_evidence",
        by=people["agency"], first_ordinal=next_ordinal("complaint", subject),
    )  # fmt: skip
    assert reply.shown_name == "附件2.jpg"
    assert opened(own, people["citizen"]).content == pdf()
    with pytest.raises(NoSuchAttachment):
        opened(reply, people["citizen"])
    assert [f["ordinal"] for f in attachments_for_complainant("complaint", subject)] == [1]
    Attachment.objects.filter(pk=reply.pk).update(shown_to_complainant=True)
    assert opened(reply, people["citizen"]).name == "附件2.jpg"
    assert [f["ordinal"] for f in attachments_for_complainant("complaint", subject)] == [1, 2]


def test_nobody_opens_a_quarantined_file_nor_its_released_copy(
    people: dict[str, Actor], file_store: Path
) -> None:
    agency = people["agency"]
    assert agency.company_id
    subject, [picture] = complain(people, upload("合同.jpg", photo()))
    [copy] = release_attachment(
        picture.pk, to={agency.company_id: ("complaint", subject)}, by=people["officer"]
    )
    quarantine_attachment(picture.pk, reason="误转", by=people["officer"])
    for row, by in ((picture, people["officer"]), (copy, agency)):
        with pytest.raises(ActRefused, match="隔离"):
            opened(row, by)
    assert attachments_for_company(agency.company_id, "complaint", subject) == []


def test_every_arrival_and_every_reading_stands_in_the_journal(
    people: dict[str, Actor], file_store: Path
) -> None:
    _, [row] = complain(people, upload(f"{CANARY['name']}.jpg", photo()))
    opened(row, people["officer"])
    with connection.cursor() as cursor:
        cursor.execute(
            "select kind, summary, details::text from journal_entry where subject_id = %s order by 1",
            [row.subject_id],
        )
        entries = cursor.fetchall()
    assert [kind for kind, _, _ in entries] == ["attachment:add", "attachment:read"]
    assert row.sha256 in entries[0][2]
    assert CANARY["name"] not in str(entries)


def test_a_download_is_saved_under_a_safe_name_and_never_run(
    people: dict[str, Actor], file_store: Path
) -> None:
    _, [row] = complain(people, upload('a"b\r\nX: y合同.jpg', photo()))
    shown, original = (
        opened(row, people["officer"]).headers,
        opened(row, people["officer"], original=True).headers,
    )
    assert shown["Content-Disposition"] == (
        "attachment; filename=\"1.jpg\"; filename*=UTF-8''%E9%99%84%E4%BB%B61.jpg"
    )
    assert shown["X-Content-Type-Options"] == "nosniff"
    for headers in (shown, original):
        assert all(c not in "".join(headers.values()) for c in "\r\n\x00")
        assert headers["Content-Disposition"].isascii()
        assert headers["Content-Disposition"].count('"') == 2
    assert original["Content-Type"] == "application/octet-stream"


def test_octets_without_a_row_are_swept_out_after_a_day(people: dict[str, Actor], file_store: Path) -> None:
    _, [row] = complain(people, upload("合同.jpg", photo()))

    def fail() -> None:
        with transaction.atomic():
            complain(people, upload("合同.pdf", pdf()))
            raise RuntimeError("the act around it failed")

    with pytest.raises(RuntimeError):
        fail()
    assert len(everything_in(file_store)) == 3
    assert remove_unclaimed_files() == 0
    assert remove_unclaimed_files(timedelta(0)) == 1
    assert opened(row, people["officer"], original=True).content == photo()


def test_key_rotation_knows_the_sealed_names() -> None:
    assert ("documents_attachment", ("original_name",)) in [(t.table, t.columns) for t in SEALED_TABLES]


def posted(*sizes: int) -> HttpRequest:
    files = [upload(f"{n}.pdf", bytes(size)) for n, size in enumerate(sizes)]
    request = RequestFactory().post("/", {"files": files, "text": "字"})
    request.upload_handlers.insert(0, BoundedUploadHandler(request))
    return request


def test_an_upload_that_is_too_large_is_not_kept_while_it_arrives(
    people: dict[str, Actor], file_store: Path
) -> None:
    request = posted(1_000, FILE_LIMIT * 2)
    small, large = request.FILES.getlist("files")
    assert request.POST["text"] == "字"
    assert small.size == 1_000
    assert FILE_LIMIT < large.size < FILE_LIMIT + 200_000
    with pytest.raises(AttachmentRefused, match=r"1\.pdf"):
        complain(people, large)


def test_photos_of_twelve_megapixels_are_taken_in(people: dict[str, Actor], file_store: Path) -> None:
    out = io.BytesIO()
    Image.effect_noise((4_000, 3_000), 40).convert("RGB").save(out, "JPEG", quality=60)
    assert len(complain(people, *(upload(f"{n}.jpg", out.getvalue()) for n in range(2)))[1]) == 2
