"""The cities of the register's province with their counties, to choose from and to name."""

from collections.abc import Iterator
from functools import cache

from fangxin.rules.divisions import City, divisions
from fangxin.rules.indicators import catalogue
from fangxin.web.public import REGISTER


@cache
def cities() -> tuple[City, ...]:
    """The cities an agency can be in (J1-03), by code; behind them what counts as a city and is a county (平潭)."""
    own = catalogue(REGISTER).field("J1-03").options
    every = [city for province in divisions().provinces for city in province.cities]
    found = [
        City(
            code=city.code,
            name=city.name,
            counties=tuple(one for one in city.counties if one.code not in own),
        )
        for city in every
        if city.code in own
    ]
    counties = [one for city in every for one in city.counties if one.code in own]
    alone = [City(code=one.code, name=own[one.code], counties=(one,)) for one in counties]
    return (*sorted(found, key=_code), *sorted(alone, key=_code))


def _code(city: City) -> str:
    return city.code


@cache
def choices() -> tuple[tuple[str, object], ...]:
    """For a list box: the whole province, each city whole, and its counties."""
    return (("", "全省"), *((city.name, tuple(_of(city))) for city in cities()))


def _of(city: City) -> Iterator[tuple[str, str]]:
    alone = [county.code for county in city.counties] == [city.code]
    yield city.code, city.name if alone else f"{city.name}（全市）"
    for county in city.counties:
        if county.offered and not alone:
            yield county.code, county.name


@cache
def _names() -> dict[str, str]:
    names = {county.code: county.name for city in cities() for county in city.counties}
    return names | {city.code: city.name for city in cities()}


def named(city: str, county: str = "") -> str:
    """福州市鼓楼区; the city alone where the county is its own; a code that is no place of ours stands as it is."""
    return f"{_names().get(city, city)}{'' if county == city else _names().get(county, county)}"


def as_city_and_county(place: str) -> tuple[str, str]:
    """A chosen place as the register keeps it: a city, or a county."""
    return (place, "") if any(city.code == place for city in cities()) else ("", place)


def city_of(county: str) -> str:
    """The city a county lies in; empty for what is none."""
    return next((city.code for city in cities() for one in city.counties if one.code == county), "")
