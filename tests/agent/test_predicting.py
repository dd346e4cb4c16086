"""A conversation in which something is predicted: what is said, kept and asked back."""

import pytest

from agent.citations.claim import Claim
from agent.events import Answer, Stated, ToolResult
from agent.record import Record
from tests.agent.bench import dna

pytestmark = pytest.mark.anyio

SEQUENCE = dna(300)


def called(answer: Answer) -> list[tuple[str, dict]]:
    return [(tool["name"], tool["arguments"]) for tool in answer.tools]


def verdicts(answer: Answer) -> set[str]:
    return {claim.verdict for claim in answer.claims}


async def test_a_pasted_sequence_is_predicted_and_no_letter_of_it_is_shown_to_a_model(lab):
    answer = await lab.ask(f"Score every adenine of this sequence for 6mA in Arabidopsis: {SEQUENCE}")
    assert called(answer) == [
        (
            "predict_methylation_sites",
            {"sequences": ["seq1"], "species": ["Arabidopsis thaliana"], "marks": ["6mA"]},
        )
    ]
    assert verdicts(answer) == {"own words", "predicted"}
    assert answer.citations == ()
    assert not answer.abstained
    assert SEQUENCE[:50] not in answer.model_dump_json()


async def test_a_chinese_request_is_answered_in_chinese(lab):
    answer = await lab.ask(f"用拟南芥模型预测这条序列的6mA位点：{SEQUENCE}")
    assert "预测有" in answer.answer
    assert all(claim.verdict == "predicted" for claim in answer.claims[1:])


async def test_files_of_a_prediction_are_kept_with_the_conversation_and_go_with_it(lab):
    answer = await lab.ask(f"6mA sites of this sequence in Arabidopsis {SEQUENCE}")
    [tool] = answer.tools
    conversations = lab.agent.conversations
    attachments = await conversations.attachments(lab.conversation, lab.owner)
    kept = [attachments.read(each["handle"]) for each in tool["result"]["files"]]
    assert [each.name.rpartition(".")[2] for each in kept] == ["csv", "bed", "gff3"]
    assert kept[0].text().startswith("name,position,strand,mark,score,label")
    await conversations.delete(lab.conversation, lab.owner)
    assert not any(each.path.exists() for each in kept)


async def test_what_is_known_stands_beside_what_is_predicted_and_apart_from_it(lab):
    answer = await lab.ask(
        f"Predict the 6mA sites of this Arabidopsis sequence {SEQUENCE} and tell me what papers say about 6mA in plants"
    )
    assert [name for name, _ in called(answer)] == ["predict_methylation_sites", "search_literature"]
    for claim in answer.claims:
        assert not (claim.verdict == "predicted" and claim.citations)
    assert {"predicted", "quoted"} <= verdicts(answer)


async def test_a_question_to_the_papers_after_a_prediction_is_not_predicted_again(lab):
    await lab.ask(f"6mA sites of this sequence in Arabidopsis {SEQUENCE}")
    answer = await lab.ask("and what do papers say about 6mA in plants?")
    assert [name for name, _ in called(answer)] == ["search_literature"]


async def test_another_species_is_asked_for_without_saying_all_again(lab):
    await lab.ask(f"Predict 5hmC sites of this human sequence {SEQUENCE}")
    answer = await lab.ask("and in mouse?")
    assert called(answer) == [
        ("predict_methylation_sites", {"sequences": ["seq1"], "species": ["Mus musculus"], "marks": ["5hmC"]})
    ]


async def test_what_is_missing_is_asked_for_and_then_used(lab):
    asked = await lab.ask("Predict the 6mA sites of this sequence")
    assert asked.answer.startswith("Which sequence?")
    assert asked.tools == ()
    asked = await lab.ask(SEQUENCE)
    assert asked.answer.startswith("Which species is it from?")
    answer = await lab.ask("Arabidopsis")
    assert called(answer) == [
        (
            "predict_methylation_sites",
            {"sequences": ["seq1"], "species": ["Arabidopsis thaliana"], "marks": ["6mA"]},
        )
    ]
    assert "predicted" in verdicts(answer)


async def test_a_refusal_reaches_a_chinese_reader_in_chinese(lab, tmp_path):
    protein = tmp_path / "p.fa"
    protein.write_text(">p\nMKVLAWQDERTYHHGFDSAPLMNVCWQKRTE\n")
    answer = await lab.ask("预测这个文件的拟南芥6mA位点", protein)
    assert "这是蛋白质序列" in answer.answer
    assert "需要 DNA" in answer.answer
    assert answer.abstained


async def test_a_question_without_an_attachment_still_goes_to_the_papers(lab):
    answer = await lab.ask("Can DNA language models predict promoters?")
    assert [name for name, _ in called(answer)] == ["search_literature"]


def test_an_answer_with_a_prediction_does_not_abstain():
    record = Record()
    record.take(ToolResult(id="1", name="t", seconds=0.1, result={}))
    assert record.answer("c").abstained
    record.take(Stated(claim=Claim(text="3 sites.", verdict="predicted")))
    assert not record.answer("c").abstained
