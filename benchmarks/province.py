"""The register of a whole province as one workbook: what importing it costs beside bare reading.

Everything in it is invented, by number, so that two runs measure the same file.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.servers import Room
from benchmarks.table import Line
from fangxin.config.launch.home import PROJECT
from fangxin.rules.identifiers import ID_CHECKS, ID_WEIGHTS, USCC_ALPHABET, USCC_WEIGHTS

AGENCIES, PEOPLE_EACH, PROJECTS_EACH = 10_000, 6, 2
ON = date(2026, 11, 22)
GOAL, LARGEST = 3.0, 300.0  # times bare reading; MB
SURNAMES, GIVEN = (
    "陈林黄张李王吴刘蔡杨许郑谢郭洪邱曾廖赖徐",
    "志强建国丽华秀英海燕晓明伟杰雅婷俊宏美玲文斌国栋小芳",
)


def uscc(number: int) -> str:
    """A unified social credit code with both check digits right."""
    own = f"M{number:07d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    ninth = "0123456789X"[
        -sum("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(c) * w for c, w in zip(own, weights, strict=True))
        % 11
    ]
    body = f"91350100{own}{ninth}"
    return (
        body
        + USCC_ALPHABET[
            -sum(USCC_ALPHABET.index(c) * w for c, w in zip(body, USCC_WEIGHTS, strict=True)) % 31
        ]
    )


def id_card(number: int, born: date) -> str:
    body = f"350102{born:%Y%m%d}{number % 1000:03d}"
    return body + ID_CHECKS[sum(int(d) * w for d, w in zip(body, ID_WEIGHTS, strict=True)) % 11]


def name(number: int) -> str:
    """One of some ten thousand names."""
    first, second = number // 20 % len(GIVEN), number // (20 * len(GIVEN)) % len(GIVEN)
    return f"{SURNAMES[number % 20]}{GIVEN[first]}{GIVEN[second]}"


def declarations(agencies: int) -> Iterator[dict[str, Any]]:
    """Agencies in which all agrees, each with two shareholders, two projects and six people."""
    for number in range(agencies):
        born, code, head = date(1960, 1, 1) + timedelta(days=number % 12_000), uscc(number), name(number)
        registered = date(2001, 1, 1) + timedelta(days=number % 8_000)
        titled = f"福州第{number}号房地产经纪有限公司"
        person = id_card(number, born)
        projects = [_project(number, at) for at in range(PROJECTS_EACH)]
        yield {
            "J1": {
                "name": titled, "legal_code": code, "city": "350100", "county": "350102",
                "office_address": f"福州市鼓楼区五四路{number}号", "mailing_address": f"福州市鼓楼区五四路{number}号",
                "postcode": "350001", "telephone": f"0591-8{number:07d}", "email": f"office{number}@agency.example",
                "website": f"http://www.agency{number}.example", "registration_type": "173",
                "business_scope": "房地产经纪服务；房地产信息咨询；房屋租赁代理。", "licence_no": code,
                "registered_capital": Decimal(100 + number % 900), "registered_on": registered,
                "licence_expires_on": date.max, "legal_representative": head,
                "filed_on": registered + timedelta(days=30), "broker_count": 4, "full_time_broker_count": 3,
                "assistant_count": 2, "staff_count": 8, "mid_title_count": 2, "senior_title_count": 1,
                "shareholder_count": 3, "association_standing": "会员单位",
                "introduction": f"{titled}从事二手房买卖、租赁的居间和代理服务，门店位于五四路一带。" * 4,
            },
            "J2": {
                "name": head, "sex": "1" if int(person[16]) % 2 else "2", "nationality": "CHN", "id_kind": "居民身份证",
                "id_number": person, "born_on": born, "telephone": f"138{number:08d}", "education": "20",
                "major": "工商管理", "professional_title": "经济师", "position": "董事长",
                "invested": Decimal(100 + number % 900) - 20, "invested_percent": Decimal(60),
            },
            "J5": [
                {"name": name(number + 7 * (at + 1)), "sex": "1", "nationality": "CHN", "position": "监事",
                 "invested": Decimal(10), "invested_percent": Decimal(20), "holder_kind": "自然人"}
                for at in range(2)
            ],
            "J6": projects,
            "J7": [_person(number, at, projects) for at in range(PEOPLE_EACH)],
            "J8": {"application_opinion": "申请备案，所填内容属实。"},
        }  # fmt: skip


def _project(number: int, at: int) -> dict[str, Any]:
    begun = date(2026, 1, 1) + timedelta(days=number % 200)
    people = [
        name(number + 100 * (person + 1)) for person in range(PEOPLE_EACH) if person % PROJECTS_EACH == at
    ]
    return {
        "project_name": f"五四路{number}号小区{at + 1}号楼{number % 30 + 1}01室出租", "contract_no": f"2026-{number}-{at}",
        "purpose": "房地产租赁", "service_period": f"{begun}/{begun + timedelta(days=90)}",
        "fee_and_payment": "月租金的一半，签约时一次付清", "brokers": tuple(people[:2]), "assistants": tuple(people[2:]),
        "client_name": name(number + 33 * (at + 5)), "client_address": f"福州市台江区工业路{number}号",
        "client_telephone": f"139{number:08d}",
    }  # fmt: skip


def _person(number: int, at: int, projects: list[dict[str, Any]]) -> dict[str, Any]:
    project, place = projects[at % PROJECTS_EACH], at // PROJECTS_EACH
    kind = "broker" if place < 2 else "assistant"
    called = (*project["brokers"], *project["assistants"])[place]
    return {
        "contract_no": project["contract_no"],
        f"{kind}_name": called,
        f"{kind}_registration_no": f"3520{number:06d}{at}",
    }


# --- what is measured, each in a program of its own -------------------------------------------------------


def written(path: Path, agencies: int) -> None:
    """The workbook lies there, its strings shared as Excel itself would save them."""
    import xlsxwriter

    from fangxin.exchange.declarations import template
    from fangxin.exchange.declarations.layout import Shape, layout_of

    whole = xlsxwriter.Workbook
    # Line by line is how we write; it puts each string into its cell, which Excel undoes when it saves.
    template.xlsxwriter.Workbook = lambda file, options: whole(file, options | {"constant_memory": False})
    with path.open("wb") as file:
        template.write_template(layout_of(Shape.PROVINCE), file, on=ON, rows=declarations(agencies))


def bare(path: Path) -> str:
    """Every cell of every sheet is read, and forgotten."""
    import python_calamine

    workbook = python_calamine.load_workbook(str(path))
    rows = 0
    for title in workbook.sheet_names:
        for _ in workbook.get_sheet_by_name(title).iter_rows():
            rows += 1
    return f"{rows} rows"


def ours(path: Path) -> str:
    """Every agency is read and checked, as the import would; nothing is stored."""
    from fangxin.exchange.declarations.checking import check_declaration
    from fangxin.exchange.declarations.reading import read_workbook

    workbook = read_workbook(path.name, path.read_bytes())
    agencies = faults = len(workbook.faults)
    for raw in workbook:
        agencies += 1
        faults += len(check_declaration(raw, on=ON).faults)
    return f"{agencies} agencies, {faults} faults"


def with_openpyxl(path: Path) -> str:
    """Every cell is read by openpyxl in its sparing way."""
    import openpyxl

    workbook = openpyxl.load_workbook(path, read_only=True)
    return f"{sum(1 for sheet in workbook for _ in sheet.iter_rows(values_only=True))} rows"


def whole(path: Path, username: str) -> str:
    """Every agency is read, checked and in the register, by the very action of command and page."""
    from fangxin.config.commands.import_declarations import importer
    from fangxin.exchange.actions.declarations import import_declarations

    told = import_declarations(path.name, path.read_bytes(), by=importer(username, "fujian"))
    return f"{told.entered} agencies entered, {told.not_entered} not"


def measured(place: Room, agencies: int = AGENCIES, rounds: int = 3) -> list[Line]:
    """Reading with checking beside bare reading, in alternation, each in a fresh program; then the import, once."""
    path = place.home.folder / "province.xlsx"
    _apart("written", path, agencies)
    try:
        runs = [(_apart("bare", path), _apart("ours", path), _apart("openpyxl", path)) for _ in range(rounds)]
        entered = _apart("whole", path, REVIEWER, environment=_ready(place))
        size = path.stat().st_size / 1024**2
    finally:
        path.unlink(missing_ok=True)
    bare, ours, slow = (min(run[which].processor for run in runs) for which in (0, 1, 2))
    waited = statistics.median(run[2].waited for run in runs)
    note = f"{ours:.1f} / {bare:.1f} s of processor; {runs[0][1].said}; {size:.0f} MB"
    what = f"workbook of {agencies} agencies, read and checked"
    return [
        Line(f"{what} / read by calamine", ours / bare, "×", None, note),
        Line(f"{what} / read by openpyxl", ours / slow, "×", GOAL, f"{slow:.1f} s of processor"),
        Line(
            f"{what}, and written / read by openpyxl", entered.waited / waited, "×", GOAL,
            f"{entered.waited:.1f} / {waited:.1f} s by the clock; {entered.processor:.1f} s of our processor; {entered.said}",
        ),
        Line("memory of all that", entered.memory, "MB", LARGEST),
    ]  # fmt: skip


REVIEWER = "yelan"


def _ready(place: Room) -> dict[str, str]:
    """The province's reviewer can sign in; the environment in which the import runs."""
    from fangxin.agencies.models import Agency
    from tests.fujian_cast import fujian_cast

    if not Agency.objects.exists():
        fujian_cast()
    return place.environment() | {"DJANGO_SETTINGS_MODULE": "fangxin.config.settings"}


