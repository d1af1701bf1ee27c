"""Django's name for this room."""

from django.apps import AppConfig


class InvestigationsConfig(AppConfig):
    name = "fangxin.investigations"
    verbose_name = "调查整改"
