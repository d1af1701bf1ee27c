"""Every address, asked by every role, answers as the reviewed table says, and shows nobody what is not theirs."""

import os

import pytest

from tests.leaks.canaries import Scanner
from tests.leaks.matrix import Matrix, disagreements, reviewed, stale, write
from tests.leaks.surface import NOWHERE, Visit, ask, leaks, outcome, unclassified, visits
from tests.leaks.world import A_FEW, ANONYMOUS, FEWER_ROLES, FULL, ROLES, World, material, world

pytestmark = pytest.mark.django_db
REVIEW = bool(os.environ.get("REVIEW"))


def test_every_address_is_classified() -> None:
    assert not unclassified()


def fewer(asked: list[Visit]) -> list[Visit]:
    """What says enough on a working day: without empty forms of steps, and sending nothing to nowhere."""
    return [
        visit
        for visit in asked
        if not (visit.route in {"case_step", "api_step"} and visit.said == "nothing")
        and not (visit.method == "POST" and NOWHERE in visit.thing)
    ]


def found_in(
    built: World, asked: list[Visit], roles: tuple[str, ...], scanner: Scanner
) -> tuple[Matrix, set[str]]:
    matrix: Matrix = {}
    leaked: set[str] = set()
    for visit in asked:
        for role in roles:
            answer = ask(built, role, visit)
            matrix.setdefault(visit.row, {})[role] = outcome(answer)
            leaked |= leaks(scanner, role, visit, answer)
    return matrix, leaked


def test_who_gets_what_is_what_was_reviewed() -> None:
    made_of = material()
    with world(made_of) as built:
        asked = list(visits(built))
        everything = FULL or REVIEW
        found, leaked = found_in(
            built,
            asked if everything else fewer(asked),
            ROLES if everything else FEWER_ROLES,
            Scanner(made_of.canaries()),
        )
    if REVIEW:
        write(found)
    agreed = reviewed()
    assert not disagreements(found, agreed)
    assert not stale((visit.row for visit in asked), agreed), "lines for what is not there any more"
    assert not leaked
    broken = {row for row, cells in agreed.items() if any(cell.startswith("5") for cell in cells.values())}
    assert not broken, "a page that breaks was agreed to"


# Role, route, and what is there but not theirs.
NOT_THEIRS = (
    ("company1", "enterprise_task", "elsewhere"),
    ("company2", "enterprise_task", "answered"),
    ("company2", "enterprise_order", "rectifying"),
    ("company2", "enterprise_attachment", "released"),
    ("company1", "enterprise_attachment", "photograph"),
    ("company2", "api_task", "answered"),
    ("clerk2", "case", "answered"),
    ("clerk1", "case", "elsewhere"),
    ("clerk1", "api_case", "elsewhere"),
    ("auditor", "case", "answered"),
    ("administrator", "open_identity", "answered"),
    ("clerk2", "attachment", "answered photograph"),
    ("clerk1", "attachment", "elsewhere photograph"),
)


def test_what_is_not_yours_looks_like_what_is_not_there() -> None:
    """The same octets, so that nobody learns which numbers and files exist."""
    with world(material()) as built:
        asked = {(v.route, v.thing): v for v in visits(built) if v.method == "GET"}
        for role, route, thing in NOT_THEIRS:
            nowhere = asked.get((route, NOWHERE)) or asked[route, f"answered {NOWHERE}"]
            not_theirs, not_there = ask(built, role, asked[route, thing]), ask(built, role, nowhere)
            assert not_theirs.status == not_there.status == 404, (role, route, thing)
            assert not_theirs.body == not_there.body, (role, route, thing)
            assert not_theirs.headers == not_there.headers, (role, route, thing)


def test_another_secret_and_no_such_number_get_one_answer() -> None:
    with world(material(), A_FEW) as built:
        wrong = ("another's secret", "a wrong secret", "no such number")
        asked = [visit for visit in visits(built) if visit.route == "follow" and visit.said in wrong]
        answers = [ask(built, ANONYMOUS, visit, "follow") for visit in asked]
        assert len(answers) == 3
        assert len({(answer.status, answer.headers, answer.body) for answer in answers}) == 1
        assert answers[0].status == 422


def test_what_lies_behind_a_sign_in_is_kept_by_no_cache() -> None:
    with world(material(), A_FEW) as built:
        behind = [
            v
            for v in visits(built)
            if v.method == "GET" and v.access in {"office", "enterprise", "signed_in"}
        ]
        for role in ("company1", "officer1", "administrator"):
            for visit in behind:
                answer = ask(built, role, visit)
                if answer.status == 200:
                    assert "no-store" in answer.header("Cache-Control"), (role, visit.row)
