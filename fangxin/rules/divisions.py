"""Administrative divisions (GB/T 2260) of the places we serve: codes, names, and codes no longer in use."""

from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

from fangxin.rules.reader import into, read_yaml, rulebook_folder


class DivisionUnknown(LookupError):
    """No division bears this code or name; the message says so in Chinese."""


@dataclass(frozen=True, kw_only=True)
class County:
    """A county, district or county-level city (县、区、市).

    `standard` is false for a code the national standard does not have; `offered` is false for a place that
    lists to choose from leave out, though records may name it.
    """

    code: str
    name: str
    standard: bool = True
    offered: bool = True
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class City:
    """A city with districts and counties below it (设区市)."""

    code: str
    name: str
    counties: tuple[County, ...]


@dataclass(frozen=True, kw_only=True)
class Province:
    """A province with its cities, or a municipality with its districts."""

    code: str
    name: str
    cities: tuple[City, ...] = ()
    counties: tuple[County, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FormerCode:
    """A code that ceased in the year `until`; `now` are the codes of the same area today."""

    code: str
    name: str
    until: int
    now: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Divisions:
    """The whole table, as `national/divisions.yaml` gives it."""

    source: str
    checked_on: date
    provinces: tuple[Province, ...]
    former: tuple[FormerCode, ...]

    def counties(self, within: str) -> tuple[County, ...]:
        """Every county of a province or city. Raises `DivisionUnknown`."""
        for province in self.provinces:
            if province.code == within:
                return (*province.counties, *(county for city in province.cities for county in city.counties))
            for city in province.cities:
                if city.code == within:
                    return city.counties
        raise DivisionUnknown(f"没有代码为“{within}”的省级或市级行政区划")

    def choices(self, within: str) -> tuple[County, ...]:
        """The counties of a province or city that a person may choose from. Raises `DivisionUnknown`."""
        return tuple(county for county in self.counties(within) if county.offered)

    def choices_by_city(self, within: str) -> dict[str, tuple[County, ...]]:
        """The counties of a province that a person may choose from, under the names of their cities.

        Raises `DivisionUnknown`.
        """
        for province in self.provinces:
            if province.code == within:
                return {city.name: self.choices(city.code) for city in province.cities}
        raise DivisionUnknown(f"没有代码为“{within}”的省级行政区划")

    def name(self, code: str) -> str:
        """The present name, such as 鼓楼区. Raises `DivisionUnknown`."""
        return self._path(code)[-1]

    def full_name(self, code: str) -> str:
        """The name with the province and the city before it, such as 福建省福州市鼓楼区.

        Raises `DivisionUnknown`.
        """
        return "".join(self._path(code))

    def code(self, name: str, within: str) -> str:
        """The present code of a county named in full within a province or city. Raises `DivisionUnknown`."""
        for county in self.counties(within):
            if county.name == name:
                return county.code
        raise DivisionUnknown(f"{self.full_name(within)}没有名为“{name}”的区县，请从列表中选择")

    def today(self, code: str) -> tuple[str, ...]:
        """The codes in use today for the area of a code in use or former. Raises `DivisionUnknown`."""
        if code in self._paths:
            return (code,)
        found = [former for former in self.former if former.code == code]
        if not found:
            raise DivisionUnknown(f"没有代码为“{code}”的行政区划")
        return max(found, key=lambda former: former.until).now

    def name_in(self, code: str, year: int) -> str:
        """What the code meant in a year: 110228 was 密云县 in 2014. Raises `DivisionUnknown`."""
        ended = [former for former in self.former if former.code == code and year < former.until]
        return min(ended, key=lambda former: former.until).name if ended else self.name(code)

    def _path(self, code: str) -> tuple[str, ...]:
        try:
            return self._paths[code]
        except KeyError:
            raise DivisionUnknown(f"没有代码为“{code}”的现行行政区划") from None

    @cached_property
    def _paths(self) -> dict[str, tuple[str, ...]]:
        """For every present code the names from the province down."""
        paths: dict[str, tuple[str, ...]] = {}
        for province in self.provinces:
            paths[province.code] = (province.name,)
            for county in province.counties:
                paths[county.code] = (province.name, county.name)
            for city in province.cities:
                paths[city.code] = (province.name, city.name)
                for county in city.counties:
                    paths[county.code] = (province.name, city.name, county.name)
        return paths


@cache
def divisions() -> Divisions:
    """The divisions of the rulebook, read once. Raises `RulebookBroken`."""
    return into(Divisions, read_yaml(rulebook_folder() / "national" / "divisions.yaml"))
