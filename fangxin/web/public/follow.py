"""How one's complaint goes, for whoever holds its number and secret."""

from collections.abc import Mapping, Sequence
from typing import Any

from axes.helpers import get_client_ip_address as client_address
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from fangxin.complaints.queries import follow_complaint
from fangxin.web.access import intake
from fangxin.web.public import DEFAULT, REGISTER
from fangxin.web.public.allowance import Allowance
from fangxin.web.public.forms import FollowForm

WRONG = ("没有查到", "投诉编号或查询码不正确。请照回执核对后重新填写，两项须同时相符。")
TOO_MANY = ("请稍后再查", "这个网络地址短时间内查询失败过多，请十分钟后再试。您的投诉仍在正常办理。")

STAGES = ("收到", "分派", "受理调查", "处理意见", "答复", "办结")
# Where a piece of news leaves the complaint; news that is not listed leaves it where it was.
STAGE_AFTER: Mapping[str, int] = {
    "投诉已收到": 0,
    "投诉已登记": 0,
    "重新分派": 0,
    "恢复办理": 0,
    "已分派": 1,
    "已受理": 2,
    "重新办理": 2,
    "已提出处理意见": 3,
    "责令整改": 3,
    "办理结果": 4,
    "不予受理": 5,
    "已办结归档": 5,
}
ANSWERS = frozenset({"办理结果", "不予受理", "不属于受理范围"})
REFUSALS = frozenset({"不予受理", "不属于受理范围"})
# The same for a complaint about an agency, which goes another way (二（三）).
AGENCY_STAGES = ("收到", "分办", "核查、反馈", "答复")
AGENCY_STAGE_AFTER: Mapping[str, int] = {
    "投诉已收到": 0,
    "转有管辖权的部门": 0,
    "已分办": 2,
    "已转企业": 2,
    "已核查": 2,
    "办理结果": 3,
    "不属于受理范围": 3,
}


@intake
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponseBase:
    """Number and secret in, the way so far out. A wrong number and a wrong secret get the same answer."""
    if request.method != "POST":
        return _page(request, FollowForm())
    allowance, address = follows_allowance(), client_address(request)
    if allowance.used_up(address):
        page = _page(request, FollowForm(), 429, TOO_MANY)
        page["Retry-After"] = str(allowance.wait)
        return page
    form = FollowForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    found = follow_complaint(form.cleaned_data["number"], form.cleaned_data["secret"])
    if found is None:
        allowance.count(address)
        return _page(request, FollowForm(), 422, WRONG)
    return render(
        request,
        "public/followed.html",
        {"complaint": found, **standing(found["progress"], found["jurisdiction"])},
    )


def follows_allowance() -> Allowance:
    """How many wrong pairs of number and secret one address may try in ten minutes."""
    return Allowance("follows", settings.WRONG_FOLLOWS_PER_TEN_MINUTES, 600)


def standing(progress: Sequence[Mapping[str, Any]], jurisdiction: str = DEFAULT) -> dict[str, Any]:
    """How far the complaint has come: the steps, what it waits for until when, and the latest answer."""
    of_agency = jurisdiction == REGISTER
    stages, after = (AGENCY_STAGES, AGENCY_STAGE_AFTER) if of_agency else (STAGES, STAGE_AFTER)
    place = 0
    for news in progress:
        place = after.get(news["title"], place)
    latest = progress[-1] if progress else None
    refused = latest is not None and latest["title"] in REFUSALS
    skipped = range(1 if of_agency else 2, place) if refused else range(0)
    return {
        "steps": [{"title": title, "state": _state(at, place, skipped)} for at, title in enumerate(stages)],
        "latest": latest,
        "due_on": latest["due_on"] if latest else None,
        "answer": next((news for news in reversed(progress) if news["title"] in ANSWERS), None),
        "history": list(reversed(progress)),
    }


def _state(at: int, place: int, skipped: range) -> str:
    if at in skipped:
        return "skipped"
    if at == place:
        return "current"
    return "done" if at < place else "todo"


def _page(
    request: HttpRequest, form: FollowForm, status: int = 200, problem: tuple[str, str] | None = None
) -> HttpResponse:
    # A wrong pair comes back without what was typed: its answer must not tell the number from the secret.
    return render(request, "public/follow.html", {"form": form, "problem": problem}, status=status)
