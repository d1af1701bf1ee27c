"""Filters a person keeps."""

from urllib.parse import parse_qsl, urlencode

from django.db import transaction

from fangxin.cases.models import SavedFilter
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused

MOST_FILTERS = 20
LONGEST_QUERY = 500


@transaction.atomic
def keep_saved_filter(user_id: int, *, name: str, query: str) -> None:
    """The query string lies under the name; a filter of the same name is replaced. ActRefused without a name."""
    name = fields.text(name, "常用筛选的名称", 40, "name")
    kept = urlencode(parse_qsl(query))
    if len(kept) > LONGEST_QUERY:
        raise ActRefused("筛选条件过长，不能保存；请缩短查询的字词。", "query")
    if SavedFilter.objects.filter(user_id=user_id).exclude(name=name).count() >= MOST_FILTERS:
        raise ActRefused(f"常用筛选最多保存{MOST_FILTERS}个，请先删去不用的。")
    SavedFilter.objects.update_or_create(user_id=user_id, name=name, defaults={"query": kept})


@transaction.atomic
def drop_saved_filter(user_id: int, filter_id: int) -> None:
    """The person's filter of that number is gone; another's stays where it is."""
    SavedFilter.objects.filter(user_id=user_id, pk=filter_id).delete()
