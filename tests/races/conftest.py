"""A stage whose acts are committed, so that threads see one another's."""

import pytest

from tests.cast import beijing_cast
from tests.stage import Stage


@pytest.fixture
def stage(transactional_db, settings) -> Stage:
    """The cast founded for this test alone, on Monday 2 March 2026."""
    return Stage(beijing_cast(), settings)
