"""Refusals that a person reads: what was asked, why not, and the way on."""


class ActRefused(Exception):
    """The act was not done and nothing was written; the message is Chinese and may be shown as it stands."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class SomebodyWasFirst(ActRefused):
    """Another person changed the matter between the reading and the act."""
