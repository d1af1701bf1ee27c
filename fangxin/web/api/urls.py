"""The addresses of the API, and who may enter each.

Ninja's views carry no mark of fangxin.web.access, and ninja exempts them from CSRF: here each gets the mark
written beside its name, and the check back. An operation that is not in `WHO` has no address.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.operation import Operation
from ninja.renderers import BaseRenderer

from fangxin.organisations.refusals import ActRefused
from fangxin.web.access import View, enterprise, office, public, signed_in
from fangxin.web.api import agencies, cases, days, docs, evaluations, tasks
from fangxin.web.api.problems import Problem, problem

WHO: Mapping[str, Callable[[View], View]] = {
    "api_cases": office(),
    "api_case": office(),
    "api_steps": office(),
    "api_step": office(),
    "api_tasks": enterprise,
    "api_task": enterprise,
    "api_reply": enterprise,
    "api_due_day": signed_in,
    "api_agencies": public,
    "api_agency": public,
    "api_brokers": public,
    "api_evaluations": public,
    "api_evaluation": public,
    "api_agency_scores": public,
    "api_records": public,
    "api_complaints": public,
}


class Renderer(BaseRenderer):
    """JSON with Chinese as it is."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data)


class Api(NinjaAPI):
    """Operations are known by the names of their functions."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="房信接口",
    version="1",
    description=docs.DESCRIPTION,
    docs_url=None,
    openapi_url=None,
    renderer=Renderer(),
    urls_namespace="api",
)
api.add_router("", cases.router)
api.add_router("", tasks.router)
api.add_router("", days.router)
api.add_router("", agencies.router)
api.add_router("", evaluations.router)


@api.exception_handler(Problem)
def told(request: HttpRequest, wrong: Problem) -> HttpResponse:
    """Problem details as raised."""
    return problem(wrong.status, wrong.detail, wrong.fields)


@api.exception_handler(ActRefused)
def refused(request: HttpRequest, wrong: ActRefused) -> HttpResponse:
    """409 in the table's own words; the action has undone what it began."""
    return problem(409, str(wrong))


@api.exception_handler(Http404)
def absent(request: HttpRequest, wrong: Http404) -> HttpResponse:
    """404: not there, and not yours, in the same bytes."""
    return problem(404)


@api.exception_handler(ValidationError)
def mistyped(request: HttpRequest, wrong: ValidationError) -> HttpResponse:
    """422 for a parameter of another type."""
    return problem(
        422, fields={str(one["loc"][-1]): ["类型不对，请对照接口说明填写。"] for one in wrong.errors}
    )


def _expired(request: HttpRequest) -> HttpResponse:
    return problem(403)


def _marked(pattern: URLPattern) -> URLPattern:
    assert pattern.name is not None  # noqa: S101 - every operation names itself
    view = WHO[pattern.name](pattern.callback)
    view.csrf_exempt = False  # type: ignore[attr-defined]
    view.when_expired = _expired  # type: ignore[attr-defined]
    return path(str(pattern.pattern), view, name=pattern.name)


def _operations() -> list[URLPattern]:
    """One address for each path, whatever methods it takes."""
    found = {
        str(pattern.pattern): _marked(pattern)
        for pattern in api.urls[0]
        if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    }
    return list(found.values())


def _as_openapi(pattern: URLPattern) -> str:
    return docs.ROOT + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern))


operations = _operations()
description = docs.Description(api, {_as_openapi(one): vars(one.callback)["access"] for one in operations})
urlpatterns = [
    path("", description.page, name="api_root"),
    path("docs", description.page, name="api_docs"),
    path("openapi.json", description.document, name="api_schema"),
    *operations,
]
