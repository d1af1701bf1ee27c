"""What a declaration changes of the record: old beside new, field by field and row by row.

Both sides are plain values, as `values.plain` gives them. Rows of J5 are the same when they bear one name, of J6
one contract number, of J7 one contract and person; a key that stands twice is told apart by its place.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fangxin.agencies.columns import stored_columns
from fangxin.agencies.values import declared_tables, rows_of
from fangxin.rules.indicators import Field, IndicatorWrong, Table, catalogue


class Mark(StrEnum):
    """What became of a field or row."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


MARK_TITLES: Mapping[Mark, str] = {
    Mark.SAME: "无改动",
    Mark.CHANGED: "有改动",
    Mark.ADDED: "新增",
    Mark.REMOVED: "删去",
}
# By which columns a row of a table with many rows is known.
KEYS: Mapping[str, tuple[str, ...]] = {
    "J5": ("name",),
    "J6": ("contract_no",),
    "J7": ("contract_no", "broker_name", "assistant_name"),
}


@dataclass(frozen=True)
class FieldChange:
    """One field before and after, as a reader sees it. `pictures`: the values are numbers of pictures."""

    field: Field
    column: str
    old: str
    new: str
    mark: Mark
    old_pictures: tuple[str, ...] = ()
    new_pictures: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowChange:
    """A row before and after; `place` is its place in the declaration, or None when it is gone."""

    title: str
    mark: Mark
    fields: tuple[FieldChange, ...]
    place: int | None


@dataclass(frozen=True)
class TableChange:
    """A table before and after: the rows that were asked for, and how many there are of each mark."""

    table: Table
    rows: tuple[RowChange, ...]
    counts: Mapping[Mark, int]

    @property
    def changed(self) -> int:
        """How many rows (of a table with one: fields) are not as they were."""
        return sum(count for mark, count in self.counts.items() if mark is not Mark.SAME)


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], jurisdiction: str, *, everything: bool = False
) -> list[TableChange]:
    """Every declared table with what is not as it was; with `everything`, also what is."""
    fields = catalogue(jurisdiction)
    return [
        _many(fields.table(one.code), rows_of(old, one.code), rows_of(new, one.code), everything)
        if one.many
        else _single(fields.table(one.code), rows_of(old, one.code), rows_of(new, one.code), everything)
        for one in declared_tables(jurisdiction)
    ]


def codes_with_values(values: Mapping[str, Any], jurisdiction: str) -> Iterator[Field]:
    """The fields of which the values hold something, each once."""
    for table in declared_tables(jurisdiction):
        for column, field in stored_columns(table):
            if column == field.column and any(row.get(column) for row in rows_of(values, table.code)):
                yield field


def _single(
    table: Table, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], everything: bool
) -> TableChange:
    changes = _fields(table, old[0] if old else {}, new[0] if new else {})
    counts = Counter(change.mark for change in changes)
    shown = tuple(change for change in changes if everything or change.mark is not Mark.SAME)
    mark = Mark.CHANGED if len(counts - Counter([Mark.SAME] * counts[Mark.SAME])) else Mark.SAME
    return TableChange(table, (RowChange("", mark, shown, 0),) if shown else (), counts)


def _many(
    table: Table, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], everything: bool
) -> TableChange:
    before = dict(_keyed(table, old))
    rows: list[tuple[int | None, Mapping[str, Any] | None, Mapping[str, Any] | None]] = []
    for at, (key, row) in enumerate(_keyed(table, new)):
        rows.append((at, before.pop(key, None), row))
    rows += [(None, was, None) for was in before.values()]
    counts: Counter[Mark] = Counter()
    shown: list[RowChange] = []
    for place, was, now in rows:
        mark = _row_mark(table, was, now)
        counts[mark] += 1
        if everything or mark is not Mark.SAME:
            changes = _fields(table, was or {}, now or {})
            kept = tuple(
                one for one in changes if everything or mark is not Mark.CHANGED or one.mark is not Mark.SAME
            )
            shown.append(RowChange(_title(table, now or was or {}), mark, kept, place))  # fmt: skip
    return TableChange(table, tuple(shown), counts)


def _row_mark(table: Table, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Mark:
    if was is None:
        return Mark.ADDED
    if now is None:
        return Mark.REMOVED
    same = all((was.get(column) or None) == (now.get(column) or None) for column, _ in stored_columns(table))
    return Mark.SAME if same else Mark.CHANGED


def _keyed(
    table: Table, rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[tuple[Any, ...], Mapping[str, Any]]]:
    met: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        key = tuple(row.get(column) for column in KEYS[table.code])
        met[key] += 1
        yield (*key, met[key]), row


def _title(table: Table, row: Mapping[str, Any]) -> str:
    named = [row.get("project_name"), *(row.get(column) for column in KEYS[table.code])]
    return " · ".join(str(one) for one in dict.fromkeys(named) if one)


def _fields(table: Table, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldChange]:
    changes = []
    for column, field in stored_columns(table):
        was, now = old.get(column), new.get(column)
        if was in (None, "", []) and now in (None, "", []):
            continue
        mark = _field_mark(was, now)
        if field.pictures and (field.type == "image" or column != field.column):
            changes.append(FieldChange(field, column, "", "", mark, tuple(was or ()), tuple(now or ())))
        else:
            changes.append(FieldChange(field, column, shown_value(field, was), shown_value(field, now), mark))
    return changes


def _field_mark(was: Any, now: Any) -> Mark:
    if was == now:
        return Mark.SAME
    if was in (None, "", []):
        return Mark.ADDED
    return Mark.REMOVED if now in (None, "", []) else Mark.CHANGED


def shown_value(field: Field, plain: Any) -> str:
    """A plain value as a reader sees it; one that is no value of the field, as it was written."""
    try:
        return field.display(field.read(plain))
    except IndicatorWrong:
        return str(plain)
