"""The embedder by name: the bundled encoder, or any sentence-transformers model by name or path."""

import itertools
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from corpora.characters import storable
from corpora.starter import starter_papers
from retrieval.manifest import EmbedderRecord
from seqmodels.encoder import (
    BUNDLED,
    RUNTIMES,
    BundledEncoder,
    Encoded,
    Runtime,
    SentenceEncoder,
    Span,
    Vector,
    bundled_hash,
)
from seqmodels.runtime_choice import choose_runtime, noted_runtime

# Papers of the starter corpus that runtimes are measured on: about a second each.
_MEASURED_ON = 24


class Embedder:
    """An encoder that is loaded when first used, so that opening a library costs nothing.

    `cache` is the folder for what loading writes. The bundled encoder has the `runtime` that is given, else the one
    that was chosen before in this folder, else the fastest by measurement, which takes seconds, once.
    """

    def __init__(self, name: str, cache: Path, runtime: Runtime | None = None) -> None:
        self.name = name
        self._cache = cache
        self._given = runtime
        self._others: dict[Runtime, Embedder] = {}

    @cached_property
    def runtime(self) -> Runtime:
        """What it runs on; all but the bundled encoder know only one."""
        if self.name != BUNDLED:
            return "fp32"
        texts = [paper.text for paper in itertools.islice(starter_papers(), _MEASURED_ON)]
        return self._known or choose_runtime(self._cache, texts)

    @cached_property
    def record(self) -> EmbedderRecord:
        """Name, hash and dimension; the bundled encoder's are known without loading it."""
        if self.name == BUNDLED:
            return _bundled(self.runtime)
        return EmbedderRecord(name=self.name, hash=self._encoder.hash, dimension=self._encoder.dimension)

    def fitting(self, record: EmbedderRecord) -> "Embedder":
        """The same encoder on the runtime of a library, so that its vectors are never mixed with others.

        Every runtime works on every machine, if not equally fast. Itself where the library is of another encoder.
        """
        wanted = next((runtime for runtime in RUNTIMES if record == _bundled(runtime)), None)
        if self.name != BUNDLED or wanted is None or wanted == self._known:
            return self
        return self._others.setdefault(wanted, Embedder(self.name, self._cache, wanted))

    @property
    def _known(self) -> Runtime | None:
        return self.__dict__.get("runtime") or self._given or noted_runtime(self._cache)

    @cached_property
    def _encoder(self) -> SentenceEncoder:
        if self.name == BUNDLED:
            return BundledEncoder(self._cache, self.runtime)
        from seqmodels.sentence_transformer import SentenceTransformerEncoder

        return SentenceTransformerEncoder(self.name)

    def encode(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Iterator[Encoded]:
        """Vectors of passages and of the sentences at the character spans inside them."""
        return self._encoder.encode(texts, spans)

    def encode_query(self, query: str) -> Vector:
        """Vector of a question, whatever characters it has."""
        return self._encoder.encode_query(storable(query))


def _bundled(runtime: Runtime) -> EmbedderRecord:
    return EmbedderRecord(name=BUNDLED, hash=bundled_hash(runtime), dimension=BundledEncoder.dimension, runtime=runtime)
