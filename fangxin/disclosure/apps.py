"""Django's name for this room."""

from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    name = "fangxin.disclosure"
    verbose_name = "公示与查询"
