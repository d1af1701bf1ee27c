"""EX-02 · 各部门对案件办理时限有相关规定的，依规定办理 (二(六)): an entry of the rulebook goes before the ten working days."""

import shutil
from datetime import date
from uuid import uuid4

import pytest

from fangxin.deadlines.actions import Owner, start_deadline
from fangxin.organisations.models import Body
from fangxin.rules.book import _read_book
from fangxin.rules.reader import rulebook_folder

pytestmark = pytest.mark.django_db
OWN = """
  handling_opinion@city.surveying:
    title: 提出处理意见（市测绘所）
    starts: 受理
    owed_by: 经办部门
    dated:
      - from: 2026-01-01
        within: 20个工作日
        clause: 二(六)
        ours: 测试：部门另有规定。
limits:
"""


@pytest.fixture
def own_term(tmp_path, monkeypatch):
    """A rulebook in which 市测绘所 has twenty working days from 2026 on."""
    folder = tmp_path / "rulebook"
    shutil.copytree(rulebook_folder(), folder)
    deadlines = folder / "beijing" / "deadlines.yaml"
    text = deadlines.read_text()
    deadlines.write_text(text.replace("limits:\n", "limits:" + OWN.replace("\nlimits:\n", "\n"), 1))
    book = _read_book("beijing", folder)
    monkeypatch.setattr("fangxin.deadlines.actions.book", lambda _: book)


def due(code, on):
    body = Body.objects.create(code=code, jurisdiction="beijing", name=code, level="city")
    case = uuid4()
    owner = Owner(body_id=body.pk)
    return start_deadline(
        "handling_opinion", jurisdiction="beijing", subject_kind="case", subject_id=case, matter_id=case, owner=owner,
        on=on,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "on", "amount"),
    [
        ("city.surveying", date(2026, 3, 2), 20),
        ("city.surveying", date(2025, 3, 3), 10),
        ("city.market", date(2026, 3, 2), 10),
    ],
)
def test_ex_02_the_departments_own_term_is_counted_from_its_day(own_term, code, on, amount):
    assert due(code, on).amount == amount


def test_without_such_an_entry_everybody_has_ten(settings):
    assert due("city.surveying", date(2026, 3, 2)).amount == 10
