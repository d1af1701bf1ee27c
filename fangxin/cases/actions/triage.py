"""The sorting learned anew: a model kept, perhaps adopted, and told in the journal."""

from pathlib import Path

from django.db import transaction

from fangxin.cases.triage_training import Trained, adopt, keep
from fangxin.journal.actions import record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind


@transaction.atomic
def keep_training(trained: Trained, home: Path, *, by: Actor) -> Path:
    """The model lies beside the earlier ones, is adopted if it measured better, and the journal says which.

    Returns its file. Raises OSError when the folder cannot be written to; the journal then says nothing.
    """
    path = keep(trained, home)
    record(
        Kind.TRIAGE_TRAIN,
        "triage",
        trained.name,
        by=by,
        summary=f"训练分拣模型 {trained.name}，{'已启用' if trained.better else '未启用'}",
        details={
            "model": trained.name,
            "messages": trained.figures["messages"],
            "macro_f1": trained.macro_f1,
            "accuracy": trained.figures["all"]["accuracy"],
            "adopted": trained.better,
            "previous": trained.incumbent,
        },
    )
    if trained.better:
        adopt(trained, home)
    return path
