"""`fangxin demo`: people, companies and cases to try the platform with."""

import os

import click


@click.command()
@click.option("--cases", default=60, show_default=True, help="案件数。How many cases.")
@click.option("--quiet", is_flag=True, help="不显示账号。Do not print the accounts.")
def command(cases: int, quiet: bool) -> None:
    """在空数据库中写入演示数据并列出演示账号；已有人员的数据库保持不变。

    Fill an empty database with demonstration data and list the accounts; one with people is left as it is.
    """
    from fangxin.config.cli import with_django
    from fangxin.config.launch.attach import attach
    from fangxin.config.launch.home import Home, write_whole

    attach()
    # Citizens, companies and officers all act here, which no single audience may.
    os.environ["DATABASE_URL"] = os.environ.get("FANGXIN_OWNER_URL") or os.environ["DATABASE_URL"]
    with_django()
    from fangxin.config import demonstration

    with click.progressbar(length=cases, label="演示案件 Cases", update_min_steps=5) as bar:
        accounts = "\n".join(demonstration.create(cases=cases, progress=lambda done: bar.update(1)))
    write_whole(Home.of_environment().made().accounts, accounts)
    if not quiet:
        click.echo(accounts)
