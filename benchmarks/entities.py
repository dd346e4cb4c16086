"""Names in abstracts and sentences: the shipped tagger on the development parts of four corpora.

Whole entities, both borders right. Published figures are of BERT-base-uncased on the test parts (Gu et al. 2020,
arXiv:2007.15779, table 6): another split, and another model for each corpus. CG's are characters of the abstracts;
published systems without large pre-training reach 77 to 78 over all of its types (Crichton et al. 2017).
"""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.shared import DATA, require_data
from seqmodels.data.conll import read_conll
from seqmodels.tagger.recipes.sets import CG_HELD_OUT, SENTENCES, SentenceSet, documents
from seqmodels.tagger.scoring import counted
from seqmodels.tagger.tagger import Tagger
from seqmodels.train.scores import Entity, entities

_PUBLISHED: Mapping[str, float] = {"bc2gm": 80.9, "ncbi-disease": 85.7, "bc5cdr-disease": 81.4}


def main() -> None:
    """Print the table."""
    require_data()
    tagger = Tagger.open()
    cg = documents(DATA, CG_HELD_OUT)
    counts = counted(cg, tagger.tag([document.text for document in cg]))
    print(f"{'corpus':24} {'P':>5} {'R':>5} {'F1':>5}")
    for measure in ("gene", "cancer"):
        print(
            f"CG devel, {measure:14} {counts.precision(measure):5.1f} {counts.recall(measure):5.1f} "
            f"{counts.f1(measure):5.1f}  wanted 82"
        )
    for each in SENTENCES:
        hits, gold, found = _counted(tagger, each, DATA / "conll" / each.name / "devel.tsv.gz")
        print(
            f"{each.name + ' devel':24} {100 * hits / max(1, found):5.1f} {100 * hits / gold:5.1f} "
            f"{200 * hits / (gold + found):5.1f}  BERT-base, other split: {_PUBLISHED[each.name]}"
        )


def _counted(tagger: Tagger, corpus: SentenceSet, path: Path) -> tuple[int, int, int]:
    """Entities that are right, that are there, and that were found."""
    data = read_conll(path)
    tags = tagger.tags([sentence.tokens for sentence in data.sentences], corpus.track)
    hits = gold = found = 0
    for sentence, said in zip(data.sentences, tags, strict=True):
        right = {Entity(corpus.kinds[each.kind], each.start, each.end) for each in entities(sentence.tags)}
        ours = set(entities(said))
        hits, gold, found = hits + len(right & ours), gold + len(right), found + len(ours)
    return hits, gold, found


if __name__ == "__main__":
    main()
