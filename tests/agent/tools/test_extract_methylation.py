"""Texts, files and papers read for methylation records, by a tagger that is played."""

import csv
from io import StringIO
from types import SimpleNamespace

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import ToolException

from agent.embedded.extractive import ExtractiveChatModel
from agent.extraction.extractor import ModelExtractor
from agent.extraction.statement import Statement, written
from agent.proof.predictions import prove_prediction
from agent.settings import ModelSettings
from agent.tools import TOOLS
from agent.tools.declaration import Request, declaration_of, read_arguments
from agent.tools.extract_methylation import MOST_CHARACTERS, NO_TAGGER, extract_methylation
from agent.tools.refusals import retold
from corpora import glossary
from retrieval.names import Names
from seqmodels.tagger.tagged import Methylation, Name, Quoted, Tagged
from tests.agent.fake_endpoint import FakeEndpoint, Says

TEXT = "RASSF1A in lung cancer. RASSF1A was hypermethylated in 14 of 21 tumours. Nothing else was seen."


class PlayedTagger:
    """Finds RASSF1A and lung cancer by their letters, and says of the word for it that the gene is methylated."""

    hash = "played"

    def tag_methylation(self, texts):
        return [self._tagged(text) for text in texts]

    def _tagged(self, text):
        words = (("RASSF1A", "gene"), ("lung cancer", "cancer"))
        names = tuple(
            Name(text.index(word), text.index(word) + len(word), word, kind) for word, kind in words if word in text
        )
        at = text.find("hypermethylated")
        if at < 0:
            return Tagged(names, ())
        gene = text.rfind("RASSF1A", 0, at)
        event = Methylation(
            Quoted(at, at + 15, "hypermethylated"), Quoted(gene, gene + 7, "RASSF1A"), "hypermethylated", False, False,
            None, 0.9,
        )  # fmt: skip
        return Tagged(names, (event,))


class Shelf(SimpleNamespace):
    """A library of no papers, as far as the tool asks one."""

    def find_paper(self, *_):
        return []


@pytest.fixture
def reading(bench):
    """A bench whose library has the played tagger."""
    bench.paste("")
    bench.turn.libraries = [Shelf(name="shelf", reader=SimpleNamespace(tagger=PlayedTagger(), names=Names()))]
    return bench


def rows_of(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content)))


def test_a_pasted_text_becomes_records_with_the_sentence_that_says_them(reading):
    result = reading.use(extract_methylation, text=TEXT)
    [record] = rows_of(reading.file(result, "methylation.csv"))
    assert (record["gene"], record["status"], record["cancer"]) == ("RASSF1A", "hypermethylated", "lung cancer")
    assert (record["some"], record["all"], record["sample"]) == ("14", "21", "tumour")
    assert TEXT[int(record["start"]) : int(record["end"])] == record["quote"]
    assert result["says"][0]["en"] == "The tagger found 1 methylation record of 1 gene in the text."
    assert result["says"][0]["zh"] == "标注器在所给文本中找到 1 条甲基化记录，涉及 1 个基因。"


def test_entities_are_in_a_file_of_their_own(reading):
    result = reading.use(extract_methylation, text=TEXT)
    entities = rows_of(reading.file(result, "entities.csv"))
    assert [(each["type"], each["name"]) for each in entities] == [("gene", "RASSF1A"), ("cancer", "lung cancer")]


def test_an_attached_text_is_read_by_its_handle(reading):
    reading.upload("abstract.txt", TEXT)
    result = reading.use(extract_methylation, source="file1")
    assert result["total"] == 1
    assert result["of"] == ["file1"]
    assert result["papers"] == []


def test_a_paper_of_a_library_is_read_and_its_quotes_can_be_cited(bench, starter, monkeypatch):
    bench.paste("")
    bench.turn.libraries = [starter]
    monkeypatch.setattr(starter, "reader", SimpleNamespace(tagger=PlayedTagger(), names=Names()))
    result = bench.use(extract_methylation, source="11358799")
    for paper in result["papers"]:
        for sentence in paper["sentences"]:
            citation = bench.turn.ledger.citation(sentence["n"])
            assert starter.paper(citation.paper_id).text[citation.start : citation.end] == citation.quote
    assert result["of"] == ["11358799"]


def test_what_it_says_is_a_prediction_and_another_count_is_not(reading, starter):
    result = reading.use(extract_methylation, text=TEXT)
    said = [prove_prediction(said["en"], [result], starter.embedder).verdict for said in result["says"]]
    assert set(said) == {"predicted"}
    wrong = "The tagger found 3 methylation records of 1 gene in the text."
    assert prove_prediction(wrong, [result], starter.embedder).verdict == "flagged"


