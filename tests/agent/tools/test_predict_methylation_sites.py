"""Methylated bases, predicted in attached sequences."""

import csv
from io import StringIO

import pytest
from langchain_core.tools import ToolException
from langchain_core.utils.function_calling import convert_to_openai_tool

from agent.attachments.attachment import UnknownHandle
from agent.tools.predict_methylation_sites import predict_methylation_sites
from agent.tools.predicted import MOST_BASES
from agent.tools.sites import HALF
from seqmodels.predictors.domains import DOMAINS, domain_of
from seqmodels.predictors.methylation import Scan
from tests.agent.bench import dna

ARABIDOPSIS = {"species": ["Arabidopsis thaliana"], "marks": ["6mA"]}


def rows_of(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content)))


def refusal(bench, **arguments) -> str:
    with pytest.raises(ToolException) as refused:
        bench.use(predict_methylation_sites, **arguments)
    return str(refused.value)


def test_every_candidate_of_both_strands_is_in_the_table_as_the_predictor_judges_it(bench, tiny):
    sequence = dna(400)
    bench.paste(sequence)
    result = bench.use(predict_methylation_sites, sequences=["seq1"], **ARABIDOPSIS)
    counts = Scan(domain_of("6mA_A.thaliana"))
    [found] = tiny.methylation().scan("seq1", sequence, counts.domain, counts)
    table = rows_of(bench.file(result, ".csv"))
    assert [int(row["position"]) - 1 for row in table] == found.positions.tolist()
    assert [float(row["score"]) for row in table] == pytest.approx(found.probabilities.tolist(), rel=1e-4)
    assert result["total"] == counts.scored == len(table)
    assert result["rows"][0][4] == round(max(found.probabilities), 3)


def test_what_is_told_is_small_and_the_files_hold_the_rest(bench):
    bench.paste(dna(5_000))
    result = bench.use(predict_methylation_sites, sequences=["seq1"], **ARABIDOPSIS)
    called = sum(float(row["score"]) >= 0.5 for row in rows_of(bench.file(result, ".csv")))
    assert called > 0
    assert len(bench.file(result, ".bed").splitlines()) == called
    assert len(bench.file(result, ".gff3").splitlines()) == called + 1
    assert len(str(result)) < 5_000
    assert f"{called} are predicted to be methylated" in result["says"][0]["en"]
    assert f"预测有 {called} 个" in result["says"][0]["zh"]


def test_the_card_of_each_model_stands_beside_its_prediction(bench, tiny):
    bench.paste(dna(100))
    result = bench.use(
        predict_methylation_sites, sequences="seq1", species=["Homo sapiens", "Mus musculus"], marks=["5hmC"]
    )
    assert [model["name"] for model in result["models"]] == ["5hmC_H.sapiens", "5hmC_M.musculus"]
    names = [domain.name for domain in DOMAINS]
    for model in result["models"]:
        assert model["sha256"] == tiny.methylation().card.sha256
        [score] = model["scores"]
        assert (score["name"], score["rows"]) == ("AUC", 1000 + names.index(model["name"]))
    assert {row[3] for row in result["rows"]} <= {"5hmC_H.sapiens", "5hmC_M.musculus"}


def test_a_plot_needs_nothing_from_elsewhere(bench):
    bench.upload("two.fa", f">a<b>\n{dna(90)}\n>b\n{dna(90, 1)}\n")
    result = bench.use(predict_methylation_sites, sequences=["file1"], **ARABIDOPSIS)
    plot = bench.turn.attachments.read(result["plot"]).text()
    assert plot.startswith("<svg ")
    assert "a&lt;b&gt; · 6mA_A.thaliana" in plot
    assert plot.count("http") == plot.count("http://www.w3.org/2000/svg") == 1
    assert "<script" not in plot


def test_a_prevalence_lowers_what_the_half_methylated_training_sets_made_high(bench):
    bench.paste(dna(400))
    as_trained = bench.use(predict_methylation_sites, sequences=["seq1"], **ARABIDOPSIS)
    corrected = bench.use(predict_methylation_sites, sequences=["seq1"], prevalence=0.01, **ARABIDOPSIS)
    assert HALF in as_trained["notices"]
    assert HALF not in corrected["notices"]
    assert corrected["rows"][0][4] < as_trained["rows"][0][4]


def test_a_threshold_decides_what_is_called(bench):
    bench.paste(dna(2_000))
    low, high = (
        bench.use(predict_methylation_sites, sequences=["seq1"], threshold=level, **ARABIDOPSIS) for level in (0.2, 0.7)
    )
    assert len(bench.file(low, ".bed")) > len(bench.file(high, ".bed"))


def test_a_table_of_windows_is_judged_window_by_window(bench, tiny):
    windows = [dna(20, seed) + "A" + dna(20, seed + 50) for seed in range(3)]
    bench.upload("windows.csv", "sequence\n" + "\n".join(windows) + "\n")
    table = rows_of(bench.file(bench.use(predict_methylation_sites, sequences=["file1"], **ARABIDOPSIS), ".csv"))
    expected = tiny.methylation().windows(windows, domain_of("6mA_A.thaliana")).probabilities
    assert [row["name"] for row in table] == ["1", "2", "3"]
    assert [float(row["score"]) for row in table] == pytest.approx(expected.tolist(), rel=1e-3)


