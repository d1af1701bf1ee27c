"""What other modules write into the journal, read from their source."""

import ast
from pathlib import Path

import fangxin
from fangxin.journal.kinds import Forgets, Kind

SOURCES = [
    path
    for path in sorted(Path(fangxin.__file__).parent.rglob("*.py"))
    if not {"tests", "migrations", "journal"} & set(path.parts)
]
PERSONAL = {
    "name_of_complainant",
    "complainant",
    "telephone",
    "phone",
    "email",
    "id_number",
    "text",
    "grievance",
}


def entries_written() -> list[tuple[str, str, set[str]]]:
    """Where, which kind, which details: of every call that names a kind and writes its details out."""
    written = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if "fangxin.journal.kinds" not in path.read_text(encoding="utf-8"):
            continue
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call):
                continue
            kinds = [
                argument.attr
                for argument in call.args
                if isinstance(argument, ast.Attribute)
                and isinstance(argument.value, ast.Name)
                and argument.value.id == "Kind"
            ]
            details = {
                key.value
                for keyword in call.keywords
                if keyword.arg == "details" and isinstance(keyword.value, ast.Dict)
                for key in keyword.value.keys
                if isinstance(key, ast.Constant)
            }
            written += [(f"{path.name}:{call.lineno}", kind, details) for kind in kinds]
    return written


def test_every_kind_and_detail_that_is_written_is_declared() -> None:
    written = entries_written()
    assert len(written) > 10
    unknown = [(where, kind) for where, kind, _ in written if kind not in Kind.__members__]
    assert unknown == []
    undeclared = [
        (where, kind, details - Kind[kind].details)
        for where, kind, details in written
        if details - Kind[kind].details
    ]
    assert undeclared == []


def test_every_kind_has_a_title_and_says_how_it_forgets_a_person() -> None:
    for kind in Kind:
        assert kind.title, kind
        assert isinstance(kind.forgets, Forgets), kind
        assert kind.value.count(":") == 1, kind
        assert not kind.details & PERSONAL, kind


def test_every_step_of_the_case_table_has_its_kind() -> None:
    steps = ast.parse(
        next(path for path in SOURCES if path.match("cases/workflow.py")).read_text(encoding="utf-8")
    )
    verbs = {
        call.args[0].value
        for call in ast.walk(steps)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Step"
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert verbs
    for verb in verbs:
        assert Kind.for_step(str(verb)).title
