"""What a model is given is cut to a budget."""

import asyncio
import json
from itertools import chain
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain.agents.middleware import ModelRequest, ModelResponse
from langchain_core.exceptions import ContextOverflowError, ModelInvalidRequestError
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_core.utils.function_calling import convert_to_openai_tool

from agent.budget import BudgetMiddleware, count_tokens, cut


def size(messages: list[AnyMessage]) -> int:
    return sum(map(count_tokens, messages))


def tool_result(sentences: int) -> str:
    shown = [{"n": n, "text": "BNC1 is hypermethylated in pancreatic cancer. " * 3} for n in range(sentences)]
    paper = {"paper": "P1", "pmid": "101", "title": "A title", "sha256": "0" * 64, "sentences": shown}
    return json.dumps({"papers": [paper], "relevant": True, "searched": "BNC1"})


def turn(question: str, sentences: int, answer: str) -> list[AnyMessage]:
    call = {"name": "search_literature", "args": {"query": question}, "id": "c", "type": "tool_call"}
    return [
        HumanMessage(question),
        AIMessage("", tool_calls=[call]),
        ToolMessage(tool_result(sentences), tool_call_id="c"),
        AIMessage(answer),
    ]


WORDS = st.sampled_from(["methylation ", "血液中的甲基化", "BNC1 "])
TEXTS = st.tuples(WORDS, st.integers(1, 60)).map(lambda pair: pair[0] * pair[1])
TURNS = st.builds(turn, TEXTS, st.integers(0, 20), TEXTS)
CURRENT = st.tuples(TURNS, st.integers(1, 3)).map(lambda pair: pair[0][: pair[1]])
EARLIER = st.lists(TURNS, max_size=6)
BUDGETS = st.integers(0, 6000)


@given(EARLIER, CURRENT, BUDGETS)
def test_what_is_given_is_within_the_budget_unless_the_current_turn_alone_is_not(earlier, current, budget):
    given_ = cut([*chain(*earlier), *current], budget)
    assert size(given_) <= budget or given_ == current


@given(EARLIER, CURRENT, BUDGETS)
def test_the_current_turn_is_never_cut(earlier, current, budget):
    assert cut([*chain(*earlier), *current], budget)[-len(current) :] == current


@given(EARLIER, CURRENT)
def test_a_conversation_that_fits_is_left_as_it_is(earlier, current):
    messages = [*chain(*earlier), *current]
    assert cut(messages, size(messages)) == messages


@given(EARLIER, CURRENT, BUDGETS)
def test_turns_go_whole_and_the_oldest_go_first(earlier, current, budget):
    given_ = cut([*chain(*earlier), *current], budget)
    questions = [message.text for message in given_ if isinstance(message, HumanMessage)]
    asked = [messages[0].text for messages in [*earlier, current]]
    assert questions == asked[len(asked) - len(questions) :]
    assert len(given_) == sum(map(len, earlier[len(asked) - len(questions) :])) + len(current)


@given(EARLIER, CURRENT, BUDGETS)
def test_results_shrink_before_any_turn_goes_and_the_oldest_first(earlier, current, budget):
    messages = [*chain(*earlier), *current]
    given_ = cut(messages, budget)
    kept = messages[len(messages) - len(given_) :]
    changed = [new != old for new, old in zip(given_, kept, strict=True)]
    tools = [was for was, message in zip(changed, kept, strict=True) if isinstance(message, ToolMessage)]
    assert tools == sorted(tools, reverse=True)
    assert not any(was for was, message in zip(changed, kept, strict=True) if not isinstance(message, ToolMessage))
    if len(given_) < len(messages):
        earlier_tools = [
            was
            for was, message in zip(changed[: -len(current)], kept[: -len(current)], strict=True)
            if isinstance(message, ToolMessage)
        ]
        assert all(earlier_tools)


def test_a_shrunk_result_still_tells_which_papers_it_gave_under_which_numbers():
    messages = [*turn("one", 3, "BNC1 is [2]."), HumanMessage("two")]
    [shrunk] = [message for message in cut(messages, size(messages) - 1) if isinstance(message, ToolMessage)]
    assert json.loads(shrunk.text) == {
        "papers": [{"paper": "P1", "pmid": "101", "title": "A title", "sentences": [{"n": 0}, {"n": 1}, {"n": 2}]}]
    }


