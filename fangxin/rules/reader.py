"""Reads YAML into frozen dataclasses, and refuses whatever it does not understand.

The dataclass is the schema: an unknown key, a repeated key, a missing or mistyped value, or a date that
does not exist stops the reading with `RulebookBroken`, which names file and line in Chinese.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from fangxin.rules.citation import Cited

T = TypeVar("T")

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
INHERITED = ("source", "checked_on")


class RulebookBroken(Exception):
    """The rulebook cannot be read; the message names the file, the line and what is wrong."""

    where = ""  # 第12行：…, without the file


class Located(dict[str, Any]):
    """A YAML mapping that remembers its file and the line of each of its keys."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__()
        self.path = path
        self.line = line
        self.lines: dict[str, int] = {}

    def broken(self, wrong: str, key: str | None = None) -> RulebookBroken:
        """The error to raise about this mapping, or about one of its keys."""
        return broken(self.path, self.lines.get(key, self.line) if key else self.line, wrong)

    def with_outer(self, outer: Mapping[str, Any]) -> "Located":
        """A copy in which what the outer mapping says holds wherever this one is silent."""
        merged = Located(self.path, self.line)
        merged.update({**outer, **self})
        merged.lines = dict(self.lines)
        return merged


def broken(path: Path, line: int, wrong: str) -> RulebookBroken:
    """The error for a place in a file, named as `beijing/routing.yaml 第12行`."""
    error = RulebookBroken(f"规则库 {path.parent.name}/{path.name} 第{line}行：{wrong}")
    error.where = f"第{line}行：{wrong}"
    return error


def read_yaml(path: Path) -> Located:
    """The mapping a file holds, with lines. Raises `RulebookBroken` when it is not plain, sound YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise broken(path, 1, "文件不存在") from None
    except UnicodeDecodeError:
        raise broken(path, 1, "文件不是 UTF-8 编码") from None
    return read_text(text, path)


def read_text(text: str, path: Path) -> Located:
    """The mapping a text holds; `path` is what errors call it."""
    try:
        root = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise broken(path, line, f"不是合法的 YAML（{error.problem}）") from error
    except yaml.YAMLError as error:
        raise broken(path, 1, "不是合法的 YAML：含有不能识别的字符") from error
    if not isinstance(root, yaml.MappingNode):
        raise broken(path, 1, "文件应当是“键: 值”的形式")
    return _mapping(root, path)


def into(cls: type[T], node: Located, inherited: Mapping[str, Any] | None = None) -> T:
    """`node` as the frozen dataclass `cls`.

    A field named `class_` is written `class`; field metadata `yaml` names any other spelling. A `Cited`
    takes `source` and `checked_on` from `inherited` when it does not give its own.
    """
    outer = inherited or {}
    schema = _schema(cls)  # type: ignore[arg-type]
    for key in node:
        if key not in schema:
            raise node.broken(f"不认识的键“{key}”；这里可以写：{'、'.join(schema)}", key)
    given: dict[str, Any] = {}
    for key, (field, kind) in schema.items():
        if key in node:
            given[field.name] = _convert(kind, node[key], partial(node.broken, key=key), outer)
        elif key in outer and issubclass(cls, Cited):
            given[field.name] = outer[key]
        elif field.default is MISSING and field.default_factory is MISSING:
            raise node.broken(f"缺少“{key}”")
    try:
        return cls(**given)
    except ValueError as error:
        raise node.broken(str(error)) from error


def heading(root: Located) -> dict[str, Any]:
    """What the head of a file says for all its entries: `source` and `checked_on`."""
    return {key: root[key] for key in INHERITED if key in root}


@cache
def _schema(cls: type) -> dict[str, tuple[Field[Any], Any]]:
    if not is_dataclass(cls):
        raise TypeError(f"{cls.__name__} is not a dataclass")
    kinds = get_type_hints(cls)
    return {
        str(field.metadata.get("yaml", field.name.rstrip("_"))): (field, kinds[field.name])
        for field in fields(cls)
        if field.init
    }


Complain = Callable[[str], RulebookBroken]


def _convert(kind: Any, value: Any, complain: Complain, outer: Mapping[str, Any]) -> Any:
    """`value` as the type a field asks for, or the error that says what was expected."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _optional(kind, value, complain, outer)
    if origin is tuple:
        return _sequence(get_args(kind)[0], value, complain, outer)
    if origin is dict:
        return _keyed(get_args(kind)[1], value, complain, outer)
    if hasattr(kind, "parse") and isinstance(value, str):
        return _parsed(kind.parse, value, complain)
    if is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, Located):
            raise complain("这里应当是“键: 值”的形式")
        return into(kind, value, outer)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _parsed(kind, value, complain)
    return _scalar(kind, value, complain)


