"""The data sets beside the repository, and libraries made of them."""

import gzip
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from corpora.paper import Paper
from retrieval.embedder import Embedder
from retrieval.library import Library
from retrieval.manifest import read_manifest
from retrieval.passages import PASSAGE_RULE
from seqmodels.encoder import BUNDLED

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"
WORK = ROOT / ".benchmarks"


@dataclass(frozen=True)
class KnownItem:
    """A question and the paper that it was asked of."""

    question: str
    pmid: str


def require_data() -> None:
    """End the program where the data sets are absent."""
    if not DATA.is_dir():
        sys.exit(f"This benchmark reads {DATA}, which is not here.")


def frozen(path: Path, sha256: str) -> list[dict[str, Any]]:
    """The rows of a file of questions; ends the program where it is not the one that was frozen."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        sys.exit(f"{path} is not the frozen file.")
    return [json.loads(line) for line in content.decode().splitlines()]


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Records of a data set."""
    with gzip.open(DATA / name, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def epi_and_cg() -> tuple[list[Paper], list[KnownItem]]:
    """The 1,000 EPI and CG abstracts without their title lines, and the title lines as questions."""
    papers, items = [], []
    for name in ("bionlp_epi_2011/train", "bionlp_cg_2013/train", "bionlp_cg_2013/devel"):
        for row in rows(f"{name}.jsonl.gz"):
            title, _, rest = row["text"].partition("\n")
            papers.append(Paper(text=rest.strip(), kind="abstract", pmid=row["pmid"]))
            items.append(KnownItem(title.strip(), row["pmid"]))
    return papers, items


def pubmedqa() -> tuple[list[Paper], list[KnownItem]]:
    """The 500 PubMedQA abstracts, which come without titles, and their questions."""
    papers, items = [], []
    for row in rows("pubmedqa/train.jsonl.gz"):
        text = "\n".join(row["contexts"])
        papers.append(Paper(text=text, kind="abstract", pmid=row["pmid"], year=row["year"]))
        items.append(KnownItem(row["question"], row["pmid"]))
    return papers, items


def embedder() -> Embedder:
    """The bundled embedder, its graph kept between benchmarks."""
    return Embedder(BUNDLED, WORK / "encoders")


def library_of(name: str, papers: list[Paper]) -> Library:
    """A library of these papers, kept between benchmarks."""
    folder = WORK / name
    if folder.exists() and read_manifest(folder).passage_rule != PASSAGE_RULE:
        shutil.rmtree(folder)
    library = (Library.open if folder.exists() else Library.create)(folder, embedder())
    if library.counts().papers != len(papers):
        for paper in tqdm(papers, desc=f"storing {name}"):
            library.add(paper)
    with tqdm(desc=f"embedding {name}", total=library.pending()["vectors"]) as bar:
        library.derive(lambda stage, *_: bar.update(stage == "embedding") and None)
    return library
