"""What can go wrong in fine-tuning, and what to do about it."""

from seqmodels.errors import ModelError


class FinetuneError(ModelError):
    """A language model cannot be taught as asked: `reason` says what was found, `remedy` the way out."""


class DataError(FinetuneError):
    """Training data cannot be read or built."""


class NothingToLearn(FinetuneError):
    """Rows have no token that the loss counts."""


class LeakingPacks(FinetuneError):
    """Packed samples see each other in this model."""


class ConfigError(FinetuneError):
    """A setting is unknown, missing or impossible."""
