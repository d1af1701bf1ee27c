"""The wrapped data keys. Without the master key, which is never in the database, a row says nothing."""

from django.db import models


class SealingKey(models.Model):
    """One data key, wrapped under a master key. The newest seals; all the others still open.

    Unmanaged: a flushed table of keys would make everything sealed unreadable, so Django never empties it.
    """

    id = models.BigIntegerField("密钥号", primary_key=True)
    suite = models.SmallIntegerField("算法")
    master = models.TextField("主密钥指纹")
    wrapped = models.BinaryField("密封的密钥")
    made_at = models.DateTimeField("生成时间")

    class Meta:
        managed = False
        app_label = "documents"
        db_table = "documents_sealingkey"
        verbose_name = verbose_name_plural = "封存密钥"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"封存密钥 {self.id}"
