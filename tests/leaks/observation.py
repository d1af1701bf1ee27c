"""What those outside can observe of a world, down to the last octet, and in what two worlds differ for them."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from tests.leaks.outlets import as_a_company_reads, letters_to
from tests.leaks.surface import Visit, ask, probes, visits
from tests.leaks.world import FULL, OUTSIDE, PEOPLE, Material, World, world

Observed = dict[tuple[str, ...], Any]
# Nothing of an answer is smoothed over before it is compared: the worlds draw the same random numbers.


def observe(made_of: Material, searched: Iterable[str] = (), *, everywhere: bool = FULL) -> Observed:
    """What those outside observe of a world made of this."""
    with world(made_of) as built:
        return observed(built, [*_asked(built, everywhere), *probes(built, searched)])


def observed(built: World, asked: Iterable[Visit]) -> Observed:
    """Every answer: status, headers, content, length, number of statements; letters, numbers, rows of the database."""
    seen: Observed = {}
    for role in OUTSIDE:
        for visit in asked:
            answer = ask(built, role, visit)
            digest = hashlib.sha256(answer.body).hexdigest()
            seen[role, visit.row, visit.address] = (
                answer.status, answer.headers, digest, len(answer.body), answer.queries,
            )  # fmt: skip
    seen["all", "numbers"] = list(built.numbers.values())
    seen["all", "ids"] = [built.tasks, built.orders, built.files]
    for role in ("company1", "company2"):
        seen[role, "letters"] = letters_to([f"{PEOPLE[role][0]}@example.invalid"])
        seen[role, "rows"] = as_a_company_reads(built.companies[role].pk)
    return seen


def differences(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> list[str]:
    """What tells the two apart, in words."""
    told = [f"{' '.join(key)}: only in one" for key in one.keys() ^ other.keys()]
    for key in one.keys() & other.keys():
        if one[key] != other[key]:
            told.append(f"{' '.join(key)}: {_difference(one[key], other[key])}")
    return sorted(told)


def _asked(built: World, everywhere: bool) -> list[Visit]:
    """Of the office's pages, which turn those outside away before they read anything, one way each will do."""
    found, known = [], set()
    for visit in visits(built):
        if everywhere or visit.access != "office":
            found.append(visit)
        elif visit.route not in known:
            known.add(visit.route)
            found.append(visit)
    return found


def _difference(one: Any, other: Any) -> str:
    if isinstance(one, tuple) and len(one) == 5:
        names = ("status", "headers", "content", "length", "number of statements")
        return ", ".join(name for name, a, b in zip(names, one, other, strict=True) if a != b)
    if isinstance(one, dict):
        return ", ".join(
            f"{key[-60:]}: {_difference(one[key], other[key])}" for key in one if one[key] != other[key]
        )
    if isinstance(one, list):
        return "; ".join(_difference(a, b) for a, b in zip(one, other, strict=False) if a != b)
    place = next((at for at, (a, b) in enumerate(zip(str(one), str(other), strict=False)) if a != b), 0)
    return f"…{str(one)[place - 40 : place + 40]} / …{str(other)[place - 40 : place + 40]}"
