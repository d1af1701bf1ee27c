"""Nobody's identity comes out anywhere, however it was asked for and wherever it might be written down."""

import logging
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import IntegrityError, connection

from fangxin.organisations.audience import Audience, Speaker, speaking_as
from tests.leaks import outlets
from tests.leaks.canaries import Scanner
from tests.leaks.conftest import Talk
from tests.leaks.surface import Visit, ask, leaks, oddities, visits
from tests.leaks.world import A_FEW, FULL, OUTSIDE, ROLES, material, world

pytestmark = pytest.mark.django_db
# Each way of asking once; with FULL_LEAKS every role asks every way.
ASKING = ROLES if FULL else (*OUTSIDE, "officer1", "clerk2")
MATERIALS = [material()]


@pytest.mark.parametrize("made_of", MATERIALS)
def test_no_page_no_letter_no_log_no_row_no_file_tells(made_of, file_store: Path, talk: Talk) -> None:
    scanner = Scanner(made_of.canaries())
    found: set[str] = set()
    asked = 0
    with world(made_of) as built:
        found |= outlets.in_the_database(scanner)
        found |= outlets.in_letters(scanner)
        for role in ASKING:
            for visit in [*oddities(built, every=FULL), *(visits(built, every=True) if FULL else ())]:
                answer = ask(built, role, visit)
                found |= leaks(scanner, role, visit, answer)
                assert answer.status < 500, (role, visit)
                asked += 1
        found |= outlets.in_the_store(scanner, file_store)
        found |= outlets.in_logs(scanner, talk.lines)
    assert not found
    assert not FULL or asked >= 50_000


def test_a_row_that_the_database_refuses_is_not_quoted_in_the_log(talk: Talk) -> None:
    made_of = material()
    with world(made_of, A_FEW):
        for table in ("cases_case", "complaints_complaint"):
            with suppress(IntegrityError), speaking_as(Speaker(Audience.OFFICE)):
                try:
                    with connection.cursor() as cursor:
                        cursor.execute(f"update {table} set jurisdiction = null")
                except IntegrityError as refused:
                    logging.getLogger("fangxin").exception("not written: %s", refused)
                    raise
    assert any("violates not-null constraint" in line for line in talk.lines)
    assert not outlets.in_logs(Scanner(made_of.canaries()), talk.lines)


def test_a_canary_is_heard_where_it_sings() -> None:
    """The officer with a permit reads the identity; the scanner must see it, and see every field of it."""
    made_of = material()
    scanner = Scanner(made_of.canaries())
    with world(made_of) as built:
        page = Visit(
            "GET", "open_identity", "answered", f"/office/cases/{built.numbers['answered']}/identity/"
        )
        seen = {canary.field for canary, _ in scanner.look(ask(built, "officer1", page).body)}
        author = made_of.authors["answered"]
        assert {
            field for field in ("name", "telephone", "email", "address") if getattr(author, field)
        } <= seen
        for role in ("officer3", "clerk1", "head1", "supervisor"):
            assert ask(built, role, page).status == 302, "no permit, no identity"
