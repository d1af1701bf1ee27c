"""The description of the API as a plain page and as OpenAPI JSON: nothing is fetched from elsewhere."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI

from fangxin.cases.workflow import STEP_BY_VERB
from fangxin.web.access import View, public
from fangxin.web.api.problems import MEDIA_TYPE, TITLES
from fangxin.web.api.schemas import ProblemDetails

ROOT = "/api/v1/"
DESCRIPTION = (
    "公示的机构登记和信用记录（/agencies、/brokers、/records）任何人可用，不用登录。其余供工作人员和企业人员使用：先在 /sign-in/ 登录，带上会话 Cookie；写操作还须带请求头 X-CSRFToken。"
    "查询、表单和办理与网页是同一套，权限也相同。出错一律以 application/problem+json 说明（RFC 9457）。"
)
WRITE_PROBLEMS = (400, 401, 403, 404, 409, 413, 415, 422)
READ_PROBLEMS = (401, 404, 409, 422)
PUBLIC_PROBLEMS = (404, 422)
AUDIENCES = {
    "office": "工作人员",
    "enterprise": "企业人员",
    "signed_in": "任何已登录的人",
    "public": "任何人，不用登录",
}


class Description:
    """What the API says of itself; `who` tells for each route which mark of fangxin.web.access it wears."""

    def __init__(self, api: NinjaAPI, who: Mapping[str, str]) -> None:
        self.api = api
        self.who = who

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The OpenAPI document: ninja's, with who may enter, the session, and the problems to be met."""
        schema: dict[str, Any] = dict(self.api.get_openapi_schema(path_prefix=ROOT.lstrip("/")))
        schema["components"]["schemas"]["ProblemDetails"] = ProblemDetails.model_json_schema()
        schema["components"]["securitySchemes"] = {
            "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
            "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
        }
        for route, methods in schema["paths"].items():
            for method, operation in methods.items():
                writes = method == "post"
                operation["x-access"] = self.who[route]
                for_all = self.who[route] == "public"
                operation["security"] = (
                    [] if for_all else [{"session": [], **({"csrf": []} if writes else {})}]
                )
                for status in PUBLIC_PROBLEMS if for_all else WRITE_PROBLEMS if writes else READ_PROBLEMS:
                    operation["responses"][str(status)] = _problem_answer(status)
        return schema

    @property
    def page(self) -> View:
        """The page for people."""

        @public
        def page(request: HttpRequest) -> HttpResponse:
            context = {
                "heading": self.schema["info"]["title"],
                "description": self.schema["info"]["description"],
                "operations": list(_operations(self.schema)),
                "problems": [
                    {"status": status, "title": title, "detail": detail}
                    for status, (title, detail) in TITLES.items()
                ],
                "schema_url": f"{ROOT}openapi.json",
            }
            return render(request, "api/docs.html", context)

        return page

    @property
    def document(self) -> View:
        """The OpenAPI document for machines."""

        @public
        def document(request: HttpRequest) -> HttpResponse:
            # Statuses are numbers in ninja's document and words in ours.
            content = orjson.dumps(self.schema, option=orjson.OPT_NON_STR_KEYS)
            return HttpResponse(content, content_type="application/json; charset=utf-8")

        return document


def _problem_answer(status: int) -> dict[str, Any]:
    return {
        "description": TITLES[status][0],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }


def _operations(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for route, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield {
                "id": operation["operationId"],
                "method": method.upper(),
                "route": route,
                "title": operation["summary"],
                "description": operation.get("description", ""),
                "who": AUDIENCES[operation["x-access"]],
                "parameters": operation["parameters"],
                "body": operation.get("requestBody", {}).get("description", ""),
                "bodies": list(_bodies(operation)),
                "answer": list(_answer(operation, schema)),
            }


def _bodies(operation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    for one in body.get("oneOf", [body]) if body else []:
        step = STEP_BY_VERB.get(one.get("title", ""))
        yield {
            "verb": step.verb if step else "",
            "title": step.title if step else "",
            "fields": [
                {
                    "name": name, "title": field.get("title", ""), "type": _type(field), "help": field.get("description", ""),
                    "required": name in one["required"], "longest": field.get("maxLength"), "choices": field.get("enum"),
                }
                for name, field in one["properties"].items()
            ],
        }  # fmt: skip


def _answer(operation: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    reference = operation["responses"][200]["content"]["application/json"]["schema"]["$ref"]
    described = schema["components"]["schemas"][reference.rsplit("/", 1)[1]]
    for name, field in described["properties"].items():
        yield {"name": name, "type": _type(field)}


def _type(field: Mapping[str, Any]) -> str:
    """“string”, “array of Task”, “date or null”: a type in a few words."""
    if "anyOf" in field:
        return " | ".join(_type(one) for one in field["anyOf"])
    if "$ref" in field:
        return str(field["$ref"].rsplit("/", 1)[1])
    if field.get("type") == "array":
        return f"array of {_type(field.get('items', {}))}"
    return str(field.get("format") or field.get("type", "any"))
