"""`fangxin demo`: people, companies and cases to try the platform with."""

import click


@click.command()
@click.option("--quiet", is_flag=True, help="不显示账号。Do not print the accounts.")
def command(quiet: bool) -> None:
    """在空数据库中写入演示数据并列出演示账号。

    Fill an empty database with demonstration data and list the accounts to sign in with.
    """
    from fangxin.config.cli import with_django

    with_django()
    from fangxin.config import demonstration
    from fangxin.config.launch.home import Home, write_whole

    accounts = "\n".join(demonstration.create())
    home = Home.of_environment()
    home.make()
    write_whole(home.accounts, accounts)
    if not quiet:
        click.echo(accounts)
