"""Django's name for this room."""

from django.apps import AppConfig


class RedressConfig(AppConfig):
    name = "fangxin.redress"
    verbose_name = "投诉处理"
