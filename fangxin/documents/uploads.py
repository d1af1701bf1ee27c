"""Stops an upload that is too large while it arrives, before it fills memory or disk."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler

from fangxin.documents.inspection import BATCH_LIMIT, FILE_LIMIT


class BoundedUploadHandler(FileUploadHandler):
    """Passes on what the limits allow and lets the rest of the stream go by.

    A file that was cut is still larger than its limit, or the whole than the limit of the whole: it is
    refused by name when it is inspected, and nothing that was typed into the form is lost.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.passed = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """The chunk, or nothing once the file or the whole has reached its limit."""
        self.passed += len(raw_data)
        if start > FILE_LIMIT or self.passed > BATCH_LIMIT + FILE_LIMIT:
            return None
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers after this one make the file."""
