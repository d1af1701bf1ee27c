"""What `fangxin doctor` looks at, one function a point."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata

import psycopg

from fangxin.config.launch import postgres, schema
from fangxin.config.launch.attach import attach
from fangxin.config.launch.external import PATIENCE
from fangxin.config.launch.home import NEEDED_TO_GO_ON, PROJECT, Home
from fangxin.config.launch.postgres import EXTENSIONS, OLDEST
from fangxin.config.launch.refusals import Refused

SECRETS = ("fangxin_secret_key", "sealing_key", "index_key")


@dataclass(frozen=True)
class Finding:
    """One point and how it stands."""

    point: str
    in_order: bool
    said: str


class NotInOrder(Exception):
    """The point is not in order; says why and what to do."""


def examine() -> Iterator[Finding]:
    """Every point in turn; one that fails does not hide the next."""
    for point, look in POINTS.items():
        try:
            yield Finding(point, True, look())
        except Refused as refusal:
            yield Finding(point, False, refusal.chinese)
        except (NotInOrder, OSError, psycopg.Error) as error:
            yield Finding(point, False, str(error).strip())


def python() -> str:
    return sys.version.split()[0]


def packages() -> str:
    """What is installed is what the lock file names."""
    lock = PROJECT / "requirements" / "runtime.txt"
    if not lock.is_file():
        return "没有锁定文件可比对"
    locked = re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", lock.read_text(), re.MULTILINE)
    astray = []
    for name, version in locked:
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = "未安装"
        if found != version:
            astray.append(f"{name} {found}（应为 {version}）")
    if astray:
        raise NotInOrder("与锁定版本不一致：" + "、".join(astray) + "；请删除 .venv 后重新执行 make run。")
    return f"{len(locked)} 个，与锁定版本一致"


def libmagic() -> str:
    try:
        from fangxin.documents import inspection
    except ImportError as error:
        raise NotInOrder(f"不能识别附件类型：{error}。请安装系统软件包 libmagic1。") from None
    return str(inspection.magic.from_buffer(b"%PDF-1.7", mime=True))


def home() -> str:
    place = Home.of_environment()
    if not place.folder.exists():
        raise NotInOrder(f"{place.folder} 尚未建立；执行 make run 即可建立。")
    place.made().ask_for_room(NEEDED_TO_GO_ON)
    free = shutil.disk_usage(place.folder).free // 1024**2
    used = "正在使用" if place.in_use() else "当前没有实例在使用"
    return f"{place.folder}，剩余 {free} MB，{used}"


def secret_files() -> str:
    folder = Home.of_environment().secrets
    for name in SECRETS:
        path = folder / name
        if os.environ.get(f"FANGXIN_{name.upper().removeprefix('FANGXIN_')}"):
            continue
        if not path.is_file():
            raise NotInOrder(f"缺少 {path}；若为既有安装，请从备份恢复。")
        if path.stat().st_mode & 0o077:
            raise NotInOrder(f"{path} 可被其他用户读取；请执行 chmod 600 {path}。")
    return f"{folder} 齐全，仅所有者可读；请确认已另行备份"


def programs() -> str:
    if os.environ.get("DATABASE_URL"):
        return "使用 DATABASE_URL，无需本机程序"
    folder = postgres.binaries()
    how = {"unshare": "借用户命名空间", "setpriv": "换用另一用户"}.get(
        next(iter(postgres.identity()), ""), "以当前用户"
    )
    return f"PostgreSQL {postgres.major_version(folder)}（{folder}），{how}运行"


def database() -> str:
    attach()
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=PATIENCE) as connection:
        version = connection.info.server_version // 10000
        if version < OLDEST:
            raise NotInOrder(f"PostgreSQL {version} 过旧，需要 {OLDEST} 或更高版本。")
        encoding = connection.execute("SHOW server_encoding").fetchone()
        if encoding != ("UTF8",):
            raise NotInOrder(f"数据库编码为 {encoding}，应为 UTF8。")
    with psycopg.connect(owner_url(), connect_timeout=PATIENCE) as connection:
        present = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
        if absent := set(EXTENSIONS) - present:
            raise NotInOrder(f"缺少扩展 {'、'.join(sorted(absent))}。")
        seen = connection.execute("SELECT show_trgm('投诉') <> '{}'").fetchone()
        if seen != (True,):
            raise NotInOrder("数据库的 LC_CTYPE 使中文检索失效；请以 C.UTF-8 重建数据库。")
    return f"PostgreSQL {version}，UTF8，中文检索可用"


def login() -> str:
    """The web's login owns nothing and bypasses nothing."""
    owner_url()
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=PATIENCE) as connection:
        row = connection.execute(
            "SELECT current_user, rolsuper OR rolbypassrls, "
            "(SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            " WHERE n.nspname = 'public' AND pg_get_userbyid(c.relowner) = current_user) "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row is not None  # noqa: S101 - everybody is in pg_roles
    name, unbound, owned = row
    if unbound or owned:
        raise NotInOrder(f"网站登录角色 {name} 是超级用户、可绕过行策略或拥有数据表；请改用 fangxin_web。")
    return f"{name} 不拥有数据表，受行策略约束"


def tables() -> str:
    if not schema.up_to_date(Home.of_environment(), owner_url()):
        raise NotInOrder("数据表与程序不一致；重新启动 fangxin serve 即可更新。")
    return "与程序一致"


def rulebook() -> str:
    from fangxin.rules import book
    from fangxin.rules.reader import RulebookBroken

    try:
        return "、".join(f"{name} {book(name).version}" for name in ("national", "beijing", "fujian"))
    except RulebookBroken as error:
        raise NotInOrder(str(error)) from None


def owner_url() -> str:
    """The owner's address; NotInOrder when no database was reached."""
    if url := os.environ.get("FANGXIN_OWNER_URL") or os.environ.get("DATABASE_URL"):
        return url
    raise NotInOrder("数据库不可用，未能检查。")


POINTS: dict[str, Callable[[], str]] = {
    "Python": python,
    "依赖": packages,
    "附件识别": libmagic,
    "规则库": rulebook,
    "文件夹": home,
    "密钥": secret_files,
    "数据库程序": programs,
    "数据库": database,
    "登录角色": login,
    "数据表": tables,
}
