"""How far a declaration has come: its tables, what is still wrong in each, and the way to every fault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from fangxin.agencies.values import ROW_KEY, declared_tables, rows_of
from fangxin.rules import book
from fangxin.rules.crosschecks import Finding
from fangxin.rules.indicators import Table, catalogue


@dataclass(frozen=True)
class TableStep:
    """One table on the way: `state` is done, wrong, short, empty or none (none is needed)."""

    code: str
    title: str
    url: str
    state: str
    words: str
    current: bool = False


def table_steps(
    jurisdiction: str, values: Mapping[str, Any], findings: Sequence[Finding], *, current: str = ""
) -> list[TableStep]:
    """The tables in the order of the forms."""
    may_be_empty = {one.key: one.may_be_empty for one in book(jurisdiction).declared_tables}
    steps = []
    for table in declared_tables(jurisdiction):
        found = [one for one in findings if one.path and one.path[0] == table.code and one.blocks]
        short = [one for one in found if is_missing(values, one)]
        state, words = _standing(table, values, len(found) - len(short), len(short), may_be_empty[table.code])
        steps.append(
            TableStep(table.code, table.title, table_url(table.code), state, words, table.code == current)
        )
    return steps


def is_missing(values: Mapping[str, Any], finding: Finding) -> bool:
    """Whether a field is merely not filled in yet."""
    if finding.key != "field":
        return False
    table, *at, column = finding.path
    rows = rows_of(values, str(table))
    place = int(at[0]) if at else 0
    return place >= len(rows) or not rows[place].get(str(column))


def table_url(table: str) -> str:
    """Where the table is filled in."""
    return reverse("register_table", args=[table])


def url_of(jurisdiction: str, values: Mapping[str, Any], finding: Finding) -> str:
    """Where the finding can be mended: the very field, in the very row."""
    if not finding.path:
        return ""
    code, *at = finding.path
    table = catalogue(jurisdiction).table(str(code))
    field = table.by_column.get(str(at[-1])) if at else None
    anchor = f"?all=1#{field.code.replace('+', '_')}" if field else "?all=1"
    rows = rows_of(values, table.code)
    if table.many and at and isinstance(at[0], int) and at[0] < len(rows) and rows[at[0]].get(ROW_KEY):
        return reverse("register_row", args=[table.code, rows[at[0]][ROW_KEY]]) + anchor
    return table_url(table.code) + anchor


def row_title(table: Table, row: Mapping[str, Any]) -> str:
    """What a row is called in a list: the first three things written in it."""
    words = [str(row[column]) for column in table.by_column if row.get(column)]
    return " · ".join(words[:3]) or "尚未填写"


def _standing(
    table: Table, values: Mapping[str, Any], wrong: int, short: int, may_be_empty: bool
) -> tuple[str, str]:
    filled = sum(
        any(value for key, value in row.items() if key != ROW_KEY) for row in rows_of(values, table.code)
    )
    if table.many and not filled:
        return ("none", "没有则不填") if may_be_empty else ("empty", "未填")
    if wrong:
        return "wrong", f"{wrong}处须改" + (f"，{short}项未填" if short else "")
    if not filled:
        return "empty", "未填"
    if short:
        return "short", f"{short}项未填"
    return "done", f"{filled}张已填好" if table.many else "已填好"
