"""A published complaint has a last day; those that are public have theirs twelve months from when they became so (AMB-57)."""

from django.db import migrations, models

FILL = (
    "update redress_agencycomplaint set shown_until = (published_on + interval '12 months')::date"
    " where published_on is not null",
    "update redress_publishedcomplaint set shown_until = (published_on + interval '12 months')::date",
)


class Migration(migrations.Migration):
    dependencies = [("redress", "0002_number")]

    operations = [
        migrations.AddField(
            model_name="agencycomplaint",
            name="shown_until",
            field=models.DateField(null=True, verbose_name="公示至"),
        ),
        migrations.AddField(
            model_name="publishedcomplaint",
            name="shown_until",
            field=models.DateField(null=True, verbose_name="公示至"),
        ),
        *(migrations.RunSQL(one, migrations.RunSQL.noop) for one in FILL),
        migrations.AlterField(
            model_name="publishedcomplaint",
            name="shown_until",
            field=models.DateField(verbose_name="公示至"),
        ),
    ]
