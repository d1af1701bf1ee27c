"""Statements in the driver's lowest language, for the few that every page and act sends.

Several leave in one message and are answered in one, each prepared once on its connection. A cursor of its own for
each costs several times what the database needs for a small answer.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection
from django.db.transaction import TransactionManagementError  # noqa: TID251 - it begins none
from psycopg import Connection, generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus

if TYPE_CHECKING:
    from psycopg.abc import PQGen
    from psycopg.abc import Transformer as Translation
    from psycopg.pq.abc import PGresult

# A statement with its values; the places of the values are written %s, as for Django. None for one that has no
# places and is said only once, and so is not prepared.
Statement = tuple[str, Sequence[Any] | None]

# As many plans as one connection keeps; what comes later is planned each time.
MOST_PREPARED = 400

_UNDO = "ROLLBACK TO SAVEPOINT "
_held: ContextVar[list[Statement] | None] = ContextVar("held", default=None)

# A statement is prepared for the types of its values.
_Key = tuple[str, tuple[int, ...]]
_names: "WeakKeyDictionary[Connection[Any], dict[_Key, bytes]]" = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows, and how many there are or were written."""

    rows: list[tuple[Any, ...]]
    count: int


def ask(sql: str, values: Sequence[Any] = ()) -> Answer:
    """The answer to one statement; errors are Django's."""
    return ask_together([(sql, values)])[0]


def ask_together(statements: Sequence[Statement]) -> list[Answer]:
    """The answers to the statements, which leave in one message and run in their order.

    When one fails, those after it did not run, and the transaction is lost as ever; errors are Django's. Where
    somebody counts or watches the statements, they pass through Django's own cursor one by one.
    """
    held = _held.get()
    if not held:
        return _sent(statements)
    before, held[:] = list(held), []
    return _sent([*before, *statements])[len(before) :]


def tell(sql: str, values: Sequence[Any] = ()) -> None:
    """The statement runs before anything that is asked after it; within `held_together` it waits for that."""
    held = _held.get()
    if held is None:
        ask(sql, values)
    else:
        held.append((sql, values))


@contextmanager
def held_together() -> Iterator[None]:
    """What is told within leaves with the next thing asked, or at the end; an error in it is raised there.

    Within a transaction only. Django's own statements are things asked.
    """
    if _held.get() is not None:
        yield
        return
    if not connection.in_atomic_block:
        raise TransactionManagementError("what is held together needs a transaction around it")
    held: list[Statement] = []
    token = _held.set(held)
    try:
        with connection.execute_wrapper(_after_what_is_held):
            yield
            _send_held()
    finally:
        _held.reset(token)


def _after_what_is_held(execute: Any, sql: Any, values: Any, many: bool, context: Any) -> Any:
    held = _held.get()
    if held is None or not isinstance(sql, str) or _somebody_watches():
        _send_held()
        return execute(sql, values, many, context)
    # The beginning of a savepoint can wait like the rest; its end leaves with what it keeps.
    if sql.startswith("SAVEPOINT "):
        held.append((sql, None))
        return None
    if sql.startswith("RELEASE SAVEPOINT "):
        held.append((sql, None))
        _send_held()
        return None
    if sql.startswith(_UNDO):
        # What was told since is not sent only to be undone.
        begun = (sql.removeprefix("ROLLBACK TO "), None)
        if begun in held:
            del held[held.index(begun) + 1 :]
            return None
        held.clear()
    _send_held()
    return execute(sql, values, many, context)


def _send_held() -> None:
    if held := _held.get():
        statements, held[:] = list(held), []
        _sent(statements)


def _somebody_watches() -> bool:
    own = 0 if _held.get() is None else 1
    return (
        connection.queries_logged
        or len(connection.execute_wrappers) > own
        or not settings.PREPARED_STATEMENTS
    )


def _sent(statements: Sequence[Statement]) -> list[Answer]:
    if not statements:
        return []
    if _somebody_watches():
        return [_watched(sql, values) for sql, values in statements]
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return _answers(connection.connection, statements)


def _watched(sql: str, values: Sequence[Any] | None) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return Answer(cursor.fetchall() if cursor.description else [], cursor.rowcount)


def _answers(line: "Connection[Any]", statements: Sequence[Statement]) -> list[Answer]:
    pgconn, transformer = line.pgconn, Transformer.from_context(line)
    known = _names.setdefault(line, {})
    new: dict[_Key, bytes] = {}
    # What each result will be of: a statement that becomes known, or one of those asked; BEGIN is neither.
    sent: list[_Key | bool] = []
    pgconn.enter_pipeline_mode()
    try:
        if pgconn.transaction_status == TransactionStatus.IDLE and not line.autocommit:
            pgconn.send_query_params(b"BEGIN", None)
            sent.append(False)
        for sql, values in statements:
            if values is None:
                pgconn.send_query_params(sql.encode(), None)
                sent.append(True)
                continue
            given = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values)) if values else None
            types, formats = (transformer.types or (), transformer.formats) if values else ((), None)
            key = (sql, types)
            name = known.get(key) or new.get(key)
            if name is None and len(known) + len(new) < MOST_PREPARED:
                name = new[key] = b"fangxin_%d" % (len(known) + len(new))
                pgconn.send_prepare(name, _numbered(sql), types or None)
                sent.append(key)
            if name is None:
                pgconn.send_query_params(_numbered(sql), given, types or None, formats)
            else:
                pgconn.send_query_prepared(name, given, formats)
            sent.append(True)
        pgconn.pipeline_sync()
        results = line.wait(_results(pgconn))
        pgconn.exit_pipeline_mode()
    except BaseException:
        # What is still under way could not be told apart from what comes next.
        pgconn.finish()
        raise
    answers: list[Answer] = []
    for result, what in zip(results, sent, strict=True):
        if result.status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
            raise error_from_result(result, line.info.encoding)
        if what is True:
            answers.append(_answer(result, transformer))
        elif what:
            known[what] = new[what]
    return answers


def _results(pgconn: Any) -> "PQGen[list[PGresult]]":
    yield from generators.send(pgconn)
    found: list[PGresult] = []
    while True:
        result = yield from generators.fetch(pgconn)
        if result is None:
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            return found
        found.append(result)


def _answer(result: "PGresult", transformer: "Translation") -> Answer:
    if result.status == ExecStatus.COMMAND_OK:
        return Answer([], result.command_tuples or 0)
    transformer.set_pgresult(result)
    return Answer(transformer.load_rows(0, result.ntuples, tuple), result.ntuples)


@lru_cache(maxsize=2000)
def _numbered(sql: str) -> bytes:
    """The statement as PostgreSQL writes it: %s becomes $1, $2 …, and %% a percent sign."""
    places = iter(range(1, 65_536))
    return re.sub(r"%[s%]", lambda found: f"${next(places)}" if found[0] == "%s" else "%", sql).encode()
