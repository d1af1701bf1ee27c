"""Django's name for this room."""

from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    name = "fangxin.agencies"
    verbose_name = "机构登记"
