"""A language model behind an endpoint that reads papers, and the tagger that reads what it fails at."""

import json
import logging

import pytest

from agent.errors import ModelUnusable
from agent.extraction.extractor import ModelExtractor
from agent.extraction.opening import open_extractor, reading
from agent.extraction.statement import INSTRUCTION, SCHEMA, Statement, read, written
from agent.serving.endpoint import tell
from agent.settings import ModelSettings
from retrieval.evidence_reading import EvidenceReader
from retrieval.home import Home
from seqmodels.tagger.tagged import Methylation, Name, Quoted, Tagged
from tests.agent.fake_endpoint import FakeEndpoint, KeepsSilent, Recorded, Says, Sends, recorded
from tests.agent.test_found_endpoint import running_at

TEXT = "RASSF1A in lung cancer\nRASSF1A was hypermethylated in 14 of 21 lung cancers. Nothing else was seen."
OTHER = "In lung cancer MLH1 was not methylated."
SILENT = "It rains in Wageningen."


def statement(gene="RASSF1A", status="hypermethylated", trigger="hypermethylated", **besides):
    return Statement(**{"gene": gene, "status": status, "site": None, "negated": False, "speculated": False,
                        "trigger": trigger, **besides})  # fmt: skip


RIGHT = written([statement()])
DENIED = written([statement("MLH1", "unmethylated", "methylated", negated=True)])


class PlayedTagger:
    """Finds lung cancer, and says of every first word that it is methylated, so that what it says is known as its."""

    hash = "played"

    def tag_methylation(self, texts):
        return [self._tagged(text) if "methylat" in text else Tagged((), ()) for text in texts]

    def _tagged(self, text):
        cancer, word = text.index("lung cancer"), text.split()[0]
        trigger, gene = Quoted(0, 1, text[0]), Quoted(0, len(word), word)
        event = Methylation(trigger, gene, "methylated", False, False, None, 0.9)
        return Tagged((Name(cancer, cancer + 11, "lung cancer", "cancer"),), (event,))


def read_by(*script, texts=(TEXT,), patience=5.0, tagger=None, **besides):
    """What the extractor makes of texts, and what was asked."""
    with FakeEndpoint(script).served() as endpoint:
        settings = ModelSettings(url=endpoint.url, name="fake", patience=patience, **besides)
        extractor = ModelExtractor(settings, "1", tagger or PlayedTagger())
        return extractor.tag_methylation(texts), extractor.answers(texts)[0], endpoint.asked


def test_a_right_answer_is_a_record_of_the_texts_own_words_with_the_taggers_cancers():
    [said], answer, asked = read_by(Says(RIGHT))
    [event] = said.methylation
    assert (event.gene.start, event.trigger.text, event.status) == (
        TEXT.rindex("RASSF1A"),
        "hypermethylated",
        "hypermethylated",
    )
    assert [(name.kind, name.text) for name in said.names] == [("cancer", "lung cancer"), ("gene", "RASSF1A")]
    assert (answer.missing, answer.reason) == (0, "")
    assert asked[0]["messages"] == [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": TEXT}]
    assert asked[0]["response_format"]["json_schema"]["schema"] == SCHEMA
    assert asked[0]["temperature"] == 0
    assert asked[0]["max_tokens"] < 8192


def test_two_texts_get_their_own_answers_and_a_third_without_methylation_is_not_asked():
    both = Says(lambda asked: RIGHT if "RASSF1A" in asked["messages"][1]["content"] else DENIED)
    texts = (TEXT, SILENT, OTHER)
    said, _, asked = read_by(both, texts=texts)
    assert [[event.gene.text for event in each.methylation] for each in said] == [["RASSF1A"], [], ["MLH1"]]
    assert said[2].methylation[0].negated
    assert {each["messages"][1]["content"] for each in asked} == {TEXT, OTHER}


def test_words_that_do_not_stand_in_the_text_give_no_record_and_are_told(caplog):
    wrong = written([statement("BRCA9"), statement(trigger="demethylated"), statement()])
    with caplog.at_level(logging.WARNING):
        [said], answer, _ = read_by(Says(wrong))
    assert [event.gene.text for event in said.methylation] == ["RASSF1A"]
    assert answer.missing == 2
    assert "2 statements of fake do not stand in their texts" in caplog.text


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Says('[{"gene": "RASSF1A", "status": "hyper'), "no list of statements"),
        (Says(RIGHT.replace('"hypermethylated", "site"', '"silenced", "site"')), "0.status"),
        (Says(RIGHT.replace("false", '"no"')), "no list of statements"),
        (Says(json.dumps({"statements": []})), "no list of statements"),
        (Says("RASSF1A is methylated."), "no list of statements"),
        (Says(""), "no list of statements"),
        (Recorded(recorded(Says(RIGHT), finish="length")), "did not fit"),
        (Recorded(recorded(Says(RIGHT), finish=None)), "cut off"),
        (Recorded(recorded(Says(RIGHT)), end=400), "cut off"),
        (Says(RIGHT, then_dies=True), ""),
        (Sends('{"error": {"message": "the grammar is refused"}}', 400, "application/json"), "the grammar is refused"),
        (Sends("<html>", 200, "text/html"), ""),
        (Sends("gone", 500, "text/plain"), ""),
    ],
)  # fmt: skip
def test_a_text_whose_answer_cannot_be_used_is_read_by_the_tagger_and_told(reply, reason, caplog):
    with caplog.at_level(logging.WARNING):
        [said], answer, _ = read_by(reply)
    assert said == PlayedTagger().tag_methylation([TEXT])[0]
    assert answer.methylation is None
    assert reason in answer.reason
    assert answer.reason
    assert "fake failed at 1 of 1 texts" in caplog.text
    assert "the tagger has read them" in caplog.text


