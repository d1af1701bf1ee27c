"""What day it is. A legal day is a date in Asia/Shanghai."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """The legal day now; FANGXIN_TODAY moves it in demonstrations and tests (refused in production)."""
    if settings.FANGXIN_TODAY and not settings.PRODUCTION:
        return date.fromisoformat(settings.FANGXIN_TODAY)
    return timezone.now().astimezone(SHANGHAI).date()


def now() -> datetime:
    """This moment; on a moved day, the same hour of that day."""
    moment = timezone.now().astimezone(SHANGHAI)
    if settings.FANGXIN_TODAY and not settings.PRODUCTION:
        return moment.replace(year=(day := today()).year, month=day.month, day=day.day)
    return moment
