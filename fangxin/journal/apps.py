from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "fangxin.journal"
    verbose_name = "日志"
