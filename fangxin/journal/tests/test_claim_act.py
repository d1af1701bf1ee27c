"""The same form sent twice is one act."""

import threading
import uuid

import pytest
from django.db import connection, transaction

from fangxin.journal.actions import AlreadyDone, claim_act
from fangxin.journal.tests.conftest import one, run

pytestmark = pytest.mark.usefixtures("empty_journal")


def test_the_second_time_is_told_what_the_first_was_done_to_and_may_go_on() -> None:
    key = uuid.uuid4()
    with transaction.atomic():
        claim_act(key, "accept_case", "case", "案-1")
    with transaction.atomic():
        with pytest.raises(AlreadyDone, match="已经办理过") as refusal:
            claim_act(key, "accept_case", "case", "案-2")
        assert one("SELECT 1") == 1
    assert (refusal.value.verb, refusal.value.subject_kind, refusal.value.subject_id) == (
        "accept_case",
        "case",
        "案-1",
    )


def test_an_act_rolled_back_may_be_done_with_the_same_key() -> None:
    key = uuid.uuid4()
    with transaction.atomic():
        claim_act(key, "accept_case", "case", "案-1")
        transaction.set_rollback(True)
    with transaction.atomic():
        claim_act(key, "accept_case", "case", "案-1")


def test_without_a_key_nothing_is_claimed() -> None:
    with transaction.atomic():
        claim_act(None, "accept_case", "case", "案-1")
        claim_act(None, "accept_case", "case", "案-1")
    assert one("SELECT count(*) FROM journal_act") == 0


def test_intake_which_cannot_read_the_acts_is_still_told() -> None:
    key = uuid.uuid4()
    with transaction.atomic():
        run("SET LOCAL ROLE fangxin_intake")
        claim_act(key, "submit_complaint", "complaint", "T-1")
    with transaction.atomic():
        run("SET LOCAL ROLE fangxin_intake")
        with pytest.raises(AlreadyDone) as refusal:
            claim_act(key, "submit_complaint", "complaint", "T-2")
    assert refusal.value.subject_id == "T-1"


def test_of_many_at_the_same_moment_one_does_it() -> None:
    key = uuid.uuid4()
    gate = threading.Barrier(6)
    outcomes: list[str] = []

    def attempt(n: int) -> None:
        gate.wait()
        try:
            with transaction.atomic():
                claim_act(key, "accept_case", "case", f"案-{n}")
                run("SELECT pg_sleep(0.05)")
            outcomes.append(f"案-{n}")
        except AlreadyDone as refusal:
            outcomes.append(f"已由{refusal.subject_id}")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [outcome for outcome in outcomes if not outcome.startswith("已由")]
    assert outcomes.count(f"已由{winner}") == 5
