"""The reviewed table of who gets what: read, written, compared.

`access.yaml` has one line for each request and one column for each role. A line says `in` for “sign in first”,
`to` for a redirect elsewhere (an act was done, mostly), `no` for one with a refusal on it, or the status. REVIEW=1 writes the table anew; whoever
does reads the difference line by line before taking it.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml

from tests.leaks.world import ROLES

REVIEWED = Path(__file__).with_name("access.yaml")
Matrix = dict[str, dict[str, str]]
HEAD = """\
# Who gets what. Read every line that changes: 200 a page, in “sign in first”, to a redirect (mostly: the act was
# done), no a redirect with a refusal on it, 404 not there or not theirs, 405 no such method, 409 refused by the
# table of steps, 422 back to the form.
# Written by: REVIEW=1 pytest tests/leaks/test_access_matrix.py
"""


@cache
def reviewed() -> Matrix:
    """Row → role → outcome, as it was read and agreed to."""
    if not REVIEWED.exists():
        return {}
    table = yaml.safe_load(REVIEWED.read_text())
    return {
        row: dict(zip(table["roles"], str(cells).split(), strict=True))
        for row, cells in (table["rows"] or {}).items()
    }


def write(found: Matrix) -> None:
    """The table lies there for reading, a column for each role."""
    width = max(len(row) for row in found) + 4
    columns = [max(len(role), 4) + 1 for role in ROLES]
    lines = [HEAD, f"roles: [{', '.join(ROLES)}]", "rows:"]
    title = "".join(role.rjust(column) for role, column in zip(ROLES, columns, strict=True))
    route = ""
    for row, cells in found.items():
        if (now := row.split(" ")[1]) != route:
            route = now
            lines += ["", f"  #{' ' * (width + 1)}{title}"]
        values = "".join(cells[role].rjust(column) for role, column in zip(ROLES, columns, strict=True))
        lines.append(f"  {f'{row}:'.ljust(width)} {values}".replace(f"{row}:", f'"{row}":', 1))
    REVIEWED.write_text("\n".join(lines) + "\n")
    reviewed.cache_clear()


def disagreements(
    found: Mapping[str, Mapping[str, str]], agreed: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """Where what was found is not what was agreed to; a row without a line is a disagreement."""
    told = []
    for row, cells in found.items():
        if row not in agreed:
            told.append(f"{row}: no line in access.yaml; closed until it was reviewed (REVIEW=1)")
            continue
        told += [
            f"{row}: {role} got {cell}, agreed was {agreed[row].get(role)}"
            for role, cell in cells.items()
            if cell != agreed[row].get(role)
        ]
    return told


def stale(found: Iterable[str], agreed: Iterable[str]) -> list[str]:
    """Lines for requests that exist no more."""
    return sorted(set(agreed) - set(found))
