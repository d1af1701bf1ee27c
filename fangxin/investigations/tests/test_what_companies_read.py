"""What an officer writes to a company never tells who complained, however it is written down (五)."""

import pytest

from fangxin.cases.actions import ask_again, issue_supervision, urge_company
from fangxin.investigations import actions as investigations
from tests.stage import ZHANG_MIN, refused

pytestmark = pytest.mark.django_db

TELLING = [
    f"请尽快与{ZHANG_MIN['name']}联系。",
    f"请拨打{ZHANG_MIN['telephone']}答复。",
    "请拨打１３８ ００１３ ８０００答复。",
    "请答复尾号8000的投诉人。",
]


@pytest.mark.parametrize("text", TELLING)
def test_no_word_to_a_company_tells_the_author(stage, text):
    case = stage.answered()
    task, cast = stage.task(case), stage.cast
    with refused("还看得出投诉人的", "reason"):
        ask_again(case.pk, task_id=task.pk, points=task.points[:1], reason=text, by=cast.officer)
    with refused("还看得出投诉人的", "text"):
        urge_company(
            case.pk, task_id=task.pk, channel="platform", addressee="经理", text=text, by=cast.officer
        )
    with refused("还看得出投诉人的", "text"):
        issue_supervision(case.pk, company_id=cast.company.pk, text=text, by=cast.supervisor)


@pytest.mark.parametrize("text", TELLING)
def test_no_word_of_an_order_or_its_check_tells_the_author(stage, text):
    case = stage.awaiting_order()
    with refused("还看得出投诉人的", "requirements"):
        stage.rectifying(case, requirements=text)
    case = stage.handed_in(stage.rectifying(case))
    with refused("还看得出投诉人的", "opinion"):
        investigations.check_rectification(
            case.pk, order_id=stage.order(case).pk, accepted=False, opinion=text, by=stage.cast.officer
        )


def test_words_that_name_nobody_go_their_way(stage):
    case = stage.answered()
    order = issue_supervision(
        case.pk, company_id=stage.cast.company.pk, text="请退还定金。", by=stage.cast.supervisor
    )
    assert order.text == "请退还定金。"
