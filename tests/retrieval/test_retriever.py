"""The library as a llama-index retriever."""

from llama_index.core import get_response_synthesizer
from llama_index.core.llms.mock import MockLLM
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import RetrieverQueryEngine

from retrieval.filters import Filters

QUESTION = "RASSF1A promoter methylation in nasopharyngeal carcinoma"


def test_nodes_are_the_hits_with_what_their_papers_say(filled):
    hits = filled.search(QUESTION, k=5).hits
    nodes = filled.as_retriever(k=5).retrieve(QUESTION)
    assert [node.score for node in nodes] == [hit.score for hit in hits]
    for node, hit in zip(nodes, hits, strict=True):
        assert node.text == hit.text
        assert (node.node.start_char_idx, node.node.end_char_idx) == (hit.start, hit.end)
        assert node.node.node_id == f"filled/{hit.passage_id}"
        assert node.metadata["pmid"] == hit.pmid
        assert node.metadata["sha256"] == hit.sha256
        assert "journal" not in node.metadata
        assert hit.title in node.node.get_content(metadata_mode="llm")
        assert hit.sha256 not in node.node.get_content(metadata_mode="llm")


def test_filters_hold_for_the_retriever_too(filled):
    assert filled.as_retriever(filters=Filters(year_from=2000)).retrieve(QUESTION) == []
    allowed = {hit.passage_id for hit in filled.search(QUESTION, k=99, filters=Filters(gene="MLH1")).hits}
    nodes = filled.as_retriever(k=99, filters=Filters(gene="MLH1")).retrieve(QUESTION)
    assert {int(node.node.node_id.split("/")[1]) for node in nodes} == allowed


def test_a_query_engine_of_llama_index_answers_from_it(filled):
    engine = RetrieverQueryEngine(
        filled.as_retriever(k=3),
        get_response_synthesizer(llm=MockLLM()),
        node_postprocessors=[SimilarityPostprocessor(similarity_cutoff=0.0)],
    )
    response = engine.query(QUESTION)
    hits = filled.search(QUESTION, k=3).hits
    assert [node.text for node in response.source_nodes] == [hit.text for hit in hits]
    # The mock writes back what it is asked: question and passages have reached it.
    assert QUESTION in str(response)
    assert all(hit.text in str(response) for hit in hits)
