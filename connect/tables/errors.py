"""What can be wrong with a file, and with one row of it."""

from andon.streams.errors import UserError


class FormatError(UserError, ValueError):
    """The file is not what it was said to be, or cannot be read without a word from the user."""


class MissingColumn(FormatError):
    """No column is known as a field that is needed."""


class BadRow(ValueError):
    """A row that cannot be; `reason` is one of a few words that can be counted."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
