"""Start-up checks: what must be true before the first request."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

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
