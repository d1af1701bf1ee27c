"""The bodies that act: those a document names, and the same departments in every city and every district.

A *function* is what a rule names (`city.market`, `district.market`); a *body code* is one body that has it
(`city.market`, `district.110105.market`, `city.350100.housing`).
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
    """A body of the city or the province, as the document names it; the key begins with the level.

    `inside`: within the commission (委内), where the document makes that difference.
    """

    key: str
    title: str
    inside: bool = False
    duties: dict[str, Duty]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Department(Cited):
    """A department that every district has, or every city."""

    key: str
    title: str
    link: str
    duties: dict[str, Duty]


@dataclass(frozen=True, kw_only=True)
class District(Cited):
    """A district or county, or a city. `standard`: its code is one of GB/T 2260. `city`: the city it lies in."""

    key: str
    title: str
    standard: bool = True
    city: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Body(Cited):
    """One body, ready to be given people. `district` is its place: a district's code, or a city's.

    `parent` is the code of the body above it in the same line, where there is one.
    """

    code: str
    name: str
    function: str
    level: str
    district: str | None = None
    parent: str = ""
    inside: bool
    duties: dict[str, Duty]

    def may(self, duty: str) -> bool:
        """Whether the document gives this body the duty: `sort`, `accept`, `call_back` …"""
        return duty in self.duties


def all_bodies(
    named: Iterable[CityBody],
    departments: Iterable[Department],
    districts: Iterable[District],
    *,
    districts_inside: bool,
    city_departments: Iterable[Department] = (),
    cities: Iterable[District] = (),
) -> Iterator[Body]:
    """The bodies named one by one, then each department in each city, then each department in each district."""
    departments, city_departments = tuple(departments), tuple(city_departments)
    by_key = {city.key: city for city in cities}
    for body in named:
        yield Body(
            code=body.key,
            name=body.title,
            function=body.key,
            level=body.key.partition(".")[0],
            inside=body.inside,
            duties=body.duties,
            **cited_by(body),
        )
    for city in by_key.values():
        for department in city_departments:
            yield Body(
                code=f"city.{city.key}.{department.key}",
                name=f"{city.title}{department.title}",
                function=f"city.{department.key}",
                level="city",
                district=city.key,
                inside=districts_inside,
                duties=department.duties,
                **cited_by(department),
            )
    above = {department.key for department in city_departments}
    for district in districts:
        for department in departments:
            within = by_key.get(district.city)
            yield Body(
                code=body_code(f"district.{department.key}", district.key),
                name=f"{within.title if within else ''}{district.title}{department.title}",
                function=f"district.{department.key}",
                level="district",
                district=district.key,
                parent=f"city.{within.key}.{department.key}" if within and department.key in above else "",
                inside=districts_inside,
                duties=department.duties,
                **cited_by(department),
            )
