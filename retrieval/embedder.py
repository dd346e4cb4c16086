"""The embedder by name: the bundled encoder, or any sentence-transformers model by name or path."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from corpora.characters import storable
from retrieval.manifest import EmbedderRecord
from seqmodels.encoder import BUNDLED, BundledEncoder, Encoded, SentenceEncoder, Span, Vector


class Embedder:
    """An encoder that is loaded when first used, so that opening a library costs nothing.

    `cache` is the folder for what loading writes.
    """

    def __init__(self, name: str, cache: Path) -> None:
        self.name = name
        self._cache = cache

    @cached_property
    def record(self) -> EmbedderRecord:
        """Name, hash and dimension; the bundled encoder's are known without loading it."""
        source = BundledEncoder if self.name == BUNDLED else self._encoder
        return EmbedderRecord(name=self.name, hash=source.hash, dimension=source.dimension)

    @cached_property
    def _encoder(self) -> SentenceEncoder:
        if self.name == BUNDLED:
            return BundledEncoder(self._cache)
        from seqmodels.sentence_transformer import SentenceTransformerEncoder

        return SentenceTransformerEncoder(self.name)

    def encode(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Iterator[Encoded]:
        """Vectors of passages and of the sentences at the character spans inside them."""
        return self._encoder.encode(texts, spans)

    def encode_query(self, query: str) -> Vector:
        """Vector of a question, whatever characters it has."""
        return self._encoder.encode_query(storable(query))
