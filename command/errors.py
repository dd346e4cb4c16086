"""What can go wrong between a person's words and the work, and what to do about it."""


class SettingsError(Exception):
    """A setting is unknown, wrong or unreadable; the message names it, where it stands and the way out."""


class InputError(Exception):
    """A file or identifier that a verb was given cannot be used; the message names it and the way out."""
