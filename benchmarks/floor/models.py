"""One table, with the columns a desk shows."""

from django.db import models


class Row(models.Model):
    number = models.CharField(max_length=32, default="BJ-2026-000000")
    title = models.CharField(max_length=200)
    text = models.TextField()
    respondent = models.CharField(max_length=200)
    link = models.CharField(max_length=16, default="")
    district = models.CharField(max_length=16, default="")
    source = models.CharField(max_length=16, default="")
    status = models.CharField(max_length=20, default="待分件")
    officer = models.CharField(max_length=40, default="")
    due_on = models.DateField(null=True)
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        managed = False
        db_table = "floor_row"

    def __str__(self) -> str:
        return self.number
