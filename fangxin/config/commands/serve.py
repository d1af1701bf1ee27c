"""`fangxin serve`: everything in one foreground program."""

import click


@click.command()
@click.option("--port", envvar="PORT", default="8000", show_default=True, help="端口。The port to listen on.")
@click.option(
    "--address",
    envvar="FANGXIN_ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="监听地址。The address to listen on.",
)
@click.option(
    "--demo/--no-demo",
    envvar="FANGXIN_DEMO",
    default=False,
    help="数据库为新建时写入演示数据。Fill a new database with demonstration data.",
)
def command(port: str, address: str, demo: bool) -> None:
    """启动数据库、网站与后台任务，按 Ctrl-C 全部停止。

    Run database, web server and worker; Ctrl-C ends them all. Data is kept in FANGXIN_HOME (./var). With
    DATABASE_URL (and FANGXIN_OWNER_URL for migrations) no database is started and that one is used.
    """
    from fangxin.config.launcher import serve

    serve(address, port, demo)
