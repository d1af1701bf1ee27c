"""An agency of Fujian that has declared everything, with a canary in every field that the public must not see.

It was approved twice, writes a draft, and somebody complained about it; two worlds differ in what they are made from.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db import connection, transaction
from django.test import Client

from fangxin.agencies.actions import (
    add_picture,
    approve_declaration,
    begin_declaration,
    save_table,
    submit_declaration,
)
from fangxin.agencies.actions.publishing import count_coverage
from fangxin.cases.actions import receive_web_complaint
from fangxin.complaints.actions import Grievance
from fangxin.complaints.complainant import Identity
from fangxin.journal.actors import Actor
from fangxin.organisations.actions import found_bodies
from fangxin.organisations.models import User
from fangxin.rules.indicators import catalogue
from tests.fujian_cast import FujianCast, fujian_cast, published_agency, typed_values
from tests.leaks.canaries import Canary, Kept, Names
from tests.leaks.world import Answer, Counted, Dice, as_the_login, photo, standing_still

DAY = date(2026, 3, 2)
# Told by neither text nor number, but by which of two it is: the pairs of worlds look after these.
NO_STRING = {"J2-07", "J2-09", "T1-03", "T1-04"}
# Who may look besides the agency itself and its department.
OUTSIDE = ("anonymous", "other agency", "office elsewhere")


@dataclass(frozen=True)
class Secrets:
    """A declaration's values, by indicator, that nobody outside may learn."""

    values: Mapping[str, str]
    identity: Identity
    camera: Any

    def canaries(self, what: str) -> Iterator[Canary]:
        for code, text in self.values.items():
            yield Canary(what, code, text, Kept.SEALED)
        for field in ("name", "telephone", "email", "id_number", "address"):
            yield Canary(what, f"T1 {field}", getattr(self.identity, field), Kept.SEALED)
        yield Canary(what, "camera", self.camera.camera, Kept.SEALED)


def secrets(seed: str) -> Secrets:
    """The same for the same seed; every field of class A or K that holds text or a number, and those held back."""
    names = Names("authors", f"register {seed}")
    author = names.author(with_everything=True)

    def money() -> int:
        return names.chance.randint(1_000_000, 8_999_999)

    one, two = money(), money()
    share = round(one / (one + two) * 100, 4)

    def phone() -> str:
        return f"138{names.digits(8)}"

    def postcode() -> str:
        return f"35{names.digits(4)}"

    values = {
        "J1-04": f"福州市{names.rare(4, 6)}路", "J1-05": f"福州市{names.rare(4, 6)}号", "J1-06": postcode(),
        "J1-07": phone(), "J1-08": f"0591-8{names.digits(7)}", "J1-09": f"{names.letters(12)}@a.example",
        "J1-14": f"{(one + two) / 100:.2f}", "J2-08": author.id_number, "J2-10": phone(),
        "J2-11": f"厦门市{names.rare(4, 6)}巷", "J2-12": postcode(), "J2-13": f"{names.letters(12)}@b.example",
        "J2-21": f"{one / 100:.2f}", "J2-22": f"{share:.4f}", "J2-23": names.rare(5, 8), "J5-08": f"{two / 100:.2f}",
        "J5-09": f"{100 - share:.4f}", "J5-10": names.rare(5, 8), "J6-02": f"HT{names.digits(9)}",
        "J6-10": names.rare(3, 6), "J6-11": f"泉州市{names.rare(4, 6)}", "J6-12": postcode(), "J6-13": phone(),
    }  # fmt: skip
    identity = Identity(
        author.name, author.telephone, author.email, "身份证", names.author(with_everything=True).id_number,
        author.address, postcode(),
    )  # fmt: skip
    return Secrets(values, identity, names_of_files(names))


def names_of_files(names: Names) -> Any:
    """What a camera writes beside a picture."""
    from tests.leaks.canaries import Words

    return Words(
        name=names.letters(9), telephone=f"139{names.digits(8)}", room="", person="", respondent="", project="",
        file_name=names.letters(9), camera=names.letters(12), pdf_author="",
    )  # fmt: skip


def declared(cast: FujianCast, secret: Secrets, *, turned: bool = False) -> dict[str, Any]:
    """A sound declaration with the secrets in their places; `turned`: the other way round who did which project."""
    values, kept = typed_values(cast.agency), secret.values
    by_column: dict[str, dict[str, str]] = {}
    for code, text in kept.items():
        field = catalogue().field(code)
        by_column.setdefault(field.table, {})[field.column] = text
    born = kept["J2-08"][6:14]
    values["J1"] |= by_column["J1"]
    values["J2"] |= by_column["J2"] | {
        "born_on": f"{born[:4]}-{born[4:6]}-{born[6:]}",
        "id_number": kept["J2-08"],
    }
    values["J5"][0] |= by_column["J5"]
    contract = kept["J6-02"]
    first, second = ("李娜", "张伟") if turned else ("张伟", "李娜")
    numbers = {"张伟": "35200900123", "李娜": "35200900100"}
    project = values["J6"][0] | by_column["J6"]
    values["J6"] = [
        project | {"contract_no": f"{contract}-1", "brokers": first},
        project | {"contract_no": f"{contract}-2", "brokers": second, "project_name": "五四路租赁"},
    ]
    values["J7"] = [
        {"contract_no": f"{contract}-{at}", "broker_name": name, "broker_registration_no": numbers[name]}
        for at, name in ((1, first), (2, second))
    ]
    return values


