"""A line of the log. A database that refuses a row quotes it: a citizen's words must not lie in a log."""

import logging
from collections.abc import Iterator
from types import TracebackType
from typing import TypeAlias

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
# What PostgreSQL adds to its first sentence: the row, the key, the statement.
_QUOTED = ("\nDETAIL:", "\nCONTEXT:", "\nLINE ")


def without_rows(text: str) -> str:
    """The database's first sentence, which names table, column and rule; nothing of what it quotes."""
    for mark in _QUOTED:
        text = text.partition(mark)[0]
    return text


class LineFormatter(logging.Formatter):
    """Message and traceback, with the errors of the database cut to their first sentence."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging asks for it
        record.message = without_rows(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging asks for it
        for error in _chained(ei[1]):
            error.args = tuple(without_rows(one) if isinstance(one, str) else one for one in error.args)
        return super().formatException(ei)


def _chained(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
