"""Django's name for the configuration: it brings the start-up checks."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "fangxin.config"
    verbose_name = "配置"

    def ready(self) -> None:
        from fangxin.config import checks  # noqa: F401
