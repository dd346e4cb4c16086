"""Search over a library that is larger than what may be held in memory."""

import ctypes
import gc
import sys
from pathlib import Path

import numpy as np
import pytest

from retrieval.library import Library
from retrieval.manifest import EmbedderRecord
from seqmodels.encoder import Encoded, unit

DIMENSION, PAPERS, PASSAGES = 2048, 40, 100
MIB = 2**20


class Random:
    """Passages anywhere, each as large as the vectors of a big model."""

    def __init__(self):
        self.record = EmbedderRecord(name="random", hash="0" * 64, dimension=DIMENSION)
        self._random = np.random.default_rng(0)

    def encode(self, texts, spans):
        for own in spans:
            rows = unit(self._random.standard_normal((1 + len(own), DIMENSION), np.float32))
            yield Encoded(rows[0], rows[1:])

    def encode_query(self, query):
        return unit(self._random.standard_normal(DIMENSION, np.float32))


def own_memory():
    """Bytes of this process that are no pages of files, without what it has freed already."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    lines = Path("/proc/self/status").read_text().splitlines()
    [kib] = [line.split()[1] for line in lines if line.startswith("RssAnon")]
    return int(kib) * 1024


@pytest.fixture
def large(tmp_path, paper):
    """The folder of a library of 4,000 passages and 70 MB."""
    with Library.create(tmp_path / "large", Random()) as library:
        for number in range(PAPERS):
            passage = f"Gene {number} is methylated in maize. " + "leaf " * 240 + ". "
            library.add(paper(passage * PASSAGES, pmid=str(number + 1)))
        library.derive()
        library.search("maize")  # imports what a search needs
        assert library.counts().passages >= PAPERS * PASSAGES
    assert sum(path.stat().st_size for path in (tmp_path / "large").rglob("*") if path.is_file()) > 70 * MIB
    return tmp_path / "large"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_search_does_not_load_the_corpus(large):
    before = own_memory()
    with Library.open(large, Random()) as library:
        for _ in range(3):
            assert len(library.search("gene 7 methylated in maize leaves").hits) == 10
        grown = own_memory() - before
    # The database keeps pages of 16 MiB; the vectors alone are 31.
    assert grown < 24 * MIB
