"""400 requests, half of them Chinese: which tool is called with which arguments, by four that answer through one door.

The requests were written by someone who saw the tools' descriptions but neither the templates of training nor the
router, and frozen by hash before the first training. A quarter needs no tool, a question back or a refusal: there, no
call is right. Served models are those of `epicite serve` (`--serve` starts the small model that comes with Epicite);
their calls are held to the tools' schemas, as the agent asks for them. Words of queries and questions are not compared.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from pydantic import SecretStr
from scipy.stats import binomtest

from agent.attachments.attachment import Attached
from agent.attachments.handles import mark
from agent.embedded.extractive import ExtractiveChatModel
from agent.graph import SYSTEM_PROMPT
from agent.offering import offered
from agent.served import ServedModel
from agent.serving.endpoint import Endpoint, running
from agent.tools import TOOLS
from benchmarks.shared import embedder, frozen
from corpora import cancers, genes, species
from finetune.calls import FREE

REQUESTS = Path(__file__).parent / "data" / "tool_requests.jsonl"
SHA256 = "590f0b577d6db047d6adfce230d3b0092666b5eeb60978a6379a18668f18c41e"
SMALL = Path(__file__).parent.parent / "finetune" / "weights"
_EXAMPLES = 5
_LONGEST = 192
_AT_ONCE = 8

Call = tuple[str | None, dict[str, Any]]
Row = Mapping[str, Any]


def main() -> None:
    """Print one table; `--misses` names what the last column had wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", action="store_true", help="serve the small model while this runs")
    parser.add_argument("--misses", action="store_true", help="print what each had wrong")
    options = parser.parse_args()
    rows = frozen(REQUESTS, SHA256)
    with _served() if options.serve else nullcontext(_running()) as endpoint:
        results = {
            name: [judged(row, call) for row, call in zip(rows, answers, strict=True)]
            for name, answers in _answered(rows, endpoint, options.misses)
        }
    for name, judgements in results.items():
        _print(name, rows, judgements)
    _compare(results)


def message_of(row: Row) -> str:
    """The message as a model sees it: the words, then the marks of what is attached."""
    return "\n".join([row["request"], *(mark(_attached(each)) for each in row["attachments"])])


def judged(row: Row, called: Call) -> tuple[bool, bool]:
    """Whether a call is of the right tool (or none, rightly), and whether its arguments are right too."""
    is_tool = called[0] == row["tool"]
    return is_tool, is_tool and (row["tool"] is None or _plain(called[1]) == _plain(row["arguments"]))


def called(reply: object) -> Call:
    """The one call of a message; none where something is said instead, and no tool's name for anything else."""
    if not isinstance(reply, AIMessage):
        return None, {}
    calls = reply.tool_calls
    if len(calls) == 1 and not reply.invalid_tool_calls:
        return calls[0]["name"], calls[0]["args"]
    return ("broken", {}) if calls or reply.invalid_tool_calls or not reply.text.strip() else (None, {})


def _answered(rows: Sequence[Row], endpoint: Endpoint | None, misses: bool) -> Iterator[tuple[str, list[Call]]]:
    embedded = ExtractiveChatModel(embedder=embedder()).bind_tools(TOOLS)
    asked: dict[str, Callable[[Row], object]] = {
        "embedded router": lambda row: embedded.invoke([HumanMessage(message_of(row))])
    }
    if endpoint is None:
        print("Nothing is served: the embedded router alone is asked (`--serve` starts the small model).")
    else:
        base, adapter = _client(endpoint, endpoint.model), _client(endpoint, endpoint.named("agent"))
        shown = _examples()
        asked["base, same grammar"] = lambda row: _ask(base, row, ())
        asked["base, five examples"] = lambda row: _ask(base, row, shown)
        asked["adapter"] = lambda row: _ask(adapter, row, ())
    for name, ask in asked.items():
        # A server answers several at once; the embedded model has one processor to itself.
        with ThreadPoolExecutor(1 if name == "embedded router" else _AT_ONCE) as pool:
            answers = list(pool.map(lambda row, ask=ask: called(ask(row)), rows))
        for row, answer in zip(rows, answers, strict=True) if misses else ():
            if not judged(row, answer)[1]:
                print(f"    {name}: {row['id']} {answer[0]} {json.dumps(answer[1], ensure_ascii=False)}")
        yield name, answers


def _ask(model: BaseChatModel, row: Row, before: Sequence[AnyMessage]) -> object:
    """What a served model says to a request, offered the tools that the agent would offer."""
    messages = [SystemMessage(SYSTEM_PROMPT), *before, HumanMessage(message_of(row))]
    return model.bind_tools(offered(TOOLS, messages[-1:])).invoke(messages)


