"""A round of evaluation over a register with twenty records an agency, a scheme tried on it, and one agency counted anew.

Agencies and records are laid as rows by numbers, so that two runs measure the same; the rounds run in a program of
their own in the office's database role, whose memory is the figure told.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import psycopg

from benchmarks.servers import Room
from benchmarks.table import Line
from fangxin.config.launch.home import PROJECT

RECORDS_EACH = 20
SIZES = (10_000, 30_000)
SECONDS, LARGEST, ONE = 10.0, 300.0, 50.0  # s, MB, ms; of 10,000 agencies
FIRST = 5_000_000
SINCE, UNTIL = date(2024, 1, 1), date(2025, 12, 31)
TABLES = (
    "credit_publishedscore", "credit_scoreobjection", "credit_score", "credit_round", "credit_goodrecord", "credit_badrecord",
    "agencies_quarterduty", "agencies_publishedperson", "agencies_publishedagency", "agencies_agency",
)  # fmt: skip
STATEMENTS = (
    "insert into organisations_company (id, name, name_key, kinds, jurisdictions, uscc, org_code, licence_no, district,"
    " address, contact_email, contact_telephone, created_at, on_platform)"
    " select {first} + n, '福州第' || n || '房产经纪有限公司', 'f' || n, '{{brokerage}}', '{{fujian}}', 'u' || n, '', '', '350102',"
    " '', '', '', now(), true from generate_series(1, {many}) n",
    "insert into agencies_agency (id, company_id, jurisdiction, code, city, county, reviewing_body_id, standing, entered_on,"
    " former_codes) select {first} + n, {first} + n, 'fujian', lpad(n::text, 18, '0'), '350100', '350102', 1, 'active',"
    " date '2015-01-01' + n % 3000, '{{}}' from generate_series(1, {many}) n",
    "insert into agencies_publishedperson (agency_id, kind, name, registration_no, full_time)"
    " select {first} + n, 'broker', '陈伟', '35' || n || '-' || at, true"
    " from generate_series(1, {many}) n, generate_series(1, 2) at",
)


def lay(admin: str, agencies: int) -> None:
    """So many agencies with two brokers each and `RECORDS_EACH` records lie in the database."""
    with psycopg.connect(admin, autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute("set session_replication_role = replica")
        for table in TABLES:
            cursor.execute(f"truncate {table} cascade".encode())
        cursor.execute("delete from organisations_company where id >= 1000000")
        for statement in STATEMENTS:
            cursor.execute(statement.format(first=FIRST, many=agencies).encode())
        _records(cursor, agencies)
        for table in TABLES:
            cursor.execute(f"vacuum analyze {table}".encode())


def _records(cursor: psycopg.Cursor[Any], agencies: int) -> None:
    """Half good, half bad; the columns that every row needs and nothing counts are filled by their kind."""
    for table, own in (
        ("credit_badrecord", {
            "source": "(array['inspection','complaint','late_feedback'])[1 + (n + at) % 3]",
            "record_class": "(array['minor','minor','minor','general'])[1 + (n * 7 + at) % 4]",
            "decided_on": "date '2024-01-01' + (n + at * 61) % 730",
        }),
        ("credit_goodrecord", {
            "level": "(array['部','省','设区市'])[1 + (n + at) % 3]",
            "body_kind": "(array['行业主管部门','行业协会'])[1 + at % 2]",
            "awarded_on": "date '2024-01-01' + (n + at * 61) % 730", "decided_on": "date '2024-01-01' + (n + at * 61) % 730",
        }),
    ):  # fmt: skip
        values = {
            "id": "gen_random_uuid()", "agency_id": f"{FIRST} + n", "company_id": f"{FIRST} + n",
            "jurisdiction": "'fujian'", "state": "'published'", "turn": "0", "published_on": "date '2024-01-01'",
            "releasable_on": "date '2024-01-01'", "body_id": "1", **own,
        }  # fmt: skip
        cursor.execute(
            "select column_name::text, data_type::text, is_nullable::text from information_schema.columns"
            " where table_schema = 'public' and table_name = %s",
            [table],
        )
        known = {str(name): (str(kind), str(nullable)) for name, kind, nullable in cursor.fetchall()}
        filled = {name: value for name, value in values.items() if name in known}
        for name, (kind, nullable) in known.items():
            if name not in filled and nullable == "NO":
                filled[name] = _nothing(kind)
        cursor.execute(
            f"insert into {table} ({', '.join(filled)}) select {', '.join(filled.values())}"
            f" from generate_series(1, {agencies}) n, generate_series(1, {RECORDS_EACH // 2}) at".encode()
        )


def _nothing(kind: str) -> str:
    return {
        "ARRAY": "'{}'", "boolean": "false", "date": "date '2024-01-01'", "timestamp with time zone": "now()",
        "jsonb": "'{}'", "uuid": "gen_random_uuid()",
    }.get(kind, "0" if "int" in kind or kind == "numeric" else "''")  # fmt: skip


def measured(place: Room, sizes: Sequence[int] = SIZES) -> Iterator[Line]:
    """At each size a round, a what-if and one agency; then how the larger stands beside the smaller."""
    rounds: dict[int, float] = {}
    tries: dict[int, float] = {}
    for size in sizes:
        lay(place.admin, size)
        records, goal = size * RECORDS_EACH, SECONDS * size / SIZES[0]
        rounds[size], memory = _apart("round", place, size)
        yield Line(
            f"evaluation, a round of {size:,} with {records:,} records",
            rounds[size],
            "s",
            goal,
            "brokers as well",
        )
        yield Line(f"memory of that, {size:,}", memory, "MB", LARGEST)
        tries[size], memory = _apart("try", place, size)
        yield Line(f"what-if on {size:,} agencies", tries[size], "s", goal, "both schemes")
        yield Line(f"memory of that what-if, {size:,}", memory, "MB", LARGEST)
        one, _ = _apart("one", place, size)
        yield Line(f"one agency after a new record, {size:,}", one * 1000, "ms", ONE, "median of 20")
    least, most = min(sizes), max(sizes)
    if most > least:
        for what, took in (("round", rounds), ("what-if", tries)):
            grown = took[most] / took[least] / (most / least)
            yield Line(f"{what}, {most:,} beside {least:,}, per agency", grown, "×", 1.25, "1: linear")


def _apart(what: str, place: Room, size: int) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.evaluation", what, str(size)]
    environment = os.environ | place.environment() | {"DATABASE_URL": place.admin, "FANGXIN_NO_POOL": "1"}
    ended = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(ended.stderr[-2000:])
    seconds, memory = ended.stdout.strip().split()[-2:]
    return float(seconds), float(memory)


def _round(_: int) -> float:
    from fangxin.credit.actions.counting import count_batch
    from fangxin.credit.models import Round
    from fangxin.organisations.audience import Audience, Speaker, speaking_as

    found, by = _computing()
    begun = time.perf_counter()
    while True:
        with speaking_as(Speaker(Audience.OFFICE)):
            if not count_batch(found.pk, by=by):
                break
    took = time.perf_counter() - begun
    if Round.objects.get(pk=found.pk).state != "computed":
        raise RuntimeError("the round was not counted")
    return took


def _try(_: int) -> float:
    from fangxin.credit.whatif import what_if
    from fangxin.organisations.audience import Audience, Speaker, speaking_as
    from fangxin.rules import book
    from fangxin.rules.schemes import read_scheme

    text = book("fujian").scheme_texts["example"]
    after = read_scheme(text.replace("points: -5,", "points: -2,"))
    begun = time.perf_counter()
    with speaking_as(Speaker(Audience.OFFICE)):
        found = what_if("fujian", book("fujian").schemes["example"], after, since=SINCE, until=UNTIL)
    took = time.perf_counter() - begun
    if not found.movers:
        raise RuntimeError("nobody moved")
    return took


def _one(size: int) -> float:
    import statistics

    from fangxin.credit.actions.counting import recount_agency
    from fangxin.credit.models import Round
    from fangxin.organisations.audience import Audience, Speaker, speaking_as

    found = Round.objects.get(state="computed")
    took = []
    for number in range(20):
        begun = time.perf_counter()
        with speaking_as(Speaker(Audience.OFFICE)):
            recount_agency(found, FIRST + 1 + number * (size // 20), because="新的记录")
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def _computing() -> tuple[Any, Any]:
    """A round that waits for the worker, and somebody in whose name it is counted."""
    from fangxin.credit.models import Round
    from fangxin.organisations.roles import Acting, Role
    from fangxin.rules import book

    made = Round.objects.create(
        jurisdiction="fujian", book="fujian", scheme="example", scheme_title="示例", state="computing",
        rulebook_version=book("fujian").version, scheme_text=book("fujian").scheme_texts["example"], since=SINCE,
        until=UNTIL, opened_on=UNTIL,
    )  # fmt: skip
    by = Acting(
        0, "测量", 0, Role.REVIEWER, 1, jurisdiction="fujian", functions=frozenset({"publish_method"})
    )
    return made, by


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "fangxin.config.settings"
    import django

    django.setup()
    seconds = {"round": _round, "try": _try, "one": _one}[sys.argv[1]](int(sys.argv[2]))
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
