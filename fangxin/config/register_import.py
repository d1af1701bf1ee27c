"""What `fangxin import-filing` and `fangxin import-practitioners` have in common: read, take in, tell row by row."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from fangxin.organisations.roles import Acting

SHOWN = 20


def take_in(kind: str, file: Path, username: str, jurisdiction: str, *, dry_run: bool, as_json: bool) -> None:
    """The file is taken in, or what it would do is said. Ends with 1 when rows were refused, with 2 as a whole."""
    from fangxin.config.cli import with_django
    from fangxin.config.commands.import_workorders import read_file, refuse

    content = read_file(file)
    with_django()
    from fangxin.documents.secret_keys import SealingNotReady
    from fangxin.organisations.refusals import ActRefused

    try:
        told = _run(kind, file.name, content, _importer(username, jurisdiction), dry_run=dry_run)
    except (ActRefused, SealingNotReady) as refused:
        refuse(str(refused))
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _in_words(told))
    sys.exit(1 if told["refused"] else 0)


def _run(kind: str, name: str, content: bytes, by: "Acting", *, dry_run: bool) -> dict[str, Any]:
    from fangxin.exchange.actions import import_register
    from fangxin.exchange.actions.taking import as_office
    from fangxin.exchange.queries import report_rows

    with as_office(by):
        run = import_register(kind, name, content, by=by, dry_run=dry_run)
        rows = [row for row in report_rows(run.pk, run.attempt) if row["remarks"]]
    unused = [title for at, title in enumerate(run.header) if at not in run.columns.values()]
    return {
        "file": name, "as": by.label, "dry_run": dry_run, "read": run.read, "added": run.added, "known": run.known,
        "renewed": run.differing, "refused": run.refused, "unused_columns": unused, "rows": rows,
    }  # fmt: skip


def _importer(username: str, jurisdiction: str) -> "Acting":
    """The named user in a membership that may take registers in; ActRefused when there is none."""
    from fangxin.exchange.actions import may_import_registers
    from fangxin.organisations.queries import memberships_of, user_named
    from fangxin.organisations.refusals import ActRefused

    user = user_named(username)
    mine = memberships_of(user.pk) if user is not None and user.is_active else []
    allowed = [one for one in mine if one.jurisdiction == jurisdiction and may_import_registers(one)]
    if not allowed:
        raise ActRefused(
            f"账号“{username[:40]}”不是省住建厅或者负责审核的主管部门的审核员，不能导入（二（二））。"
        )
    # Who may take in the whole province does.
    return max(allowed, key=lambda one: "import_agencies" in one.functions)


def _in_words(told: Mapping[str, Any]) -> str:
    would = "将" if told["dry_run"] else ""
    lines = [
        f"{told['file']}：读到{told['read']}行，{would}新增{told['added']}行，已有{told['known']}行"
        f"（其中{would}更新{told['renewed']}行），{would}拒绝{told['refused']}行。"
    ]
    if told["unused_columns"]:
        lines.append(f"没有导入的列：{'、'.join(told['unused_columns'])}。")
    for row in told["rows"][:SHOWN]:
        for remark in row["remarks"]:
            place = f"“{remark['column']}”" if remark.get("column") else ""
            lines.append(f"第{row['row']}行 {row['result_title']} {place}{remark['message']}")
    if len(told["rows"]) > SHOWN:
        lines.append(f"还有{len(told['rows']) - SHOWN}行有说明，用 --json 查看全部。")
    return "\n".join(lines)