def _examples() -> list[AnyMessage]:
    """Five rows of training with their calls, each with a short result."""
    from finetune.data import tool_use

    shown: list[AnyMessage] = []
    for number, row in enumerate(_with_calls(tool_use.build(60, seed=1))):
        asked, answer = row.messages[-2:]
        function = answer["tool_calls"][0]["function"]
        call = {"name": function["name"], "args": function["arguments"], "id": f"e{number}"}
        shown += [
            HumanMessage(asked["content"]),
            AIMessage("", tool_calls=[call]),
            ToolMessage("done", tool_call_id=call["id"]),
            AIMessage("Done."),
        ]
    return shown


def _with_calls(rows: Iterator[Any]) -> Iterator[Any]:
    """The first rows of different tools that are a request and its call."""
    seen: set[str] = set()
    for row in rows:
        calls = row.last.get("tool_calls", ())
        is_single = [message["role"] for message in row.messages[-3:]] == ["system", "user", "assistant"]
        if calls and is_single and calls[0]["function"]["name"] not in seen and len(seen) < _EXAMPLES:
            seen.add(calls[0]["function"]["name"])
            yield row


def _client(endpoint: Endpoint, name: str) -> ServedModel:
    return ServedModel(
        base_url=endpoint.url,
        api_key=SecretStr("none"),
        model=name,
        temperature=0,
        max_completion_tokens=_LONGEST,
        max_retries=1,
    )


def _running() -> Endpoint | None:
    from command.settings import read_settings

    return running(read_settings().home)


@contextmanager
def _served() -> Iterator[Endpoint | None]:
    """The small model and its adapter, served from a home of their own while the block runs."""
    from agent.serving.adapter import Adapter
    from agent.serving.base import Base
    from agent.serving.launch import Plan, serving

    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(
            Base.find(str(SMALL / "base")),
            {"agent": Adapter.read(SMALL / "tools")},
            port=8199,
            more=("--dtype", "float32", "--max-model-len", "4096"),
        )
        with serving(plan, Path(folder), lambda *_: None):
            yield running(Path(folder))


def _attached(each: Mapping[str, Any]) -> Attached:
    """An attachment of a usual size."""
    kind = each["kind"]
    counted = None if kind == "file" else 40 if kind in ("table", "vcf") else 300
    letters = {"protein": "ACDEFGHIKLMNPQRSTVWY", "rna": "ACGU"}.get(kind, "ACGT")
    return Attached(
        handle=each["handle"],
        kind=kind,
        name=each["name"],
        size=9000,
        length=counted,
        parts=12 if kind == "fasta" else 1,
        alphabet=letters,
        preview="",
        sha256="0" * 64,
    )


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments in one form: nothing for what is left out, a list for one value, names as the tables have them."""
    given = {name: value for name, value in arguments.items() if value not in (None, [], "")}
    return {name: True if name in FREE else _form(name, value) for name, value in given.items()}


def _form(name: str, value: Any) -> list[str]:
    return sorted(_same(name, each) for each in (value if isinstance(value, list) else [value]))


def _same(name: str, value: Any) -> str:
    if isinstance(value, float | int):
        return f"{value:.6g}"
    written = str(value).strip()
    match name:
        case "species":
            return str(species.species(written) or written)
        case "disease":
            return cancers.cancer(written) or written.casefold()
        case "gene":
            return "|".join(genes.symbols(written)) or written.casefold()
        case _:
            return written.casefold()


def _print(name: str, rows: Sequence[Row], judgements: Sequence[tuple[bool, bool]]) -> None:
    asked, tools, exact = Counter[str](), Counter[str](), Counter[str]()
    for row, (is_tool, is_exact) in zip(rows, judgements, strict=True):
        for group in ("all", row["language"], row["expect"]):
            asked[group] += 1
            tools[group] += is_tool
            exact[group] += is_exact
    told = "; ".join(
        f"{group} {tools[group] / count:.0%}, {exact[group] / count:.0%}" for group, count in asked.items()
    )
    print(f"{name:>20}: right tool {tools['all']}, all arguments right {exact['all']} of {len(rows)} ({told})")


def _compare(results: Mapping[str, Sequence[tuple[bool, bool]]]) -> None:
    """The adapter against each other row, by the requests that only one has right (McNemar's exact test)."""
    for name, others in results.items() if "adapter" in results else ():
        if name == "adapter":
            continue
        better = sum(own[1] > other[1] for own, other in zip(results["adapter"], others, strict=True))
        worse = sum(own[1] < other[1] for own, other in zip(results["adapter"], others, strict=True))
        p = binomtest(better, better + worse).pvalue if better + worse else 1.0
        print(f"adapter alone right {better}, {name} alone right {worse}: p = {p:.2g}")


if __name__ == "__main__":
    main()
