"""`fangxin import-declarations`: the province's workbook becomes records of agencies, each once."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fangxin.config.commands.import_workorders import read_file, refuse

if TYPE_CHECKING:
    from fangxin.exchange.actions.declarations import Imported
    from fangxin.organisations.roles import Acting

SHOWN = 20


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "username", required=True, help="以谁的名义导入 / user name of the province's reviewer")
@click.option("--dry-run", is_flag=True, help="只检查，不写入 / say what would happen, write nothing")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.option("--jurisdiction", default="fujian", show_default=True, help="规则库 / rulebook")
def command(file: Path, username: str, dry_run: bool, as_json: bool, jurisdiction: str) -> None:
    """从多家机构的申报模板（xlsx）成批导入；同一文件再次导入不会重复，中断后再次运行即可继续。

    Import agencies with their people and projects from the province's workbook. The same file twice enters
    nothing twice; an interrupted import goes on when it is run again. A workbook with the faults at their cells
    is written beside the file. Ends with 1 when agencies were not entered, with 2 when the file is refused.
    """
    from fangxin.config.cli import with_django

    content = read_file(file)
    with_django()
    from fangxin.documents.secret_keys import SealingNotReady
    from fangxin.exchange.actions.declarations import import_declarations
    from fangxin.organisations.refusals import ActRefused

    begun = time.monotonic()
    try:
        by = importer(username, jurisdiction)
        told = import_declarations(file.name, content, by=by, dry_run=dry_run, progress=_counter(as_json))
    except (ActRefused, SealingNotReady) as refused:
        refuse(str(refused))
    except KeyboardInterrupt:
        click.echo("\n已中断。已导入的机构都已保存，再次运行同一命令即可继续。", err=True)
        sys.exit(130)
    returned = write_returned(file, content, told)
    outcome = {
        "read": told.read, "entered": told.entered, "known": told.known, "blocked": told.blocked,
        "warned": told.warned, "refused": told.refused, "returned": returned, "dry_run": dry_run,
        "seconds": round(time.monotonic() - begun, 1),
    }  # fmt: skip
    click.echo(json.dumps(outcome, ensure_ascii=False) if as_json else in_words(told, outcome))
    sys.exit(1 if told.not_entered else 0)


def importer(username: str, jurisdiction: str) -> "Acting":
    """The named person, as a reviewer of the body that imports agencies; ActRefused when they are not."""
    from fangxin.agencies.actions import may_import
    from fangxin.organisations.queries import memberships_of, user_named
    from fangxin.organisations.refusals import ActRefused

    user = user_named(username)
    if user is None or not user.is_active:
        raise ActRefused(f"没有账号“{username[:40]}”，或账号已停用。", "as")
    mine = [one for one in memberships_of(user.pk) if one.jurisdiction == jurisdiction and may_import(one)]
    if not mine:
        raise ActRefused(f"“{username[:40]}”不是省住建厅的审核员，不能成批导入全省机构（二（二））。", "as")
    return mine[0]


def write_returned(file: Path, content: bytes, told: "Imported") -> str:
    """The workbook with the faults at their cells, in FANGXIN_HOME/imports; "" without faults."""
    from django.conf import settings

    from fangxin.exchange.declarations.returned import write_faults

    if not told.faults:
        return ""
    folder = Path(settings.HOME) / "imports"
    path = folder / f"{file.stem[:80]}-核对结果.xlsx"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(write_faults(content, told.faults))
        path.chmod(0o600)
    except OSError as trouble:
        click.echo(f"核对结果未能写入 {path}（{trouble.strerror}）。", err=True)
        return ""
    return str(path)


def in_words(told: "Imported", outcome: dict[str, Any]) -> str:
    """The outcome as an officer reads it."""
    would = "将" if outcome["dry_run"] else ""
    lines = [
        f"读到机构 {told.read} 家：{would}导入 {told.entered}，已有相同登记 {told.known}，"
        f"内容有误 {told.blocked}，另有原因 {len(told.refused)}。有提示 {told.warned} 家。",
    ]
    for fault in [one for one in told.faults if one.blocks][:SHOWN]:
        lines.append(f"  {fault.agency} {fault.place}：{fault.message}")
    for code, why in list(told.refused.items())[:SHOWN]:
        lines.append(f"  {code}：{why}")
    if outcome["returned"]:
        lines.append(f"标出各处问题的工作簿：{outcome['returned']}")
    lines.append(f"用时 {outcome['seconds']} 秒。")
    return "\n".join(lines)


def _counter(quiet: bool) -> Any:
    """Says on the error stream how many agencies have been read, where somebody looks at it."""
    if quiet or not sys.stderr.isatty():
        return None
    return lambda read: click.echo(f"\r已读 {read} 家", err=True, nl=False)
