"""基本满意 has a longer key than the column had room for; widening a varchar rewrites nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_relations_and_indexes")]

    operations = [
        migrations.AlterField(
            model_name="callback",
            name="satisfaction",
            field=models.CharField("满意度", max_length=24, blank=True, default=""),
        )
    ]
