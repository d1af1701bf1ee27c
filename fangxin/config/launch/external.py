"""A PostgreSQL that somebody else keeps, named by DATABASE_URL."""

import threading
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from fangxin.config.database_roles import AUDIENCES, LOGIN, make_roles
from fangxin.config.launch.home import Home
from fangxin.config.launch.postgres import EXTENSIONS, OLDEST
from fangxin.config.launch.refusals import Refused

PATIENCE = 5  # seconds


def check(name: str, url: str) -> None:
    """The server that the variable `name` points to answers within five seconds and is new enough.

    Refuses otherwise.
    """
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        raise Refused(
            f"{name} 须以 postgresql:// 开头；本平台只使用 PostgreSQL。",
            f"{name} must begin with postgresql://; PostgreSQL is the only database of this platform.",
        )
    answer: list[int | str] = []

    def ask() -> None:
        try:
            with psycopg.connect(url, connect_timeout=PATIENCE) as connection:
                answer.append(connection.info.server_version)
        except psycopg.Error as error:
            answer.append(in_short(error))

    # The look-up of a host name has no time-out of its own, so the question is asked beside the main thread.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE + 0.5)
    said = answer[0] if answer else f"{PATIENCE} s"
    where = urlsplit(url)
    place = f"{where.hostname or ''}{f':{where.port}' if where.port else ''}{where.path}"
    if isinstance(said, str):
        raise Refused(
            f"不能连接 {name} 所指的数据库（{place}）：{said}",
            f"cannot reach the database of {name} ({place}): {said}",
        )
    if said < OLDEST * 10000:
        raise Refused(
            f"{name} 所指的数据库是 PostgreSQL {said // 10000}，本平台需要 {OLDEST} 或更高版本。",
            f"the database of {name} is PostgreSQL {said // 10000}; {OLDEST} or newer is needed.",
        )


def in_short(error: psycopg.Error) -> str:
    """What was wrong, without the address again and without libpq's questions, which it sets in below."""
    said = [line for line in str(error).splitlines() if line.strip() and not line.startswith("\t")]
    return " ".join(said[-1].rpartition("failed: ")[2].split()) if said else type(error).__name__


def logins(home: Home, given: str, owner_url: str | None) -> tuple[str, str]:
    """The addresses of the web's login and of the owner on a server that answers and is new enough.

    With DATABASE_URL alone, its user becomes the owner and a narrow login is made beside it: the web may neither
    own tables nor bypass row policies. Refuses when that user may not make one.
    """
    check("DATABASE_URL", given)
    owner = owner_url or given
    if owner_url:
        check("FANGXIN_OWNER_URL", owner)
    try:
        check_roles(owner)
        web = given if owner_url else narrow_login(given, home.secret(f"{LOGIN}_password"))
        if not owner_url:
            check("DATABASE_URL", web)
        check_membership(owner, web)
    except psycopg.errors.InsufficientPrivilege:
        raise Refused(
            "数据库用户无权创建角色；请由数据库管理员按 docs/operations.md「外部数据库」一节创建，"
            "并分别设置 DATABASE_URL（fangxin_web）与 FANGXIN_OWNER_URL（表的所有者）。",
            "the database user may not create roles; have its administrator create them as in docs/operations.md, "
            "and set both DATABASE_URL (fangxin_web) and FANGXIN_OWNER_URL (owner of the tables).",
        ) from None
    return web, owner


def check_roles(owner_url: str) -> None:
    """The audience roles exist."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        known = connection.execute(
            "SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s)", [[*AUDIENCES, LOGIN]]
        ).fetchone()
    if known is None or known[0] <= len(AUDIENCES):
        make_roles(owner_url)


def narrow_login(owner_url: str, password: str) -> str:
    """The address of the web's own login on the owner's server; it can sign in, unless it could already."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        row = connection.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [LOGIN]).fetchone()
        if row == (False,):
            sealed = connection.pgconn.encrypt_password(password.encode(), LOGIN.encode(), b"scram-sha-256")
            connection.execute(f"ALTER ROLE {LOGIN} LOGIN NOINHERIT PASSWORD '{sealed.decode()}'".encode())
    parts = urlsplit(owner_url)
    return parts._replace(netloc=f"{LOGIN}:{password}@{parts.netloc.rpartition('@')[2]}").geturl()


def check_membership(owner_url: str, web_url: str) -> None:
    """Whoever the web signs in as may take the audiences' roles."""
    with psycopg.connect(web_url) as web:
        login = sql.Identifier(web.info.user)
        member = web.execute("SELECT pg_has_role(current_user, %s, 'MEMBER')", [LOGIN]).fetchone()
    if member != (True,):
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(LOGIN), login))


def check_extensions(owner_url: str) -> None:
    """The extensions the tables need are there; made if the owner may, refused otherwise."""
    with psycopg.connect(owner_url, connect_timeout=PATIENCE, autocommit=True) as connection:
        for extension in EXTENSIONS:
            try:
                connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}".encode())
            except psycopg.Error as error:
                raise Refused(
                    f"数据库缺少扩展 {extension}，请由数据库管理员执行：CREATE EXTENSION {extension};",
                    f"the database lacks the extension {extension} ({error}); "
                    f"have its administrator run: CREATE EXTENSION {extension};",
                ) from None
