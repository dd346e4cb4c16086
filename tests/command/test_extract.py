"""`epicite extract`: a JSON line for each text, whatever the text is."""

import json

import pytest

from agent.extraction.statement import Statement, written
from seqmodels.tagger.tagged import Methylation, Name, Quoted, Tagged
from tests.agent.fake_endpoint import FakeEndpoint, Says


class Spotter:
    """Says that every RASSF1A is methylated by the next "methylated"; a cancer is what ends in "cancer"."""

    def tag(self, texts, genes=None):
        return [self._tagged(text) for text in texts]

    def _tagged(self, text):
        gene, trigger = text.find("RASSF1A"), text.find("methylated")
        if gene < 0 or trigger < 0:
            return Tagged((), ())
        named = Quoted(gene, gene + 7, "RASSF1A")
        said = Quoted(trigger, trigger + 10, "methylated")
        return Tagged(
            (Name(*vars(named).values(), "gene"),), (Methylation(said, named, "methylated", False, False, None, 0.9),)
        )


@pytest.fixture
def spotting(monkeypatch):
    monkeypatch.setattr("seqmodels.tagger.tagger.Tagger.open", lambda *_: Spotter())


@pytest.fixture
def lines(tmp_path):
    """Writes records as JSON lines."""

    def write(*records):
        path = tmp_path / "papers.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
        return path

    return write


def test_each_text_of_a_file_of_records_gets_a_line(epicite, spotting, lines, tmp_path):
    texts = ["RASSF1A was methylated in 14 of 21 tumours.", "Nothing is said.", ""]
    path = lines(*({"pmid": number, "text": text} for number, text in enumerate(texts)))
    outcome = epicite("extract", path, "-o", tmp_path / "out.jsonl")
    assert outcome.code == 0
    assert "1 methylation records from 3 texts" in outcome.err
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [each["pmid"] for each in found] == ["0", "1", "2"]
    [record] = found[0]["methylation"]
    assert record["status"] == "methylated"
    assert record["gene"]["symbols"] == ["RASSF1"]
    assert record["frequency"]["n"], record["frequency"]["of"] == (14, 21)
    assert record["quote"]["text"] == texts[0]
    assert found[1]["methylation"] == found[2]["methylation"] == []


def test_a_text_file_is_one_text_and_goes_to_the_screen(epicite, spotting, tmp_path):
    path = tmp_path / "abstract.txt"
    path.write_text("胃癌\nRASSF1A (β-catenin, ﬁve) was methylated。", encoding="utf-8")
    outcome = epicite("extract", path)
    assert outcome.code == 0
    [found] = map(json.loads, outcome.out.splitlines())
    assert found["pmid"] is None
    [record] = found["methylation"]
    text = path.read_text(encoding="utf-8")
    assert text[record["quote"]["start"] : record["quote"]["end"]] == record["quote"]["text"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", b"{", "line 1 is no JSON"),
        ("a.jsonl", b'{"pmid": "1"}', 'line 1 has no "text"'),
        ("a.jsonl", b"[]", 'line 1 has no "text"'),
        ("a.txt", b"", "is empty"),
        ("a.txt", b"\xff\xfe\x00\x01\xff", ""),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_written(epicite, spotting, tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    outcome = epicite("extract", path, "-o", tmp_path / "out.jsonl")
    assert outcome.code == 1
    assert name in outcome.err
    assert said in outcome.err
    assert not (tmp_path / "out.jsonl").exists()


def test_an_absent_file_and_an_absent_tagger_are_named(epicite, tmp_path, lines):
    assert "There is no file" in epicite("extract", tmp_path / "none.txt").err
    outcome = epicite("extract", lines({"text": "p16"}), "--tagger", tmp_path)
    assert outcome.code == 1
    assert "holds no model of the training loop" in outcome.err


# A language model's reading


SENTENCE = "RASSF1A was methylated, p16 was not methylated."
SAID = written(
    [
        Statement(gene="p16", status="unmethylated", site=None, negated=True, speculated=False, trigger="methylated"),
        Statement(gene="BRCA9", status="methylated", site=None, negated=False, speculated=False, trigger="methylated"),
    ]
)


def genes(outcome):
    [found] = map(json.loads, outcome.out.splitlines())
    return [record["gene"]["text"] for record in found["methylation"]]


def test_a_language_model_that_is_named_or_set_gives_the_records(epicite, spotting, lines, monkeypatch, caplog):
    path = lines({"text": SENTENCE})
    with FakeEndpoint([Says(SAID)], models=("mine",)).served() as endpoint:
        monkeypatch.setenv("EPICITE_MODEL__URL", endpoint.url)
        assert genes(epicite("extract", path)) == ["RASSF1A"]
        assert genes(epicite("extract", path, "--model", "mine")) == ["p16"]
        assert "1 statements of mine do not stand in their texts" in caplog.text
        monkeypatch.setenv("EPICITE_MODEL__EXTRACTOR", "mine")
        assert genes(epicite("extract", path)) == ["p16"]
        assert genes(epicite("extract", path, "--model")) == ["p16"]


def test_without_its_endpoint_a_set_model_gives_way_to_the_tagger_and_a_named_one_is_refused(
    epicite, spotting, lines, monkeypatch, caplog
):
    path = lines({"text": SENTENCE})
    monkeypatch.setenv("EPICITE_MODEL__EXTRACTOR", "mine")
    assert genes(epicite("extract", path)) == ["RASSF1A"]
    assert "No endpoint is there for the extractor mine" in caplog.text
    refused = epicite("extract", path, "--model", "mine")
    assert refused.code == 1
    assert "epicite serve" in refused.err
