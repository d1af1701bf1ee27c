"""`fangxin psql`: a look at the database with PostgreSQL's own client."""

import os

import click


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--owner", is_flag=True, help="以表的所有者登录。Sign in as the owner of the tables.")
@click.option(
    "--role", default="", help="登录后改用的角色，如 fangxin_enterprise。Role to take, e.g. fangxin_public."
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(owner: bool, role: str, arguments: tuple[str, ...]) -> None:
    """打开 psql，可附 psql 自己的参数，例如：fangxin psql --role fangxin_public -- -c "\\dt"。

    Open psql on the platform's database; further arguments are psql's own. By default as the web's login,
    which may do next to nothing until it takes an audience's role.
    """
    from fangxin.config.launch import attach, postgres
    from fangxin.config.launch.children import run_in_front

    attach.attach()
    url = os.environ["FANGXIN_OWNER_URL" if owner else "DATABASE_URL"]
    environment = {**os.environ, "PGOPTIONS": f"-c role={role}"} if role else dict(os.environ)
    raise SystemExit(run_in_front([postgres.binaries() / "psql", url, *arguments], environment))
