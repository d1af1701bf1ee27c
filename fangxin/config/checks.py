"""Start-up checks: what must be true before the first request."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import DatabaseError, connection

from fangxin.rules import book
from fangxin.rules.reader import RulebookBroken


@register()
def rulebook_loads(**kwargs: Any) -> list[CheckMessage]:
    """A rulebook that does not load stops the start-up and says which file and line."""
    try:
        for name in ("national", "beijing", "fujian"):
            book(name)
    except RulebookBroken as why:
        return [Error(str(why), hint="规则库须经审核修改；改正所指文件后重新启动。", id="fangxin.E001")]
    return []


@register()
def day_is_real(**kwargs: Any) -> list[CheckMessage]:
    """FANGXIN_TODAY moves the legal day in demonstrations and tests only."""
    if settings.FANGXIN_TODAY and settings.PRODUCTION:
        return [
            Error(
                "FANGXIN_TODAY 只能在演示和测试中使用。",
                hint="去掉这个环境变量，或设 FANGXIN_DEMO=1。",
                id="fangxin.E002",
            )
        ]
    return []


def secrets_are_set() -> list[CheckMessage]:
    """A real installation has a key of its own; one that is missing or known would let sessions be forged.

    Called when the server starts: commands that only read files need no key.
    """
    if settings.PRODUCTION and settings.SECRET_KEY == "unset":  # noqa: S105
        return [
            Error(
                "没有设置 FANGXIN_SECRET_KEY。",
                hint="用 fangxin serve 启动会自动生成；自行部署时写入 FANGXIN_SECRETS_DIR/fangxin_secret_key。",
                id="fangxin.E003",
            )
        ]
    return []


def login_is_narrow() -> list[CheckMessage]:
    """The web's login owns no table and bypasses no policy; otherwise every row policy would be decoration.

    Called when the server starts, for it needs the database.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select r.rolsuper or r.rolbypassrls, "
                "exists (select from pg_tables where tableowner = current_user and schemaname = 'public') "
                "from pg_roles r where r.rolname = current_user"
            )
            broad, owns = cursor.fetchone()
    except DatabaseError as trouble:
        return [Error(f"数据库不可用：{trouble}", id="fangxin.E004")]
    finally:
        connection.close()
    if broad or owns:
        return [
            Error(
                "网站的数据库登录角色是超级用户、可绕过行级策略，或拥有数据表，不能启动。",
                hint="DATABASE_URL 用 fangxin_web 登录，迁移用 FANGXIN_OWNER_URL（docs/operations.md）。",
                id="fangxin.E005",
            )
        ]
    return []
