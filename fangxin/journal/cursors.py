"""The driver's own cursor, for the few statements that every page and act sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def plain_cursor() -> Iterator[Any]:
    """A cursor without Django's wrapping, which costs as much as a small answer does; errors are Django's as ever.

    Where somebody counts or watches the statements, it is the wrapped one.
    """
    if connection.queries_logged or connection.execute_wrappers:
        with connection.cursor() as watched:
            yield watched
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        yield cursor
