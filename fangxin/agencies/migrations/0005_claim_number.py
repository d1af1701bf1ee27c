"""A claim of an account has a number to be followed by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agencies", "0004_quarter_duty")]

    operations = [
        migrations.AddField(
            model_name="accountclaim",
            name="number",
            # No claim was made before there was a page to make one.
            field=models.CharField(default="", max_length=32, unique=True, verbose_name="申领编号"),
            preserve_default=False,
        ),
    ]