def test_an_error_of_a_tool_is_short_and_stays():
    error = ToolMessage("No library has that paper.", tool_call_id="c", status="error")
    call = {"name": "read_paper", "args": {"paper": "1"}, "id": "c", "type": "tool_call"}
    messages = [HumanMessage("x " * 400), AIMessage("", tool_calls=[call]), error, AIMessage("y"), HumanMessage("two")]
    assert error in cut(messages, size(messages))


def test_what_is_remembered_is_not_changed_by_the_cut():
    messages = [*turn("one", 9, "BNC1 is [2]."), HumanMessage("two")]
    before = [message.model_copy(deep=True) for message in messages]
    cut(messages, 10)
    assert messages == before


@pytest.mark.parametrize("text", ["methylation of BNC1 and ADAMTS1 in blood ", "血液中的甲基化标志物"])
def test_tokens_are_estimated_on_the_high_side(text, embedder):
    """Against the word pieces of BERT, which cuts words finer than the tokenizers of language models do."""
    from seqmodels.encoder import bundled_tokenizer

    many = text * 40
    pieces = len(bundled_tokenizer().encode(many, add_special_tokens=False).tokens)
    assert count_tokens(HumanMessage(many)) >= 0.8 * pieces


class Model:
    """A model that finds what it is given too long, the first few times."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.given: list[list[AnyMessage]] = []

    async def __call__(self, request: ModelRequest) -> ModelResponse:
        self.given.append(request.messages)
        if self.errors:
            raise self.errors.pop(0)
        return ModelResponse(result=[AIMessage("fine")])


def call(model: Model, messages: list[AnyMessage], budget: int, **more) -> ModelResponse:
    request = ModelRequest(model=None, messages=messages, **more)  # type: ignore[arg-type]
    return asyncio.run(BudgetMiddleware(budget).awrap_model_call(request, model))


@tool
def look_up(query: Annotated[str, "What to look up, in as many words as you like. " * 20]) -> str:
    """Look something up."""
    return query


SYSTEM = SystemMessage("You answer from papers. " * 40)
MESSAGES = [*turn("one", 20, "a"), *turn("two", 20, "b"), HumanMessage("three")]
TOO_LONG = [
    ContextOverflowError("too long"),
    ModelInvalidRequestError("This model's maximum context length is 2048 tokens. However, you requested 2500."),
    ModelInvalidRequestError("the request exceeds the available context size, try increasing it"),
]


@pytest.mark.parametrize(
    ("more", "least"),
    [
        ({"system_message": SYSTEM}, len(SYSTEM.text) / 4),
        ({"tools": [look_up]}, len(look_up.args["query"]["description"]) / 4),
        ({"tools": [convert_to_openai_tool(look_up)]}, len(look_up.args["query"]["description"]) / 4),
    ],
    ids=["system prompt", "tool", "schema of a tool"],
)
def test_the_system_prompt_and_the_schemas_of_tools_leave_so_much_less_for_messages(more, least):
    budget = size(MESSAGES)
    alone, beside = Model(), Model()
    call(alone, MESSAGES, budget)
    call(beside, MESSAGES, budget, **more)
    assert alone.given == [MESSAGES]
    assert size(beside.given[0]) <= budget - least


def test_where_prompt_and_schemas_leave_nothing_the_current_turn_is_still_given():
    model = Model()
    call(model, MESSAGES, 10, system_message=SYSTEM)
    assert model.given == [MESSAGES[-1:]]


@pytest.mark.parametrize("error", TOO_LONG)
def test_what_the_model_finds_too_long_is_cut_to_half_and_sent_once_more(error):
    model = Model(error)
    assert call(model, MESSAGES, 100_000).result == [AIMessage("fine")]
    first, second = model.given
    assert first == MESSAGES
    assert size(second) <= size(first) // 2


def test_it_is_not_sent_a_third_time():
    model = Model(*TOO_LONG[:2])
    with pytest.raises(ModelInvalidRequestError):
        call(model, MESSAGES, size(MESSAGES))
    assert len(model.given) == 2


def test_another_error_is_not_tried_again():
    model = Model(ModelInvalidRequestError("temperature must be positive"))
    with pytest.raises(ModelInvalidRequestError):
        call(model, MESSAGES, size(MESSAGES))
    assert len(model.given) == 1
