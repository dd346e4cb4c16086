"""The encoder's runtimes: near each other, and chosen by what they take."""

from typing import ClassVar

import numpy as np
import pytest

from seqmodels import bfloat16, runtime_choice
from seqmodels.encoder import BundledEncoder, bundled_hash, unit
from seqmodels.runtime_choice import AGREEMENT, agreement, choose_runtime, fastest, noted_runtime

TEXTS = ["MLH1 is silenced.", "Hypermethylation of the RASSF1A promoter " * 60, "甲基化与胃癌", "", "p53"]


@pytest.fixture(scope="module")
def encoders(encoder_cache):
    return {runtime: BundledEncoder(encoder_cache, runtime) for runtime in ("fp32", "bf16")}


def vectors(encoder, texts=TEXTS):
    return np.array([encoded.passage for encoded in encoder.encode(texts, [()] * len(texts))])


def test_bfloat16_turns_no_vector_by_more_than_the_tolerance(encoders):
    assert agreement(vectors(encoders["bf16"]), vectors(encoders["fp32"])) >= 0.9995 > AGREEMENT


def test_sentences_agree_as_well(encoders):
    text, spans = "MLH1 was silenced. RASSF1A was not.", [(0, 18), (19, 35)]
    [half], [single] = (encoders[runtime].encode([text], [spans]) for runtime in ("bf16", "fp32"))
    assert agreement(half.sentences, single.sentences) >= AGREEMENT


def test_a_question_is_near_its_text_among_others_in_bfloat16(encoders):
    alone, among = encoders["bf16"].encode_query(TEXTS[0]), vectors(encoders["bf16"])[0]
    assert alone @ among > 0.9999


def test_encoders_carry_the_hash_of_their_runtime(encoders):
    assert {runtime: encoder.hash for runtime, encoder in encoders.items()} == {
        runtime: bundled_hash(runtime) for runtime in encoders
    }


class Slow:
    """An encoder whose every call takes a fixed time on a clock of its own, turned by an angle from the right."""

    seconds: ClassVar = {"fp32": 2.0, "bf16": 1.0}
    turned = 0.0
    now = 0.0

    def __init__(self, cache, runtime):
        self._runtime = runtime

    def encode(self, texts, spans):
        Slow.now += self.seconds[self._runtime]
        angle = self.turned if self._runtime == "bf16" else 0
        for _ in texts:
            yield type("Encoded", (), {"passage": unit(np.array([np.cos(angle), np.sin(angle)]))})


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setattr(runtime_choice, "BundledEncoder", Slow)
    monkeypatch.setattr(runtime_choice.time, "perf_counter", lambda: Slow.now)
    monkeypatch.setattr(bfloat16, "is_native", lambda: True)


@pytest.mark.parametrize(("seconds", "fast"), [((2.0, 1.0), "bf16"), ((1.0, 2.0), "fp32")])
def test_the_faster_is_chosen(slow, monkeypatch, tmp_path, seconds, fast):
    monkeypatch.setattr(Slow, "seconds", dict(zip(("fp32", "bf16"), seconds, strict=True)))
    assert fastest(tmp_path, TEXTS) == fast


def test_a_fast_one_whose_vectors_lie_elsewhere_is_not_chosen(slow, monkeypatch, tmp_path):
    monkeypatch.setattr(Slow, "turned", np.arccos(AGREEMENT) + 0.01)
    assert fastest(tmp_path, TEXTS) == "fp32"


def test_nothing_is_measured_where_the_processor_converts_bfloat16(slow, monkeypatch, tmp_path):
    monkeypatch.setattr(bfloat16, "is_native", lambda: False)
    monkeypatch.setattr(runtime_choice, "BundledEncoder", None)
    assert fastest(tmp_path, TEXTS) == "fp32"


def test_a_choice_is_noted(slow, tmp_path):
    cache = tmp_path / "encoders"
    assert noted_runtime(cache) is None
    assert choose_runtime(cache, TEXTS) == noted_runtime(cache) == "bf16"
    assert [path.name for path in cache.iterdir()] == ["runtime.json"]


@pytest.mark.parametrize("note", ["", "{", "[]", '{"runtime": "int1"}', "\ud800"])
def test_a_note_that_cannot_be_read_is_none(tmp_path, note):
    (tmp_path / "runtime.json").write_bytes(note.encode("utf-8", "surrogatepass"))
    assert noted_runtime(tmp_path) is None
