"""`fangxin due-day`: when a term ends, and why."""

import csv
import json
import sys
from datetime import date, datetime
from io import TextIOWrapper
from typing import Any, BinaryIO, TextIO

import click

from fangxin.rules import Calendar, CalendarMissing, RulebookBroken, Term, calendar

HEADER = ("start", "n", "unit")


@click.command()
@click.option(
    "--from", "start", metavar="YYYY-MM-DD", help="起算日，当日不计 / the day it starts, not counted"
)
@click.option("--within", metavar="期限", help="如“3 工作日”“3个工作日”“15日” / so many 工作日 or 日")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON / print JSON")
@click.option(
    "--stdin",
    "from_stdin",
    is_flag=True,
    help="读取 CSV（start,n,unit），加上 due_on 一列 / add due_on to CSV",
)
def command(start: str | None, within: str | None, as_json: bool, from_stdin: bool) -> None:
    """算出期限的最后一天，并逐日说明为什么。

    The last day of a term, and the reason day by day.
    """
    try:
        if from_stdin:
            sys.exit(1 if _add_due_days(_utf8(sys.stdin.buffer), sys.stdout) else 0)
        if not start or not within:
            raise click.UsageError("请写明 --from 和 --within，或用 --stdin 读取 CSV")
        due = calendar().due_day(_day(start), (term := Term.parse(within)).n, term.unit)
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise click.UsageError(f"输入不是 UTF-8 编码的 CSV（{wrong}）") from wrong
    except (ValueError, CalendarMissing, RulebookBroken) as wrong:
        raise click.UsageError(str(wrong)) from wrong
    if as_json:
        click.echo(json.dumps(due.as_dict(), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(due.explanation()))


def _add_due_days(lines: TextIO, out: TextIO) -> int:
    """Writes the same CSV with `due_on`, empty where a row could not be read; returns how many could not."""
    known = calendar()
    reader = csv.DictReader(lines)
    columns = list(reader.fieldnames or ())
    if missing := [name for name in HEADER if name not in columns]:
        raise click.UsageError(f"CSV 首行缺少 {'、'.join(missing)}；应为 start,n,unit")
    writer = csv.DictWriter(out, [*columns, "due_on"], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    wrong_rows = 0
    for row in reader:
        due_on, wrong = _due_on(known, row)
        if wrong:
            wrong_rows += 1
            click.echo(f"第{reader.line_num}行：{wrong}", err=True)
        writer.writerow(row | {"due_on": due_on})
    return wrong_rows


def _due_on(known: Calendar, row: dict[str | Any, Any]) -> tuple[str, str]:
    """The due day of a row, or else what is wrong with the row."""
    if None in row:
        return "", "列数多于首行"
    try:
        term = Term.parse(f"{(row['n'] or '').strip()} {(row['unit'] or '').strip()}")
        return known.due_day(_day(row["start"] or ""), term.n, term.unit).due_on.isoformat(), ""
    except (ValueError, CalendarMissing) as wrong:
        return "", str(wrong)


def _day(text: str) -> date:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError:
        raise ValueError(f"起算日“{text.strip()}”不是存在的日期：应写作 2026-02-13") from None


def _utf8(stream: BinaryIO) -> TextIO:
    """The stream as text, without the byte-order mark that Excel puts first."""
    return TextIOWrapper(stream, encoding="utf-8-sig", newline="")
