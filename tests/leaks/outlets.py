"""Where something may come out besides a page: the database, the store, letters, logs, sessions."""

import re
from collections.abc import Iterable, Iterator
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

from django.core import mail
from django.db import connection

from tests.leaks.canaries import Finding, Kept, Scanner, cookie_contents

# Where the complaint's own words lie, for the office to read and to search.
TABLES_OF_WORDS = {"complaints_complaint", "cases_case", "cases_casesearch"}


def in_the_database(scanner: Scanner) -> set[str]:
    """Every row of every table, as text: nobody's identity in the clear, their words where they belong."""
    found: set[str] = set()
    for table, rows in tables():
        words_allowed = table in TABLES_OF_WORDS
        for canary, how in scanner.look("\n".join(rows).encode()):
            if canary.kept == Kept.SEALED or not words_allowed:
                found.add(f"table {table}: {canary.complaint}'s {canary.field} ({how})")
    for (content,) in _fetched("select session_data from django_session"):
        for plain in cookie_contents(content):
            found |= _told(scanner.look(plain), "session")
    return found


def in_the_store(scanner: Scanner, folder: Path) -> set[str]:
    """Names and contents of the files: sealed, under names that say nothing."""
    found: set[str] = set()
    for path in folder.rglob("*"):
        found |= _told(scanner.look(str(path.relative_to(folder)).encode()), "name of a stored file")
        if path.is_file():
            found |= _told(scanner.look(path.read_bytes()), "stored file")
    return found


def in_letters(scanner: Scanner) -> set[str]:
    """Subject, headers and body of what was mailed. An address stands on its own envelope alone."""
    found: set[str] = set()
    for letter in mail.outbox:
        for part in _parts(letter):
            found |= {
                f"letter: {canary.complaint}'s {canary.field} ({how})"
                for canary, how in scanner.look(part)
                if not (canary.field == "email" and letter.to == [canary.text])
            }
    return found


def in_logs(scanner: Scanner, lines: Iterable[str]) -> set[str]:
    return _told(scanner.look("\n".join(lines).encode("utf-8", "replace")), "log")


def tables() -> Iterator[tuple[str, list[str]]]:
    """Each table with its rows as text."""
    for (table,) in _fetched("select tablename::text from pg_tables where schemaname = 'public' order by 1"):
        yield table, [row for (row,) in _fetched(f"select t::text from {table} t")]


def as_a_company_reads(company_id: int) -> dict[str, list[str]]:
    """Every row and column that the companies' role gets for this company, hidden or not."""
    with connection.cursor() as cursor:
        cursor.execute("set role fangxin_enterprise")
        cursor.execute("select set_config('fangxin.company_id', %s, false)", [str(company_id)])
        rows = {table: _rows(cursor, table) for table in _readable(cursor)}
        cursor.execute("reset role; reset fangxin.company_id")
        return rows


def letters_to(addresses: Iterable[str]) -> list[tuple[str, str, dict[str, str]]]:
    wanted = set(addresses)
    return [(m.subject, str(m.body), dict(m.extra_headers)) for m in mail.outbox if wanted & set(m.to)]


def _readable(cursor: Any) -> list[str]:
    cursor.execute(
        "select table_name::text, string_agg(quote_ident(column_name::text), ', ' order by ordinal_position)"
        " from information_schema.columns where table_schema = 'public'"
        # With its schema: the planner may put this question first, also of tables that the search path does not find.
        " and has_column_privilege(current_user, quote_ident(table_schema) || '.' || quote_ident(table_name),"
        " column_name::text, 'select')"
        " group by 1 order by 1"
    )
    return [f"(select {columns} from {table})" for table, columns in cursor.fetchall()]


def _rows(cursor: Any, table: str) -> list[str]:
    cursor.execute(f"select t::text from {table} t order by 1")
    return [row for (row,) in cursor.fetchall()]


def _fetched(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _told(findings: Iterable[Finding], where: str) -> set[str]:
    return {f"{where}: {canary.complaint}'s {canary.field} ({how})" for canary, how in findings}


def _parts(letter: Any) -> Iterator[bytes]:
    message = letter.message()
    for _, value in message.items():
        yield str(make_header(decode_header(value))).encode()
    for part in message.walk():
        if (payload := part.get_payload(decode=True)) is not None:
            yield payload
    yield re.sub(rb"=\n", b"", message.as_bytes())
