"""常用筛选."""

from urllib.parse import urlencode

import pytest

from fangxin.cases.actions.filters import keep_saved_filter
from fangxin.cases.models import SavedFilter
from fangxin.cases.queries import saved_filters
from tests.stage import refused

pytestmark = pytest.mark.django_db


def test_a_filter_is_kept_and_replaced_under_its_name(stage):
    user = stage.cast.dispatcher.user_id
    keep_saved_filter(user, name=" 朝阳经纪 ", query="link=brokerage&q=&district=110105")
    keep_saved_filter(user, name="朝阳经纪", query="link=trading")
    assert [(row["name"], row["query"]) for row in saved_filters(user)] == [("朝阳经纪", "link=trading")]
    assert saved_filters(stage.cast.clerk.user_id) == []


@pytest.mark.parametrize(
    ("name", "said"), [(" ", "不能为空"), ("名" * 41, "不得超过40字，现有41字"), ("名\x00", "空字符")]
)
def test_a_name_that_is_none_is_refused(stage, name, said):
    with refused(said, "name"):
        keep_saved_filter(stage.cast.dispatcher.user_id, name=name, query="")


def test_a_filter_is_kept_whole_or_not_at_all(stage):
    user = stage.cast.dispatcher.user_id
    keep_saved_filter(user, name="长", query=urlencode({"q": "中" * 50}))
    with refused("筛选条件过长", "query"):
        keep_saved_filter(user, name="更长", query=urlencode({"q": "中" * 60}))
    with refused("筛选条件过长", "query"):
        keep_saved_filter(user, name="未编码", query="q=" + "中" * 400)


def test_twenty_are_enough_and_an_old_one_can_still_be_replaced(stage):
    user = stage.cast.dispatcher.user_id
    SavedFilter.objects.bulk_create(SavedFilter(user_id=user, name=f"第{n}个", query="") for n in range(20))
    with refused("最多保存20个"):
        keep_saved_filter(user, name="第21个", query="")
    keep_saved_filter(user, name="第3个", query="link=trading")
    assert SavedFilter.objects.filter(user_id=user).count() == 20