@dataclass(frozen=True)
class Run:
    """Seconds of processor and by the clock, the most memory in MB, and what was said."""

    processor: float
    waited: float
    memory: float
    said: str


def _apart(what: str, path: Path, *more: object, environment: Mapping[str, str] = os.environ) -> Run:
    command = [sys.executable, "-m", "benchmarks.province", what, str(path), *map(str, more)]
    ended = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    processor, waited, memory, said = ended.stdout.strip().split(maxsplit=3)
    return Run(float(processor), float(waited), float(memory), said)


def _most_memory() -> float:
    """The most MB this program has held. `ru_maxrss` counts the program that started it too, on Linux."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    act: Callable[..., str | None] = {
        "written": written, "bare": bare, "ours": ours, "openpyxl": with_openpyxl, "whole": whole,
    }[sys.argv[1]]  # fmt: skip
    if act is whole:
        import django

        django.setup()
    if act in (ours, whole):
        # Loading the program and the rulebook is no part of it.
        import fangxin.exchange.declarations.checking
        from fangxin.exchange.declarations.layout import Shape, layout_of

        for field in layout_of(Shape.PROVINCE).catalogue.fields:
            field.read("")
        fangxin.exchange.declarations.checking.evaluate({}, on=ON)
    more = [int(one) if one.isdecimal() else one for one in sys.argv[3:]]
    begun, at = time.process_time(), time.monotonic()
    told = act(Path(sys.argv[2]), *more)
    print(time.process_time() - begun, time.monotonic() - at, _most_memory(), told or "done")
