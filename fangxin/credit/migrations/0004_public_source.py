"""The public reads the kind of source of each bad record that is public (AMB-56)."""

from django.db import migrations, models

FILL = """
update credit_publishedrecord p set source = r.source from credit_badrecord r where r.id = p.id
"""


class Migration(migrations.Migration):
    dependencies = [("credit", "0003_rounds_counted")]

    operations = [
        migrations.AddField(
            model_name="publishedrecord",
            name="source",
            field=models.CharField(blank=True, default="", max_length=24, verbose_name="来源"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
