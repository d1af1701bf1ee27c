"""Queries that every page asks: written with Django, compiled once, asked with other values.

Compiling costs Django several times what the database needs for the answer. The SQL, the places of the
values in it and the conversions of its columns are kept; rights and row policies are the database's as ever.

Numbers, texts, days and UUIDs given to such a query are values and may only be compared as they are; any other
argument (None, a role, a flag, a frozen dataclass) belongs to the query's shape, and the query may depend on it.
A named tuple stands for the arguments in it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from itertools import count
from typing import Any, ParamSpec
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable, get_related_populators

from fangxin.journal.statements import ask, ask_together

P = ParamSpec("P")
# What such a function writes.
Rows = QuerySet[Any, Any]

# While a query is compiled, each value is replaced by one that nobody has.
_TEXT, _UUID, _NUMBER = "\ue000asked often", 0xA5CED0F7E4, 9_100_000_000_000_000_000
_STAND_INS: dict[type, Callable[[int], Any]] = {
    UUID: lambda place: UUID(int=_UUID << 88 | place),
    int: lambda place: _NUMBER + place,
    str: lambda place: f"{_TEXT} {place}",
    datetime: lambda place: datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=place),
    date: lambda place: date(1, 1, 1) + timedelta(days=place),
}


def asked_often(build: Callable[P, Rows]) -> Callable[P, list[Any]]:
    """The rows of the query that the function writes: dictionaries of `.values()`, or instances.

    Positional arguments only. Raises TypeError for a value that the query does not simply compare.
    """
    kept: dict[tuple[Any, ...], _Compiled] = {}

    @wraps(build)
    def ask(*given: P.args, **_: P.kwargs) -> list[Any]:
        rows: list[Any] = _answer(ask, given)
        return rows

    def compiled(given: Sequence[Any], flat: Sequence[Any]) -> _Compiled:
        shape = _shape_of(flat)
        if shape not in kept:
            kept[shape] = _Compiled(build, given)
        return kept[shape]

    ask.compiled = compiled  # type: ignore[attr-defined]
    return ask


def counted_often(build: Callable[P, Mapping[str, Rows]]) -> Callable[P, dict[str, int]]:
    """How many rows each of the named queries finds, in one statement; slice them to count no further."""
    kept: dict[tuple[Any, ...], _Counting] = {}

    @wraps(build)
    def ask(*given: P.args, **_: P.kwargs) -> dict[str, int]:
        counts: dict[str, int] = _answer(ask, given)
        return counts

    def compiled(given: Sequence[Any], flat: Sequence[Any]) -> _Counting:
        shape = _shape_of(flat)
        if shape not in kept:
            kept[shape] = _Counting(build, given)
        return kept[shape]

    ask.compiled = compiled  # type: ignore[attr-defined]
    return ask


@contextmanager
def asked_ahead(*questions: tuple[Any, ...]) -> Iterator[None]:
    """The questions (a function of this module's kind, then its arguments) go to the database together.

    Within, each of the functions finds its answer there, once; a page waits for the database once, not ten times.
    """
    told: dict[tuple[Any, ...], Any] = {}
    sent: list[tuple[tuple[Any, ...], Any, Any]] = []
    for function, *given in questions:
        flat = _flat(given)
        compiled = function.compiled(given, flat)
        if compiled.statement is None:
            told[(function, *flat)] = []
            continue
        sent.append(((function, *flat), compiled, (compiled.statement.sql, compiled.statement.values(flat))))
    answers = ask_together([statement for _, _, statement in sent])
    for (question, compiled, _), answer in zip(sent, answers, strict=True):
        told[question] = compiled.made(answer.rows)
    token = _ahead.set(told)
    try:
        yield
    finally:
        _ahead.reset(token)


_ahead: ContextVar[dict[tuple[Any, ...], Any] | None] = ContextVar("asked_ahead", default=None)


def _answer(ask: Any, given: Sequence[Any]) -> Any:
    flat = _flat(given)
    if (told := _ahead.get()) and (key := (ask, *flat)) in told:
        return told.pop(key)
    compiled = ask.compiled(given, flat)
    return compiled.made(compiled.statement.ask(flat) if compiled.statement is not None else [])


def _flat(given: Sequence[Any]) -> list[Any]:
    return [one for value in given for one in (_flat(value) if isinstance(value, tuple) else (value,))]


def _shape_of(flat: Sequence[Any]) -> tuple[Any, ...]:
    return tuple([type(value) if type(value) in _STAND_INS else value for value in flat])


def _stand_ins(given: Sequence[Any], places: Iterator[int]) -> list[Any]:
    """The arguments with every value replaced; the places count the flat arguments."""
    made: list[Any] = []
    for value in given:
        if isinstance(value, tuple):
            made.append(value._make(_stand_ins(value, places)))  # type: ignore[attr-defined]
        else:
            place = next(places)
            made.append(_STAND_INS[type(value)](place) if type(value) in _STAND_INS else value)
    return made


class _Counting:
    """Several counts in one statement."""

    def __init__(self, build: Callable[..., Mapping[str, Rows]], given: Sequence[Any]) -> None:
        stand_ins = _stand_ins(given, count())
        parts: list[str] = []
        written: list[Any] = []
        asked = build(*stand_ins)
        for query in asked.values():
            try:
                sql, parameters = query.values("pk").query.sql_with_params()
            except EmptyResultSet:
                parts.append("0")
                continue
            parts.append(f"(select count(*) from ({sql}) as found)")  # noqa: S608 - Django's own SQL
            written += parameters
        self.names = list(asked)
        self.statement = _Statement(build.__name__, f"select {', '.join(parts)}", written, _flat(stand_ins))

    def made(self, found: Sequence[Any]) -> dict[str, int]:
        return dict(zip(self.names, found[0], strict=True))


class _Statement:
    """SQL, and for each of its parameters the argument it takes, or the constant itself."""

    def __init__(self, name: str, sql: str, written: Sequence[Any], stand_ins: Sequence[Any]) -> None:
        self.sql = sql
        places = {
            (type(value), value): place for place, value in enumerate(stand_ins) if type(value) in _STAND_INS
        }
        self.parameters = [
            (places.get((type(value), value)) if type(value) in _STAND_INS else None, value)
            for value in written
        ]
        if any(place is None and _is_stand_in(value) for place, value in self.parameters) or _is_stand_in(
            sql
        ):
            raise TypeError(f"{name}: a value is not compared as it is")

    def values(self, flat: Sequence[Any]) -> list[Any]:
        return [value if place is None else flat[place] for place, value in self.parameters]

    def ask(self, flat: Sequence[Any]) -> list[Any]:
        return ask(self.sql, self.values(flat)).rows


class _Compiled:
    """One query's statement, and what becomes of its columns."""

    def __init__(self, build: Callable[..., Rows], given: Sequence[Any]) -> None:
        stand_ins = _stand_ins(given, count())
        asked = build(*stand_ins)
        compiler = asked.query.get_compiler(connection=connection)
        self.statement: _Statement | None = None
        try:
            sql, written = compiler.as_sql()
        except EmptyResultSet:
            return
        self.statement = _Statement(build.__name__, sql, written, _flat(stand_ins))
        expressions = [column[0] for column in compiler.select[: compiler.col_count]]
        self.converters = compiler.get_converters(expressions)
        self.model: type[Model] | None = None
        if issubclass(asked._iterable_class, ModelIterable):
            own = compiler.klass_info["select_fields"]
            self.model, self.own = asked.model, slice(own[0], own[-1] + 1)
            self.names = [expression.target.attname for expression in expressions[self.own]]
            self.related = get_related_populators(  # type: ignore[call-arg]  # the stubs are those of Django 6
                compiler.klass_info, compiler.select, connection.alias
            )
        else:
            query = asked.query
            self.names = list(query.selected or (*query.values_select, *query.annotation_select))

    def made(self, found: list[Any]) -> list[Any]:
        """The rows as the query itself would give them."""
        if not found:
            return []
        if self.converters:
            found = [self._converted(row) for row in found]
        if self.model is not None:
            return [self._instance(self.model, row) for row in found]
        return [dict(zip(self.names, row, strict=True)) for row in found]

    def _instance(self, model: type[Model], row: Sequence[Any]) -> Model:
        made = model.from_db(connection.alias, self.names, row[self.own])
        for related in self.related:
            related.populate(row, made)
        return made

    def _converted(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for place, (converters, expression) in self.converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return values


def _is_stand_in(value: Any) -> bool:
    """Whether a stand-in is, or was made into, this."""
    match value:
        case str():
            return any(mark in value.replace("-", "") for mark in (_TEXT, f"{_UUID:x}", str(_NUMBER)[:14]))
        case int():
            return value >= _NUMBER
        case date():
            return value.year == 1
        case UUID():
            return value.int >> 88 == _UUID
        case list() | tuple() | set():
            return any(_is_stand_in(one) for one in value)
        case _:
            return False
