"""Django's name for this room."""

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "fangxin.deadlines"
    verbose_name = "期限"
