"""A book of rules: one jurisdiction's files, read whole and checked before the first answer."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from fangxin.rules.bodies import Body, CityBody, Department, District, all_bodies
from fangxin.rules.casework import (
    Answer,
    Form,
    IntakeSource,
    MajorGround,
    MonthlyReturn,
    Outcome,
    Provision,
    Reason,
    RefusalReason,
    ReturnSection,
    Route,
    Supervisor,
    Violation,
)
from fangxin.rules.citation import cited_by
from fangxin.rules.conduct import RecordClass, RecordSource
from fangxin.rules.dated import history, in_force
from fangxin.rules.decision_table import DecisionTable
from fangxin.rules.declarations import CrossCheck, DeclaredTable, NeverAsked
from fangxin.rules.disclosure import InformationClass, Join, QueryGround, Reader
from fangxin.rules.divisions import divisions
from fangxin.rules.evaluation import Scheme
from fangxin.rules.indicator_fields import CodeList, Table, tables_of
from fangxin.rules.limits import Limit, Value
from fangxin.rules.reader import Located, RulebookBroken, broken, heading, into, read_yaml, rulebook_folder
from fangxin.rules.schemes import read_scheme

E = TypeVar("E")

# Which sections a file may have, and what each entry of a section is. Every file may also have
# `provisions` and `values`.
SECTIONS: dict[str, dict[str, type]] = {
    "intake": {"sources": IntakeSource},
    "routing": {"routes": Route, "supervisors": Supervisor},
    "deadlines": {"limits": Limit},
    "outcomes": {"outcomes": Outcome},
    "major_cases": {"grounds": MajorGround},
    "forms": {"forms": Form},
    "monthly": {"returns": MonthlyReturn, "sections": ReturnSection},
    "organisations": {
        "bodies": CityBody,
        "city_departments": Department,
        "departments": Department,
        "cities": District,
        "districts": District,
    },
    "reasons": {"return_reasons": Reason, "refusal_reasons": RefusalReason},
    "callback": {"answers": Answer},
    "identity": {},
    "triage": {},
    "numbering": {},
    "violations": {"violations": Violation},
    "record_classes": {"record_classes": RecordClass},
    "conduct": {"record_sources": RecordSource},
    "complaints": {},
    "declaration": {"tables": DeclaredTable, "checks": CrossCheck, "never": NeverAsked},
    "disclosure": {
        "classes": InformationClass,
        "readers": Reader,
        "query_grounds": QueryGround,
        "joins": Join,
    },
    "code_lists": {"lists": CodeList},
}
COMMON: dict[str, type] = {"provisions": Provision, "values": Value}
# Files of a book that modules of their own read: fangxin.rules.divisions, fangxin.cases.triage.
READ_ELSEWHERE = ("divisions", "triage_words")
HEAD = ("title", "source", "checked_on", "hit", "note")


class RuleUnknown(LookupError):
    """The book has no rule of that name; the message lists those it has."""


@dataclass(frozen=True)
class Chapter:
    """A file of the book as it was read; a section holds its entries, dated ones with all their values."""

    name: str
    title: str
    path: Path
    sections: dict[str, tuple[Any, ...]]


class Rulebook:
    """What one jurisdiction's documents say, as values with clause and quotation.

    `version` identifies the text of all its files, so that a decision can keep which rules it was taken from.
    """

    def __init__(self, name: str, folder: Path) -> None:
        """Reads every file of the folder. Raises `RulebookBroken`."""
        if not folder.is_dir():
            raise RulebookBroken(f"规则库没有“{name}”这一册：{folder} 不存在")
        self.name = name
        self.version = _version(folder)
        self.chapters = {
            path.stem: _chapter(path)
            for path in sorted(folder.glob("*.yaml"))
            if path.stem not in READ_ELSEWHERE
        }
        self._limits = _by_key(self._entries("deadlines", "limits", Limit))
        self._values = _by_key(
            value for chapter in self.chapters.values() for value in chapter.sections.get("values", ())
        )
        self._check_bodies()
        self.tables = self._read_tables(folder / "indicators")
        self.scheme_texts = {
            path.stem: path.read_text(encoding="utf-8")
            for path in sorted((folder / "evaluation").glob("*.yaml"))
        }
        self.schemes = _read_schemes(folder / "evaluation", self.scheme_texts)

    def limit(self, key: str, *, on: date, department: str = "") -> Limit:
        """The term of that name in force on a day. Raises `RuleUnknown`, `NotInForce`.

        Where the book has one of a department's own, `handling_opinion@city.surveying`, and it is in force on the
        day, that one goes before the general one for the `department` of that function (二(六), EX-02).
        """
        own = self._limits.get(f"{key}@{department}", ())
        if department and any(one.starts_from is None or one.starts_from <= on for one in own):
            return in_force(own, on)
        return in_force(self._found(self._limits, "期限", key), on)

    def has_departments_own(self, key: str) -> bool:
        """Whether any department has a term of its own instead of that one."""
        return any(name.startswith(f"{key}@") for name in self._limits)

    def value(self, key: str, *, on: date) -> Value:
        """The value `triage.apply_certainty`, say, in force on a day. Raises `RuleUnknown`, `NotInForce`."""
        return in_force(self._found(self._values, "取值", key), on)

    def limits(self, *, on: date) -> tuple[Limit, ...]:
        """Every term in force on a day, in the order of the file."""
        return tuple(in_force(values, on) for values in self._limits.values())

    def route(self, **facts: str) -> Route:
        """The one route for these facts: `route(link="brokerage")`. Raises `NoRowMatches`."""
        return self._routing.match(**facts)

    def supervisor(self, **facts: str) -> Supervisor:
        """The city department that urges overdue cases of a link. Raises `NoRowMatches`."""
        return self._supervision.match(**facts)

    def source(self, key: str) -> IntakeSource:
        """The intake source of that key. Raises `RuleUnknown`."""
        return self._found({source.key: source for source in self.sources}, "案件来源", key)

    def reader(self, key: str) -> Reader:
        """The reader of that key. Raises `RuleUnknown`."""
        return self._found({reader.key: reader for reader in self.readers}, "查看人", key)

    def query_ground(self, key: str) -> QueryGround:
        """The ground of that key. Raises `RuleUnknown`."""
        return self._found({ground.key: ground for ground in self.query_grounds}, "查询理由", key)

    def outcome(self, key: str) -> Outcome:
        """The outcome of that key. Raises `RuleUnknown`."""
        return self._found({outcome.key: outcome for outcome in self.outcomes}, "处理意见", key)

    @cached_property
    def sources(self) -> tuple[IntakeSource, ...]:
        """The ways by which cases arrive."""
        return self._entries("intake", "sources", IntakeSource)

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """The rows of the sorting table."""
        return self._entries("routing", "routes", Route)

    @cached_property
    def supervisors(self) -> tuple[Supervisor, ...]:
        """Who urges and coordinates overdue cases, by link."""
        return self._entries("routing", "supervisors", Supervisor)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The ways a case may be decided."""
        return self._entries("outcomes", "outcomes", Outcome)

    @cached_property
    def major_grounds(self) -> tuple[MajorGround, ...]:
        """The grounds for a major case."""
        return self._entries("major_cases", "grounds", MajorGround)

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """The printed forms."""
        return self._entries("forms", "forms", Form)

    @cached_property
    def monthly_returns(self) -> tuple[MonthlyReturn, ...]:
        """Who reports to whom every month."""
        return self._entries("monthly", "returns", MonthlyReturn)

    @cached_property
    def monthly_sections(self) -> tuple[ReturnSection, ...]:
        """What a monthly return contains."""
        return self._entries("monthly", "sections", ReturnSection)

    @cached_property
    def cities(self) -> tuple[District, ...]:
        """The cities that have departments of their own, in the order of the file."""
        return self._entries("organisations", "cities", District)

    @cached_property
    def districts(self) -> tuple[District, ...]:
        """The districts or counties, in the order of their codes; a place that is a city is not among them."""
        return (*self._entries("organisations", "districts", District), *self._counties())

    @cached_property
    def bodies(self) -> tuple[Body, ...]:
        """Every body: the city's by name, and the departments of each district."""
        inside = self._values.get("organisations.districts_inside")
        return tuple(
            all_bodies(
                self._entries("organisations", "bodies", CityBody),
                self._entries("organisations", "departments", Department),
                self.districts,
                districts_inside=bool(inside and in_force(inside, date.max).value),
                city_departments=self._entries("organisations", "city_departments", Department),
                cities=self.cities,
            )
        )

    def reviewer(self, city: str, county: str = "") -> Body:
        """Who reviews an agency of a place: its county's department, or its city's where there is none.

        Raises `RuleUnknown` for a place without either.
        """
        reviewers = {body.district: body for body in self.bodies if body.district and body.may("review")}
        if found := reviewers.get(county) or reviewers.get(city):
            return found
        raise RuleUnknown(f"规则库“{self.name}”没有审核“{county or city}”的部门")

    @cached_property
    def return_reasons(self) -> tuple[Reason, ...]:
        """Why a department may send a case back."""
        return self._entries("reasons", "return_reasons", Reason)

    @cached_property
    def refusal_reasons(self) -> tuple[RefusalReason, ...]:
        """Why a department may refuse a case."""
        return self._entries("reasons", "refusal_reasons", RefusalReason)

    @cached_property
    def callback_answers(self) -> tuple[Answer, ...]:
        """What may be answered at the call-back."""
        return self._entries("callback", "answers", Answer)

    @cached_property
    def violations(self) -> tuple[Violation, ...]:
        """The catalogue of violations."""
        return self._entries("violations", "violations", Violation)

    @cached_property
    def declared_tables(self) -> tuple[DeclaredTable, ...]:
        """The tables an agency declares, in the order of the forms."""
        return self._entries("declaration", "tables", DeclaredTable)

    @cached_property
    def cross_checks(self) -> tuple[CrossCheck, ...]:
        """What must agree within a declaration, or with what others know."""
        return self._entries("declaration", "checks", CrossCheck)

    @cached_property
    def never_asked(self) -> tuple[NeverAsked, ...]:
        """What need not agree, whatever it looks like."""
        return self._entries("declaration", "never", NeverAsked)

    @cached_property
    def information_classes(self) -> tuple[InformationClass, ...]:
        """The classes of information."""
        return self._entries("disclosure", "classes", InformationClass)

    @cached_property
    def readers(self) -> tuple[Reader, ...]:
        """Who sees which classes without asking."""
        return self._entries("disclosure", "readers", Reader)

    @cached_property
    def query_grounds(self) -> tuple[QueryGround, ...]:
        """The grounds for an authorised query."""
        return self._entries("disclosure", "query_grounds", QueryGround)

    @cached_property
    def joins(self) -> tuple[Join, ...]:
        """The ways round a mark that must stay closed."""
        return self._entries("disclosure", "joins", Join)

    @cached_property
    def code_lists(self) -> dict[str, CodeList]:
        """The lists to choose from, by key."""
        return {one.key: one for one in self._entries("code_lists", "lists", CodeList)}

    @cached_property
    def record_classes(self) -> dict[str, RecordClass]:
        """The classes of bad records with their days of display, by key."""
        return {one.key: one for one in self._entries("record_classes", "record_classes", RecordClass)}

    @cached_property
    def record_sources(self) -> dict[str, RecordSource]:
        """Where bad records come from, by key."""
        return {one.key: one for one in self._entries("conduct", "record_sources", RecordSource)}

    @cached_property
    def provisions(self) -> tuple[Provision, ...]:
        """The sentences that bind or permit somebody, from every file."""
        return tuple(
            entry for chapter in self.chapters.values() for entry in chapter.sections.get("provisions", ())
        )

    @cached_property
    def _routing(self) -> DecisionTable[Route]:
        return DecisionTable("案件分拣", self.routes)

    @cached_property
    def _supervision(self) -> DecisionTable[Supervisor]:
        return DecisionTable("主管业务部门", self.supervisors)

    def _entries(self, chapter: str, section: str, _cls: type[E]) -> tuple[E, ...]:
        return self.chapters[chapter].sections.get(section, ()) if chapter in self.chapters else ()

    def _found(self, rules: Mapping[str, E], what: str, key: str) -> E:
        if key not in rules:
            raise RuleUnknown(f"规则库“{self.name}”没有{what}“{key}”；现有：{'、'.join(rules) or '无'}")
        return rules[key]

    def _counties(self) -> tuple[District, ...]:
        """The counties of the province that `organisations.counties_of` names, each with the file's reason."""
        named = self._values.get("organisations.counties_of")
        if not named:
            return ()
        value, province = in_force(named, date.max), str(in_force(named, date.max).value)
        own = {city.key for city in self.cities}
        cities = next((one.cities for one in divisions().provinces if one.code == province), ())
        return tuple(
            District(key=county.code, title=county.name, city=city.code, **cited_by(value))
            for city in cities
            for county in city.counties
            if county.offered and county.code not in own
        )

    def _read_tables(self, folder: Path) -> tuple[Table, ...]:
        """The tables of indicators, one file each. Raises `RulebookBroken`."""
        read = []
        for path in sorted(folder.glob("*.yaml")):
            root = read_yaml(path)
            table = into(Table, root, heading(root))
            if table.code != path.stem:
                raise root.broken(f"这张表的 code 是“{table.code}”，与文件名不符", "code")
            read.append(table)
        try:
            return tables_of(read, self.code_lists)
        except ValueError as error:
            raise RulebookBroken(f"规则库 {self.name}/indicators：{error}") from error

    def _check_bodies(self) -> None:
        """Every body that a rule names exists, and no two routes can match together."""
        for table in (self._routing, self._supervision):
            if pair := table.overlapping():
                raise RulebookBroken(
                    f"规则库 {self.name}/routing.yaml：{pair[0].key} 与 {pair[1].key} 会同时适用"
                )
        known = {body.function for body in self.bodies}
        named = [(route.key, name) for route in self.routes for hop in route.hops for name in hop]
        named += [
            (source.key, name) for source in self.sources for name in (*source.entered_by, *source.sorted_by)
        ]
        named += [(row.key, row.body) for row in self.supervisors]
        named += [(row.key, name) for row in self.monthly_returns for name in (row.from_, row.to)]
        for key, name in named:
            if name not in known:
                raise RulebookBroken(f"规则库 {self.name}：{key} 提到的“{name}”不在 organisations.yaml 里")


