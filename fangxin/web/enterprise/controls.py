"""The fields of a declared table as a form shows them, made from the catalogue; what was typed is shown as typed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from fangxin.agencies.columns import has_pictures_beside, pictures_column
from fangxin.agencies.values import declared_fields, rows_of
from fangxin.rules import book
from fangxin.rules.crosschecks import Finding
from fangxin.rules.divisions import divisions
from fangxin.rules.indicators import Field, IndicatorWrong, Table, catalogue

# A longer list is not scrolled through but typed into.
LONGEST_LIST = 40
# What a person may not send with the other fields of a form: pictures come in by themselves.
PICTURE = "picture"
_KEYBOARDS: Mapping[str, str] = {
    "integer": "numeric", "money_wan": "decimal", "percent": "decimal", "postcode": "numeric", "phone": "tel",
    "email": "email", "url": "url",
}  # fmt: skip
_SHORT = frozenset({"integer", "money_wan", "percent", "postcode", "phone", "person_id", "date"})
Options = list[tuple[str, list[tuple[str, str]]]]


@dataclass
class Control:
    """One indicator of a form: how it is asked for, what stands in it, and what was said about it."""

    of: Field
    widget: str
    value: Any = ""
    options: Options = field(default_factory=list)
    ends: tuple[str, str] = ("", "")
    endless: bool = False
    pictures: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    returned: str = ""
    same_as: Field | None = None
    missing: bool = False

    @property
    def name(self) -> str:
        """The name of the control in the form: the column."""
        return self.of.column

    @property
    def id(self) -> str:
        """Its id in the page, which findings and reasons link to: the indicator's code."""
        return self.of.code.replace("+", "_")

    @property
    def takes_pictures(self) -> bool:
        """Whether pictures are shown with it."""
        return self.of.pictures > 0

    @property
    def room_for_pictures(self) -> bool:
        """Whether it may have one more."""
        return len(self.pictures) < self.of.pictures

    @property
    def keyboard(self) -> str:
        """The keyboard a telephone shows."""
        return _KEYBOARDS.get(self.of.type, "")

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width of a form."""
        return self.widget in {"textarea", "pictures", "checkboxes"} or self.of.longest >= 100

    @property
    def short(self) -> bool:
        """Whether what is written there is a few characters."""
        return self.of.type in _SHORT

    @property
    def rows(self) -> int:
        """Lines of a long text."""
        return 8 if self.of.longest > 500 else 4

    @property
    def hint(self) -> str:
        """What is asked for, in a few words; a list one chooses from says so itself."""
        chosen = self.widget in {"select", "checkboxes"}
        asked = "" if chosen else "输入几个字，从列表中选择" if self.widget == "search" else self.of.hint
        return "；".join(part for part in (asked, self.of.note) if part)


@dataclass(frozen=True)
class Group:
    """Fields under one heading."""

    title: str
    controls: list[Control]


def groups_of(
    jurisdiction: str,
    table: Table,
    row: Mapping[str, Any],
    *,
    values: Mapping[str, Any],
    findings: Sequence[Finding] = (),
    returned: Mapping[str, str] | None = None,
    with_missing: bool = False,
) -> list[Group]:
    """The controls of a row under their headings, each with what was found and why it was returned.

    That a field is empty is told only `with_missing`: nobody is scolded for what they have not come to yet.
    """
    controls = {
        one.code: _control(jurisdiction, table, one, row, values)
        for one in declared_fields(jurisdiction, table.code)
    }
    for code, control in controls.items():
        control.returned = (returned or {}).get(code, "")
        _say(control, row, [one for one in findings if one.path[-1] == control.name], with_missing)
    declared = next(one for one in book(jurisdiction).declared_tables if one.key == table.code)
    return list(_grouped(declared.groups, controls))


def typed_row(sent: QueryDict, jurisdiction: str, table: str) -> dict[str, Any]:
    """What was typed in the agency's own fields of the table, by column, as it was typed."""
    return {one.column: _typed(sent, one) for one in declared_fields(jurisdiction, table)}


def shown(one: Field, value: Any) -> str:
    """The value as a reader sees it; what is none yet, as it was typed."""
    try:
        return one.display(one.read(value))
    except IndicatorWrong:
        return str(value)


def chosen_from(jurisdiction: str, table: Table, one: Field, values: Mapping[str, Any]) -> Options:
    """The numbers that another table of the declaration has given: a person's project is one of J6 (J7-03)."""
    if one.type != "reference" or not table.many:
        return []
    for other in book(jurisdiction).declared_tables:
        if other.key == table.code:
            break
        fields = catalogue(jurisdiction).table(other.key)
        if one.column in fields.by_column:
            first = fields.all_fields[0]
            return [
                ("", [(row[one.column], f"{row[one.column]}　{row.get(first.column, '')}".strip())
                      for row in rows_of(values, other.key) if row.get(one.column)])
            ]  # fmt: skip
    return []


