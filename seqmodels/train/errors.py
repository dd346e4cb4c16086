"""What can go wrong with a training run, and what to do about it."""

from seqmodels.errors import ModelError


class ConfigError(ModelError):
    """A configuration is incomplete or contradicts itself: the key, what was found and what to give instead."""


class RunError(ModelError):
    """A run's folder is of another run, unfinished, or incomplete."""
