"""Search by words: BM25 on disk, by tantivy."""

import hashlib
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tantivy
from tantivy import Occur

from retrieval import bm25
from retrieval.analysis import ANALYSIS, index_terms
from retrieval.checksums import check_files, documents
from retrieval.index import Numbers
from retrieval.query import Group, Wording

log = logging.getLogger(__name__)

_WRITER_BYTES = 64 * 2**20
# No passage has number 0: the document of that number says which change of the library the index holds.
_STATE = 0
# Below this many allowed passages the index is asked for just these; above, its best are sifted.
_FEW = 5_000


@dataclass(frozen=True)
class PassageWords:
    """What the lexical index holds of a passage: its context to be searched, and the title it belongs to.

    `title` is given for the first passage of a paper only, so that a title is found once.
    """

    context: str
    title: str | None


class LexicalIndex:
    """Passages by the words of their context, in a folder of its own.

    Scores are BM25 as a share of the most that the question could reach, so that they lie between 0 and 1 and
    mean the same in every library.
    """

    def __init__(self, folder: Path, library_id: str) -> None:
        self._schema = _schema()
        self.folder = folder / f"words-{hashlib.sha256(f'{ANALYSIS} {library_id}'.encode()).hexdigest()[:12]}"
        self._index = self._open()

    def _open(self) -> tantivy.Index:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            check_files(self.folder)
            index = tantivy.Index(self._schema, path=str(self.folder))
            index.searcher().search(tantivy.Query.all_query(), 1)
        except ValueError as error:  # what tantivy too raises for a damaged index, which is only a cache
            log.warning("The word index of %s is damaged (%s) and is built anew", self.folder.parent, error)
            shutil.rmtree(self.folder)
            self.folder.mkdir()
            index = tantivy.Index(self._schema, path=str(self.folder))
        return index

    @property
    def changed_to(self) -> int:
        """The last change of the library that the index holds, 0 where it is empty."""
        self._index.reload()
        searcher = self._index.searcher()
        hits = searcher.search(tantivy.Query.term_query(self._schema, "number", _STATE), 1, count=False).hits
        values = searcher.fast_field_values("changed_to", [address for _, address in hits])
        return int(values[0] or 0) if values else 0

    def count(self) -> int:
        """How many passages it holds."""
        self._index.reload()
        return max(0, self._index.searcher().num_docs - 1)

    def add(self, contents: Mapping[int, PassageWords], changed_to: int) -> None:
        """Take in passages, in place of what it held under the same numbers."""
        self._write(list(contents), contents, changed_to)

    def remove(self, numbers: Sequence[int], changed_to: int) -> None:
        """Let go of passages."""
        self._write(numbers, {}, changed_to)

    def clear(self) -> None:
        """Hold nothing, as when new."""
        with self._index.writer(_WRITER_BYTES, num_threads=1) as writer:
            writer.delete_all_documents()
            writer.commit()

    def _write(self, old: Sequence[int], new: Mapping[int, PassageWords], changed_to: int) -> None:
        with self._index.writer(_WRITER_BYTES, num_threads=1) as writer:
            # Not `delete_documents_by_term`: it takes a number for a signed one and then deletes nothing.
            gone = tantivy.Query.term_set_query(self._schema, "number", [*old, _STATE])
            writer.delete_documents_by_query(gone)
            for number, words in new.items():
                content = {"number": number, "context": " ".join(index_terms(words.context))}
                if words.title:
                    content["title"] = " ".join(index_terms(words.title))
                writer.add_document(tantivy.Document.from_dict(content, self._schema))
            state = {"number": _STATE, "changed_to": changed_to}
            writer.add_document(tantivy.Document.from_dict(state, self._schema))
            writer.commit()

    def candidates(self, question: Sequence[Group], limit: int, allowed: Numbers | None = None) -> dict[int, float]:
        """Shares of BM25 of the best passages, at most `limit`, among the allowed ones."""
        return self._candidates("context", question, limit, allowed)

    def titles(self, question: Sequence[Group], limit: int) -> dict[int, float]:
        """Shares of BM25 of the first passages of the papers whose titles match best."""
        return self._candidates("title", question, limit, None)

    def _candidates(
        self, field: str, question: Sequence[Group], limit: int, allowed: Numbers | None
    ) -> dict[int, float]:
        self._index.reload()
        searcher = self._index.searcher()
        total = documents(self.folder)
        # Both `total` and the frequencies count documents that are deleted but not yet cleared away, as tantivy does.
        best = bm25.most(question, lambda term: bm25.idf(total, searcher.doc_freq(field, term)))
        if best == 0 or (allowed is not None and len(allowed) == 0):
            return {}
        query = tantivy.Query.boolean_query([(Occur.Should, self._group(field, group)) for group in question])
        if allowed is None:
            scores = self._search(searcher, query, limit)
        elif len(allowed) <= _FEW:
            scores = self._search(searcher, self._only(query, allowed), limit)
        else:
            scores = self._sifted(searcher, query, limit, allowed)
        return {number: score / best for number, score in scores.items()}

    def _search(self, searcher: tantivy.Searcher, query: tantivy.Query, limit: int) -> dict[int, float]:
        hits = searcher.search(query, limit, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits])
        return {int(number or 0): score for number, (score, _) in zip(numbers, hits, strict=True)}

    def _sifted(
        self, searcher: tantivy.Searcher, query: tantivy.Query, limit: int, allowed: Numbers
    ) -> dict[int, float]:
        """The best allowed passages, looking ever deeper until there are enough or no more."""
        depth = 4 * limit
        while True:
            scores = self._search(searcher, query, depth)
            kept = set(np.intersect1d(np.fromiter(scores, np.int64), allowed).tolist())
            if len(kept) >= limit or len(scores) < depth:
                best = [number for number in scores if number in kept][:limit]
                return {number: scores[number] for number in best}
            depth *= 8

    def _only(self, query: tantivy.Query, allowed: Numbers) -> tantivy.Query:
        among = tantivy.Query.term_set_query(self._schema, "number", allowed.tolist())
        unscored = tantivy.Query.const_score_query(among, 0.0)
        return tantivy.Query.boolean_query([(Occur.Must, query), (Occur.Must, unscored)])

    def _group(self, field: str, group: Group) -> tantivy.Query:
        wordings = [self._wording(field, wording) for wording in group]
        return wordings[0] if len(wordings) == 1 else tantivy.Query.disjunction_max_query(wordings)

    def _wording(self, field: str, wording: Wording) -> tantivy.Query:
        if wording.phrase and len(wording.terms) > 1:
            query = tantivy.Query.phrase_query(self._schema, field, list(wording.terms))
        else:
            terms = [tantivy.Query.term_query(self._schema, field, term) for term in wording.terms]
            query = tantivy.Query.boolean_query([(Occur.Should, term) for term in terms])
        return query if wording.weight == 1 else tantivy.Query.boost_query(query, wording.weight)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", indexed=True, fast=True)
    builder.add_unsigned_field("changed_to", fast=True)
    # Terms come ready from `retrieval.analysis`, set apart by spaces.
    builder.add_text_field("context", tokenizer_name="whitespace")
    builder.add_text_field("title", tokenizer_name="whitespace")
    return builder.build()