def _optional(kind: Any, value: Any, complain: Complain, outer: Mapping[str, Any]) -> Any:
    """None for `null`, and for the date `undated` of a text that bears no date."""
    (wanted,) = (choice for choice in get_args(kind) if choice is not NoneType)
    if value is None or (wanted is date and value == "undated"):
        return None
    return _convert(wanted, value, complain, outer)


def _sequence(kind: Any, value: Any, complain: Complain, outer: Mapping[str, Any]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise complain("这里应当是一个列表")
    return tuple(_convert(kind, item, complain, outer) for item in value)


def _keyed(kind: Any, value: Any, complain: Complain, outer: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(value, Located):
        raise complain("这里应当是“键: 值”的形式")
    return {key: _convert(kind, item, partial(value.broken, key=key), outer) for key, item in value.items()}


def _parsed(parse: Callable[[Any], Any], value: Any, complain: Complain) -> Any:
    try:
        return parse(value)
    except ValueError as error:
        raise complain(f"“{value}”不在允许的写法之内（{error}）") from error


EXPECTED = {
    str: "文字（数字请加引号）",
    int: "整数",
    float: "数",
    Decimal: "数",
    bool: "true 或 false",
    date: "日期，如 2026-02-13",
}


def _scalar(kind: Any, value: Any, complain: Complain) -> Any:
    if kind is object or kind is Any:
        return tuple(value) if isinstance(value, list) else value
    if kind is Decimal and type(value) in (int, float):
        return Decimal(str(value))
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise complain(f"“{value}”应当是{EXPECTED[kind]}")
    if value == "":
        raise complain("不能为空")
    return value


def _mapping(node: yaml.MappingNode, path: Path) -> Located:
    mapping = Located(path, node.start_mark.line + 1)
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise broken(path, line, "键应当是一个词")
        # The key is taken as written: YAML 1.1 would read an unquoted `off` or `no` as false.
        key = key_node.value
        if key in mapping:
            raise broken(path, line, f"键“{key}”重复；第{mapping.lines[key]}行已经写过")
        mapping.lines[key] = line
        mapping[key] = _value(value_node, path)
    return mapping


def _value(node: yaml.Node, path: Path) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, path) for item in node.value]
    return _single(node, path)


def _single(node: Any, path: Path) -> Any:
    """The value of a scalar: a date, a number, true, false, null, or else the words as they stand."""
    tag, text = node.tag.removeprefix("tag:yaml.org,2002:"), str(node.value)
    if tag == "timestamp" or (tag == "str" and not node.style and re.fullmatch(r"\d{4}-\d\d?-\d\d?", text)):
        return _date(text, broken(path, node.start_mark.line + 1, f"“{text}”不是存在的日期"))
    if tag == "int" and re.fullmatch(r"-?(0|[1-9]\d*)", text):
        return int(text)
    if tag == "float" and re.fullmatch(r"-?\d+\.\d+", text):
        return float(text)
    if tag == "bool" and text in ("true", "false"):
        return text == "true"
    return None if tag == "null" else text


def _date(text: str, wrong: RulebookBroken) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong from None


_BESIDE_THE_PACKAGE = Path(__file__).resolve().parents[2] / "rulebook"


def rulebook_folder() -> Path:
    """Where the rulebook lies: `FANGXIN_RULEBOOK`, or the folder beside the package."""
    named = os.environ.get("FANGXIN_RULEBOOK")
    return Path(named) if named else _BESIDE_THE_PACKAGE
