"""Single functions, and the journal's seal."""

import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from benchmarks import crowd
from benchmarks.table import Line


def each(act: Callable[[int], object], times: int) -> float:
    """Microseconds a call, the least of three goes."""
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        for number in range(times):
            act(number)
        best = min(best, (time.perf_counter() - begun) / times)
    return best * 1e6


def functions() -> list[Line]:
    """What a suggestion, a due day, a redaction and a case's search words take."""
    from fangxin.cases.search import tokens_of
    from fangxin.cases.triage import suggest
    from fangxin.rules import book
    from fangxin.rules.workdays import calendar

    chance = random.Random(3)
    messages = [crowd.message(number, chance)[1:] for number in range(200)]
    limit = book("beijing").limit("handling_opinion", on=date(2026, 2, 1))
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(300)]
    return [
        Line("triage of a message", each(lambda n: suggest(*messages[n % 200]), 200), "µs"),
        Line("due day of ten working days, explained", each(lambda n: limit.due_day(days[n % 300], calendar()), 300), "µs"),
        Line("search words of a message", each(lambda n: tokens_of(*messages[n % 200]), 200), "µs"),
    ]  # fmt: skip


def journal(folder: Path, entries: int) -> list[Line]:
    """How fast entries are sealed and verified."""
    from django.db import connection

    from fangxin.journal import seal

    with connection.cursor() as cursor:
        cursor.execute(
            "insert into journal_entry (kind, jurisdiction, actor_label, subject_kind, subject_id, summary)"
            " select 'case.register', 'beijing', '投诉人', 'case', n::text, '网上投诉案件录入，编号BJ-2025-' || n"
            " from generate_series(1, %s) as n",
            [entries],
        )
    begun = time.perf_counter()
    sealed = seal.seal()
    sealing = time.perf_counter() - begun
    seal.anchor(folder)
    begun = time.perf_counter()
    found = seal.verify(folder)
    verifying = time.perf_counter() - begun
    note = f"{sealed} entries" if found.intact else f"NOT INTACT: {found.found[0].sentence}"
    return [
        Line("journal sealed", round(sealed / sealing), "entries/s", None, note),
        Line("journal verified", round(found.sealed / verifying), "entries/s", None, note),
    ]
