"""Who may see a case is asked of the case alone; the month's handled ones are found without reading the others."""

from django.db import migrations, models
from django.db.models import Q

COPY = """
UPDATE cases_case SET entered_by_id = complaint.entered_by_id FROM complaints_complaint complaint
 WHERE complaint.id = complaint_id AND complaint.entered_by_id IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_call_back_answer"), ("organisations", "0001_people_and_bodies")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="entered_by",
            field=models.ForeignKey(
                "organisations.Body", models.PROTECT, null=True, related_name="+", verbose_name="录入部门"
            ),
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        # The foreign key is checked at commit, and an index waits for that.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["handled_on"], name="case_handled", condition=Q(handled_on__isnull=False)),
        ),
    ]
