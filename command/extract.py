"""`epicite extract`: the genes and cancers that texts name, and what they say of the methylation of genes."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from command.errors import InputError
from command.output import json_line, warn
from command.predict.files import output, refuse_absent, refuse_without_folder

if TYPE_CHECKING:
    from agent.extraction.extractor import ModelExtractor
    from retrieval.names import Names
    from seqmodels.tagger.tagger import Tagger

_AT_ONCE = 32
_JSONL = (".jsonl", ".jsonl.gz", ".ndjson")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser("extract", help="genes, cancers and methylation events in texts")
    parser.add_argument(
        "input", type=Path, metavar="INPUT", help='a text file, or JSON lines {"pmid": ..., "text": ...} (.jsonl, .gz)'
    )
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help="where the JSON lines go (default: shown)")
    parser.add_argument("--tagger", type=Path, metavar="DIR", help="the folder of another tagger")
    parser.add_argument(
        "--model",
        nargs="?",
        const="",
        metavar="NAME",
        help="ask a language model of the endpoint for the records (default: model.extractor, where it is set)",
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Write a JSON line for each text, in the order of the input."""
    from corpora.unreadable import Unreadable

    refuse_absent(arguments.input)
    if arguments.output:
        refuse_without_folder(arguments.output)
    try:
        texts = list(_texts(arguments.input))
    except Unreadable as problem:
        raise InputError(f"{arguments.input} {problem.reason}. {problem.remedy}") from problem
    extractor = _extractor(arguments.model, asked=arguments.tagger is None or arguments.model is not None)
    tagger, names = _tagger(arguments.tagger), _names()
    found = 0
    with output(arguments.output) as out:
        for record in _extracted(tagger, extractor, names, texts):
            found += len(record["methylation"])
            out.write(json_line(record) + "\n")
    if arguments.output:
        warn(f"{found} methylation records from {len(texts)} texts written to {arguments.output}")
    return 0


def _extracted(
    tagger: "Tagger", extractor: "ModelExtractor | None", names: "Names", texts: list[tuple[str | None, str]]
) -> Iterator[dict[str, Any]]:
    from retrieval.evidence import evidence_records, record_json

    for first in range(0, len(texts), _AT_ONCE):
        part = texts[first : first + _AT_ONCE]
        contents = [text for _, text in part]
        found = tagger.tag(contents)
        if extractor:
            answers = extractor.answers(contents)
            extractor.tell(answers)
            found = [answer.over(tagged) for answer, tagged in zip(answers, found, strict=True)]
        for (pmid, text), tagged in zip(part, found, strict=True):
            entities = [
                {"type": name.kind, "start": name.start, "end": name.end, "text": name.text} for name in tagged.names
            ]
            records = [record_json(record) for record in evidence_records(text, tagged, names)]
            yield {"pmid": pmid, "entities": entities, "methylation": records}


def _texts(path: Path) -> Iterator[tuple[str | None, str]]:
    """Identifiers and texts of a file; raises Unreadable, and InputError with the line that is no record."""
    if not path.name.lower().endswith(_JSONL):
        from corpora.failure import Failure
        from corpora.prose import read_text

        for paper in read_text(path):
            assert not isinstance(paper, Failure)
            yield None, paper.text
        return
    from corpora.streams import open_stream

    with open_stream(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _record(path, number, line)


def _record(path: Path, number: int, line: bytes) -> tuple[str | None, str]:
    try:
        fields = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}, line {number} is no JSON ({error}). Write one JSON object a line.") from error
    text = fields.get("text") if isinstance(fields, dict) else None
    if not isinstance(text, str):
        raise InputError(f'{path}, line {number} has no "text". Write {{"pmid": ..., "text": ...}} on each line.')
    pmid = fields.get("pmid")
    return (None if pmid is None else str(pmid)), text


def _tagger(folder: Path | None) -> "Tagger":
    from seqmodels.tagger.bundled import BUNDLED
    from seqmodels.tagger.tagger import Tagger

    return Tagger.open(folder or BUNDLED)


def _extractor(name: str | None, *, asked: bool) -> "ModelExtractor | None":
    """The language model that was named, which must be there, else that of the settings while its endpoint has it."""
    from agent.extraction.extractor import ModelExtractor
    from agent.extraction.opening import open_extractor, reading
    from command.settings import read_settings

    settings = read_settings()
    if name is not None:
        wanted = name or settings.model.extractor
        return open_extractor(settings.model.model_copy(update={"extractor": wanted}), settings.home, None)
    found = reading(settings.model, settings.home, None) if asked else None
    return found if isinstance(found, ModelExtractor) else None


def _names() -> "Names":
    """The tables of names; raises InputError where the user's own is damaged."""
    from command.settings import read_settings
    from corpora.hgnc import FILE_NAME
    from corpora.unreadable import Unreadable
    from retrieval.names import Names

    home = read_settings().home
    try:
        return Names.of_home(home)
    except Unreadable as problem:
        raise InputError(f"{home / FILE_NAME} {problem.reason}. {problem.remedy}") from problem