@pytest.mark.parametrize("text", ["It rains.", "甲基化", "x" * 1000])
def test_a_text_without_records_says_so(reading, text):
    result = reading.use(extract_methylation, text=text)
    assert [said["en"] for said in result["says"]] == ["The tagger found no methylation record in the text."]
    assert result["rows"] == []


def test_a_language_model_is_named_and_what_it_failed_at_is_told(reading, starter):
    said = Statement(
        gene="MLH1", status="unmethylated", site=None, negated=True, speculated=False, trigger="methylated"
    )
    foreign = said.model_copy(update={"gene": "BRCA9"})
    with FakeEndpoint([Says(written([said, foreign])), Says("no JSON")]).served() as endpoint:
        settings = ModelSettings(url=endpoint.url, name="fake")
        extractor = ModelExtractor(settings, "1", PlayedTagger())
        reading.turn.libraries[0].reader.tagger = extractor
        result = reading.use(extract_methylation, text="In lung cancer MLH1 was not methylated.")
        told = [each["en"] for each in result["says"]]
        assert told[0] == "The language model fake found 1 methylation record of 1 gene in the text."
        assert told[-1].startswith("1 statements of the language model quote what does not stand in the text")
        [record] = rows_of(reading.file(result, "methylation.csv"))
        assert (record["gene"], record["cancer"], record["score"]) == ("MLH1", "lung cancer", "0.0")
        assert [model["name"] for model in result["models"]] == ["fake"]
        assert "no probability" in result["models"][0]["limits"]
        assert prove_prediction(told[0], [result], starter.embedder).verdict == "predicted"
        result = reading.use(extract_methylation, text=TEXT)
    assert [row["gene"] for row in rows_of(reading.file(result, "methylation.csv"))] == ["RASSF1A"]
    assert "1 of 1 texts were read by the tagger" in result["says"][-1]["en"]
    assert result["says"][-1]["zh"].startswith("语言模型 fake 未能读取")


def test_without_a_tagger_it_says_what_is_missing_and_the_way_out(bench, starter):
    bench.paste("")
    bench.turn.libraries = [starter]
    with pytest.raises(ToolException) as refused:
        bench.use(extract_methylation, text=TEXT)
    assert str(refused.value) == NO_TAGGER
    assert retold(NO_TAGGER, "zh").startswith("未安装标注器")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({}, "Which text?"),
        ({"text": "  "}, "Which text?"),
        ({"text": "methylation " * (MOST_CHARACTERS // 10)}, "epicite extract"),
        ({"source": "file9"}, "no attachment 'file9'"),
        ({"source": "99999999"}, "No library has a paper"),
    ],
)
def test_what_cannot_be_read_says_why(reading, arguments, found):
    with pytest.raises(ToolException) as refused:
        reading.use(extract_methylation, **arguments)
    assert found in str(refused.value)


# Requests


def arguments(text: str, **known) -> dict | None:
    declared = declaration_of(extract_methylation)
    return read_arguments(extract_methylation, declared, Request(text, glossary.translate(text).english, **known))


@pytest.mark.parametrize(
    ("text", "known", "read"),
    [
        (f"Extract the methylation records from this text: {TEXT}", {}, {"text": TEXT}),
        (f"从这段文字中提取甲基化记录：\n{TEXT}", {}, {"text": TEXT}),
        ("Extract methylation evidence from PMID 11358799", {}, {"source": "11358799"}),
        ("Tag the genes in file1", {"handles": ("file1",), "kinds": {"file1": "file"}}, {"source": "file1"}),
        ("Extract the records of this paper", {"cited": ("P2",)}, {"source": "P2"}),
        ("Extract methylation records", {"cited": ("P2",)}, {}),
        ("Which genes are methylated in gastric cancer?", {}, None),
        ("Extract features from these sequences", {}, None),
    ],
)
def test_the_source_is_read_from_the_request(text, known, read):
    assert arguments(text, **known) == read


def test_where_it_fails_its_error_is_the_answer(starter):
    model = ExtractiveChatModel(embedder=starter.embedder).bind_tools(TOOLS)
    asked = HumanMessage(f"Extract the methylation records from this text: {TEXT}")
    called = model.invoke([asked])
    assert [call["name"] for call in called.tool_calls] == ["extract_methylation"]
    error = ToolMessage(NO_TAGGER, name="extract_methylation", tool_call_id=called.tool_calls[0]["id"], status="error")
    answer = model.invoke([asked, AIMessage("", tool_calls=called.tool_calls), error])
    assert not answer.tool_calls
    assert "No tagger is installed" in answer.text
