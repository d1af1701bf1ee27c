"""Each audience speaks to the database in its own role.

A request runs in one transaction that begins by taking the audience's role and naming the actor; row
policies read those names. A bug in a page then meets "permission denied", not a leak. Only local settings
are used: a pooled connection that kept them would hand the next user this user's organisation.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection, transaction  # noqa: TID251 - the one place where a request's transaction begins

from fangxin.journal.statements import held_together, tell


class Audience(StrEnum):
    """The database roles a request may speak in; `SEALED` only inside complaints.complainant."""

    PUBLIC = "fangxin_public"
    INTAKE = "fangxin_intake"
    ENTERPRISE = "fangxin_enterprise"
    OFFICE = "fangxin_office"
    GRANTEE = "fangxin_grantee"
    SEALED = "fangxin_sealed"


@dataclass(frozen=True)
class Speaker:
    """The role and the names that row policies compare with; 0 and "" match no row."""

    audience: Audience
    user_id: int = 0
    body_id: int = 0
    company_id: int = 0
    receipt: str = ""


_now_speaking: ContextVar[Speaker | None] = ContextVar("now_speaking", default=None)

_SET = (
    "select set_config('role', %s, true), set_config('fangxin.user_id', %s, true), "
    "set_config('fangxin.body_id', %s, true), set_config('fangxin.company_id', %s, true), "
    "set_config('fangxin.receipt', %s, true)"
)


def now_speaking() -> Speaker | None:
    """Who the current transaction speaks as, None outside any audience."""
    return _now_speaking.get()


@contextmanager
def speaking_as(speaker: Speaker) -> Iterator[None]:
    """One transaction in the speaker's database role; the role before it is back afterwards."""
    before = _now_speaking.get()
    nested = connection.in_atomic_block
    if nested and before == speaker:
        with transaction.atomic():
            yield
        return
    token = _now_speaking.set(speaker)
    # A nested block gives the role back; at an outermost commit the local settings fall away by themselves.
    role = before.audience.value if before else _present_role() if nested else ""
    try:
        # The role is taken in one message with what is asked first.
        with transaction.atomic(), held_together():
            _take(speaker)
            yield
            if nested:
                _take(before or Speaker(Audience.PUBLIC), role)
    finally:
        _now_speaking.reset(token)


@contextmanager
def working_as(audience: Audience) -> Iterator[None]:
    """For the worker and commands: many transactions in one role. Never in a web request, whose connection others share."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('role', %s, false)", [audience.value])
    try:
        yield
    finally:
        if not connection.in_atomic_block:
            with connection.cursor() as cursor:
                cursor.execute("reset role")


@contextmanager
def as_the_queue() -> Iterator[None]:
    """A job can be written in this very transaction: the queue belongs to the login alone."""
    role = _present_role()
    with connection.cursor() as cursor:
        cursor.execute("set local role none")
        yield
        cursor.execute("select set_config('role', %s, true)", [role])


def _present_role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('role')")
        (role,) = cursor.fetchone()
    return str(role)


def _take(speaker: Speaker, role: str = "") -> None:
    tell(
        _SET,
        [
            role or speaker.audience.value,
            str(speaker.user_id),
            str(speaker.body_id),
            str(speaker.company_id),
            speaker.receipt,
        ],
    )
