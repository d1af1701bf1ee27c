"""The cast of the register, founded once for a module."""

from tests.fujian_stage import cast

__all__ = ["cast"]
