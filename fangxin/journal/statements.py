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
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.transaction import TransactionManagementError  # noqa: TID251 - it begins none
from psycopg import Connection, generators
from psycopg._preparing import Prepare
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

# As many plans as one connection keeps; those unused the longest are given up.
MOST_PREPARED = 400

_UNDO = "ROLLBACK TO SAVEPOINT "
_held: ContextVar[list[Statement] | None] = ContextVar("held", default=None)


class _Written(NamedTuple):
    """A statement as the driver's list of plans knows it."""

    query: bytes
    types: tuple[int, ...]


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
        if held and held[-1] == (sql.removeprefix("RELEASE "), None):
            held.pop()
            return None
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
    # The driver's own list of what is prepared on this line: it forgets all of it at every ROLLBACK, and so must we.
    plans = line._prepared
    line.prepared_max = MOST_PREPARED
    line.wait(plans.maintain_gen(line))
    # For each statement: how it was sent, and its key in the list of plans when it is new there.
    sent: list[tuple[Prepare, bytes, Any]] = []
    pgconn.enter_pipeline_mode()
    try:
        if begins := pgconn.transaction_status == TransactionStatus.IDLE and not line.autocommit:
            pgconn.send_query_params(b"BEGIN", None)
        for sql, values in statements:
            if values is None:
                pgconn.send_query_params(sql.encode(), None)
                sent.append((Prepare.NO, b"", None))
                continue
            given = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values)) if values else None
            types, formats = (transformer.types or (), transformer.formats) if values else ((), None)
            written: Any = _Written(_numbered(sql), types)
            prepare, name = plans.get(written)
            if prepare is Prepare.NO:
                pgconn.send_query_params(written.query, given, types or None, formats)
            else:
                if prepare is Prepare.SHOULD:
                    pgconn.send_prepare(name, written.query, types or None)
                pgconn.send_query_prepared(name, given, formats)
            sent.append((prepare, name, plans.maybe_add_to_cache(written, prepare, name)))
        pgconn.pipeline_sync()
        results = iter(line.wait(_results(pgconn)))
        pgconn.exit_pipeline_mode()
    except BaseException:
        # What is still under way could not be told apart from what comes next.
        pgconn.finish()
        raise
    wrong = _wrong(next(results)) if begins else None
    answers: list[Answer] = []
    for prepare, name, new in sent:
        wrong = wrong or (_wrong(next(results)) if prepare is Prepare.SHOULD else None)
        wrong = wrong or _wrong(result := next(results))
        if wrong is not None:
            # What should have been prepared after it was not.
            plans.clear()
            raise error_from_result(wrong, line.info.encoding)
        if new:
            plans.validate(new, prepare, name, [result])
        answers.append(_answer(result, transformer))
    return answers


def _wrong(result: "PGresult") -> "PGresult | None":
    return None if result.status in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK} else result


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
