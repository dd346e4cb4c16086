"""Papers to store, and an embedder that costs nothing."""

import hashlib
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from corpora.paper import Paper, Source
from corpora.starter import starter_papers
from retrieval.evidence_reading import EvidenceReader
from retrieval.library import Library
from retrieval.manifest import EmbedderRecord
from seqmodels.encoder import Encoded, unit
from seqmodels.tagger.status import status_of
from seqmodels.tagger.tagged import Methylation, Name, Quoted, Tagged


class BagOfWords:
    """Texts as sums of random vectors of their words: near where they share words."""

    def __init__(self, name="bag of words", dimension=64):
        self.record = EmbedderRecord(name=name, hash=hashlib.sha256(name.encode()).hexdigest(), dimension=dimension)
        self._words = {}

    def encode(self, texts, spans):
        for text, own in zip(texts, spans, strict=True):
            sentences = [self._vector(text[start:end]) for start, end in own]
            yield Encoded(self._vector(text), np.array(sentences, np.float32).reshape(-1, self.record.dimension))

    def encode_query(self, query):
        return self._vector(query)

    def _vector(self, text):
        return unit(sum(map(self._word, text.lower().split()), np.zeros(self.record.dimension)))

    def _word(self, word):
        if word not in self._words:
            seed = list(hashlib.sha256(f"{self.record.name} {word.strip('.,;:()?')}".encode()).digest()[:8])
            self._words[word] = np.random.default_rng(seed).standard_normal(self.record.dimension)
        return self._words[word]


class Spotter:
    """Says that every gene in capitals is methylated by the next word that speaks of it; a cancer is "... cancer"."""

    def __init__(self, name="spotter", word=r"\w*methylat(?:ed|ion)"):
        self.hash = name
        self._word = re.compile(word, re.IGNORECASE)
        self.texts = 0

    def tag_methylation(self, texts):
        self.texts += len(texts)
        return [self._tagged(text) for text in texts]

    def _tagged(self, text):
        cancers = [Name(*quoted(match), "cancer") for match in re.finditer(r"\w+ cancer|\w+癌", text)]
        events = []
        for match in re.finditer(r"[A-Z][A-Z0-9-]{2,}[a-z]?|p\d\d", text):
            if trigger := self._word.search(text, match.end(), match.end() + 200):
                said = Quoted(*quoted(trigger))
                status = status_of(said.text, negated=False)
                events.append(Methylation(said, Quoted(*quoted(match)), status, False, False, None, 0.9))
        return Tagged(tuple(cancers), tuple(events))


def quoted(match):
    return *match.span(), match[0]


@pytest.fixture(scope="session")
def spotter():
    """Makes such taggers, by the name that tells them apart and the words that they know."""
    return Spotter


@pytest.fixture
def read(tmp_path, cheap, spotter):
    """A library with nothing in it that is read by a tagger which costs nothing."""
    with Library.create(tmp_path / "read", cheap, reader=EvidenceReader(spotter())) as library:
        yield library


@pytest.fixture(scope="session")
def bag_of_words():
    """Makes such embedders, by name and dimension."""
    return BagOfWords


@pytest.fixture(scope="session")
def cheap(bag_of_words):
    """An embedder that costs nothing."""
    return bag_of_words()


@pytest.fixture
def quick(tmp_path, cheap):
    """A library with nothing in it, whose embedder costs nothing."""
    with Library.create(tmp_path / "quick", cheap) as library:
        yield library


@pytest.fixture(scope="session")
def starter():
    """The papers of the starter corpus."""
    return list(starter_papers())


@pytest.fixture(scope="session")
def sixty(tmp_path_factory, cheap, starter) -> Path:
    """The folder of a library of 60 papers of the starter corpus, all derived; not to be changed."""
    folder = tmp_path_factory.mktemp("libraries") / "sixty"
    with Library.create(folder, cheap) as library:
        for paper in starter[:60]:
            library.add(paper)
        library.derive()
    return folder


@pytest.fixture
def filled(tmp_path, cheap, sixty):
    """A library of 60 papers, to be changed."""
    with Library.open(shutil.copytree(sixty, tmp_path / "filled"), cheap) as library:
        yield library


@pytest.fixture
def paper(tmp_path):
    """Makes papers: a text, any fields, and the file that it is from, by name."""

    def make(text, file="papers.jsonl", place="line 1", **fields):
        source = Source(path=tmp_path / file, place=place) if file else None
        return Paper(**({"text": text, "kind": "abstract", "source": source} | fields))

    return make
