"""`fangxin run-clock`: one turn of the clock, by hand."""

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。Print JSON.")
def command(as_json: bool) -> None:
    """检视到期的期限：到期前提醒，逾期后标记；季度终了开放季度更新。后台任务每十分钟自动运行一次。

    Remind before and mark after the due days, and open a quarter that ended, as the worker does every ten minutes.
    """
    from fangxin.config.cli import with_django

    with_django()
    from fangxin.agencies.actions import run_quarters
    from fangxin.deadlines.actions import run_clock
    from fangxin.organisations.audience import Audience, working_as

    with working_as(Audience.OFFICE):
        looked = run_clock()
        quarters = run_quarters()
    if as_json:
        click.echo(json.dumps({"looked_at": looked, "quarter_duties": quarters}))
    else:
        click.echo(f"检视了 {looked} 个期限、{quarters} 项季度更新。")
