"""`fangxin psql`: a look at the database with PostgreSQL's own client."""

import os
from pathlib import Path

import click


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--as",
    "login",
    type=click.Choice(["web", "owner", "admin"]),
    default="web",
    show_default=True,
    help="以谁登录；admin 只限自带的数据库。Whom to sign in as; admin on the embedded server only.",
)
@click.option(
    "--role", default="", help="登录后改用的角色，如 fangxin_enterprise。Role to take, e.g. fangxin_public."
)
@click.option(
    "--program",
    type=click.Choice(["psql", "pg_dump", "pg_restore"]),
    default="psql",
    show_default=True,
    help="要运行的程序。The program to run.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(login: str, role: str, program: str, arguments: tuple[str, ...]) -> None:
    """打开 psql，可附其自己的参数，例如：fangxin psql --role fangxin_public -- -c "\\\\dt"。

    Open psql (or pg_dump, pg_restore) on the platform's database; further arguments are the program's own. By
    default as the web's login, which may do next to nothing until it takes an audience's role.
    """
    from fangxin.config.launch import attach, postgres
    from fangxin.config.launch.children import run_in_front
    from fangxin.config.launch.home import Home

    given = bool(os.environ.get("DATABASE_URL"))
    attach.attach()
    if login == "admin" and given:
        raise click.UsageError("设置了 DATABASE_URL 时没有 admin；请用该数据库自己的管理员。")
    url = {
        "web": lambda: os.environ["DATABASE_URL"],
        "owner": lambda: os.environ.get("FANGXIN_OWNER_URL") or os.environ["DATABASE_URL"],
        "admin": lambda: Home.of_environment().url(postgres.ADMIN),
    }[login]()
    environment = {**os.environ, "PGOPTIONS": f"-c role={role}"} if role else dict(os.environ)
    asked: list[str | Path] = [postgres.binaries() / program, f"--dbname={url}", *arguments]
    raise SystemExit(run_in_front(asked, environment))
