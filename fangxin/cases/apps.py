"""Django's name for this room."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "fangxin.cases"
    verbose_name = "案件"
