"""The journal and its seals. What may be written is said here, by triggers, and not in Python."""

from django.db import migrations, models

TABLES = """
CREATE TABLE journal_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    xid xid8 NOT NULL,
    kind text NOT NULL,
    jurisdiction text NOT NULL DEFAULT '',
    actor_user_id bigint,
    actor_label text NOT NULL,
    actor_role text NOT NULL DEFAULT '',
    actor_body bigint,
    actor_company bigint,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    summary text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    clause text NOT NULL DEFAULT '',
    rule_key text NOT NULL DEFAULT '',
    rulebook_version text NOT NULL DEFAULT '',
    act_key uuid
);
CREATE INDEX journal_entry_subject ON journal_entry (subject_kind, subject_id, id);
CREATE INDEX journal_entry_actor ON journal_entry (actor_user_id, id) WHERE actor_user_id IS NOT NULL;
CREATE INDEX journal_entry_kind ON journal_entry (kind, id);
CREATE INDEX journal_entry_xid ON journal_entry (xid, id);
CREATE UNIQUE INDEX journal_entry_act ON journal_entry (act_key) WHERE act_key IS NOT NULL;

CREATE TABLE journal_act (
    key uuid PRIMARY KEY,
    verb text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    at timestamptz NOT NULL DEFAULT transaction_timestamp()
);

-- total: entries sealed so far, this batch included. below_xid: every entry of an earlier transaction is sealed.
-- system: the database cluster, because transaction numbers start anew when a dump is restored into another.
CREATE TABLE journal_seal (
    number bigint PRIMARY KEY,
    count integer NOT NULL,
    total bigint NOT NULL,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    below_xid xid8 NOT NULL,
    system bigint NOT NULL,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    hash bytea NOT NULL
);

CREATE TABLE journal_leaf (
    entry_id bigint PRIMARY KEY,
    seal bigint NOT NULL,
    position integer NOT NULL,
    hash bytea NOT NULL,
    UNIQUE (seal, position)
);
"""

APPEND_ONLY = """
CREATE FUNCTION journal_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.at := transaction_timestamp();
    NEW.xid := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER journal_stamp BEFORE INSERT ON journal_entry FOR EACH ROW EXECUTE FUNCTION journal_stamp();

CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '日志只能追加：不得对 % 执行 %', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['journal_entry', 'journal_act', 'journal_seal', 'journal_leaf'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()', name);
        -- ALWAYS: a session that calls itself a replica is refused as well.
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', name);
    END LOOP;
END $$;

CREATE FUNCTION journal_act_subject(claimed uuid, OUT verb text, OUT subject_kind text, OUT subject_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.verb, a.subject_kind, a.subject_id FROM journal_act a WHERE a.key = claimed
$$;
"""

