"""Importing work orders: each row is entered once, known already, or refused with its reason."""

from fangxin.exchange.actions.agencies_file import enter_agencies_file, keep_agencies_file
from fangxin.exchange.actions.background import run_in_background
from fangxin.exchange.actions.beginning import (
    begin_run,
    check_columns,
    check_right,
    keep_upload,
    remember_columns,
    resume_run,
    start_run,
)
from fangxin.exchange.actions.registers import FILING, PRACTITIONERS, import_register, may_import_registers
from fangxin.exchange.actions.taking import Tally, take_rows, try_rows

__all__ = [
    "FILING",
    "PRACTITIONERS",
    "Tally",
    "begin_run",
    "check_columns",
    "check_right",
    "enter_agencies_file",
    "import_register",
    "keep_agencies_file",
    "keep_upload",
    "may_import_registers",
    "remember_columns",
    "resume_run",
    "run_in_background",
    "start_run",
    "take_rows",
    "try_rows",
]