def _read_schemes(folder: Path, texts: Mapping[str, str]) -> dict[str, Scheme]:
    """The schemes of evaluation by key, one file each. Raises `RulebookBroken`."""
    read = {}
    for stem, text in texts.items():
        scheme = read_scheme(text, folder / f"{stem}.yaml")
        if scheme.key != stem:
            raise broken(folder / f"{stem}.yaml", 1, f"这个方案的 key 是“{scheme.key}”，与文件名不符")
        read[scheme.key] = scheme
    return read


def book(name: str) -> Rulebook:
    """The book of that name (`beijing`, `fujian`, `national`), read once. Raises `RulebookBroken`."""
    return _read_book(name, rulebook_folder())


@cache
def _read_book(name: str, folder: Path) -> Rulebook:
    return Rulebook(name, folder / name)


def _version(folder: Path) -> str:
    """The first 12 digits of a SHA-256 over the names and contents of all files of the book."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


def _chapter(path: Path) -> Chapter:
    root = read_yaml(path)
    if path.stem not in SECTIONS:
        raise broken(path, 1, f"不认识的文件；规则库的文件有：{'、'.join(SECTIONS)}")
    kinds = SECTIONS[path.stem] | COMMON
    for key in root:
        if key not in kinds and key not in HEAD:
            raise root.broken(f"不认识的键“{key}”；这里可以写：{'、'.join((*HEAD, *kinds))}", key)
    if root.get("hit", "unique") != "unique":
        raise root.broken("hit 只能是 unique：两行同时适用即为错误", "hit")
    sections: dict[str, tuple[Any, ...]] = {
        name: _section(path.stem, name, kind, root) for name, kind in kinds.items() if name in root
    }
    return Chapter(path.stem, str(root.get("title", path.stem)), path, sections)


def _section(file: str, name: str, kind: type[E], root: Located) -> tuple[E, ...]:
    """The entries of a section: a mapping of keys to entries, or a list of entries that name themselves."""
    node, head = root[name], heading(root)
    if isinstance(node, list):
        if not all(isinstance(entry, Located) for entry in node):
            raise root.broken(f"{name} 的每一项应当是“键: 值”的形式", name)
        return tuple(into(kind, entry, head) for entry in node)
    if not isinstance(node, Located):
        raise root.broken(f"{name} 应当是“键: 值”的形式", name)
    entries: list[E] = []
    for key, entry in node.items():
        if not isinstance(entry, Located):
            raise node.broken(f"“{key}”应当是“键: 值”的形式", key)
        if kind is Limit or kind is Value:
            entries += history(kind, f"{file}.{key}" if kind is Value else key, entry, head)  # type: ignore[type-var]
        else:
            entries.append(into(kind, entry.with_outer({"key": key}), head))
    return tuple(entries)


def _by_key(entries: Iterable[E]) -> dict[str, tuple[E, ...]]:
    found: dict[str, tuple[E, ...]] = {}
    for entry in entries:
        key = entry.key  # type: ignore[attr-defined]
        found[key] = (*found.get(key, ()), entry)
    return found
