"""A library as a llama-index retriever, so that its query engines and post-processors work on it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from retrieval.filters import Filters
from retrieval.hit import Hit
from retrieval.search import search

if TYPE_CHECKING:
    from retrieval.library import Library


class LibraryRetriever(BaseRetriever):
    """Finds the `k` best passages of some libraries; nodes carry what the paper says of itself as metadata."""

    def __init__(self, libraries: Sequence["Library"], k: int, filters: Filters | None) -> None:
        super().__init__()
        self._libraries = libraries
        self._k = k
        self._filters = filters

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        results = search(self._libraries, query_bundle.query_str, self._k, self._filters)
        return [NodeWithScore(node=_node(hit), score=hit.score) for hit in results.hits]


def _node(hit: Hit) -> TextNode:
    told = {
        "library": hit.library,
        "pmid": hit.pmid,
        "doi": hit.doi,
        "title": hit.title,
        "journal": hit.journal,
        "year": hit.year,
        "kind": hit.kind,
        "section": hit.section,
        "page": hit.page,
        "sha256": hit.sha256,
    }
    return TextNode(
        id_=f"{hit.library}/{hit.passage_id}",
        text=hit.text,
        start_char_idx=hit.start,
        end_char_idx=hit.end,
        metadata={name: value for name, value in told.items() if value is not None},
        # A language model reads the title with the passage; the rest is for people and programs.
        excluded_llm_metadata_keys=[name for name in told if name != "title"],
    )
