"""The cast and the stage are everybody's."""

from tests.stage import cast, stage  # noqa: F401
