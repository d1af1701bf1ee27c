"""A file that does not come in at all; a single bad row never leads here."""

from fangxin.organisations.refusals import ActRefused


class FileRefused(ActRefused):
    """The file is refused as a whole, in one sentence; nothing of it was entered."""

    def __init__(self, message: str, field: str = "file") -> None:
        super().__init__(message, field)
