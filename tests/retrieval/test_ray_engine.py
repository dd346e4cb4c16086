"""Ingest on Ray: the same papers, rows, hits and failures as without it, and finished by the next run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.errors import LibraryError
from retrieval.ray_engine import _Derived, _read_file, _unloaded, _Worker
from retrieval.settings import RaySettings

ROOT = Path(__file__).parents[2]


def test_a_worker_is_sent_no_model_that_is_loaded_already(read, cheap):
    reader = read.reader
    fresh = _unloaded(reader)
    assert (fresh.producer, fresh.tagger.hash) == (reader.producer, reader.tagger.hash)
    assert fresh.tagger is not reader.tagger


def test_a_file_is_handed_on_item_by_item_and_known_to_be_read_where_it_holds_none(tmp_path):
    path = tmp_path / "papers.jsonl"
    path.write_text('{"pmid": "7", "title": "TP53", "abstract": "It was methylated."}\n{"pmid": "x"}\n')
    assert [row["kind"] for row in _read_file({"order": 0, "path": str(path)})] == ["begin", "paper", "failure"]
    assert [row["kind"] for row in _read_file({"order": 0, "path": str(tmp_path / "missing.jsonl")})] == [
        "begin",
        "failure",
    ]


def batch(paper, passages=((1, 0, 19, ((0, 19),)),)):
    return {
        "number": [5], "embeds": [True], "tags": [True], "paper": [paper.model_dump_json()],
        "passages": [json.dumps(passages)],
    }  # fmt: skip


def test_what_a_worker_derives_comes_back_as_it_was(read, cheap, paper):
    text = paper("RASSF1A methylated.")
    told = _Worker(cheap, read.reader, cheap.record)(batch(text))
    derived = _Derived.of_row({name: values[0] for name, values in told.items()})
    expected = next(cheap.encode([text.text], [[(0, 19)]]))
    assert (derived.number, derived.sha256, list(derived.vectors)) == (5, text.sha256, [1])
    assert derived.vectors[1].passage.tolist() == expected.passage.tolist()
    assert derived.vectors[1].sentences.tolist() == expected.sentences.tolist()
    assert derived.findings == read.reader.read([text])[0] != []


def test_a_worker_with_another_embedder_says_so_and_embeds_nothing(read, cheap, bag_of_words, paper):
    told = _Worker(bag_of_words("another"), read.reader, cheap.record)(batch(paper("RASSF1A methylated.")))
    assert "the same model, on all machines" in told["error"][0]
    assert told["vectors"] == [b""]


RUN = """
import json, sys
from pathlib import Path
from retrieval.evidence_reading import EvidenceReader
from retrieval.ingest import ingest
from retrieval.library import Library
from retrieval.ray_engine import ingest_on_ray
from retrieval.settings import RaySettings
from sqlalchemy import select
from retrieval.schema import metadata
from retrieval.upkeep import compact
import conftest
root, paths = Path(sys.argv[1]), [Path(path) for path in sys.argv[2:]]
told = {}
with Library.create(root / "ray", conftest.BagOfWords(), reader=EvidenceReader(conftest.Spotter())) as ray:
    with Library.create(root / "local", conftest.BagOfWords(), reader=EvidenceReader(conftest.Spotter())) as local:
        for name, library in (("ray", ray), ("local", local)):
            if name == "ray":
                ray.derive = lambda progress: None  # as if it had been killed
                ingest_on_ray(ray, paths[:1], RaySettings(workers=2))
                del ray.derive
                report = ingest_on_ray(ray, paths, RaySettings(workers=2))
            else:
                ingest(local, paths[:1])
                report = ingest(local, paths)
            with library.database.reading() as connection:
                rows = {
                    table.name: sorted(repr(tuple(row)[:-1] if table.name == "derivations" else tuple(row))
                                       for row in connection.execute(select(table)))
                    for table in metadata.tables.values() if table.name != "counters"
                }
            compact(library)  # how an index came about changes its scores a little
            hits = [[(hit.passage_id, hit.score) for hit in library.search(question).hits]
                    for question in ("RASSF1A promoter methylation", "MGMT in glioma")]
            told[name] = json.dumps([repr(report), rows, hits, library.pending()])
assert json.loads(told["ray"])[3] == {"vectors": 0, "gene names": 0, "evidence": 0}, told["ray"][-200:]
for one, other in zip(json.loads(told["ray"]), json.loads(told["local"])):
    assert one == other, (str(one)[:2000], str(other)[:2000])
print("the same")
"""


@pytest.mark.system
def test_rows_hits_and_failures_are_those_of_this_machine_alone(tmp_path, starter):
    lines = [paper.model_dump_json(exclude={"source"}, exclude_defaults=True) for paper in starter[:36]]
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    one.write_text("\n".join(lines[:20]) + "\n")
    two.write_text("\n".join([*lines[16:], '{"pmid": "no number", "title": "x", "abstract": "y"}']) + "\n")
    command = [sys.executable, "-c", RUN, tmp_path, one, two, tmp_path / "missing.jsonl"]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}  # the workers import its conftest
    done = subprocess.run(command, cwd=ROOT, env=here, capture_output=True, text=True, timeout=600)
    assert done.stdout.endswith("the same\n"), done.stderr[-3000:]


@pytest.mark.system
def test_a_cluster_that_is_not_there_is_told_with_a_way_out(quick, tmp_path):
    from retrieval.ray_engine import ingest_on_ray

    with pytest.raises(LibraryError, match="no Ray cluster at auto") as caught:
        ingest_on_ray(quick, [], RaySettings(address="auto"))
    assert "ray start --head" in caught.value.remedy
