"""The bodies that act: those of the city by name, and the same four departments in every district.

A *function* is what a rule names (`city.market`, `district.market`); a *body code* is one body that has it
(`city.market`, `district.110105.market`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fangxin.rules.citation import Cited, cited_by


def body_code(function: str, district: str | None) -> str:
    """The body that has a function; a district's function needs the district, or ValueError is raised."""
    level, _, department = function.partition(".")
    if level != "district":
        return function
    if not district:
        raise ValueError("所在区县：本环节案件由区县部门办理，请先选定区县")
    return f"district.{district}.{department}"


def function_of(body: str) -> str:
    """The function of a body: `district.110105.market` has `district.market`."""
    level, *_, department = body.split(".")
    return f"{level}.{department}"


@dataclass(frozen=True, kw_only=True)
class Duty(Cited):
    """Something a body may or must do, in the words of the document."""

    title: str


@dataclass(frozen=True, kw_only=True)
class CityBody(Cited):
    """A body of the city, as the document names it. `inside`: within the commission (委内)."""

    key: str
    title: str
    inside: bool
    duties: dict[str, Duty]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Department(Cited):
    """A department that every district has."""

    key: str
    title: str
    link: str
    duties: dict[str, Duty]


@dataclass(frozen=True, kw_only=True)
class District(Cited):
    """A district. `standard`: its code is one of GB/T 2260."""

    key: str
    title: str
    standard: bool = True
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Body(Cited):
    """One body, ready to be given people."""

    code: str
    name: str
    function: str
    level: str
    district: str | None = None
    inside: bool
    duties: dict[str, Duty]

    def may(self, duty: str) -> bool:
        """Whether the document gives this body the duty: `sort`, `accept`, `call_back` …"""
        return duty in self.duties


def all_bodies(
    city: Iterable[CityBody],
    departments: Iterable[Department],
    districts: Iterable[District],
    *,
    districts_inside: bool,
) -> Iterator[Body]:
    """The city's bodies, then each department in each district."""
    for body in city:
        yield Body(
            code=body.key,
            name=body.title,
            function=body.key,
            level="city",
            inside=body.inside,
            duties=body.duties,
            **cited_by(body),
        )
    departments = tuple(departments)
    for district in districts:
        for department in departments:
            yield Body(
                code=body_code(f"district.{department.key}", district.key),
                name=f"{district.title}{department.title}",
                function=f"district.{department.key}",
                level="district",
                district=district.key,
                inside=districts_inside,
                duties=department.duties,
                **cited_by(department),
            )
