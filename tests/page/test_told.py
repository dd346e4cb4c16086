from typing import Any

import pytest

from agent.attachments.handles import mark
from agent.citations.claim import Claim
from agent.conversations import Exchange
from agent.events import Answer, Done, Draft, Lifted, Notice, Speaking, Stated, ToolCall, ToolResult
from page.talk import Talk
from page.told import Told
from tests.page.conftest import make_citation, make_nearest
from tests.page.test_chips import attached

CITED = Claim(text="BNC1 was methylated.", citations=(make_citation(),), verdict="quoted")
CALL = ToolCall(id="a", name="search_literature", arguments={"query": "BNC1 <b>"})
RESULT = ToolResult(
    id="a", name="search_literature", seconds=0.2, result={"papers": [], "notices": ["2 papers wait for vectors"]}
)


def told(*events: Any) -> Told:
    turn = Told("What of BNC1?")
    for event in events:
        turn.take(event)
    return turn


def shown(turn: Told) -> str:
    return turn.messages("0", "en")[-1]["content"]


def test_a_question_is_answered_under_it_after_the_steps() -> None:
    turn = told(Speaking(model="embedded"), CALL, RESULT, Stated(claim=CITED))
    turn.finish()
    messages = turn.messages("0", "en")
    assert [message["role"] for message in messages] == ["user", "assistant", "assistant"]
    assert "BNC1 was methylated" in messages[-1]["content"]


def test_a_step_is_pending_until_its_result_has_come() -> None:
    pending = told(CALL).messages("0", "en")[1]
    assert pending["metadata"]["status"] == "pending"
    assert "BNC1 &#60;b&#62;" in pending["content"]
    done = told(CALL, RESULT).messages("0", "en")[1]["metadata"]
    assert (done["status"], done["duration"]) == ("done", 0.2)


def test_a_draft_shows_that_a_sentence_is_written_and_changes_the_page_once() -> None:
    turn = told(Speaking(model="m"))
    assert turn.take(Draft(characters=5))
    assert not turn.take(Draft(characters=90))
    assert "Writing a sentence" in shown(turn)


def test_another_speaker_begins_the_answer_anew_after_a_notice() -> None:
    notice = Notice(text="m could not answer; embedded does.")
    turn = told(Speaking(model="m"), Stated(claim=CITED), notice, Speaking(model="embedded"))
    assert "BNC1 was methylated" not in shown(turn)
    assert "m could not answer" in shown(turn)


def test_notices_of_a_tool_are_told_once() -> None:
    assert shown(told(CALL, RESULT, RESULT)).count("2 papers wait for vectors") == 1


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (Told.stop, "Stopped"),
        (Told.fail, "The answer broke off"),
        (lambda turn: turn.fail("The library is damaged. Restore it."), "The library is damaged&#46; Restore it"),
    ],
)
def test_a_turn_that_ends_early_keeps_what_was_proved_and_says_why(end: Any, said: str) -> None:
    turn = told(CALL, Stated(claim=CITED))
    end(turn)
    assert turn.finished
    assert "BNC1 was methylated" in shown(turn)
    assert said in shown(turn)
    assert turn.messages("0", "en")[1]["metadata"]["status"] == "done"


SEQUENCE = attached(size=47, length=47)
LIFTED = Lifted(question=f"What of {mark(SEQUENCE)}?", attachments=(SEQUENCE,))


def test_files_are_named_until_they_are_told_as_attachments() -> None:
    turn = Told("What of this?", ["genome <b>.fa"])
    assert "genome &#60;b&#62;&#46;fa" in turn.messages("0", "en")[0]["content"]
    turn.take(Lifted(question="What of this?\n[file1: x.fa, file, 1 byte]", attachments=()))
    assert "genome" not in turn.messages("0", "en")[0]["content"]


def exchange() -> Exchange:
    tool = {"name": CALL.name, "arguments": CALL.arguments, "seconds": 0.2, "result": RESULT.result}
    answer = Answer(
        answer="BNC1 was methylated. [7]",
        claims=(CITED,),
        citations=CITED.citations,
        tools=(tool,),
        attachments=LIFTED.attachments,
        notices=("2 papers wait for vectors",),
        abstained=False,
        conversation="c",
        model="embedded",
    )
    return Exchange(question=LIFTED.question, answer=answer)


def test_a_turn_reads_the_same_again_as_when_it_was_told() -> None:
    live = told(LIFTED, Speaking(model="embedded"), CALL, RESULT, Stated(claim=CITED))
    live.finish()
    for language in ("en", "zh"):
        assert Told.before(exchange()).messages("0", language) == live.messages("0", language)


def test_a_link_opens_the_citation_of_its_own_answer() -> None:
    talk = Talk("c", [exchange()])
    talk.open("cite-0-1")
    assert talk.opened == (1, CITED.citations[0])


def test_a_link_opens_a_paper_that_was_near_while_it_is_told_and_when_it_is_read_again() -> None:
    before = exchange()
    nearest = (make_nearest(),)
    declined = before.answer.model_copy(update={"claims": (), "citations": (), "nearest": nearest})
    talk = Talk("c", [Exchange(question=before.question, answer=declined)])
    talk.entries.append(told(Done(answer=declined)))
    for key in ("paper-0-1", "paper-1-1"):
        talk.open(key)
        assert talk.opened == (1, nearest[0])


@pytest.mark.parametrize(
    "key",
    [
        "",
        "cite-0-2",
        "cite-1-1",
        "cite--1-1",
        "cite-0",
        "cite-0-x",
        "cite-٣-1",
        "../cite-0-1",
        "paper-0-1",
        "paper-0-0",
    ],
)
def test_any_other_key_opens_nothing(key: str) -> None:
    talk = Talk("c", [exchange()])
    talk.open("cite-0-1")
    talk.open(key)
    assert talk.opened is None


def test_what_broke_off_without_a_word_is_settled_and_the_rest_left_alone() -> None:
    talk = Talk("c", [exchange()])
    before = talk.messages()
    talk.entries.append(Told("And?"))
    talk.settle()
    assert talk.messages()[: len(before)] == before
    assert "broke off" in talk.messages()[-1]["content"]
