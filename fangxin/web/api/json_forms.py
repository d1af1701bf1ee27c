"""A page's form, sent as JSON and described as JSON: one form, one set of rules, two ways in."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import HttpRequest, QueryDict

from fangxin.web.api.problems import Problem

DEEPEST = 20
# Carried by a header, or not to be sent as JSON.
NOT_IN_JSON = frozenset({"act_key", "files"})
KEY_HEADER = "Idempotency-Key"


def json_object(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of the request. Problem 415 or 400 says what is wrong with it.

    Refused are also: a key said twice, NaN, text that cannot be stored (NUL, unpaired surrogates).
    """
    if request.content_type != "application/json":
        raise Problem(415)
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "请求内容不是 UTF-8 编码。") from None
    try:
        given = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise Problem(400, "JSON 嵌套过深。") from None
    except ValueError as wrong:
        why = (
            f"第{wrong.lineno}行第{wrong.colno}列" if isinstance(wrong, json.JSONDecodeError) else str(wrong)
        )
        raise Problem(400, f"请求内容不是合法的 JSON（{why}）。") from None
    if not isinstance(given, dict):
        raise Problem(400, "请求内容应为一个 JSON 对象。")
    _storable(given)
    return given


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("同一个键写了两遍")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"不能使用 {name}")


def _storable(value: Any, depth: int = 0) -> None:
    """Problem 400 for a text PostgreSQL cannot store, wherever it stands."""
    if depth > DEEPEST:
        raise Problem(400, "JSON 嵌套过深。")
    if isinstance(value, dict):
        for key, inner in value.items():
            _storable(key, depth + 1)
            _storable(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _storable(inner, depth + 1)
    elif isinstance(value, str) and any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in value):
        raise Problem(400, "内容含有空字符（NUL）或不成对的代理字符，无法保存，请删去。")


def act_key(request: HttpRequest) -> UUID:
    """The key of the act: what the header says, or a new one."""
    given = request.headers.get(KEY_HEADER)
    if given is None:
        return uuid4()
    try:
        return UUID(given.strip().strip('"'))
    except ValueError:
        raise Problem(
            400, f"请求头 {KEY_HEADER} 应为 UUID，如 7d444840-9dc0-11d1-b245-5ffdce74fad2。"
        ) from None


def as_posted(given: Mapping[str, Any], form: type[forms.Form] | forms.Form, key: UUID) -> QueryDict:
    """The object as the page's own form would have sent it. Problem 422 names unknown fields and wrong types."""
    fields = form.base_fields if isinstance(form, type) else form.fields
    known = {name: field for name, field in fields.items() if name not in NOT_IN_JSON}
    wrong = {name[:60]: ["没有这个字段。"] for name in given if name not in known}
    posted = QueryDict(mutable=True)
    for name, field in known.items():
        value = given.get(name)
        if value is None:
            continue
        if expected := _expected(field, value):
            wrong[name] = [f"{field.label or name}应为{expected}。"]
        else:
            posted.setlist(name, [_text(one) for one in value] if isinstance(value, list) else [_text(value)])
    if wrong:
        raise Problem(422, fields=wrong)
    posted["act_key"] = str(key)
    return posted


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _expected(field: forms.Field, value: Any) -> str:
    """The type that was expected, when the value is of another."""
    if isinstance(field, forms.MultipleChoiceField):
        return "" if isinstance(value, list) and all(_is_plain(one) for one in value) else "文字的列表"
    if isinstance(field, forms.BooleanField):
        return "" if isinstance(value, bool) else " true 或 false"
    return "" if _is_plain(value) else "文字"


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def wrong_fields(form: forms.Form) -> Problem:
    """422 with each field's errors; what belongs to no field is the detail."""
    fields = {
        name: [str(error) for error in errors] for name, errors in form.errors.items() if name != "__all__"
    }
    return Problem(422, "".join(str(error) for error in form.non_field_errors()), fields)


def described(form: forms.Form) -> list[dict[str, Any]]:
    """Each field of a form as it stands: what it is called, what it takes, and what it would be filled with."""
    return [_described(name, field, form) for name, field in form.fields.items() if name not in NOT_IN_JSON]


def _described(name: str, field: forms.Field, form: forms.Form) -> dict[str, Any]:
    initial = form.get_initial_for_field(field, name)
    return {
        "name": name,
        "label": str(field.label or name),
        "type": _kind(field),
        "required": field.required,
        "max_length": getattr(field, "max_length", None),
        "help": str(field.help_text),
        "choices": [
            {"value": str(value), "title": str(title)} for value, title in getattr(field, "choices", ())
        ],
        "value": [str(one) for one in initial] if isinstance(initial, list | tuple) else _said(initial),
    }


def _said(value: Any) -> str | bool | int | None:
    return value if value is None or isinstance(value, bool | int) else str(value)


def _kind(field: forms.Field) -> str:
    if isinstance(field, forms.MultipleChoiceField):
        return "array"
    if isinstance(field, forms.BooleanField):
        return "boolean"
    return "integer" if isinstance(field, forms.IntegerField) else "string"


def schema_of(form: type[forms.Form]) -> dict[str, Any]:
    """The form as a JSON schema; lists that depend on the case are told by the case's own operation."""
    fields = {name: field for name, field in form.base_fields.items() if name not in NOT_IN_JSON}
    return {
        "type": "object",
        "properties": {name: _schema(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }


def parameters_of(form: type[forms.Form], *others: dict[str, Any]) -> list[dict[str, Any]]:
    """The form as query parameters; `others` are added, or told in place of the form's own of the same name."""
    told = {
        name: {
            "in": "query", "name": name, "required": field.required, "schema": _schema(field),
            "description": str(field.label or name),
        }
        for name, field in form.base_fields.items()
    }  # fmt: skip
    return list((told | {one["name"]: one for one in others}).values())


def _schema(field: forms.Field) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _kind(field), "title": str(field.label or "")}
    if schema["type"] == "array":
        schema["items"] = {"type": "string"}
    if isinstance(field, forms.DateField):
        schema["format"] = "date"
    for name, limit in (("minimum", "min_value"), ("maximum", "max_value")):
        if (value := getattr(field, limit, None)) is not None:
            schema[name] = value
    if longest := getattr(field, "max_length", None):
        schema["maxLength"] = longest
    if field.help_text:
        schema["description"] = str(field.help_text)
    if choices := [str(value) for value, _ in getattr(field, "choices", ())]:
        schema["enum"] = choices
    return schema
