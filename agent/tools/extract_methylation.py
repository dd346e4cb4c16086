"""The tool that reads a text for methylation records."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Annotated, Any

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import ToolException
from pydantic import Field

from agent.attachments.handles import named, without_handles
from agent.citations.findings import of_paper
from agent.extraction.extractor import ModelExtractor
from agent.tools.declaration import Declaration, Request, declare, identifier
from agent.tools.evidence_told import SAMPLES, STATUSES
from agent.tools.predicted import SHOWN_ROWS, Model, Prediction, Told, file_of, model_of, told
from agent.tools.read_paper import lookup, read_upload
from agent.turn import Turn
from agent.wording import Phrase
from corpora.paper import Paper
from corpora.starter import prose
from retrieval.evidence import EvidenceRecord, evidence_records
from retrieval.evidence_reading import PaperTagger
from retrieval.library import Library
from retrieval.paper_tagger import FolderTagger
from seqmodels.predictors.card import CARD, read_card
from seqmodels.tagger.tagged import Name, Tagged

MOST_CHARACTERS = 300_000
_MOST_PAPERS = 200
_LISTED = 6
_PASTED = "text"
COLUMNS = (
    "text", "gene", "symbols", "status", "cancer", "sample", "some", "all", "percent", "site", "negated", "speculated",
    "start", "end", "quote", "score",
)  # fmt: skip
_ENTITIES = ("text", "type", "start", "end", "name")
# What the table in an answer shows of a record: the file has all.
_SHOWN = ("text", "gene", "status", "cancer", "sample", "quote")
NO_TEXT = "Which text? Paste it, attach a file, or name a paper by its PMID, DOI or title."
NO_TAGGER = (
    "No tagger is installed, so no text can be read for methylation records: seqmodels/tagger/weights has no weights. "
    "Put a trained tagger's folder into your Epicite home under the name tagger, or train one with "
    "`python -m seqmodels.tagger.recipes.training`."
)
_FOUND = Phrase("{who} found {records} of {genes} in {of}.", "{who}在{of}中找到{records}，涉及{genes}。")
_RECORDS = (
    Phrase("{count} methylation records", " {count} 条甲基化记录"),
    Phrase("1 methylation record", " 1 条甲基化记录"),
)
_GENES = Phrase("{count} genes", " {count} 个基因"), Phrase("1 gene", " 1 个基因")
_THE_TEXT = Phrase("the text", "所给文本")
_NONE = Phrase("{who} found no methylation record in {of}.", "{who}在{of}中没有找到甲基化记录。")
_TAGGER = Phrase("The tagger", "标注器")
_LANGUAGE_MODEL = Phrase("The language model {name}", "语言模型 {name} ")
_INSTEAD = Phrase(
    "{failed} of {all} texts were read by the tagger, as the language model {name} failed: {reason}.",
    "语言模型 {name} 未能读取 {all} 篇文本中的 {failed} 篇（{reason}），已改由标注器读取。",
)
_NOT_THERE = Phrase(
    "{count} statements of the language model quote what does not stand in the text, and were left out.",
    "语言模型有 {count} 条陈述所引的词不在文中，已略去。",
)
_NO_PROBABILITY = "It tells no probability: the score of its records is 0. Its words were found in the text."
_RECORD = Phrase("{gene}: {status}{cancer}{sample}", "{gene}：{status}{cancer}{sample}")
_WITH = Phrase(", {told}", "，{told}")


@dataclass(frozen=True)
class _Read:
    """What was read of a text that is called by a name, and where it is stored, if it is."""

    name: str
    names: Sequence[Name]
    records: Sequence[EvidenceRecord]
    paper: tuple[Library, int, Paper] | None = None


@tool("extract_methylation")
def _extract_methylation(
    runtime: ToolRuntime[Turn],
    source: Annotated[
        str | None,
        Field(
            description="What to read: the handle of an attached text such as file1, or a paper by PMID, DOI, title "
            "or handle such as P3."
        ),
    ] = None,
    text: Annotated[str | None, Field(description="The text itself, where the user has pasted one.")] = None,
) -> str:
    """Read a text for the genes and cancers that it names and for what it says of the methylation of genes.

    For requests to extract, tag or annotate genes, cancers or methylation records in an attached file, in pasted text
    or in a paper. Gives a record for each gene that is said to be methylated or not: status, cancer, sample, frequency
    and the sentence that says it; tables of all are kept for the user. It is a model's reading: say so.
    """
    turn = runtime.context
    if not source and not (text or "").strip():
        raise ToolException(NO_TEXT)
    reader = next((library.reader for library in turn.libraries), None)
    if reader is None or reader.tagger is None:
        raise ToolException(NO_TAGGER)
    texts = list(_texts(turn, source, text))
    length = sum(len(content) for _, content, _ in texts)
    if length > MOST_CHARACTERS:
        raise ToolException(
            f"{length:,} characters are too many to wait for here, where {MOST_CHARACTERS:,} are the most. Read the "
            "file with `epicite extract FILE`, or attach a part."
        )
    tagged, besides = _tagged(reader.tagger, [content for _, content, _ in texts])
    read = [
        _Read(name, said.names, evidence_records(content, said, reader.names), paper)
        for (name, content, paper), said in zip(texts, tagged, strict=True)
    ]
    records = [row for each in read for row in _rows(each)]
    shown = [tuple(row[COLUMNS.index(name)] for name in _SHOWN) for row in records[:SHOWN_ROWS]]
    of = source or _PASTED
    files = [turn.keep("methylation.csv", "table", _table(COLUMNS, records))]
    entities = [(each.name, name.kind, name.start, name.end, name.text) for each in read for name in each.names]
    files.append(turn.keep("entities.csv", "table", _table(_ENTITIES, entities)))
    prediction = Prediction(
        predicted="methylation records",
        of=(of,),
        says=(*_says(of, read, _who(reader.tagger)), *besides),
        columns=_SHOWN,
        rows=tuple(shown),
        total=len(records),
        models=tuple(_model(reader.tagger)),
        files=tuple(map(file_of, files)),
    )
    return json.dumps({**prediction.model_dump(), "papers": _quotes(turn, read)}, ensure_ascii=False)


def _texts(
    turn: Turn, source: str | None, text: str | None
) -> Iterator[tuple[str, str, tuple[Library, int, Paper] | None]]:
    """What is to be read: a name, the text, and the stored paper where it is one."""
    if not source:
        yield _PASTED, text or "", None
    elif named(source) == (source.strip().strip("[]").lower(),):
        for number, paper in enumerate(read_upload(turn, source, _MOST_PAPERS), start=1):
            yield paper.pmid or paper.title or f"{source} {number}", paper.text, None
    else:
        library, number, paper = lookup(turn, source)
        yield paper.pmid or paper.title or source, prose(paper), (library, number, paper)


def _tagged(tagger: PaperTagger, contents: Sequence[str]) -> tuple[list[Tagged], list[Told]]:
    """What is found in texts, and what a reader must know of how: where a language model failed, for one."""
    if not isinstance(tagger, ModelExtractor):
        return tagger.tag_methylation(contents), []
    said = tagger.tagger.tag_methylation(contents) if tagger.tagger else [Tagged((), ())] * len(contents)
    answers = tagger.answers(contents)
    tagger.tell(answers)
    besides = []
    if failed := [answer.reason for answer in answers if answer.methylation is None]:
        besides.append(told(_INSTEAD, failed=len(failed), all=len(answers), name=tagger.name, reason=failed[0]))
    if missing := sum(answer.missing for answer in answers):
        besides.append(told(_NOT_THERE, count=missing))
    return [answer.over(each) for answer, each in zip(answers, said, strict=True)], besides


def _who(tagger: PaperTagger) -> Told:
    return told(_LANGUAGE_MODEL, name=tagger.name) if isinstance(tagger, ModelExtractor) else told(_TAGGER)


def _says(of: str, read: Sequence[_Read], who: Told) -> Iterator[Told]:
    """How much was found, and the first records in words."""
    records = [record for each in read for record in each.records]
    place = told(_THE_TEXT) if of == _PASTED else Told(en=of, zh=f" {of} ")
    if not records:
        yield told(_NONE, of=place, who=who)
        return
    genes = {record.symbols or (record.methylation.gene.text,) for record in records}
    yield told(_FOUND, who=who, of=place, records=_count(_RECORDS, len(records)), genes=_count(_GENES, len(genes)))
    said = {_in_words(record): None for record in records}
    yield from list(said)[:_LISTED]


def _count(phrases: tuple[Phrase, Phrase], count: int) -> Told:
    many, one = phrases
    return told(one if count == 1 else many, count=count)


def _in_words(record: EvidenceRecord) -> Told:
    cancer = told(_WITH, told=record.cancer.text) if record.cancer else ""
    sample = told(_WITH, told=SAMPLES[record.sample]) if record.sample else ""
    status = STATUSES[record.methylation.status]
    return told(_RECORD, gene=record.methylation.gene.text, status=status, cancer=cancer, sample=sample)


def _rows(read: _Read) -> Iterator[tuple[Any, ...]]:
    for record in read.records:
        event, frequency = record.methylation, record.frequency
        yield (
            read.name,
            event.gene.text,
            "|".join(record.symbols),
            event.status,
            record.disease or (record.cancer.text if record.cancer else None),
            record.sample,
            frequency.some if frequency else None,
            frequency.all if frequency else None,
            frequency.percent if frequency else None,
            event.site.text if event.site else None,
            event.negated,
            event.speculated,
            record.quote.start,
            record.quote.end,
            record.quote.text,
            round(event.score, 4),
        )


def _quotes(turn: Turn, read: Sequence[_Read]) -> list[dict[str, Any]]:
    """The quotes of the records of stored papers, numbered; of other texts nothing can be cited."""
    found = []
    for each in read:
        if each.paper is not None and each.records:
            library, number, paper = each.paper
            spans = dict.fromkeys((record.quote.start, record.quote.end) for record in each.records)
            beside = turn.beside(library, number)
            found.append(of_paper(paper, library.name, number, [(span, None) for span in spans], turn.ledger, beside))
    return found


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    content = StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return content.getvalue()


def _model(tagger: object) -> Iterator[Model]:
    """What the card of a tagger says, where it has one; of a language model, what is known of it."""
    if isinstance(tagger, ModelExtractor):
        yield Model(
            name=tagger.name,
            predicts="methylation records",
            scores=(),
            sha256=tagger.hash,
            data="",
            licence="",
            limits=_NO_PROBABILITY,
        )
        tagger = tagger.tagger
    if isinstance(tagger, FolderTagger) and (tagger.folder / CARD).is_file():
        yield model_of(read_card(tagger.folder), "tagger")


_EXTRACTS = re.compile(
    r"(?i)\b(?:extract|tag|annotate|pull out|mark up)\b.{0,60}"
    r"\b(?:methylation|genes?|cancers?|entit(?:y|ies)|records?|events?|evidence|names?)\b"
    r"|(?:提取|抽取|标注|识别|抽出|标出).{0,20}(?:甲基化|基因|癌|实体|记录|事件)"
)
_TEXT = re.compile(r"\s*[:：\n]\s*[\"“'「]?(?P<text>\S.{30,}?)[\"”'」]?\s*", re.DOTALL)
_POINTS = re.compile(r"(?i)\b(?:paper|article|study|abstract|it)\b|文章|论文|摘要|这篇|该文|它")


def _parted(request: Request) -> tuple[str, str | None]:
    """What is asked, and the text that is pasted behind it."""
    text = without_handles(request.text) if request.handles else request.text
    for match in re.finditer(r"[:：\n]", text):
        if said := _TEXT.fullmatch(text, match.start()):
            return text[: match.start()], said["text"]
    return text, None


def _fits(request: Request) -> bool:
    return _EXTRACTS.search(_parted(request)[0]) is not None


def _source(request: Request) -> str | None:
    """The paper or file that is named, else the one that was cited last where the request points to it."""
    asked, text = _parted(request)
    files = (handle for handle in request.handles if request.kinds.get(handle, "file") == "file")
    found = identifier(Request(asked, asked)) or next(files, None)
    if found or text:
        return found
    return next(iter(request.cited), None) if _POINTS.search(asked) else None


def _text(request: Request) -> str | None:
    return None if _source(request) else _parted(request)[1]


extract_methylation = declare(
    _extract_methylation,
    Declaration(
        examples=(
            "Extract the methylation records from this text",
            "Extract methylation evidence from PMID 1",
            "Extract the genes and cancers from this abstract",
            "Tag the genes in this file",
            "Annotate the methylation events in file1",
            "Pull out which genes are methylated from this paragraph",
            "Extract methylation records from the paper 'a title'",
            "Extract genes, cancers and methylation from this paper",
            "从这段文字中提取甲基化记录",
            "提取 PMID 1 中的甲基化信息",
            "标注这份文件中的基因和癌症",
            "从这篇摘要中抽取基因和甲基化事件",
            "识别这段文本中的实体",
        ),
        readers={"source": _source, "text": _text},
        takes=frozenset({"file"}),
        fits=_fits,
        is_alone=True,
    ),
)
