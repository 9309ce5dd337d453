"""The root of everything that a user can mend: its text is shown as it is, without a traceback."""


class UserError(Exception):
    """Something the user can mend; the text says what and how."""
