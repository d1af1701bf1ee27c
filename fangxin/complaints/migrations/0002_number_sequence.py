"""The counter behind complaint and case numbers; a label, so gaps are allowed and no row is locked for it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "create sequence complaints_number as bigint start 1", "drop sequence complaints_number"
        )
    ]