# A JSON array of every column is unambiguous and does not depend on time zone, locale or float settings; the words
# in front and the leading byte keep a leaf, a node and a seal from ever being taken for one another.
SEALING = """
CREATE FUNCTION journal_leaf_hash(e journal_entry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256('\\x00'::bytea || convert_to(jsonb_build_array(
        'fangxin journal entry 1', e.id, (extract(epoch FROM e.at) * 1000000)::bigint, e.xid::text, e.kind,
        e.jurisdiction, e.actor_user_id, e.actor_label, e.actor_role, e.actor_body, e.actor_company,
        e.subject_kind, e.subject_id, e.summary, e.details, e.clause, e.rule_key, e.rulebook_version,
        e.act_key)::text, 'UTF8'))
$$;

CREATE FUNCTION journal_seal_hash(s journal_seal) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256('\\x02'::bytea || convert_to(jsonb_build_array(
        'fangxin journal seal 1', s.number, s.count, s.total, s.first_id, s.last_id, s.below_xid::text, s.system,
        encode(s.root, 'hex'), encode(s.previous, 'hex'),
        (extract(epoch FROM s.sealed_at) * 1000000)::bigint)::text, 'UTF8'))
$$;

-- A node alone at the end of its row is carried up as it is; doubling it would let two lists share one root.
CREATE FUNCTION journal_root(row_of_hashes bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    WHILE cardinality(row_of_hashes) > 1 LOOP
        SELECT array_agg(node ORDER BY pair) INTO row_of_hashes FROM (
            SELECT (place - 1) / 2 AS pair,
                   CASE count(*) WHEN 2 THEN sha256('\\x01'::bytea || string_agg(hash, ''::bytea ORDER BY place))
                                 ELSE string_agg(hash, ''::bytea) END AS node
              FROM unnest(row_of_hashes) WITH ORDINALITY AS u(hash, place)
             GROUP BY 1) AS nodes;
    END LOOP;
    RETURN row_of_hashes[1];
END $$;

CREATE FUNCTION journal_seal_next(at_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head journal_seal;
    next journal_seal;
    floor xid8;
    horizon xid8;
    ceiling xid8;
    newest xid8;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('journal_seal', 0));
    SELECT * INTO head FROM journal_seal ORDER BY number DESC LIMIT 1;
    SELECT system_identifier INTO next.system FROM pg_control_system();
    -- Below the horizon everything has committed or never will, so nothing can slip in behind the seal.
    SELECT pg_snapshot_xmin(s), pg_snapshot_xmax(s) INTO horizon, ceiling FROM pg_current_snapshot() AS s;
    floor := CASE WHEN head.system = next.system THEN head.below_xid ELSE '0' END;
    next.number := coalesce(head.number, 0) + 1;

    -- A visible entry at or above the ceiling was numbered by another cluster and came here from a dump.
    -- An entry below the floor was put in behind a seal: it is left for `verify` to find, never sealed.
    WITH batch AS MATERIALIZED (
        SELECT e.id, e.xid, journal_leaf_hash(e) AS hash FROM journal_entry e
         WHERE e.xid >= floor AND (e.xid < horizon OR e.xid >= ceiling)
           AND (SELECT l.entry_id FROM journal_leaf l WHERE l.entry_id = e.id) IS NULL  -- a probe, never a join
         ORDER BY e.xid, e.id LIMIT at_most
    ), leaves AS (
        INSERT INTO journal_leaf (entry_id, seal, position, hash)
        SELECT id, next.number, row_number() OVER (ORDER BY id), hash FROM batch
    )
    SELECT count(*), min(id), max(id), max(xid), journal_root(array_agg(hash ORDER BY id))
      INTO next.count, next.first_id, next.last_id, newest, next.root FROM batch;
    IF next.count = 0 THEN
        RETURN 0;
    END IF;

    -- A full batch may stop in the middle of a transaction, which is then not yet below.
    next.below_xid := CASE WHEN next.count = at_most AND newest < horizon THEN newest ELSE horizon END;
    next.total := coalesce(head.total, 0) + next.count;
    next.previous := coalesce(head.hash, '\\x'::bytea);
    next.sealed_at := clock_timestamp();
    next.hash := journal_seal_hash(next);
    INSERT INTO journal_seal SELECT next.*;
    RETURN next.count;
END $$;
REVOKE EXECUTE ON FUNCTION journal_seal_next(integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(TABLES),
        migrations.RunSQL(APPEND_ONLY),
        migrations.RunSQL(SEALING),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False, verbose_name="序号")),
                ("at", models.DateTimeField(editable=False, verbose_name="时间")),
                ("kind", models.TextField(verbose_name="种类")),
                ("jurisdiction", models.TextField(blank=True, verbose_name="地区")),
                ("actor_user_id", models.BigIntegerField(null=True, verbose_name="用户")),
                ("actor_label", models.TextField(verbose_name="行为人")),
                ("actor_role", models.TextField(blank=True, verbose_name="职务")),
                ("actor_body", models.BigIntegerField(null=True, verbose_name="部门")),
                ("actor_company", models.BigIntegerField(null=True, verbose_name="企业")),
                ("subject_kind", models.TextField(verbose_name="对象种类")),
                ("subject_id", models.TextField(verbose_name="对象编号")),
                ("summary", models.TextField(verbose_name="摘要")),
                ("details", models.JSONField(verbose_name="细目")),
                ("clause", models.TextField(blank=True, verbose_name="条款")),
                ("rule_key", models.TextField(blank=True, verbose_name="规则")),
                ("rulebook_version", models.TextField(blank=True, verbose_name="规则版本")),
                ("act_key", models.UUIDField(null=True, verbose_name="办理标识")),
            ],
            options={
                "verbose_name": "日志",
                "verbose_name_plural": "日志",
                "db_table": "journal_entry",
                "ordering": ["id"],
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="封存号")),
                ("count", models.IntegerField(verbose_name="条数")),
                ("total", models.BigIntegerField(verbose_name="累计条数")),
                ("first_id", models.BigIntegerField(verbose_name="最小序号")),
                ("last_id", models.BigIntegerField(verbose_name="最大序号")),
                ("root", models.BinaryField(verbose_name="根")),
                ("previous", models.BinaryField(verbose_name="前一封存")),
                ("hash", models.BinaryField(verbose_name="散列")),
                ("sealed_at", models.DateTimeField(verbose_name="封存时间")),
            ],
            options={
                "verbose_name": "日志封存",
                "verbose_name_plural": "日志封存",
                "db_table": "journal_seal",
                "ordering": ["number"],
                "managed": False,
            },
        ),
    ]