def _control(
    jurisdiction: str, table: Table, one: Field, row: Mapping[str, Any], values: Mapping[str, Any]
) -> Control:
    value = row.get(one.column)
    control = Control(one, "text", "" if value is None else value)
    if one.pictures:
        column = pictures_column(one) if has_pictures_beside(one) else one.column
        control.pictures = list(row.get(column) or [])
    if one.same_as:
        control.same_as = catalogue(jurisdiction).field(one.same_as)
    if one.type == "long_text":
        control.widget = "textarea"
    elif one.type == "image":
        control.widget = "pictures"
    elif one.type == "choices":
        control.widget, control.options = "checkboxes", _options(jurisdiction, one)
        control.value = value if isinstance(value, list) else [value] if value else []
    elif one.options:
        _choose(control, _options(jurisdiction, one))
    elif numbers := chosen_from(jurisdiction, table, one, values):
        control.widget, control.options = "select", numbers
        _keep_unknown(control)
    elif one.type == "date":
        _day(control)
    elif one.type == "period":
        _period(control)
    elif one.type == "people" and isinstance(value, list | tuple):
        control.value = "、".join(map(str, value))
    return control


def _options(jurisdiction: str, one: Field) -> Options:
    """What may be chosen, under headings where the list has any; counties stand under their cities."""
    listed = book(jurisdiction).code_lists[one.list_]
    if listed.counties_of:
        return [
            (city, [(county.code, county.name) for county in counties])
            for city, counties in divisions().choices_by_city(listed.counties_of).items()
        ]
    return [("", list(one.options.items()))]


def _choose(control: Control, options: Options) -> None:
    one = control.of
    control.options = options
    if len(one.options) > LONGEST_LIST and len(options) == 1:
        control.widget = "search"
        control.value = shown(one, control.value)
        return
    control.widget = "select"
    try:
        control.value = one.read(control.value) or ""
    except IndicatorWrong:
        _keep_unknown(control)


def _keep_unknown(control: Control) -> None:
    """What is none of the options stays chosen, so that it can be seen to be wrong."""
    known = {code for _, part in control.options for code, _ in part}
    if control.value and control.value not in known:
        control.options = [*control.options, ("不在列表中", [(control.value, str(control.value))])]


def _day(control: Control) -> None:
    """A day in a date field; what is no day stays as a text."""
    one = control.of
    control.widget = "date"
    if one.endless and control.value and shown(one, control.value) == one.endless:
        control.endless, control.value = True, ""
        return
    try:
        read = one.read(control.value)
        control.value = one.plain(read) or ""
    except IndicatorWrong:
        control.widget = "text"


def _period(control: Control) -> None:
    one = control.of
    control.widget = "period"
    try:
        first, _, last = str(one.plain(one.read(control.value)) or "").partition("/")
        control.ends = (first, last)
    except IndicatorWrong:
        first, _, last = str(control.value).partition("至")
        # One end is still empty.
        if any(map(_is_day, (first, last))):
            control.ends = (first, last)
        else:
            control.widget = "text"


def _is_day(text: str) -> bool:
    return len(text) == 10 and text[4] == text[7] == "-"


def _typed(sent: QueryDict, one: Field) -> Any:
    if one.type == "choices":
        return sent.getlist(one.column)
    if one.type == "period" and one.column not in sent:
        ends = sent.get(f"{one.column}_first", "").strip(), sent.get(f"{one.column}_last", "").strip()
        return "至".join(ends) if any(ends) else ""
    if one.endless and f"{one.column}_endless" in sent:
        return one.endless
    return sent.get(one.column, "").replace("\r\n", "\n")


def _say(control: Control, row: Mapping[str, Any], found: Sequence[Finding], with_missing: bool) -> None:
    for one in found:
        if one.key == "field" and not row.get(control.name):
            control.missing = True
            if not with_missing:
                continue
        (control.said if one.blocks else control.warned).append(one.message)


def _grouped(groups: Mapping[str, Sequence[str]], controls: Mapping[str, Control]) -> Iterator[Group]:
    left = dict(controls)
    for title, codes in groups.items():
        if found := [left.pop(code) for code in codes if code in left]:
            yield Group(title, found)
    if left:
        yield Group("其他" if groups else "", list(left.values()))
