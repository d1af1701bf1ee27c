"""`fangxin recount`: count afresh what was counted without a holiday notice."""

import json

import click


@click.command()
@click.option("--dry-run", is_flag=True, help="只列出，不改动。List only.")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def command(dry_run: bool, as_json: bool) -> None:
    """放假通知录入规则库后，重新推算暂定的截止日，并列出有变化的案件。

    Recount provisional due days after a holiday notice was entered; lists the changed ones.
    """
    from fangxin.config.cli import with_django

    with_django()
    from fangxin.agencies.actions import recount_duties
    from fangxin.investigations.actions import recount_due_days
    from fangxin.organisations.audience import Audience, working_as

    with working_as(Audience.OFFICE):
        changed = [*recount_due_days(dry_run=dry_run), *recount_duties(dry_run=dry_run)]
    if as_json:
        click.echo(json.dumps(changed, ensure_ascii=False))
        return
    for row in changed:
        case = f"（案件 {row['matter_id']}）" if "matter_id" in row else ""
        click.echo(f"{row['title']}：{row['old']} → {row['new']}{case}")
    click.echo(f"{'将有' if dry_run else '已有'} {len(changed)} 个截止日变化。")
