"""What each audience may do to each table. A table that is not listed is closed to every audience.

Roles: `fangxin_public` reads what is published; `fangxin_intake` hands a complaint in and follows it;
`fangxin_enterprise` sees its own company's rows; `fangxin_office` works; `fangxin_grantee` reads the record of the
one agency whose grant it holds, while that runs; `fangxin_sealed` alone reads who complained, and only
complaints.complainant takes it. The web's login (`fangxin_web`) owns nothing, bypasses
nothing, and inherits none of these: it must take one by name, for one transaction.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

AUDIENCES = (
    "fangxin_public", "fangxin_intake", "fangxin_enterprise", "fangxin_office", "fangxin_grantee", "fangxin_sealed",
)  # fmt: skip
LOGIN = "fangxin_web"
PUBLIC, INTAKE, ENTERPRISE, OFFICE, GRANTEE, SEALED = AUDIENCES

COMPANY_IS_OURS = "company_id = nullif(current_setting('fangxin.company_id', true), '')::bigint"
OWNER_COMPANY_IS_OURS = "owner_company_id = nullif(current_setting('fangxin.company_id', true), '')::bigint"
TO_OUR_COMPANY = "to_company_id = nullif(current_setting('fangxin.company_id', true), '')::bigint"
RECEIPT_IS_HELD = "secret_hash = decode(current_setting('fangxin.receipt', true), 'hex')"
OF_A_HELD_RECEIPT = f"complaint_id in (select id from complaints_complaint where {RECEIPT_IS_HELD})"  # noqa: S608
OF_AN_ANNOUNCED_ROUND = "round_id in (select id from credit_round where announced_on is not null)"
# The grant of the secret that is presented, on its days. The day is the application's; a grant that the clock or an
# officer has ended is closed whatever day is said.
RUNS_AND_IS_HELD = (
    f"{RECEIPT_IS_HELD} and state = 'granted' "
    "and nullif(current_setting('fangxin.today', true), '')::date between from_on and until_on"
)
OF_A_RUNNING_GRANT = (
    f"company_id in (select company_id from disclosure_authorisedquery where {RUNS_AND_IS_HELD})"  # noqa: S608
)
ANY = "true"


@dataclass(frozen=True)
class Policy:
    """Which rows a role sees (`using`) and may leave behind (`check`); `for_` is the command it governs."""

    role: str
    using: str = ANY
    check: str = ANY
    for_: str = "all"


READ, WRITE, ADD = "select", "select, insert, update", "insert"
WORK = "select, insert, update, delete"
# What anybody may know of a company; how to reach its people is the office's to know.
REGISTERED = "select (id, name, kinds, uscc, district)"
# The register's accepted rows, and what is published of them.
REGISTER_RECORDS = (
    "basicrecord", "representativerecord", "shareholderrecord", "projectrecord", "projectpersonrecord", "filingrecord",
)  # fmt: skip
PUBLISHED = (
    "publishedagency", "publishedname", "publishedcode", "publishedprofile", "publishedperson", "publishedpicture",
    "publishedcoverage",
)  # fmt: skip
# A company's session can leave a declaration only where an agency may bring it.
WITH_THE_AGENCY_OR_SUBMITTED = "channel = 'declared' and state in ('draft', 'submitted')"

# table → role → privileges
GRANTS: Mapping[str, Mapping[str, str]] = {
    # The login itself: who is signing in.
    "organisations_user": {
        LOGIN: "select, update (last_login, password, must_change_password, password_changed_on, last_seen_on)",
        OFFICE: "select, insert, update",
    },
    "organisations_body": {LOGIN: READ, PUBLIC: READ, INTAKE: READ, ENTERPRISE: READ, OFFICE: WRITE},
    "organisations_company": {
        LOGIN: READ, OFFICE: WRITE, PUBLIC: REGISTERED, INTAKE: REGISTERED, ENTERPRISE: REGISTERED,
    },
    "organisations_companyname": {LOGIN: READ, OFFICE: WRITE},
    "organisations_membership": {LOGIN: READ, OFFICE: WRITE},
    "django_session": {LOGIN: WORK},
    "axes_accessattempt": {LOGIN: WORK},
    "axes_accessattemptexpiration": {LOGIN: WORK},
    "axes_accesslog": {LOGIN: WORK},
    "axes_accessfailurelog": {LOGIN: WORK},
    # The journal grows; nobody rewrites it.
    "journal_entry": {
        LOGIN: ADD, PUBLIC: ADD, INTAKE: ADD, ENTERPRISE: ADD, GRANTEE: ADD, OFFICE: "select, insert",
    },
    "journal_act": {LOGIN: ADD, INTAKE: ADD, ENTERPRISE: ADD, OFFICE: "select, insert"},
    "journal_seal": {LOGIN: READ, OFFICE: READ},
    "journal_leaf": {OFFICE: READ},
    # Words and identity.
    "complaints_complaint": {
        INTAKE: "insert, select (id, number, jurisdiction, title, received_at, respondent_name, project_name, secret_hash)",
        OFFICE: WRITE,
    },
    "complaints_complainant": {INTAKE: ADD, OFFICE: ADD, SEALED: READ},
    "complaints_progress": {INTAKE: "select, insert", OFFICE: "select, insert"},
    # Wrapped keys are read under the login, outside the request's transaction; no audience sees them.
    "documents_sealingkey": {LOGIN: READ},
    "documents_attachment": {INTAKE: ADD, ENTERPRISE: "select, insert", OFFICE: WRITE},
    # Cases.
    "cases_case": {INTAKE: ADD, OFFICE: WRITE},
    "cases_casesearch": {INTAKE: ADD, OFFICE: WRITE},
    "cases_hop": {OFFICE: "select, insert"},
    "cases_proposal": {OFFICE: WRITE},
    "cases_companytask": {
        ENTERPRISE: "select, update (state, first_viewed_at, viewed_by, replied_on, replied_late)",
        OFFICE: WRITE,
    },
    "cases_reply": {ENTERPRISE: "select, insert", OFFICE: "select, insert"},
    "cases_companytelling": {OFFICE: "select, insert"},
    "cases_replyreturn": {
        ENTERPRISE: "select (task_id, company_id, version, points, reason, due_on, \"on\")", OFFICE: "select, insert",
    },
    "cases_ownrectification": {OFFICE: "select, insert"},
    "cases_urging": {
        ENTERPRISE: "select (id, task_id, company_id, number, channel, text, \"on\")",
        OFFICE: "select, insert, update (answer, answered_on)",
    },
    "cases_extension": {OFFICE: WRITE},
    "cases_supervisioncounter": {OFFICE: WRITE},
    "cases_supervisionorder": {
        ENTERPRISE: "select, update (state, acknowledged_on, answer, answered_on, answered_late, answered_by)",
        OFFICE: WRITE,
    },
    "cases_delaystatement": {OFFICE: "select, insert"},
    "cases_callback": {OFFICE: "select, insert"},
    "cases_triagedecision": {OFFICE: "select, insert"},
    "cases_identityopening": {OFFICE: WRITE},
    "cases_savedfilter": {OFFICE: WORK},
    # The register: claimed, accepted, published. The public reads what is published, and no other table.
    "agencies_agency": {ENTERPRISE: READ, GRANTEE: READ, OFFICE: WRITE},
    "agencies_declaration": {ENTERPRISE: WRITE, OFFICE: WRITE},
    "agencies_version": {ENTERPRISE: READ, GRANTEE: READ, OFFICE: WRITE},
    **{
        f"agencies_{record}": {ENTERPRISE: READ, GRANTEE: READ, OFFICE: "select, insert"}
        for record in REGISTER_RECORDS
    },
    "agencies_filedagency": {ENTERPRISE: READ, OFFICE: WRITE},
    "agencies_practitioner": {ENTERPRISE: READ, OFFICE: WRITE},
    "agencies_quarterduty": {
        ENTERPRISE: "select, update (state, next_look_on, submitted_on, was_late, declaration_id, no_change_by_id, "
        "unchanged_tables, truth_statement)",
        OFFICE: WRITE,
    },
    "agencies_accountclaim": {INTAKE: "insert, select (id, number, agency_name, state, applied_on, opinion, secret_hash)", OFFICE: WRITE},
    **{f"agencies_{published}": {PUBLIC: READ, ENTERPRISE: READ, OFFICE: WORK} for published in PUBLISHED},
    # Conduct: what is on record is the office's and its company's; the public has copies of what is shown.
    "credit_goodrecord": {ENTERPRISE: WRITE, OFFICE: WRITE},
    "credit_badrecord": {ENTERPRISE: "select, update (state, turn, statement, stated_on, comment)", OFFICE: WRITE},
    "credit_correction": {ENTERPRISE: READ, OFFICE: WRITE},
    "credit_application": {ENTERPRISE: "select, insert", OFFICE: WRITE},
    "credit_round": {
        PUBLIC: "select (id, jurisdiction, book, scheme, scheme_title, scheme_text, since, until, announced_on, "
        "objections_until, final_on, published_on)",
        ENTERPRISE: READ, OFFICE: WRITE,
    },
    "credit_score": {ENTERPRISE: READ, OFFICE: WRITE},
    "credit_scoreobjection": {ENTERPRISE: "select, insert", OFFICE: WRITE},
    "credit_publishedscore": {PUBLIC: READ, ENTERPRISE: READ, OFFICE: WORK},
    "credit_publishedrecord": {PUBLIC: READ, ENTERPRISE: "select, update (comment, is_objected)", OFFICE: WORK},
    "agencies_publishedagency": {PUBLIC: READ, INTAKE: READ, ENTERPRISE: READ, GRANTEE: READ, OFFICE: WORK},
    # Public complaints about agencies: an agency has the words that were approved for it, and moves nothing but the state.
    "redress_numbering": {OFFICE: READ},
    "redress_agencycomplaint": {
        INTAKE: ADD,
        ENTERPRISE: "select (complaint_id, number, jurisdiction, company_id, agency_id, body_id, state, turn), update (state, turn)",
        OFFICE: WRITE,
    },
    "redress_transfer": {
        ENTERPRISE: "select, update (state, answered_on, answered_late, late_reason)", OFFICE: WRITE,
    },
    "redress_answer": {ENTERPRISE: "select, insert", OFFICE: "select, insert"},
    "redress_latefeedback": {OFFICE: WRITE},
    "redress_proposal": {OFFICE: WRITE},
    "redress_publishedcomplaint": {PUBLIC: READ, OFFICE: WORK},
    # Disclosure: who applied to see more, and what was granted.
    "disclosure_authorisedquery": {
        INTAKE: "insert, select (id, number, secret_hash, agency_id, state, ground, applicant_name, organisation, purpose, "
        "asked_codes, asked_from_on, asked_days, applied_on, granted_codes, from_on, until_on, ended_on, opinion, end_reason)",
        GRANTEE: "select (id, number, secret_hash, jurisdiction, agency_id, company_id, state, ground, applicant_name, "
        "organisation, purpose, granted_codes, from_on, until_on)",
        ENTERPRISE: "select (id, number, company_id, agency_told, state, ground, organisation, purpose, granted_codes, from_on, "
        "until_on, ended_on)",
        OFFICE: WRITE,
    },
    "disclosure_managementrule": {PUBLIC: READ, OFFICE: "select, insert"},
    # Opinion and rectification.
    "investigations_opinion": {OFFICE: "select, insert"},
    "investigations_rectificationorder": {ENTERPRISE: "select, update (state)", OFFICE: WRITE},
    "investigations_rectificationreport": {ENTERPRISE: "select, insert", OFFICE: "select, insert"},
    "investigations_rectificationcheck": {OFFICE: "select, insert"},
    "investigations_inquiry": {OFFICE: WRITE},
    "investigations_inquirynumber": {
        INTAKE: "select (jurisdiction, issuer, form, text, issued_on, voided_on, secret_hash)",
        OFFICE: "select, insert, update (voided_on)",
    },
    "investigations_inquiryanswer": {OFFICE: "select, insert"},
    # Terms and messages.
    "deadlines_deadline": {
        ENTERPRISE: "select, update (state, met_on, missed_on, next_look_on)", OFFICE: WRITE,
    },
    "deadlines_duedaychange": {OFFICE: "select, insert"},
    "notices_notice": {
        INTAKE: ADD, ENTERPRISE: "select, insert, update (read_at)", OFFICE: WRITE,
    },
    # Imports: what became of a row is written once.
    "exchange_importrun": {OFFICE: WRITE},
    "exchange_importedrow": {OFFICE: "select, insert"},
    "exchange_columnmemory": {OFFICE: WRITE},
}  # fmt: skip

# Tables of which a role sees some rows only. Plain comparisons of indexed columns with a value read once;
# the application filters as well, so that the planner takes the index and the policy merely enforces.
POLICIES: Mapping[str, tuple[Policy, ...]] = {
    "cases_companytask": (Policy(ENTERPRISE, COMPANY_IS_OURS, COMPANY_IS_OURS), Policy(OFFICE)),
    "cases_reply": (
        Policy(
            ENTERPRISE, COMPANY_IS_OURS, f"{COMPANY_IS_OURS} and way = 'online' and registered_by_id is null"
        ),
        Policy(OFFICE),
    ),
    "cases_supervisionorder": (
        Policy(ENTERPRISE, COMPANY_IS_OURS, f"{COMPANY_IS_OURS} and state in ('acknowledged', 'answered')"),
        Policy(OFFICE),
    ),
    "cases_urging": (Policy(ENTERPRISE, COMPANY_IS_OURS, "false"), Policy(OFFICE)),
    "cases_replyreturn": (Policy(ENTERPRISE, COMPANY_IS_OURS, "false"), Policy(OFFICE)),
    "investigations_rectificationorder": (
        Policy(ENTERPRISE, COMPANY_IS_OURS, COMPANY_IS_OURS),
        Policy(OFFICE),
    ),
    "investigations_rectificationreport": (
        Policy(ENTERPRISE, COMPANY_IS_OURS, COMPANY_IS_OURS),
        Policy(OFFICE),
    ),
    "deadlines_deadline": (
        Policy(ENTERPRISE, OWNER_COMPANY_IS_OURS, OWNER_COMPANY_IS_OURS),
        Policy(OFFICE),
    ),
    "documents_attachment": (
        Policy(ENTERPRISE, COMPANY_IS_OURS, COMPANY_IS_OURS),
        Policy(INTAKE, "false", ANY),
        Policy(OFFICE),
    ),
    "notices_notice": (
        Policy(ENTERPRISE, TO_OUR_COMPANY, ANY, "select"),
        Policy(ENTERPRISE, TO_OUR_COMPANY, TO_OUR_COMPANY, "update"),
        Policy(ENTERPRISE, ANY, ANY, "insert"),
        Policy(INTAKE, "false", ANY),
        Policy(OFFICE),
    ),
    "agencies_agency": (
        Policy(ENTERPRISE, COMPANY_IS_OURS, "false"),
        Policy(GRANTEE, OF_A_RUNNING_GRANT, "false"),
        Policy(OFFICE),
    ),
    "agencies_declaration": (
        Policy(ENTERPRISE, COMPANY_IS_OURS, f"{COMPANY_IS_OURS} and {WITH_THE_AGENCY_OR_SUBMITTED}"),
        Policy(OFFICE),
    ),
    **{
        f"agencies_{record}": (
            Policy(ENTERPRISE, COMPANY_IS_OURS, "false"),
            Policy(GRANTEE, OF_A_RUNNING_GRANT, "false"),
            Policy(OFFICE),
        )
        for record in ("version", *REGISTER_RECORDS)
    },
    # A company learns of a record when it is told of it (四（四）), and leaves one only where a unit may bring it.
    "credit_badrecord": (
        Policy(
            ENTERPRISE,
            f"{COMPANY_IS_OURS} and served_on is not null",
            f"{COMPANY_IS_OURS} and state in ('notice_served', 'published')",
        ),
        Policy(OFFICE),
    ),
    "credit_goodrecord": (
        Policy(ENTERPRISE, COMPANY_IS_OURS, f"{COMPANY_IS_OURS} and state = 'submitted'"),
        Policy(OFFICE),
    ),
    "credit_application": (
        Policy(ENTERPRISE, COMPANY_IS_OURS, f"{COMPANY_IS_OURS} and state = 'applied'"),
        Policy(OFFICE),
    ),
    "credit_correction": (
        Policy(ENTERPRISE, f"{COMPANY_IS_OURS} and decided_on is not null", "false"),
        Policy(OFFICE),
    ),
    # That a round is on is known outside from the day it is announced; a score is its agency's to read from then.
    "credit_round": (
        Policy(PUBLIC, "announced_on is not null", "false"),
        Policy(ENTERPRISE, "announced_on is not null", "false"),
        Policy(OFFICE),
    ),
    "credit_score": (
        Policy(ENTERPRISE, f"{COMPANY_IS_OURS} and {OF_AN_ANNOUNCED_ROUND}", "false"),
        Policy(OFFICE),
    ),
    "credit_scoreobjection": (
        Policy(ENTERPRISE, COMPANY_IS_OURS, f"{COMPANY_IS_OURS} and answered_on is null"),
        Policy(OFFICE),
    ),
    "credit_publishedrecord": (
        Policy(PUBLIC, ANY, "false"),
        Policy(ENTERPRISE, ANY, "false", "select"),
        Policy(ENTERPRISE, COMPANY_IS_OURS, COMPANY_IS_OURS, "update"),
        Policy(OFFICE),
    ),
    # Whoever complains can leave a complaint only waiting, with no agency; an agency, only where feedback leads.
    "redress_agencycomplaint": (
        Policy(INTAKE, "false", "state = 'submitted' and company_id is null"),
        Policy(
            ENTERPRISE, COMPANY_IS_OURS, f"{COMPANY_IS_OURS} and state in ('awaiting_decision', 'verifying')"
        ),
        Policy(OFFICE),
    ),
    "redress_transfer": (Policy(ENTERPRISE, COMPANY_IS_OURS, COMPANY_IS_OURS), Policy(OFFICE)),
    "redress_answer": (
        Policy(ENTERPRISE, COMPANY_IS_OURS, f"{COMPANY_IS_OURS} and kind <> 'finding' and finding = ''"),
        Policy(OFFICE),
    ),
    "disclosure_authorisedquery": (
        # Whoever hands one in can leave it only waiting, open to nobody.
        Policy(INTAKE, RECEIPT_IS_HELD, "state = 'applied' and company_id is null"),
        Policy(GRANTEE, RUNS_AND_IS_HELD, "false"),
        Policy(ENTERPRISE, f"{COMPANY_IS_OURS} and agency_told", "false"),
        Policy(OFFICE),
    ),
    "agencies_filedagency": (Policy(ENTERPRISE, COMPANY_IS_OURS, "false"), Policy(OFFICE)),
    "agencies_quarterduty": (Policy(ENTERPRISE, COMPANY_IS_OURS, COMPANY_IS_OURS), Policy(OFFICE)),
    "agencies_accountclaim": (Policy(INTAKE, RECEIPT_IS_HELD, ANY), Policy(OFFICE)),
    "complaints_complaint": (Policy(INTAKE, RECEIPT_IS_HELD, ANY), Policy(OFFICE)),
    # Whoever holds the code printed on a sheet reads that it was issued, and no other sheet's row.
    "investigations_inquirynumber": (Policy(INTAKE, RECEIPT_IS_HELD, "false"), Policy(OFFICE)),
    "complaints_progress": (Policy(INTAKE, OF_A_HELD_RECEIPT, ANY), Policy(OFFICE)),
}

SEQUENCES: Mapping[str, tuple[str, ...]] = {
    "complaints_number": (INTAKE, OFFICE),
    "disclosure_query_number": (INTAKE, OFFICE),
}
FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "journal_act_subject(uuid)": (LOGIN, INTAKE, ENTERPRISE, OFFICE),
    # The only way to take a number: the counter itself is written by nobody.
    "redress_next_number(text,text)": (INTAKE, OFFICE),
    # The only way to write a seal; the worker runs it under the login.
    "journal_seal_next(integer)": (LOGIN,),
}
# Read and written by the queue's own worker under the login; no audience touches it directly.
QUEUE_PREFIX = "procrastinate_"
# Tables that no audience needs: Django's own book-keeping and the owner's.
CLOSED = frozenset(
    {"django_migrations", "django_content_type", "auth_group", "auth_permission", "auth_group_permissions"}
)


def role_statements() -> Iterator[str]:
    """SQL that makes the audience roles and lets the login take them; run by whoever may create roles."""
    for role in AUDIENCES:
        yield (
            f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') then "
            f"create role {role} nologin nosuperuser nobypassrls; end if; end $$"
        )
    yield (
        f"do $$ begin if not exists (select from pg_roles where rolname = '{LOGIN}') then "
        f"create role {LOGIN} nologin noinherit nosuperuser nobypassrls; end if; end $$"
    )
    for role in AUDIENCES:
        yield f"grant {role} to {LOGIN}"


def grant_statements(tables: frozenset[str]) -> Iterator[str]:
    """SQL that gives each role exactly what is listed, and takes everything else away."""
    everyone = ", ".join((*AUDIENCES, LOGIN))
    yield f"revoke all on all tables in schema public from public, {everyone}"
    yield f"revoke all on all sequences in schema public from public, {everyone}"
    yield f"grant usage on schema public to {everyone}"
    # Of a new database, everybody may make temporary tables: a place to put what was read.
    yield (
        "do $$ begin execute format('revoke temporary on database %I from public', current_database()); "
        "end $$"
    )
    for table, grants in GRANTS.items():
        if table not in tables:
            continue
        for role, privileges in grants.items():
            yield f"grant {privileges} on {table} to {role}"
    for table, policies in POLICIES.items():
        if table in tables:
            yield from _policy_statements(table, policies)
    for sequence, roles in SEQUENCES.items():
        yield f"grant usage, select on sequence {sequence} to {', '.join(roles)}"
    for function, roles in FUNCTIONS.items():
        yield f"revoke all on function {function} from public"
        yield f"grant execute on function {function} to {', '.join(roles)}"
    for table in sorted(tables):
        if table.startswith(QUEUE_PREFIX):
            yield f"grant select, insert, update, delete on {table} to {LOGIN}, {OFFICE}"


def _policy_statements(table: str, policies: tuple[Policy, ...]) -> Iterator[str]:
    yield f"alter table {table} enable row level security"
    yield (
        f"do $$ declare p record; begin for p in select policyname from pg_policies where tablename = '{table}' "  # noqa: S608
        f"loop execute format('drop policy %I on {table}', p.policyname); end loop; end $$"
    )
    for number, policy in enumerate(policies):
        using = f" using ({policy.using})" if policy.for_ != "insert" else ""
        check = f" with check ({policy.check})" if policy.for_ != "select" else ""
        name = f"{table}_{policy.role}_{number}"
        yield f"create policy {name} on {table} for {policy.for_} to {policy.role}{using}{check}"


def make_roles(owner_url: str) -> None:
    """The audience roles exist and the login may take them. Needs a connection that may create roles."""
    _run(owner_url, role_statements())


def grant(owner_url: str) -> None:
    """Every table, sequence and function is open to exactly the roles listed here; run after each migration."""
    import psycopg

    with psycopg.connect(owner_url) as connection:
        grant_on(connection.cursor())


def grant_on(cursor: object) -> None:
    """The same on an open cursor of the owner, in its transaction; identity columns' sequences follow their tables."""
    execute = cursor.execute  # type: ignore[attr-defined]
    execute("select tablename from pg_tables where schemaname = 'public'")
    tables = frozenset(name for (name,) in cursor.fetchall())  # type: ignore[attr-defined]
    for statement in grant_statements(tables):
        execute(statement)
    # GENERATED BY DEFAULT AS IDENTITY asks for the sequence of whoever inserts.
    execute(
        "select c.relname, s.relname from pg_class s join pg_depend d on d.objid = s.oid and d.classid = 'pg_class'::regclass "
        "join pg_class c on c.oid = d.refobjid join pg_namespace n on n.oid = c.relnamespace "
        "where s.relkind = 'S' and d.deptype in ('a', 'i') and n.nspname = 'public'"
    )
    for table, sequence in cursor.fetchall():  # type: ignore[attr-defined]
        if table.startswith(QUEUE_PREFIX):
            execute(f"grant usage on sequence {sequence} to {LOGIN}, {OFFICE}")
        for role, privileges in GRANTS.get(table, {}).items():
            if "insert" in privileges:
                execute(f"grant usage on sequence {sequence} to {role}")


def _run(url: str, statements: Iterator[str]) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