@dataclass
class Register:
    """The world as those outside meet it."""

    cast: FujianCast
    dice: Dice
    ids: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.clients = {one: Client(raise_request_exception=False) for one in OUTSIDE}
        for who, name in (("other agency", "chenyu"), ("office elsewhere", "hexin")):
            self.clients[who].force_login(
                User.objects.get(username=name), backend="django.contrib.auth.backends.ModelBackend"
            )

    def ask(self, who: str, address: str) -> Answer:
        """One request under the database login as in production."""
        self.dice.begin(f"{who} {address}")
        counted = Counted()
        with as_the_login(), connection.execute_wrapper(counted):
            response = self.clients[who].get(address)
            streamed = getattr(response, "streaming", False)
            body = b"".join(response.streaming_content) if streamed else response.content
        return Answer(response.status_code, tuple(sorted(response.headers.items())), body, counted.queries)


@contextmanager
def register_world(secret: Secrets, *, turned: bool = False) -> Iterator[Register]:
    """The world stands inside, and everything is as it was afterwards."""
    dice = Dice()
    with transaction.atomic(), standing_still(dice):
        found_bodies("beijing", by=Actor.system("测试"))
        cast = fujian_cast()
        agency = cast.agency
        first = declared(cast, secret, turned=turned)
        drafted = begin_declaration(agency.pk, by=cast.filer)
        add_picture(drafted.pk, "J1-25", photo(secret.camera), by=cast.filer)
        add_picture(drafted.pk, "J2-06", photo(secret.camera), by=cast.filer)
        for table, rows in first.items():
            save_table(drafted.pk, table, rows if isinstance(rows, list) else [rows], by=cast.filer)
        submit_declaration(drafted.pk, truth=True, by=cast.filer)
        approve_declaration(drafted.pk, opinion="属实", by=cast.reviewer)
        published_agency(cast, **first)
        published_agency(cast, cast.other_agency, cast.other_filer, cast.other_reviewer)
        draft = begin_declaration(agency.pk, by=cast.filer)
        save_table(draft.pk, "J1", [{**first["J1"], "introduction": secret.values["J1-04"]}], by=cast.filer)
        receive_web_complaint(
            Grievance(title="不退定金", text="不退定金。", respondent_name=agency.company.name, district="110105"),
            secret.identity, jurisdiction="beijing", act_key=UUID(int=7),
        )  # fmt: skip
        count_coverage("fujian", on=DAY)
        ids = {
            "code": [agency.code, agency.code[8:17], cast.other_agency.code], "agency_id": [agency.pk],
            "declaration_id": [drafted.pk, draft.pk], "table": ["J1", "J2", "J5", "J6", "J7", "J8", "T1", "people"],
            "picture_id": _pictures(agency.pk), "attachment_id": _pictures(agency.pk),
        }  # fmt: skip
        yield Register(cast, dice, ids)
        transaction.set_rollback(True)


def _pictures(agency_id: int) -> list[Any]:
    from fangxin.agencies.models import PublishedPicture

    return list(
        PublishedPicture.objects.filter(agency_id=agency_id).order_by("pk").values_list("pk", flat=True)
    )


def addresses(built: Register, words: Mapping[str, str]) -> Iterator[str]:
    """Everything that can be asked without sending a form: each page, in each way the register's pages take."""
    from itertools import product

    from django.urls import NoReverseMatch, reverse

    from tests.leaks.surface import patterns

    for route, pattern in patterns():
        known = pattern.pattern.converters
        if not set(known) <= set(built.ids):
            continue
        for values in product(*(built.ids[name] for name in known)):
            try:
                address = reverse(route, kwargs=dict(zip(known, values, strict=True)))
            except NoReverseMatch:
                continue
            yield address
            if route in ("agency", "api_agency"):
                yield from (
                    f"{address}?on={on}" for on in ("2026-03-02", "2026-03-01", "2026-02-30", "2999-01-01")
                )
                yield f"{address}?print=1&page=2"
    name = built.cast.agency.company.name
    for base in ("/agencies/", "/api/v1/agencies", "/agencies/search.csv"):
        for asked in (
            f"q={quote(name)}",
            "q=诚信",
            "q=fzcx",
            "place=350100",
            "place=350102",
            "q=35200900123",
            "page=2",
        ):
            yield f"{base}?{asked}"
    for base in ("/brokers/", "/api/v1/brokers"):
        yield f"{base}?q=张"
    yield f"/brokers/?agency={built.cast.agency.code}"
    for address in ("/sitemap.xml", "/robots.txt", "/agencies/x/", "/agencies/?q=%00"):
        yield address


def searches(secret: Secrets) -> Iterator[tuple[str, str]]:
    """Searches for what is secret."""
    for code, text in secret.values.items():
        for base in (
            "/agencies/",
            "/brokers/",
            "/api/v1/agencies",
            "/api/v1/brokers",
            "/agencies/search.csv",
        ):
            yield code, f"{base}?q={quote(text)}"


def as_the_public_reads() -> str:
    """Every row and column that the public's role may read of the register, as text."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("set role fangxin_public")
        cursor.execute(
            "select table_name::text, string_agg(quote_ident(column_name::text), ', ' order by ordinal_position)"
            " from information_schema.columns where table_schema = 'public'"
            # With its schema, as in outlets.py.
            " and has_column_privilege(current_user, quote_ident(table_schema) || '.' || quote_ident(table_name),"
            " column_name::text, 'select') group by 1"
        )
        for table, columns in cursor.fetchall():
            cursor.execute(f"select t::text from (select {columns} from {table}) t order by 1")
            found += [f"{table}: {row}" for (row,) in cursor.fetchall()]
        cursor.execute("reset role")
    return "\n".join(found)
