"""No outlet gives the public, another agency or another place's office a value that the catalogue marks (TVX-16, XV-26)."""

import re
from collections.abc import Iterator

import pytest

from fangxin.rules.indicators import catalogue
from tests.leaks.canaries import Scanner
from tests.leaks.faults import OTHERS, REGISTER, Fault, planted
from tests.leaks.register_world import (
    NO_STRING,
    OUTSIDE,
    Register,
    addresses,
    as_the_public_reads,
    register_world,
    searches,
    secrets,
)

pytestmark = pytest.mark.django_db
MADE_OF, OTHER = secrets("a"), secrets("b")
Seen = dict[str, tuple[object, ...]]


def test_a_canary_is_planted_for_every_marked_and_every_held_back_field() -> None:
    planted_codes = set(MADE_OF.values) | NO_STRING
    marked = {field.code for field in catalogue().secret_fields()}
    assert len(marked) == 32
    assert {code for code in marked if code.startswith("J")} <= planted_codes | {"J7-04"}
    # J7-04 is J6-01, and J7-03 is J6-02: which belong together is what the pairs of worlds test.
    held_back = {field.code for field in catalogue().held_back_fields() if field.code.startswith("J")}
    assert held_back == {"J6-02", "J6-08", "J6-09", "J7-03"}


def test_no_outlet_tells_what_is_marked() -> None:
    scanner = Scanner(MADE_OF.canaries("the agency"))
    with register_world(MADE_OF) as built:
        found, asked = _leaks(built, scanner)
        assert not scanner.look(as_the_public_reads().encode()), "tables that the public's role reads"
        for code, address in searches(MADE_OF):
            answer = built.ask("anonymous", address)
            assert built.cast.agency.code.encode() not in answer.body, (code, address)
    assert not found
    assert asked > 150


def test_a_canary_is_heard_where_it_sings() -> None:
    """The agency's own department reads them all, or the scanner would prove nothing."""
    scanner = Scanner(MADE_OF.canaries("the agency"))
    with register_world(MADE_OF) as built:
        from fangxin.agencies.queries import accepted_values, version_in_force

        whole = str(accepted_values(version_in_force(built.cast.agency.pk)))
    heard = {canary.field for canary, _ in scanner.look(whole.encode())}
    assert set(MADE_OF.values) <= heard | {"J2-22", "J5-09", "J1-14", "J2-21", "J5-08"}, (
        set(MADE_OF.values) - heard
    )


def test_other_secrets_and_other_hands_change_nothing_outside() -> None:
    """The same octets, also where it is turned round who did which project (J7-04)."""
    with register_world(MADE_OF) as built:
        ours = _observed(built)
    for secret, turned in ((OTHER, False), (MADE_OF, True)):
        with register_world(secret, turned=turned) as built:
            theirs = _observed(built)
        assert sorted(ours) == sorted(theirs)
        assert [address for address in ours if ours[address] != theirs[address]] == []


@pytest.mark.parametrize("fault", REGISTER, ids=lambda fault: fault.name)
def test_a_fault_in_the_register_is_seen(fault: Fault) -> None:
    scanner = Scanner(MADE_OF.canaries("the agency"))
    with planted(fault, MADE_OF), register_world(MADE_OF) as built:
        if fault.seen_by != OTHERS:
            found, _ = _leaks(built, scanner, fault.routes)
            assert found or scanner.look(as_the_public_reads().encode())
            return
        ours = _observed(built)
    with planted(fault, OTHER), register_world(OTHER, turned=True) as built:
        assert ours != _observed(built)


def _leaks(built: Register, scanner: Scanner, only: tuple[str, ...] = ()) -> tuple[set[str], int]:
    found: set[str] = set()
    asked = 0
    for who in OUTSIDE[:1] if only else OUTSIDE:
        for address in addresses(built, {}):
            if only and not address.startswith(only):
                continue
            answer = built.ask(who, address)
            asked += 1
            assert answer.status < 500, (who, address)
            told = scanner.look(answer.body) | scanner.look(str(answer.headers).encode())
            found |= {f"{who} {address}: {canary.field} ({how})" for canary, how in told}
    return found, asked


def _observed(built: Register) -> Seen:
    seen: Seen = {}
    for address in addresses(built, {}):
        if _is_public(address):
            answer = built.ask("anonymous", address)
            seen[address] = (answer.status, answer.headers, answer.body, answer.queries)
    seen["rows"] = tuple(_without_hashes(as_the_public_reads()))
    return seen


def _is_public(address: str) -> bool:
    return bool(
        re.match(r"/(agencies|brokers|publicity|api/v1/(agencies|brokers|records)|sitemap|robots|$)", address)
    )


def _without_hashes(rows: str) -> Iterator[str]:
    """The public's rows; companies' and bodies' have nothing of a declaration."""
    yield from (row for row in rows.split("\n") if row.startswith("agencies_"))
