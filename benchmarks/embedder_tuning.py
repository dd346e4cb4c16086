"""The bundled encoder before and after contrastive tuning on EPI and CG, on papers that were not trained on.

PubMedQA's questions are asked of its 500 abstracts among the held-out ones of EPI and CG; gene + methylation questions
and titles of held-out papers are asked of the same. Nothing was chosen on any of them. Papers are cosines of whole
texts, no words and no fusion; intervals are of a paired bootstrap over questions.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.shared import DATA, WORK, pubmedqa, require_data
from finetune.embedding.config import Data, EmbeddingConfig, Fit
from finetune.embedding.questions import Paper, Question, gene_questions, parted, read_papers, title_questions
from finetune.embedding.ranking import Ranks, ranks, table
from finetune.embedding.tuning import cosines, load, tune

_SOURCES = ("bionlp_epi_2011/train", "bionlp_cg_2013/train", "bionlp_cg_2013/devel")


def main() -> None:
    """Tune, where that was not done before, and print Recall@1 and MRR before and after."""
    require_data()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=48, help="of training (default: 48)")
    parser.add_argument("--run", type=Path, default=WORK / "embedder", help="the run's folder")
    told = parser.parse_args()
    sources = tuple(DATA / f"{name}.jsonl.gz" for name in _SOURCES)
    config = EmbeddingConfig(
        run=told.run,
        data=Data(source=sources, max_length=96),
        fit=Fit(steps=told.steps),
        evaluation=False,
        threads=1,
    )
    began = time.monotonic()
    tuned = tune(config, command="python -m benchmarks.embedder_tuning")
    print(f"tuned in {time.monotonic() - began:.0f} s, {told.steps} steps of {config.fit.batch_size} questions")
    trained, held_out = parted(read_papers(sources), config.data.held_out)
    known, items = pubmedqa()
    foreign = {paper.key for paper in trained}.isdisjoint(item.pmid for item in items)
    print(f"{len(trained)} papers trained on, {len(held_out)} held out; PubMedQA shares none: {foreign}")
    papers = [*held_out, *(Paper(paper.pmid or "", "", paper.text) for paper in known)]
    places = {paper.key: at for at, paper in enumerate(papers)}
    asked = {
        "PubMedQA's questions": [Question(item.question, frozenset({places[item.pmid]}), "") for item in items],
        "gene + methylation of held-out papers": gene_questions(held_out, held_out=True),
        "titles of held-out papers": title_questions(held_out),
    }
    before, after = (_ranks(name, asked, papers) for name in (None, str(tuned.folder)))
    print(f"{len(papers)} papers are asked")
    print("\n".join(table({name: Ranks(before[name], after[name]) for name in asked})))


def _ranks(name: str | None, asked: dict[str, list[Question]], papers: list[Paper]) -> dict[str, NDArray[np.int64]]:
    model = load(name)
    every = [question for several in asked.values() for question in several]
    found = iter(cosines(model, every, papers))
    return {name: ranks(several, [next(found) for _ in several]) for name, several in asked.items()}


if __name__ == "__main__":
    main()
