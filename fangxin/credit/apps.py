"""Django's name for this room."""

from django.apps import AppConfig


class CreditConfig(AppConfig):
    name = "fangxin.credit"
    verbose_name = "信用"
