"""Every write of disclosure, and every look that is written down."""

from fangxin.disclosure.actions.looking import read_record

__all__ = ["read_record"]
