"""Evidence rows as an HTML table: heads that sort, quotes that open in their papers, verdicts. Texts are escaped."""

from collections.abc import Callable, Iterable
from html import escape

from page import words
from page.heat_map import gene_name
from page.judging import judging
from page.links import doi_link, pubmed_link
from page.looking import ORDERS, Looking, Order, identity
from page.naming import SAMPLES, SOURCES, STATUSES, VERDICTS, disease_name
from page.paper import anchor, lang
from page.words import Language, Phrase
from retrieval.evidence_row import EvidenceRow
from retrieval.evidence_summary import share

# Reads the quote of a row where it stands: the row's number from 1, then the row.
QuoteOf = Callable[[int, EvidenceRow], str]

_HEADS: dict[str, Phrase] = {
    "gene": words.GENE,
    "status": words.COLUMN_STATUS,
    "disease": words.DISEASE,
    "sample": words.SAMPLE,
    "frequency": words.COLUMN_FREQUENCY,
    "site": words.COLUMN_SITE,
    "hedges": words.COLUMN_HEDGES,
    "paper": words.KIND_PAPER,
    "quote": words.COLUMN_QUOTE,
}


def table(looking: Looking, quote_of: QuoteOf, language: Language) -> str:
    """The rows of the open cell, or all, as far as they are shown."""
    rows = looking.of_cell()
    if not rows:
        return ""
    shown = rows[: looking.shown]
    body = "".join(_row(number, row, looking, quote_of, language) for number, row in enumerate(shown, start=1))
    heads = "".join(_head(name, phrase, looking.order, language) for name, phrase in _HEADS.items())
    counted = words.ROWS_SHOWN.say(language, shown=f"{len(shown):,}", total=f"{len(rows):,}")
    more = f" {_act('more', words.MORE_ROWS, language)}" if len(shown) < len(rows) else ""
    return (
        f'{_of_cell(looking, language)}<table class="rows"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
        f'<p class="shown">{escape(counted)}{more}</p>'
    )


def _of_cell(looking: Looking, language: Language) -> str:
    """Which cell is open, and the way back to all rows."""
    if looking.cell is None:
        return ""
    disease = disease_name(looking.cell.disease, language)
    named = words.OF_CELL.say(language, gene=looking.cell.gene, disease=disease)
    return f'<h2 class="of-cell" tabindex="-1">{escape(named)} {_act("all", words.ALL_ROWS, language)}</h2>'


def _act(name: str, phrase: Phrase, language: Language) -> str:
    return f'<button type="button" name="{name}">{escape(phrase.say(language))}</button>'


def _head(name: str, phrase: Phrase, order: Order, language: Language) -> str:
    column = escape(phrase.say(language))
    if name not in ORDERS:
        return f'<th scope="col" class="{name}">{column}</th>'
    label = escape(words.SORT_BY.say(language, column=phrase.say(language)))
    sorting, mark = "", ""
    if name == order.column:
        sorting = f' aria-sort="{"descending" if order.descending else "ascending"}"'
        mark = f'<span aria-hidden="true"> {"▼" if order.descending else "▲"}</span>'
    button = f'<button type="button" name="sort" data-column="{name}" title="{label}">{column}{mark}</button>'
    return f'<th scope="col" class="{name}"{sorting}>{button}</th>'


def _row(number: int, row: EvidenceRow, looking: Looking, quote_of: QuoteOf, language: Language) -> str:
    name = identity(row)
    is_open = name in looking.opened
    cells = {
        "gene": _gene(row),
        "status": _status(row, language),
        "disease": _disease(row, language),
        "sample": escape(SAMPLES[row.sample].say(language)) if row.sample else "",
        "frequency": escape(_frequency(row, language)),
        "site": escape(row.site or ""),
        "hedges": _hedges(row, language),
        "paper": _paper(row, language),
        "quote": _quote(row, is_open, language),
    }
    manner = " ".join(filter(None, ("row", row.verdict, "open" if is_open else "")))
    line = "".join(f'<td class="{column}">{cell}</td>' for column, cell in cells.items())
    head = f'<tr class="{manner}" data-key="{escape(name)}">{line}</tr>'
    if not is_open:
        return head
    detail = f"{quote_of(number, row)}{judging(row, language)}"
    return f'{head}<tr class="detail" data-key="{escape(name)}"><td colspan="{len(_HEADS)}">{detail}</td></tr>'


def _gene(row: EvidenceRow) -> str:
    name = gene_name(row)
    written = f" <small>{escape(row.gene)}</small>" if row.gene != name else ""
    return f"<b>{escape(name)}</b>{written}"


def _status(row: EvidenceRow, language: Language) -> str:
    manner = {"+": "more", "-": "less", None: "unsigned"}[row.sign]
    return f'<span class="status {manner}">{escape(STATUSES[row.status].say(language))}</span>'


def _disease(row: EvidenceRow, language: Language) -> str:
    if row.disease is None:
        return escape(row.disease_text or "")
    written = f' title="{escape(row.disease_text)}"' if row.disease_text else ""
    return f"<span{written}>{escape(disease_name(row.disease, language))}</span>"


def _frequency(row: EvidenceRow, language: Language) -> str:
    percent = share(row)
    told = f"{percent:.3g}%" if percent is not None else ""
    if row.some is None or row.all is None:
        return told
    count = words.COUNT_OF.say(language, some=row.some, all=row.all)
    return f"{count} ({told})" if told else count


def _hedges(row: EvidenceRow, language: Language) -> str:
    """What qualifies a row: negated or speculated, who read it, what a person said of it."""
    tags = [
        *(_tag("hedge", phrase, language) for phrase in _of_text(row)),
        _tag("source", SOURCES[row.source], language) if row.source != "tagger" else "",
        _tag(f"verdict {row.verdict}", VERDICTS[row.verdict], language) if row.verdict else "",
    ]
    return "".join(tags)


def _of_text(row: EvidenceRow) -> Iterable[Phrase]:
    if row.negated:
        yield words.NEGATED
    if row.speculated:
        yield words.SPECULATED


def _tag(manner: str, phrase: Phrase, language: Language) -> str:
    return f'<span class="tag {manner}">{escape(phrase.say(language))}</span>'


def _paper(row: EvidenceRow, language: Language) -> str:
    pubmed, doi = pubmed_link(row.pmid), doi_link(row.doi)
    title = f' title="{escape(row.title)}"' if row.title else ""
    told = [f"<span{title}>{row.year}</span>"] if row.year is not None else []
    if pubmed:
        told.append(anchor(pubmed, escape(f"PubMed {row.pmid}")))
    elif doi:
        told.append(anchor(doi, "DOI"))
    elif not told:
        told.append(f"<span{title}>{escape(words.NO_YEAR.say(language))}</span>")
    if row.retracted:
        told.append(f'<strong class="retracted">{escape(words.RETRACTED.say(language))}</strong>')
    return " ".join(told)


def _quote(row: EvidenceRow, is_open: bool, language: Language) -> str:
    label = escape(words.READ_QUOTE.say(language))
    return (
        f'<button type="button" name="open" aria-expanded="{str(is_open).lower()}" title="{label}">'
        f'<span{lang(row.quote)} dir="auto">{escape(row.quote)}</span></button>'
    )
