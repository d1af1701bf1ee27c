"""`fangxin try-scheme`: a changed scheme of evaluation tried on the whole register, however large."""

from datetime import datetime
from pathlib import Path

import click

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, help="以谁的名义试算 / user name in whose name it is tried")
@click.option("--since", type=DAY, required=True, help="评价期起 / first day")
@click.option("--until", type=DAY, required=True, help="评价期止 / last day")
@click.option(
    "--beside", default="example", show_default=True, help="与规则库的哪个方案比较 / scheme of the rulebook"
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="名单写入 .csv 或 .xlsx / the list"
)
@click.option("--jurisdiction", default="fujian", show_default=True, help="规则库 / rulebook")
def command(
    file: Path,
    username: str,
    since: datetime,
    until: datetime,
    beside: str,
    output: Path | None,
    jurisdiction: str,
) -> None:
    """用改动后的方案试算在册的全部机构和经纪人员（三（三））；结果不保存，只记一条日志。

    Try a changed scheme on the whole register: who would move from which grade to which. Nothing is kept but a journal entry.
    """
    from fangxin.config.cli import with_django

    with_django()
    from fangxin.credit.actions import try_scheme
    from fangxin.credit.evaluations import may_evaluate
    from fangxin.exchange.what_if_file import as_csv, as_xlsx
    from fangxin.organisations.audience import Audience, Speaker, speaking_as
    from fangxin.organisations.queries import memberships_of, user_named
    from fangxin.organisations.refusals import ActRefused
    from fangxin.rules import book
    from fangxin.rules.evaluation import SUBJECTS

    if output is not None and output.suffix not in {".csv", ".xlsx"}:
        raise click.UsageError("--output 应以 .csv 或 .xlsx 结尾")
    scheme = book(jurisdiction).schemes.get(beside)
    if scheme is None:
        raise click.UsageError(f"规则库没有方案“{beside}”；现有：{'、'.join(book(jurisdiction).schemes)}")
    user = user_named(username)
    mine = memberships_of(user.pk) if user is not None and user.is_active else []
    by = next(
        (one for one in mine if one.jurisdiction == jurisdiction and may_evaluate("try_scheme", one)), None
    )
    if by is None:
        raise click.ClickException(f"“{username}”不能试算方案：须由公布评价办法的部门的审核员办理。")
    try:
        with speaking_as(Speaker(Audience.OFFICE)):
            found = try_scheme(
                jurisdiction, scheme, file.read_text(encoding="utf-8-sig"), since=since.date(), until=until.date(), by=by,
                form=output.suffix.removeprefix(".") if output else "page",
            )  # fmt: skip
    except UnicodeDecodeError as wrong:
        raise click.UsageError(f"{file} 不是 UTF-8 编码") from wrong
    except ActRefused as refused:
        raise click.ClickException(str(refused)) from refused
    for kind, title in SUBJECTS.items():
        for (before, after), many in sorted(found.moves[kind].items()):
            click.echo(f"{title}　{before} → {after}　{many}")
    click.echo(f"共{found.subjects}个对象，{len(found.movers)}个等级变化。")
    if output is not None:
        output.write_bytes(as_csv(found) if output.suffix == ".csv" else as_xlsx(found))
