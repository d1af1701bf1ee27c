from django.db import migrations, models

TABLE = """
CREATE TABLE documents_sealingkey (
    id bigint PRIMARY KEY CHECK (id BETWEEN 1 AND 4294967295),
    suite smallint NOT NULL,
    master text NOT NULL,
    wrapped bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT statement_timestamp()
);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(TABLE),
        migrations.CreateModel(
            name="SealingKey",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="密钥号")),
                ("suite", models.SmallIntegerField(verbose_name="算法")),
                ("master", models.TextField(verbose_name="主密钥指纹")),
                ("wrapped", models.BinaryField(verbose_name="密封的密钥")),
                ("made_at", models.DateTimeField(verbose_name="生成时间")),
            ],
            options={
                "verbose_name": "封存密钥",
                "verbose_name_plural": "封存密钥",
                "db_table": "documents_sealingkey",
                "ordering": ["id"],
                "managed": False,
            },
        ),
    ]
