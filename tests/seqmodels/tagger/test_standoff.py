"""Stand-off annotations are read as they stand, and refused where they do not fit their text."""

import gzip
import json

import pytest

from seqmodels.data.errors import MalformedLine
from seqmodels.tagger.standoff import read_standoff


def test_events_know_their_trigger_theme_negation_and_speculation(abstracts):
    first = abstracts[0]
    told = [(each.trigger.text, each.theme.text, each.negated, each.speculated) for each in first.events]
    assert told == [
        ("Hypermethylation", "p16", False, False),
        ("Hypermethylation", "E-cadherin", False, False),
        ("methylated", "MLH1", True, False),
        ("methylated", "MLH1", False, True),
    ]
    assert abstracts[1].events[0].site.text == "lysine 9"
    assert all(first.text[each.start : each.end] == each.text for each in first.mentions)


def test_equal_names_and_those_said_to_be_equivalent_are_one_cluster(abstracts):
    clusters = abstracts[0].clusters
    assert clusters["T1"] == clusters["T2"] != clusters["T3"]
    assert clusters["T3"] == clusters["T4"] != clusters["T5"]


def test_a_compressed_file_reads_the_same(standoff, tmp_path, abstracts):
    path = tmp_path / "train.jsonl.gz"
    path.write_bytes(gzip.compress(standoff.read_bytes()))
    assert read_standoff(path) == abstracts


@pytest.mark.parametrize(
    ("a1", "a2", "said"),
    [
        ("T1\tProtein 0 3\tp53", "", "is not what stands there"),
        ("T1\tProtein zero 3\tp16", "", "marks no text"),
        ("T1\tProtein 0 3\tp16", "E1\tDNA_methylation:T9 Theme:T1", "has no trigger"),
    ],
)
def test_an_annotation_that_does_not_fit_is_refused_with_its_line(tmp_path, a1, a2, said):
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps({"pmid": "1", "text": "p16 is methylated.", "a1": a1, "a2": a2}) + "\n")
    with pytest.raises(MalformedLine, match=said) as refusal:
        read_standoff(path)
    assert "line 1" in str(refusal.value)
