"""A notice may enclose a link, made when it is mailed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='enclosed',
            field=models.CharField(blank=True, choices=[('set_password', '设置密码的链接')], default='', max_length=16, verbose_name='附'),
        ),
    ]
