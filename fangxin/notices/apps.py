"""Django's name for this room."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "fangxin.notices"
    verbose_name = "通知"
