"""The cities of the register's province with their counties, to choose from and to name."""

from collections.abc import Iterator
from functools import cache

from fangxin.rules.divisions import City, divisions
from fangxin.rules.indicators import catalogue
from fangxin.web.public import REGISTER


@cache
def cities() -> tuple[City, ...]:
    """The cities an agency can be in (J1-03), in the order of their codes."""
    codes = catalogue(REGISTER).field("J1-03").options
    found = [city for province in divisions().provinces for city in province.cities if city.code in codes]
    return tuple(sorted(found, key=lambda city: city.code))


@cache
def choices() -> tuple[tuple[str, object], ...]:
    """For a list box: the whole province, each city whole, and its counties."""
    return (("", "全省"), *((city.name, tuple(_of(city))) for city in cities()))


def _of(city: City) -> Iterator[tuple[str, str]]:
    yield city.code, f"{city.name}（全市）"
    for county in city.counties:
        if county.offered:
            yield county.code, county.name


@cache
def _names() -> dict[str, str]:
    names = {city.code: city.name for city in cities()}
    return names | {county.code: county.name for city in cities() for county in city.counties}


def named(city: str, county: str = "") -> str:
    """福州市鼓楼区; a code that is no place of the province stands as it is."""
    return f"{_names().get(city, city)}{_names().get(county, county)}"


def as_city_and_county(place: str) -> tuple[str, str]:
    """A chosen place as the register keeps it: a city, or a county."""
    return (place, "") if any(city.code == place for city in cities()) else ("", place)
