"""What stands above the evidence table: how much there is, what to know of it, what came of a verdict, and files."""

from collections.abc import Sequence
from html import escape

from page import words
from page.cards import message, notices
from page.heat_map import Cell, gene_name
from page.looking import Evidence, Looking, Said
from page.outcome import Failed, Refused
from page.reasons import said
from page.words import Language, Phrase
from retrieval.evidence_row import EvidenceQuestion, EvidenceRow


def head(looking: Looking, files: Sequence[tuple[Phrase, str]], language: Language) -> str:
    """Notices, counts and links to files; advice where there is no row.

    Args:
        looking: what is looked at.
        files: what may be downloaded, and under which address.
        language: the page's.
    """
    told = _said(looking.said, language) if looking.said else ""
    found = looking.found
    if found is None:
        return told
    if isinstance(found, Refused | Failed):
        return told + found.html(language)
    told += notices(notice.phrase.say(language, **notice.values) for notice in found.notices)
    hidden = looking.hidden()
    rows = looking.rows()
    if not rows and not hidden:
        return told + _nothing(found, language)
    hiding = words.REJECTED_HIDDEN.say(language, count=hidden) if hidden else ""
    links = "".join(f'<li><a href="{escape(to)}" download>{escape(name.say(language))}</a></li>' for name, to in files)
    counts = f"{_counts(rows, language)} {hiding}".strip()
    return f'{told}<p class="summary" role="status">{escape(counts)}</p><ul class="files">{links}</ul>'


def _counts(rows: Sequence[EvidenceRow], language: Language) -> str:
    diseases = {cell.disease for row in rows if (cell := Cell.of(row))}
    counts = {
        "rows": f"{len(rows):,}",
        "genes": f"{len({gene_name(row) for row in rows}):,}",
        "diseases": f"{len(diseases):,}",
        "papers": f"{len({row.sha256 for row in rows}):,}",
    }
    return words.EVIDENCE_COUNTS.say(language, **counts)


def _nothing(found: Evidence, language: Language) -> str:
    asks_nothing = found.asked == EvidenceQuestion(
        with_rejected=found.asked.with_rejected, with_retracted=found.asked.with_retracted
    )
    advice = words.NO_EVIDENCE_AT_ALL if asks_nothing else words.NO_EVIDENCE_ASKED
    return message(advice.say(language), words.NO_EVIDENCE.say(language))


def _said(told: Said, language: Language) -> str:
    if told.reason is not None:
        return message(said(told.reason, language), told.phrase.say(language), failed=True)
    return message(told.phrase.say(language, **told.values))
