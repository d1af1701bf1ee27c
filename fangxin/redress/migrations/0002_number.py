"""The counter behind complaint numbers (附件2 说明4): its row is locked until the complaint is there or is not.

A sequence would leave a gap for every complaint that was undone. The function runs with its owner's rights, so that
whoever hands a complaint in can take the next number and do nothing else to the counter.
"""

from django.db import migrations

NEXT = """
CREATE FUNCTION redress_next_number(of_jurisdiction text, of_prefix text) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO redress_numbering AS counter (jurisdiction, prefix, last) VALUES (of_jurisdiction, of_prefix, 1)
    ON CONFLICT (jurisdiction, prefix) DO UPDATE SET last = counter.last + 1
    RETURNING last
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("redress", "0001_complaints")]

    operations = [migrations.RunSQL(NEXT, "DROP FUNCTION redress_next_number(text, text)")]
