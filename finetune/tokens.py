"""What a model reads of a row, token by token, and which of these tokens it learns to write."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from finetune.data.rows import Message, Row
from finetune.errors import DataError, NothingToLearn

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Learn = Literal["last", "all"]
IGNORED = -100
_LISTED = 10


class Piece(NamedTuple):
    """A run of rendered text, and whether it is learnt."""

    text: str
    learnt: bool


@dataclass(frozen=True)
class Example:
    """A row as tokens; `labels` are those that are learnt, -100 elsewhere."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]

    @property
    def learnt(self) -> int:
        """How many tokens are learnt."""
        return sum(label != IGNORED for label in self.labels)


def pieces(row: Row, tokenizer: "PreTrainedTokenizerBase", learn: Learn) -> list[Piece]:
    """The rendered row in pieces: the assistant's last message is learnt, or with `all` each of its messages.

    What is learnt begins where a server lets the model begin, and ends with the end of the turn. Raises DataError
    where the chat template does not render the row that way.
    """
    if row.text:
        return [Piece(row.text + str(tokenizer.eos_token), True)]
    turns = [number for number, message in enumerate(row.messages) if message["role"] == "assistant"]
    found: list[Piece] = []
    done = ""
    for number in turns if learn == "all" else turns[-1:]:
        asked = _rendered(row, row.messages[:number], tokenizer, asking=True)
        whole = _rendered(row, row.messages[: number + 1], tokenizer)
        if not asked.startswith(done) or not whole.startswith(asked):
            raise DataError(
                f"The model's chat template renders a message otherwise when others follow it: {whole[:80]!r}",
                "Learn the last message of each conversation alone (data.learn=last).",
            )
        said = whole[len(asked) :]
        end = said.rfind(str(tokenizer.eos_token))
        stop = len(said) if end < 0 else end + len(str(tokenizer.eos_token))
        found += [Piece(asked[len(done) :], False), Piece(said[:stop], True)]
        done = asked + said[:stop]
    return found


def prompt(row: Row, tokenizer: "PreTrainedTokenizerBase") -> str:
    """What a server gives the model of a row, up to where its last message begins."""
    return _rendered(row, row.messages[:-1], tokenizer, asking=True)


def _rendered(row: Row, messages: Sequence[Message], tokenizer: "PreTrainedTokenizerBase", asking: bool = False) -> str:
    if tokenizer.chat_template is None:
        raise DataError("The model has no chat template", "Take a model for chat, or give it one.")
    return str(
        tokenizer.apply_chat_template(
            [dict(message) for message in messages],
            tools=[tool for tool in row.tools if not isinstance(tool, str)] or None,
            tokenize=False,
            add_generation_prompt=asking,
        )
    )


def example(row: Row, tokenizer: "PreTrainedTokenizerBase", learn: Learn, most: int) -> Example:
    """A row as tokens, cut behind the first `most`. Pieces are cut into tokens on their own, as a server does it."""
    ids: list[int] = []
    labels: list[int] = []
    for text, learnt in pieces(row, tokenizer, learn):
        more = tokenizer.encode(text, add_special_tokens=False)
        ids += more
        labels += more if learnt else [IGNORED] * len(more)
    return Example(tuple(ids[:most]), tuple(labels[:most]))


def examples(
    rows: Sequence[Row], tokenizer: "PreTrainedTokenizerBase", learn: Learn, most: int, skip: bool = False
) -> list[Example]:
    """Every row as tokens. Raises NothingToLearn where a row has no learnt token left, or leaves such rows out."""
    found = [example(row, tokenizer, learn, most) for row in rows]
    # The first token of a row is never foretold: it has nothing before it.
    empty = [number for number, one in enumerate(found, 1) if not Example(one.ids[1:], one.labels[1:]).learnt]
    if len(empty) == len(found) or (empty and not skip):
        told = ", ".join(map(str, empty[:_LISTED])) + (", ..." if empty[_LISTED:] else "")
        raise NothingToLearn(
            f"{len(empty)} of {len(found)} rows have nothing to learn within {most} tokens: {told}",
            "Raise data.max_length, or leave them out with data.unlearnable=skip.",
        )
    return [one for one in found if one.learnt]


def mask_view(row: Row, tokenizer: "PreTrainedTokenizerBase", learn: Learn, most: int) -> Iterator[str]:
    """A row token by token, one a line: its place, number, `learnt` or `-`, and what it says."""
    one = example(row, tokenizer, learn, most)
    for place, (token, label) in enumerate(zip(one.ids, one.labels, strict=True)):
        said = tokenizer.decode([token])
        yield f"{place}\t{token}\t{'-' if label == IGNORED else 'learnt'}\t{said!r}"
