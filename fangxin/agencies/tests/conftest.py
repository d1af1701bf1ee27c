"""The people of Fujian, for every test here that does not found its own."""

from tests.fujian_stage import cast  # noqa: F401
