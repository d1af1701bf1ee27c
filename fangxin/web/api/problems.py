"""What is said when something went wrong: RFC 9457 problem details, in Chinese."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

PREFIX = "/api/"
MEDIA_TYPE = "application/problem+json"
TITLES: Mapping[int, tuple[str, str]] = {
    400: ("请求无法读取", "请求的格式不对，没有写入任何内容。"),
    401: ("没有登录", "请先登录；会话到期、密码须修改或没有任职的，请在网页上处理后再试。"),
    403: ("拒绝办理", "缺少或已过期的 CSRF 令牌：请在请求头 X-CSRFToken 中带上 csrftoken 的值。"),
    404: ("没有找到", "没有这项内容，或者您无权查看。"),
    405: ("不支持这种方法", "这个地址不接受这种请求方法，可用的方法见响应头 Allow。"),
    409: ("现在不能办理", "这一步现在不能办理，没有写入任何内容。"),
    413: ("内容过大", "发来的内容超过了允许的大小，没有读取。"),
    415: ("内容类型不对", "请以 application/json 发送。"),
    422: ("填写的内容有误", "请按 fields 中的说明修改后再发送，没有写入任何内容。"),
    500: ("服务器出错", "服务器内部出错，没有写入任何内容；请稍后再试，仍不行请联系系统管理员。"),
}


class Problem(Exception):
    """Ends an operation with problem details; `fields` names what is wrong with which field."""

    def __init__(self, status: int, detail: str = "", fields: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.fields = fields


def problem(status: int, detail: str = "", fields: Mapping[str, list[str]] | None = None) -> HttpResponse:
    """The answer: type, title, status, detail, and `fields` when fields were wrong."""
    return HttpResponse(_body(status, detail, fields), status=status, content_type=MEDIA_TYPE)


def _body(status: int, detail: str = "", fields: Mapping[str, list[str]] | None = None) -> bytes:
    title, usual = TITLES.get(status, TITLES[500 if status >= 500 else 400])
    told: dict[str, Any] = {
        "type": f"{reverse('api_docs')}#problem-{status}", "title": title, "status": status, "detail": detail or usual,
    }  # fmt: skip
    if fields is not None:
        told["fields"] = fields
    return orjson.dumps(told)


class ProblemMiddleware:
    """Whatever goes wrong below /api/ is told as problem details, also what no operation has seen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith(PREFIX) or not isinstance(response, HttpResponse):
            return response
        status = response.status_code
        if status == 302 and response["Location"].startswith(reverse("sign_in")):
            # A machine is told, not sent to a form.
            status = 401
            del response["Location"]
        if status >= 400 and response["Content-Type"] != MEDIA_TYPE:
            response.status_code = status
            response.content = _body(status)
            response["Content-Type"] = MEDIA_TYPE
            response["Content-Length"] = str(len(response.content))
        response["Cache-Control"] = "no-store"
        return response
