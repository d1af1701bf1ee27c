"""Django's name for this room."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "fangxin.documents"
    verbose_name = "文件与附件"
