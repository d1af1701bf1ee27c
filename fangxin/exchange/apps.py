"""Django's name for this room."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "fangxin.exchange"
    verbose_name = "交换"
