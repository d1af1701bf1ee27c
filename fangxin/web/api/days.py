"""When a term ends, and why."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from fangxin.web.api import schemas
from fangxin.web.api.json_forms import parameters_of, wrong_fields
from fangxin.web.due_day import DueDayForm

router = Router(tags=["期限"])


@router.get(
    "/due-day",
    url_name="api_due_day",
    response=schemas.DueDay,
    summary="试算期限",
    openapi_extra={"parameters": parameters_of(DueDayForm)},
)
def due_day(request: HttpRequest) -> dict[str, Any]:
    """期限的最后一天和逐日的理由，与规则库页面的试算、fangxin due-day 相同。"""
    form = DueDayForm(request.GET)
    if not form.is_valid() or form.due_day is None:
        raise wrong_fields(form)
    return form.due_day.as_dict()
