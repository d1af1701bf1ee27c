"""Anybody can count a published score again: from the scheme's text and what the public reads, by means of their own (三（三）).

The counting below is written for this test alone and shares nothing with `fangxin.credit.scoring`: it reads the
interfaces that anybody may call, every field of every condition among them. What nobody publishes is when an agency
filed its quarterly update: of those the line alone tells.
"""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
import yaml
from django.test import Client

from fangxin.credit.actions.publishing import publish_bad_record, publish_good_record
from fangxin.credit.models import BadRecord, GoodRecord
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Acting, Role
from tests.cast import member
from tests.fujian_cast import FujianCast
from tests.journeys import test_evaluation_pages as pages
from tests.journeys.test_evaluation_pages import SINCE, UNTIL, announced, press, seat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_scheme")]
cast_of_module, cast, published_scheme = pages.cast_of_module, pages.cast, pages.published_scheme
AMOUNTS = {"full_time_brokers": "full_time_broker_count"}
SOURCES = ("inspection", "complaint", "late_feedback", "false_introduction", "forged_honour")
DAYS = (UNTIL - SINCE).days


@pytest.fixture
def second(cast: FujianCast) -> Acting:
    return member("luoyi", "罗艺", Role.REVIEWER, Body.objects.get(code="province.housing"))


@pytest.mark.parametrize("seed", range(5))
def test_the_score_is_what_the_public_data_give(cast, second, seed):
    chance = random.Random(seed)
    for _ in range(chance.randint(0, 9)):
        _bad(cast, chance)
    for _ in range(chance.randint(0, 9)):
        _good(cast, chance)
    found = announced(cast, second)
    with time_machine.travel("2026-01-20 09:00+08:00"):
        for verb in ("finish_round", "publish_scores"):
            assert press(seat("yelan"), found, verb).status_code == 302
        visitor = Client()
        scores = visitor.get(f"/api/v1/agencies/{cast.agency.code}/scores").json()["scores"]
        scheme = yaml.safe_load(visitor.get(f"/api/v1/evaluations/{found.pk}").json()["scheme_text"])
        told = visitor.get(f"/api/v1/agencies/{cast.agency.code}", {"on": UNTIL.isoformat()}).json()
        now = visitor.get(f"/api/v1/agencies/{cast.agency.code}").json()
    records = {row["id"]: row for row in now["records"]}
    (score,) = (one for one in scores if one["kind"] == "agency")
    assert _again(scheme, score["lines"], records, told["values"]["J1"]) == (
        Decimal(str(score["points"])),
        score["grade"],
    )


def _again(
    scheme: dict[str, Any], lines: list[dict[str, Any]], records: dict[str, Any], basic: dict[str, Any]
) -> tuple[Decimal, str]:
    """Points and grade; AssertionError where a line and the public's record do not agree."""
    items = {one["code"]: one for one in scheme["items"]}
    whole, given, serious, counted = Decimal(str(scheme["base"])), defaultdict(Decimal), False, set()
    group_of = {code: one["code"] for one in scheme["items"] for code in one.get("capped_with", ())}
    cap_of = {code: one.get("cap") for code, one in items.items()}
    for line in lines:
        if not line["item"]:
            continue
        item, number = items[line["item"]], line["record"].split()[-1]
        if item["of"] in {"bad_record", "good_record"}:
            record = records[number]
            counted.add(number)
            on = record["values"]["decided_on" if item["of"] == "bad_record" else "awarded_on"]
            assert (line["on"], SINCE.isoformat() <= on <= UNTIL.isoformat()) == (on, True)
            for name, wanted in item.get("when", {}).items():
                told = record[name] if name in ("record_class", "source") else record["values"][name]
                assert told in (wanted if isinstance(wanted, list) else [wanted])
            full = Decimal(str(item["points"]))
        elif item["of"] == "standing":
            amount = int(basic[AMOUNTS[item["amount_of"]]]) - item.get("above", 0)
            full = Decimal(str(item["points"])) * max(0, amount)
        else:
            full = Decimal(str(line["points"] + line["cut"]))
        group = group_of.get(item["code"], item["code"])
        cap = cap_of[group]
        room = full if cap is None else (
            min(full, Decimal(str(cap)) - given[group]) if full > 0 else max(full, -Decimal(str(cap)) - given[group])
        )  # fmt: skip
        assert Decimal(str(line["points"])) == room, line
        given[group] += room
        whole += room
    of_agency = {
        key: row
        for key, row in records.items()
        if not row["person"]
        and SINCE.isoformat()
        <= row["values"].get("decided_on", row["values"].get("awarded_on"))
        <= UNTIL.isoformat()
    }
    assert counted == set(of_agency), "what the public reads and no line counts, or the reverse"
    serious = any(row["record_class"] == "serious" for row in of_agency.values())
    points = min(max(whole, Decimal(scheme["lowest"])), Decimal(scheme["highest"]))
    grades = [band["grade"] for band in scheme["bands"]]
    grade = next(band["grade"] for band in scheme["bands"] if points >= band["from"])
    return points, grades[max(grades.index(grade), grades.index("B"))] if serious else grade


def _day(chance: random.Random) -> date:
    return SINCE + timedelta(days=chance.randint(-200, DAYS))


def _bad(cast: FujianCast, chance: random.Random) -> None:
    on = _day(chance)
    publish_bad_record(
        BadRecord.objects.create(
            agency=cast.agency, company=cast.agency.company, jurisdiction="fujian", state="published",
            source=chance.choice(SOURCES), record_class=chance.choice(("minor", "general", "general", "serious")),
            body=cast.agency.reviewing_body, entered_on=on, served_on=on, releasable_on=on, published_on=on,
            decided_on=on, matter="未经书面同意发布房源信息", reason="抽查", result="责令改正", decided_by="鼓楼区",
        )
    )  # fmt: skip


def _good(cast: FujianCast, chance: random.Random) -> None:
    on = _day(chance)
    publish_good_record(
        GoodRecord.objects.create(
            agency=cast.agency, company=cast.agency.company, jurisdiction="fujian", state="published", entered_on=on,
            decided_on=on, award="先进单位", awarded_on=on, awarded_by="协会", subject="机构",
            level=chance.choice(("部", "省", "设区市")), body_kind=chance.choice(("行业主管部门", "行业协会")),
        )
    )  # fmt: skip
