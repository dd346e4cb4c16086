"""The best hits rated once more, by a cross-encoder that reads question and passage together."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from retrieval.errors import LibraryError

# How many of the best by fusion are read.
RERANKED = 30


class Reranker:
    """A cross-encoder of sentence-transformers by hub name or folder, loaded when first used.

    Code that comes with a model is never run. See Nogueira and Cho 2019, doi:10.48550/arXiv.1901.04085.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers, the more the better; raises LibraryError where the model cannot be loaded."""
        if not texts:
            return []
        return [float(score) for score in self._model.predict([(question, text) for text in texts])]

    @cached_property
    def _model(self) -> Any:
        from safetensors import SafetensorError
        from sentence_transformers import CrossEncoder

        try:
            model = CrossEncoder(self.name, trust_remote_code=False)
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise LibraryError(
                f"The reranker {self.name!r} cannot be loaded ({error})",
                "Give the name of a cross-encoder that can be downloaded here, or its folder, or none.",
            ) from error
        if model.num_labels != 1:
            raise LibraryError(
                f"The reranker {self.name!r} gives {model.num_labels} scores for a pair, not one",
                "Give a cross-encoder that was trained to rank, such as cross-encoder/ms-marco-MiniLM-L6-v2.",
            )
        return model
