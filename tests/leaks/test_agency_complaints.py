"""Nobody outside the authority learns who complained about an agency, or in what words; least of all the agency (AMB-37)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from fangxin.organisations.actions import found_bodies
from fangxin.organisations.audience import Audience, Speaker, speaking_as
from fangxin.organisations.models import User
from fangxin.redress import actions
from fangxin.redress.models import AgencyComplaint, Transfer
from tests.fujian_cast import BY, FujianCast, fujian_cast
from tests.leaks.canaries import Canary, Kept, Names, Scanner
from tests.leaks.register_world import secrets
from tests.leaks.world import Dice, as_the_login, standing_still

pytestmark = pytest.mark.django_db
DIGEST, KEY = "投诉人称：交了两万元定金，贵公司不退。", UUID(int=11)
OUTSIDERS = ("linxiao", "chenyu", "hexin", "wujian", "")


@dataclass
class Told:
    """What a citizen gave: the identity, and a word of the raw text that nothing else holds."""

    identity: Any
    word: str
    file_name: str

    def canaries(self) -> Iterator[Canary]:
        for field in ("name", "telephone", "email", "id_number", "address"):
            yield Canary("complaint", field, getattr(self.identity, field), Kept.SEALED)
        yield Canary("complaint", "T1-12", self.word, Kept.TOLD)
        yield Canary("complaint", "file name", self.file_name, Kept.TOLD)


def told(seed: str) -> Told:
    names = Names("authors", f"agency complaint {seed}")
    return Told(secrets(seed).identity, names.rare(6, 8), names.letters(10))


@dataclass
class Stage:
    cast: FujianCast
    complaint: AgencyComplaint
    transfer: Transfer


@contextmanager
def stage(given: Told) -> Iterator[Stage]:
    """A complaint with everything T1 asks for, passed on, answered, found true, and public."""
    with transaction.atomic(), standing_still(Dice()):
        found_bodies("beijing", by=BY)
        cast = fujian_cast()
        one = given.identity
        words = (
            f"我叫{one.name}，住{one.address}，电话{one.telephone}。{given.word}。交了两万元定金，中介不退。"
        )
        receipt = actions.receive_agency_complaint(
            {
                "name": one.name, "telephone": one.telephone, "email": one.email, "id_kind": "居民身份证",
                "id_number": one.id_number, "address": one.address, "respondent": cast.agency.company.name,
                "respondent_kind": "房地产经纪机构", "text": words,
            },
            city="350100", county="350102", jurisdiction="fujian", act_key=KEY,
        )  # fmt: skip
        found = AgencyComplaint.objects.get(pk=receipt.complaint_id)
        actions.sort_complaint(
            found.pk, way="both", agency_id=cast.agency.pk, digest=DIGEST, by=cast.reviewer
        )
        transfer = Transfer.objects.get()
        actions.give_feedback(transfer.pk, opinion="已退还。", by=cast.filer)
        actions.record_finding(found.pk, finding="untrue", opinion="没有查到。", by=cast.reviewer)
        actions.decide_complaint(
            found.pk, publish=True, publish_because="理由", count=False, count_because="理由", reply="答复",
            public_summary="有人反映不退定金。", public_result="没有查到。", by=cast.reviewer,
        )  # fmt: skip
        actions.publish_complaint(found.pk, by=cast.reviewer)
        yield Stage(cast, AgencyComplaint.objects.get(pk=found.pk), transfer)
        transaction.set_rollback(True)


def addresses(built: Stage) -> Iterator[str]:
    pk, transfer = built.complaint.pk, built.transfer.pk
    yield reverse("agency_complaint", args=[pk])
    yield reverse("agency_complaints")
    for name in ("todo", "late", "done"):
        yield f"{reverse('agency_complaints')}?bin={name}"
    yield reverse("agency_complaint_step", args=[pk, "sort_complaint"])
    yield reverse("agency_complainant", args=[pk])
    yield reverse("proposals")
    yield reverse("enterprise_complaints")
    yield reverse("enterprise_complaint", args=[transfer])
    yield reverse("enterprise_notices")
    yield reverse("published_complaints")
    yield reverse("complain_where")
    yield reverse("complain_about_agency")
    yield f"{reverse('follow')}?number={built.complaint.number}"
    yield reverse("notices")


def asked(built: Stage) -> Iterator[tuple[str, str, Any]]:
    for who in OUTSIDERS:
        client = Client(raise_request_exception=False)
        if who:
            client.force_login(
                User.objects.get(username=who), backend="django.contrib.auth.backends.ModelBackend"
            )
        for address in addresses(built):
            with as_the_login():
                answer = client.get(address)
            assert answer.status_code < 500, (who, address)
            yield who, address, answer


def rows_of(role: Audience, company_id: int) -> str:
    """Every row and column that the role may read, as text."""
    found = []
    with speaking_as(Speaker(role, company_id=company_id)), connection.cursor() as cursor:
        cursor.execute(
            "select table_name::text, string_agg(quote_ident(column_name::text), ', ' order by ordinal_position)"
            " from information_schema.columns where table_schema = 'public'"
            " and has_column_privilege(current_user, quote_ident(table_schema) || '.' || quote_ident(table_name),"
            " column_name::text, 'select') group by 1"
        )
        for table, columns in cursor.fetchall():
            cursor.execute(f"select t::text from (select {columns} from {table}) t order by 1")
            found += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    return "\n".join(found)


def test_no_page_of_anybody_outside_the_authority_tells_who_complained_or_how() -> None:
    given = told("a")
    scanner = Scanner(given.canaries())
    with stage(given) as built:
        leaked = {
            (who, address, canary.field)
            for who, address, answer in asked(built)
            for canary, _ in scanner.look(answer.content) | scanner.look(str(answer.headers).encode())
        }
        assert not leaked
        for role in (Audience.ENTERPRISE, Audience.PUBLIC):
            heard = scanner.look(rows_of(role, built.cast.agency.company_id).encode())
            assert not {canary.field for canary, _ in heard}, role


def test_the_scanner_hears_the_words_where_they_may_be_read() -> None:
    """The authority of the place reads them, or the test above would prove nothing."""
    given = told("a")
    with stage(given) as built:
        client = Client()
        client.force_login(
            User.objects.get(username="huangmin"), backend="django.contrib.auth.backends.ModelBackend"
        )
        page = client.get(reverse("agency_complaint", args=[built.complaint.pk])).content
        assert {canary.field for canary, _ in Scanner(given.canaries()).look(page)} >= {"name", "T1-12"}


def test_another_complainant_changes_no_octet_for_the_agency_and_the_public() -> None:
    seen = []
    for seed in ("a", "b"):
        with stage(told(seed)) as built:
            pages = {
                (who, number): (answer.status_code, answer.content)
                for number, (who, address, answer) in enumerate(asked(built))
                if who in ("linxiao", "") and "complain/fujian" not in address
            }
            seen.append({key: (status, _without_tokens(body)) for key, (status, body) in pages.items()})
    assert seen[0].keys() == seen[1].keys()
    assert [key for key in seen[0] if seen[0][key] != seen[1][key]] == []


def _without_tokens(body: bytes) -> bytes:
    """Tokens and keys of forms are drawn anew for every page, and ids for every row."""
    import re

    body = re.sub(rb'name="(csrfmiddlewaretoken|act_key)" value="[^"]*"', b"", body)
    body = re.sub(rb"nonce=\"[^\"]*\"", b"", body)
    return re.sub(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", b"ID", body)
