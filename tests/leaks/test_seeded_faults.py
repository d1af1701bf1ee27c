"""The harness finds what it is there to find: each fault is planted, and some check must see it.

On a working day the check that is known to see the fault looks at the pages it shows on. With FULL_LEAKS every
check looks everywhere until one of them sees it.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.leaks import outlets
from tests.leaks.canaries import Scanner
from tests.leaks.conftest import Talk
from tests.leaks.faults import (
    ACTS,
    CANARY,
    LINKED,
    MATRIX,
    OTHERS,
    PAGES,
    TASKS,
    Fault,
    planted,
    second_wall_holds,
)
from tests.leaks.matrix import disagreements, reviewed
from tests.leaks.observation import Observed, differences, observed
from tests.leaks.surface import Visit, ask, leaks, outcome, probes, visits
from tests.leaks.world import A_FEW, FULL, OUTSIDE, Material, World, material, world

pytestmark = pytest.mark.django_db
MADE_OF, OTHER = material("a"), material("b")
ONE_PERSON = replace(MADE_OF, authors=dict.fromkeys(MADE_OF.authors, MADE_OF.authors["answered"]))
ASKING = (*OUTSIDE, "clerk1", "officer1", "clerk2", "auditor", "administrator")


def test_every_fault_on_a_page_is_seen(talk: Talk, file_store: Path) -> None:
    worlds = {OTHERS: OTHER, LINKED: ONE_PERSON}
    seen: dict[str, dict[str, Observed]] = {}
    unseen = {fault.name for fault in PAGES}
    with world(MADE_OF, A_FEW) as built:
        for fault in PAGES:
            with planted(fault, built):
                if _is_seen(fault, built):
                    unseen.discard(fault.name)
                else:
                    seen[fault.name] = {"": _observed(fault, built)}
    for kind, made_of in worlds.items():
        with world(made_of, A_FEW) as built:
            for fault in PAGES:
                if fault.name in unseen and (FULL or fault.seen_by == kind):
                    with planted(fault, built):
                        if differences(seen[fault.name][""], _observed(fault, built)):
                            unseen.discard(fault.name)
    assert not unseen


@pytest.mark.parametrize("fault", ACTS, ids=lambda fault: fault.name)
def test_a_fault_in_an_act_is_seen(fault: Fault, talk: Talk, file_store: Path) -> None:
    with planted(fault, MADE_OF), world(MADE_OF, A_FEW) as built:
        if _is_seen(fault, built) or _is_written_down(fault, MADE_OF, talk, file_store):
            return
        ours = _observed(fault, built)
    with planted(fault, OTHER), world(OTHER, A_FEW) as built:
        assert differences(ours, _observed(fault, built)), "nobody saw it"


def test_without_a_fault_nothing_is_seen(talk: Talk, file_store: Path) -> None:
    """Or the tests above would prove nothing. (Everywhere and for everybody: the files beside this one.)"""
    nothing = Fault("nothing", lambda *_: None, CANARY, (*TASKS, "follow", "open_identity"))
    with world(MADE_OF, A_FEW) as built:
        assert not _is_seen(nothing, built)
        assert not _is_seen(replace(nothing, seen_by=MATRIX), built)
        assert not _is_written_down(nothing, MADE_OF, talk, file_store)
        assert second_wall_holds(built)


def _asked(fault: Fault, built: World) -> list[Visit]:
    if not (FULL or fault.routes):
        return []
    return [
        visit for visit in visits(built)
        if FULL or (visit.route in fault.routes and (visit.method == "GET" or visit.route == "follow"))
    ]  # fmt: skip


def _is_seen(fault: Fault, built: World) -> bool:
    """By the canaries or by the access matrix, on the pages."""
    agreed, scanner = reviewed(), Scanner(built.material.canaries())
    asked = _asked(fault, built)
    for role in ASKING:
        for visit in asked:
            answer = ask(built, role, visit)
            if (FULL or fault.seen_by == CANARY) and leaks(scanner, role, visit, answer):
                return True
            if (FULL or fault.seen_by == MATRIX) and disagreements(
                {visit.row: {role: outcome(answer)}}, agreed
            ):
                return True
    return False


def _is_written_down(fault: Fault, made_of: Material, talk: Talk, store: Path) -> bool:
    """By the canaries, in what is no page."""
    if not FULL and fault.seen_by != CANARY:
        return False
    scanner = Scanner(made_of.canaries())
    return bool(
        outlets.in_the_database(scanner)
        or outlets.in_letters(scanner)
        or outlets.in_logs(scanner, talk.lines)
        or outlets.in_the_store(scanner, store)
    )


def _observed(fault: Fault, built: World) -> Observed:
    searched = [MADE_OF.authors["answered"].name, OTHER.authors["answered"].name]
    asked = [*_asked(fault, built), *(v for v in probes(built, searched) if FULL or v.route in fault.routes)]
    return observed(built, [visit for visit in asked if visit.method == "GET" or FULL])
