"""What can go wrong with the page, and what to do about it."""


class PageError(Exception):
    """The page cannot be served; the message says why and names the way out."""
