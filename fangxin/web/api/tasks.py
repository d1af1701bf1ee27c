"""A company's tasks: what it is asked, and its answer."""

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404
from ninja import Router

from fangxin.cases.actions import open_task, reply_to_task
from fangxin.cases.queries import enterprise_desk, task_for
from fangxin.journal.actions import AlreadyDone
from fangxin.organisations.refusals import ActRefused
from fangxin.web.access import ActingRequest
from fangxin.web.api import schemas
from fangxin.web.api.cases import KEY_PARAMETER, done_before
from fangxin.web.api.json_forms import act_key, as_posted, described, json_object, schema_of, wrong_fields
from fangxin.web.api.problems import Problem
from fangxin.web.enterprise.forms import ReplyForm

router = Router(tags=["本企业案件"])


class ReplyAsJson(ReplyForm):
    """The form of the page, without what only a page needs."""

    def __init__(self, *args: Any, points: list[str], **kwargs: Any) -> None:
        super().__init__(*args, points=points, **kwargs)
        del self.fields["turn"], self.fields["files"]


class ReplyToOnePoint(ReplyAsJson):
    """The shape of an answer, for the description of the API."""

    base_fields = ReplyAsJson(points=["…"]).fields


REPLY_BODY = {
    "description": "与网页上的答复表单相同：answer_1、answer_2……逐条答复，问题见案件的 points；证明材料请在网页上传。",
    "required": True,
    "content": {"application/json": {"schema": {**schema_of(ReplyToOnePoint), "additionalProperties": {"type": "string"}}}},
}  # fmt: skip


@router.get("/tasks", url_name="api_tasks", response=schemas.Tasks, summary="本企业案件")
def tasks(request: ActingRequest, done: bool = False) -> dict[str, Any]:
    """发给本企业的案件，最先到期的在前；done=true 列出已答复和已结束的。"""
    return {"tasks": enterprise_desk(_company(request), done=done)}


@router.get("/tasks/{uuid:task_id}", url_name="api_task", response=schemas.OwnTask, summary="一件案件")
def task(request: ActingRequest, task_id: UUID) -> dict[str, Any]:
    """转办摘要、须答复的问题和答复表单；第一次打开即记为签收，与网页相同。"""
    if task_for(_company(request), task_id) is None:
        raise Http404
    open_task(task_id, by=request.acting)
    shown = _task(request, task_id)
    fields = described(ReplyAsJson(points=shown["points"])) if shown["open"] else []
    return {**shown, "handling_body": shown["handling_body__name"], "fields": fields}


@router.post(
    "/tasks/{uuid:task_id}/reply",
    url_name="api_reply",
    response=schemas.Replied,
    summary="答复",
    openapi_extra={"parameters": [KEY_PARAMETER], "requestBody": REPLY_BODY},
)
def reply(request: ActingRequest, task_id: UUID) -> dict[str, Any]:
    """逐条答复；再次答复即为新的一版。不能再答复的答复 409，填写有误的答复 422，都没有写入任何内容。"""
    key, given = act_key(request), json_object(request)
    shown = _task(request, task_id)
    if done_before(key, "reply_to_task", "task", str(task_id)):
        return _replied(request, task_id, repeated=True)
    points = shown["points"]
    form = ReplyAsJson(as_posted(given, ReplyAsJson(points=points), key), points=points)
    if not form.is_valid():
        raise wrong_fields(form)
    filled = form.cleaned_data
    open_task(task_id, by=request.acting)
    try:
        reply_to_task(
            task_id, answers=form.answers, by=request.acting, plan=filled["plan"],
            admits_violation=filled["admits_violation"], contact=filled["contact"], reply_id=uuid4(), act_key=key,
        )  # fmt: skip
    except AlreadyDone:
        return _replied(request, task_id, repeated=True)
    except ActRefused as refused:
        if refused.field in form.fields:
            raise Problem(422, fields={refused.field: [str(refused)]}) from refused
        raise
    return _replied(request, task_id, repeated=False)


def _company(request: ActingRequest) -> int:
    assert request.acting.company_id is not None  # noqa: S101 - the mark lets nobody else in
    return request.acting.company_id


def _task(request: ActingRequest, task_id: UUID) -> dict[str, Any]:
    shown = task_for(_company(request), task_id)
    if shown is None:
        raise Http404
    return shown


def _replied(request: ActingRequest, task_id: UUID, *, repeated: bool) -> dict[str, Any]:
    shown = _task(request, task_id)
    return {**shown, "version": shown["replies"][-1]["version"], "repeated": repeated}
