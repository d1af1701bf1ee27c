"""Django's name for the module; key rotation learns which of its columns are sealed."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "fangxin.documents"
    verbose_name = "文件与附件"

    def ready(self) -> None:
        from fangxin.documents.key_rotation import declare_sealed

        declare_sealed("documents_attachment", "id", ("original_name",), "attachment.{column}:{key}")
