"""Django's name for the pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "fangxin.web"
    verbose_name = "页面"
