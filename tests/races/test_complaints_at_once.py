"""Two hundred complaints in the same moment: each has a number of its own, and none is missing (附件2 说明4)."""

import re

import pytest
from django.db import transaction

from fangxin.complaints.models import Complaint
from fangxin.organisations.refusals import ActRefused
from fangxin.redress.actions import receive_agency_complaint
from fangxin.redress.models import AgencyComplaint
from tests.fujian_cast import FujianCast, fujian_cast
from tests.races.test_two_at_once import at_once

KINDS = {"房地产经纪机构": "JG", "房地产经纪人": "JR"}


@pytest.fixture
def cast(transactional_db) -> FujianCast:
    """Founded for this test alone, so that threads see it."""
    return fujian_cast()


def complain(number: int) -> None:
    """One citizen; every fifth one's complaint is undone after it had taken its number."""
    given = {
        "name": "郑丽", "telephone": "13805910001", "respondent": "福州诚信房产经纪有限公司", "text": f"第{number}件：不退定金。",
        "respondent_kind": [*KINDS][number % 2],
    }  # fmt: skip
    try:
        with transaction.atomic():
            receive_agency_complaint(given, city="350100", county="350102", jurisdiction="fujian")
            if number % 5 == 0:
                raise ActRefused("附件无法打开。")
    except ActRefused:
        given["text"] += "再提交一次。"
        receive_agency_complaint(given, city="350100", county="350102", jurisdiction="fujian")


def test_two_hundred_complaints_at_once_leave_no_gap_and_repeat_no_number(cast):
    found = at_once(
        *[
            lambda some=some: [complain(number) for number in some]
            for some in [range(at, at + 10) for at in range(0, 200, 10)]
        ]
    )
    assert not [one for one in found if isinstance(one, Exception)]
    numbers = list(AgencyComplaint.objects.values_list("number", flat=True))
    assert len(numbers) == len(set(numbers)) == Complaint.objects.count() == 200
    for prefix in KINDS.values():
        taken = sorted(int(re.sub(r"\D", "", one)) for one in numbers if one.startswith(prefix))
        assert taken == list(range(1, 101))