def test_several_sequences_keep_apart_in_one_table(bench):
    bench.paste(f"{dna(100)} and {dna(100, 1)}")
    result = bench.use(predict_methylation_sites, sequences=["seq1", "seq2"], **ARABIDOPSIS)
    assert {row["name"] for row in rows_of(bench.file(result, ".csv"))} == {"seq1", "seq2"}


def test_rna_is_read_as_dna_with_a_notice(bench):
    bench.paste(dna(60, letters="ACGU"))
    result = bench.use(predict_methylation_sites, sequences=["seq1"], **ARABIDOPSIS)
    assert "seq1 is RNA: U was read as T." in result["notices"]


def test_without_a_mark_the_species_all_models_are_run(bench):
    bench.paste(dna(100))
    result = bench.use(predict_methylation_sites, sequences=["seq1"], species=["Fragaria vesca"])
    assert [model["name"] for model in result["models"]] == ["4mC_F.vesca", "6mA_F.vesca"]
    assert any("No mark was named" in notice for notice in result["notices"])


def test_a_species_without_such_a_model_is_left_out_beside_one_that_has_it(bench):
    bench.paste(dna(100))
    result = bench.use(predict_methylation_sites, sequences=["seq1"], species=["human", "rice"], marks=["5hmC"])
    assert [model["name"] for model in result["models"]] == ["5hmC_H.sapiens"]
    assert "There is no model of 5hmC in Oryza sativa; it was left out." in result["notices"]


@pytest.mark.parametrize(
    ("arguments", "found", "needed"),
    [
        ({}, "Which species is it from?", "6mA in Arabidopsis thaliana"),
        ({"marks": ["5hmC"]}, "Which species is it from?", "There are models of 5hmC in Homo sapiens, Mus musculus."),
        ({"species": ["水稻"], "marks": ["6mA"]}, "no model of 6mA in Oryza sativa", "Arabidopsis thaliana"),
        ({"species": ["human"], "marks": ["4mC"]}, "no model of 4mC in Homo sapiens", "models of 5hmC, 6mA"),
        ({"species": ["human"], "marks": ["5mC"]}, "no model of 5mC", "5hmC in Homo sapiens"),
        ({**ARABIDOPSIS, "threshold": 90}, "threshold 90", "between 0 and 1"),
        ({**ARABIDOPSIS, "prevalence": 0.0}, "prevalence 0", "between 0 and 1"),
    ],
)
def test_what_cannot_be_done_says_what_there_is(bench, arguments, found, needed):
    bench.paste(dna(100))
    said = refusal(bench, sequences=["seq1"], **arguments)
    assert found in said
    assert needed in said


@pytest.mark.parametrize(
    ("name", "content", "found", "needed"),
    [
        ("p.fa", ">p\nMKVLAWQDERTYHHGFDSAPLMNVCWQKRTE\n", "protein sequence (MKVLAWQDERTY...)", "DNA is needed"),
        ("gap.fa", ">g\nACGT-ACGTACGT\n", "position 5 is a gap", "Remove the gaps"),
        ("digits.fa", ">g\nACGTACG7ACGT\n", "position 8 holds '7'", "A C G T"),
        ("empty.fa", "", "the file is empty", "The first line"),
        (
            "columns.csv",
            "id,seq\na,ACGTACGTACGT\n",
            "there is no column 'sequence'; the columns are id, seq",
            "Name the",
        ),
        ("short.fa", f">s\n{dna(40)}\n", "has 40 bases", "41 are needed"),
        ("unknown.fa", f">s\n{'N' * 30}A{'N' * 30}\n", "1 near unknown bases", "Give more of the sequence"),
        ("paper.pdf", b"%PDF-1.7\n", "this is a PDF", "sequence file itself"),
    ],
)
def test_what_is_no_dna_is_refused_by_the_handle_and_name_that_the_reader_knows(bench, name, content, found, needed):
    bench.upload(name, content)
    said = refusal(bench, sequences=["file1"], **ARABIDOPSIS)
    assert found in said
    assert needed in said
    assert str(bench.turn.attachments.read("file1").path) not in said
    assert "file1" in said


def test_an_unknown_handle_names_those_that_there_are(bench):
    bench.paste(dna(100))
    with pytest.raises(UnknownHandle, match="There are: seq1"):
        bench.use(predict_methylation_sites, sequences=["seq9"], **ARABIDOPSIS)


def test_a_genome_is_sent_to_the_command_line(bench):
    bench.upload("genome.fa", f">chr1\n{'ACGT' * (MOST_BASES // 4)}A\n")
    said = refusal(bench, sequences=["file1"], **ARABIDOPSIS)
    assert "`epicite predict methylation FILE --model 6mA_A.thaliana`" in said


def test_a_prediction_made_again_is_kept_once(bench):
    bench.paste(dna(100))
    results = [bench.use(predict_methylation_sites, sequences=["seq1"], **ARABIDOPSIS) for _ in range(2)]
    assert results[0] == results[1]


def test_the_schema_names_the_models_that_there_are():
    schema = convert_to_openai_tool(predict_methylation_sites)["function"]["parameters"]
    assert schema["required"] == ["sequences"]
    assert "runtime" not in schema["properties"]
    described = schema["properties"]["species"]["description"]
    for domain in DOMAINS:
        assert domain.species in described
    assert "6mA" in str(schema["properties"]["marks"])