def test_a_text_that_is_answered_in_part_is_read_by_the_tagger_as_a_whole():
    long = " ".join([TEXT] * 60)
    replies = [Says("[]"), Says("broken")]
    said, _, asked = read_by(*replies, texts=(long,))
    assert len(asked) > 2
    assert all(len(each["messages"][1]["content"]) <= 3000 for each in asked)
    assert said == PlayedTagger().tag_methylation([long])


def test_an_endpoint_that_keeps_silent_is_not_asked_of_every_text():
    texts = (TEXT, *[OTHER] * 40)
    said, answer, asked = read_by(KeepsSilent(), texts=texts, patience=0.3)
    assert said == PlayedTagger().tag_methylation(texts)
    assert len(asked) <= 16
    assert answer.reason == "the endpoint does not answer"


def test_an_endpoint_that_has_died_since_leaves_the_tagger_and_without_one_nothing(caplog):
    with FakeEndpoint([Says(RIGHT)]).served() as endpoint:
        settings = ModelSettings(url=endpoint.url, name="fake", patience=2)
    assert ModelExtractor(settings, "1", PlayedTagger()).tag_methylation([TEXT])[0].methylation[0].score == 0.9
    assert ModelExtractor(settings, "1", None).tag_methylation([TEXT]) == [Tagged((), ())]
    assert "no tagger is there to read them" in caplog.text


def test_it_can_be_asked_where_an_event_loop_runs():
    import asyncio

    async def asked():
        return read_by(Says(RIGHT))

    [said], _, _ = asyncio.run(asked())
    assert len(said.methylation) == 1


def test_its_hash_is_of_model_weights_and_tagger():
    settings = ModelSettings(url="http://127.0.0.1:9/v1", name="fake")
    named = {
        ModelExtractor(settings, "1", PlayedTagger()).hash,
        ModelExtractor(settings, "2", PlayedTagger()).hash,
        ModelExtractor(settings, "1", None).hash,
        ModelExtractor(settings.model_copy(update={"name": "other"}), "1", None).hash,
        EvidenceReader(ModelExtractor(settings, "1", None)).producer,
    }
    assert len(named) == 5
    assert ModelExtractor(settings, "1", None).hash in named


def test_what_training_writes_is_what_an_answer_is_read_as():
    several = [statement(), statement("p16", "unmethylated", "methylated", negated=True, site="promoter")]
    assert read(written(several)) == several
    assert read("[]") == []
    assert list(SCHEMA["items"]["properties"]) == list(json.loads(written(several))[0])


# Which model reads


def test_a_home_reads_with_the_extractor_of_the_settings_while_an_endpoint_has_it(tmp_path, caplog):
    def tagger_of(settings):
        home = Home(tmp_path, reading=lambda found: reading(settings, tmp_path, found))
        return home.tagger

    with FakeEndpoint([Says(RIGHT)], models=("base", "mine")).served() as endpoint:
        assert not isinstance(tagger_of(ModelSettings(url=endpoint.url)), ModelExtractor)
        found = tagger_of(ModelSettings(url=endpoint.url, extractor="mine"))
        assert isinstance(found, ModelExtractor)
        assert found.name == "mine"
        assert not caplog.text
        assert not isinstance(tagger_of(ModelSettings(url=endpoint.url, extractor="absent")), ModelExtractor)
        assert "has no model 'absent', only base, mine" in caplog.text
        gone = ModelSettings(url=endpoint.url, extractor="mine")
    assert not isinstance(tagger_of(gone), ModelExtractor)
    assert "does not tell its models" in caplog.text
    assert not isinstance(tagger_of(ModelSettings(extractor="mine")), ModelExtractor)
    assert "The bundled tagger reads papers" in caplog.text


def test_the_adapter_that_is_served_for_a_home_is_known_by_its_weights(tmp_path, caplog):
    with FakeEndpoint([Says(RIGHT)], models=("base", "mine")).served() as endpoint:
        served = running_at(endpoint.url, "mine")
        tell(tmp_path, served)
        found = open_extractor(ModelSettings(extractor="mine"), tmp_path, None)
        assert (found.name, found.version) == ("mine", "0")
        other = open_extractor(ModelSettings(extractor="other"), tmp_path, None)
        assert (other.name, other.version) == ("base", "")
        assert "serves no other; base extracts" in caplog.text


def test_without_an_endpoint_the_way_out_is_named(tmp_path):
    with pytest.raises(ModelUnusable, match="epicite serve"):
        open_extractor(ModelSettings(extractor="mine"), tmp_path, None)
    with (
        FakeEndpoint([Sends("", 200)], models=()).served() as endpoint,
        pytest.raises(ModelUnusable, match="only none"),
    ):
        open_extractor(ModelSettings(url=endpoint.url, extractor="mine"), tmp_path, None)
