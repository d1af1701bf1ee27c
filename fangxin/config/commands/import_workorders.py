"""`fangxin import-workorders`: a hotline's export becomes cases, each row once."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from fangxin.exchange.models import ImportRun
    from fangxin.exchange.tables import Table
    from fangxin.organisations.roles import Acting

SHOWN = 20


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as", "username", default="", help="以谁的名义录入 / user name in whose name cases are entered"
)
@click.option(
    "--source", default="hotline", show_default=True, help="没有来源列时的来源 / source when no column tells"
)
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="列名=字段",
    help="指明某列的含义，可重复 / what a column means, repeatable",
)
@click.option("--dry-run", is_flag=True, help="只检查，不写入 / say what would happen, write nothing")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.option("--jurisdiction", default="beijing", show_default=True, help="规则库 / rulebook")
def command(
    file: Path,
    username: str,
    source: str,
    mapped: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    jurisdiction: str,
) -> None:
    """从 CSV 或 xlsx 文件导入热线工单；同一文件再次导入不会重复，中断后再次运行即可继续。

    Import work orders from CSV or XLSX. The same file twice enters nothing twice; an interrupted import goes on
    when it is run again. Ends with 1 when rows were refused or differ, with 2 when the whole file is refused.
    """
    from fangxin.config.cli import with_django

    content = read_file(file)
    with_django()
    from fangxin.documents.secret_keys import SealingNotReady
    from fangxin.organisations.refusals import ActRefused

    begun = time.monotonic()
    try:
        told = run(file.name, content, username, source, chosen(mapped), dry_run=dry_run, quiet=as_json,
                   jurisdiction=jurisdiction)  # fmt: skip
    except (ActRefused, SealingNotReady) as refused:
        refuse(str(refused))
    except KeyboardInterrupt:
        click.echo("\n已中断。已导入的行都已保存，再次运行同一命令即可继续。", err=True)
        sys.exit(130)
    told["seconds"] = round(time.monotonic() - begun, 1)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else in_words(told))
    sys.exit(1 if told["refused"] or told["differing"] else 0)


def run(
    name: str, content: bytes, username: str, source: str, given: Mapping[str, str], *, dry_run: bool, quiet: bool,
    jurisdiction: str,
) -> dict[str, Any]:  # fmt: skip
    """The import, or what it would do, told in counts and in the rows that have something to say."""
    from fangxin.exchange.actions import check_columns, try_rows
    from fangxin.exchange.actions.taking import as_office
    from fangxin.exchange.queries import importer, understood, unused_columns
    from fangxin.exchange.tables import open_table

    by = importer(jurisdiction, username, source)
    table = open_table(name, content, frozenset(given))
    for column in given:
        if column not in table.header:
            refuse(f"文件中没有名为“{column}”的列，现有的列是：{'、'.join(table.header)}。")
    with as_office(by):
        columns = understood(table.header, by, given)
    check_columns(table.header, columns)
    told: dict[str, Any] = {
        "file": name, "layout": table.layout, "as": by.label, "dry_run": dry_run, "remark": table.remark,
        "columns": {table.header[at]: key for key, at in sorted(columns.items(), key=lambda one: one[1])},
        "unused_columns": unused_columns(table.header, columns),
    }  # fmt: skip
    total = sum(1 for _ in table.rows())
    with progress_bar(total, quiet) as bar:
        if dry_run:
            tally = try_rows(table, columns, source=source, by=by, progress=mover(bar))
            counts = {name: getattr(tally, name) for name in COUNTS}
            return told | {"resumed": False, **counts, "rows": tally.rows, "report": ""}
        return told | enter(name, content, table, columns, source=source, by=by, progress=mover(bar))


COUNTS = ("read", "added", "known", "differing", "refused", "noted")


def enter(
    name: str,
    content: bytes,
    table: "Table",
    columns: Mapping[str, int],
    *,
    source: str,
    by: "Acting",
    progress: Callable[[int], None],
) -> dict[str, Any]:
    """Enters the rows, remembers the columns and writes the report."""
    from fangxin.exchange.actions import begin_run, remember_columns, take_rows
    from fangxin.exchange.actions.taking import as_office
    from fangxin.exchange.queries import report_rows

    with as_office(by):
        begun, resumed = begin_run(name, content, table, columns, source=source, by=by)
        remember_columns(table.header, columns, source=source, by=by)
    finished = take_rows(begun, table, by=by, progress=progress)
    with as_office(by):
        rows = list(report_rows(finished.pk, finished.attempt))
    counts = {count: getattr(finished, count) for count in COUNTS}
    speaking = [row for row in rows if row["remarks"]]
    return {"resumed": resumed, **counts, "rows": speaking, "report": write_report(finished, name, rows)}


def write_report(finished: "ImportRun", name: str, rows: list[dict[str, Any]]) -> str:
    """The report lies in FANGXIN_HOME/imports; "" when it could not be written: the rows are in all the same."""
    from django.conf import settings

    from fangxin.exchange.queries import report_text

    folder = Path(settings.HOME) / "imports"
    path = folder / f"{Path(name).stem[:80]}-{str(finished.pk)[:8]}.report.csv"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(report_text(rows), encoding="utf-8", newline="")
        path.chmod(0o600)
    except OSError as trouble:
        click.echo(f"工单已导入，但报告未能写入 {path}（{trouble.strerror}）。", err=True)
        return ""
    return str(path)


def read_file(file: Path) -> bytes:
    """The content of the file, unless it is too large to be one."""
    limit = 50 * 1024 * 1024
    try:
        if file.is_dir():
            refuse(f"“{file}”是文件夹，请指明其中的文件。")
        with file.open("rb") as opened:
            content = opened.read(limit + 1)
    except OSError as trouble:
        refuse(f"不能读取文件“{file}”（{trouble.strerror}），请检查路径和权限。")
    if len(content) > limit:
        refuse("文件超过 50 MB 的上限，请拆成几个文件分别导入。")
    return content


def chosen(mapped: tuple[str, ...]) -> dict[str, str]:
    """Column → field, "" for a column to be left out; a field may be named in Chinese."""
    from fangxin.exchange.columns import FIELDS

    keys = {field.title: key for key, field in FIELDS.items()} | {key: key for key in FIELDS} | {"": ""}
    found = {}
    for one in mapped:
        column, sign, name = one.partition("=")
        if not sign or name.strip() not in keys:
            titles = "、".join(f"{field.title}（{key}）" for key, field in FIELDS.items())
            refuse(f"--map 应写作 列名=字段，不用的列写作 列名=；“{one}”不是。字段有：{titles}。")
        found[column.strip()] = keys[name.strip()]
    return found


def progress_bar(total: int, quiet: bool) -> Any:
    """A bar on the error stream, where somebody looks at it."""
    if quiet or not sys.stderr.isatty():
        return nullcontext()
    return click.progressbar(length=total, label="导入", file=sys.stderr, show_pos=True)


def mover(bar: Any) -> Callable[[int], None]:
    """Moves the bar to the row reached."""

    def move(reached: int) -> None:
        if bar is not None:
            bar.update(reached - bar.pos)

    return move


def in_words(told: Mapping[str, Any]) -> str:
    """The outcome as a clerk reads it."""
    verb = "将" if told["dry_run"] else ""
    lines = [
        f"{told['file']}（{told['layout']}），由{told['as']}{'试导入，没有写入' if told['dry_run'] else '导入'}。",
        f"读到 {told['read']} 行：{verb}新增 {told['added']}，已存在 {told['known']}"
        + (f"（其中内容不同 {told['differing']}）" if told["differing"] else "")
        + f"，{verb}拒绝 {told['refused']}。" + (f"另有提示 {told['noted']} 行。" if told["noted"] else ""),
    ]  # fmt: skip
    if told["resumed"]:
        lines.append("接着上次中断的地方继续导入；以上为两次合计。")
    lines += [told["remark"]] if told["remark"] else []
    if told["unused_columns"]:
        lines.append(f"没有使用的列：{'、'.join(told['unused_columns'])}。")
    for row in told["rows"][:SHOWN]:
        for remark in row["remarks"]:
            value = f"“{remark['value']}”" if remark["value"] else ""
            lines.append(
                f"  第 {row['row']} 行 {row['result_title']}：{remark['column']}{value}{remark['message']}"
            )
    if len(told["rows"]) > SHOWN:
        lines.append(f"  ……共 {len(told['rows'])} 行有说明，其余见报告。")
    if told["report"]:
        lines.append(f"逐行报告：{told['report']}")
    lines.append(f"用时 {told['seconds']} 秒。")
    return "\n".join(lines)


def refuse(why: str) -> NoReturn:
    """Says why on the error stream and ends with status 2."""
    click.echo(why, err=True)
    sys.exit(2)
