"""The proof of a claim by evidence rows: its counts, ranges, genes and directions are recomputed from them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Literal

from agent.citations.claim import Citation, Proof
from agent.proof import rows as table
from agent.proof.directions import BORNE_OUT, DE, HYPER, HYPO, PLAIN, UN, bears_out, directions
from agent.proof.figures import is_said
from agent.proof.names import Name, cancer_names, gene_names, is_named, is_related
from agent.proof.quantities import PERCENT, Quantity, quantities, ratios
from agent.proof.words import words
from corpora import cancers, glossary
from retrieval.analysis import index_terms, query_terms
from retrieval.evidence_row import EvidenceRow
from retrieval.evidence_summary import GeneSummary, summarise
from retrieval.scope import sample_of

Rows = Sequence[EvidenceRow]
_Counted = Literal["papers", "genes", "cancers", "rows"]

DIFFERENTIALLY = "differentially methylated"
# What is counted is told by the word behind its number; between them may stand what it is of.
_NOUNS: dict[_Counted, str] = {
    "papers": r"(?:papers?|stud(?:y|ies)|articles?|publications?|reports?)\b|篇|项研究|个研究",
    "genes": r"genes?\b|个[^，。；,;\d]{0,40}?基因",
    "cancers": r"(?:cancers?|tumou?rs? types?|diseases?)\b|种[^，。；,;\d]{0,8}?(?:癌|肿瘤|疾病)",
    "rows": r"(?:rows?|records?)\b|条[^，。；,;\d]{0,8}?(?:记录|证据)",
}
_COUNTED = {
    counted: re.compile(
        rf"\s*(?:of (?:the |these |all )?[\d,]+ )?(?:(?!and\b|or\b|of\b)[A-Za-z]+[ -]){{0,2}}?(?:{nouns})",
        re.IGNORECASE,
    )
    for counted, nouns in _NOUNS.items()
}
_SINGLE = re.compile(r"(?i)\b(?:a|one) single (?:paper|study)\b|单篇|仅(?:有)?一篇|只有一篇")
_BOTH_WAYS = re.compile(r"(?i)\b(?:disagree|contradict|conflict|both ways)|两种方向|不一致|矛盾|相反")
_ONLY_IN = {
    "cell line": re.compile(r"(?i)\bcell lines? (?:only|alone)|only in cell lines?|仅(?:限于|见于|在)?细胞系"),
    "animal": re.compile(
        r"(?i)\b(?:animals?|mice|mouse) (?:only|alone)|only in (?:animals|mice)|仅(?:限于|见于|在)?动物"
    ),
}
_CHINESE_STATES = re.compile(
    r"(?P<differentially>差异(?:性)?甲基化)|(?P<un>(?:未|非|没有|无|不)(?:发生|见|出现)?(?:高)?甲基化)"
    r"|(?P<hyper>高(?:度)?甲基化)|(?P<hypo>低甲基化)|(?P<de>[去脱]甲基)|(?P<plain>甲基化)"
)
_CHINESE_NAMES = {
    "differentially": DIFFERENTIALLY, "un": UN, "hyper": HYPER, "hypo": HYPO, "de": DE, "plain": PLAIN,
}  # fmt: skip
# "3 papers hyper, 1 unmethylated".
_SHORT = {HYPER: re.compile(r"(?i)\bhyper\b"), HYPO: re.compile(r"(?i)\bhypo\b")}
_FILES = re.compile(r"(?i)\b(?:result|file)\d+\b|\b[\w-]+\.csv\b")
_DIFFERENTIALLY = re.compile(r"(?i)\bdifferential(?:ly)? methylat\w+")
_DENIED = re.compile(r"(?i)\b(?:not(?! only)|never|neither|nor|without|no)\b|n['’]t\b")
# A comma in brackets or in a number parts nothing.
_PARTS = re.compile(
    r"[;；。而但]|[,，](?!\d{3})(?![^(（]*[)）])|\b(?P<word>but|while|whereas|and)\b(?![^(（]*[)）])", re.IGNORECASE
)
_HAS_NUMBER = re.compile(r"(?i)\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b")
_NUMBER = r"(\d+(?:\.\d+)?)"
_RANGE = re.compile(rf"{_NUMBER}\s*[%％]?\s*(?:[–—~-]|\bto\b|\band\b|至|到)\s*{_NUMBER}\s*(?:[%％]|per ?cent)")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
# Of the words of a claim that carry meaning, the share that may be neither in rows nor in how one counts.
_FOREIGN = 1 / 3
_FRAMING = frozenset(
    term
    for word in (
        "paper papers study studies article publication report reported reports reporting gene genes cancer cancers "
        "tumour tumor tumours disease library evidence table row rows record say says said show shown find found list "
        "methylation methylated hypermethylated hypomethylated unmethylated demethylated differentially promoter "
        "status frequency frequencies range ranging ranges percent single only alone rest rests both ways disagree "
        "cell line lines animal animals mice tissue normal blood sample samples patient patients most many total all "
        "be stand stands behind seen support supported attention note "
        "respectively across least year years quote result careful"
    ).split()
    for term in index_terms(word)
)


@dataclass(frozen=True)
class _Clause:
    """A part of a claim, with what it says and what it takes over from the part before it."""

    start: int
    end: int
    text: str
    genes: tuple[Name, ...] = ()
    states: frozenset[str] = frozenset()
    cancers: tuple[str, ...] = ()
    samples: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Count:
    """A number of a claim and what it counts."""

    quantity: Quantity
    counted: _Counted
    clause: _Clause


def prove_evidence(claim: str, citations: Sequence[Citation], found: Sequence[Rows]) -> Proof | None:
    """Whether the rows of one question to the evidence table bear a claim out; see `prove_from_rows`.

    Args:
        claim: without its citation marks.
        citations: what it cites.
        found: the rows that each question of this turn has found.
    """
    places = {(citation.sha256, citation.start, citation.end) for citation in citations}
    quotes = [citation.quote for citation in citations]
    proofs = []
    for rows in found:
        cited = [row for row in rows if (row.sha256, row.start, row.end) in places]
        if (cited or not citations) and (proof := prove_from_rows(claim, cited, rows, quotes)) is not None:
            proofs.append(proof)
    return next((proof for proof in proofs if proof.verdict == "computed"), next(iter(proofs), None))


def prove_from_rows(claim: str, cited: Rows, rows: Rows, quotes: Sequence[str] = ()) -> Proof | None:
    """Whether evidence rows bear a claim out; None where it is no claim on rows.

    A claim that counts papers or genes is computed where its numbers, genes, directions and cancers are those of the
    rows, and flagged with the reason otherwise. One that counts nothing is computed where the rows that it cites say
    it, and None otherwise.

    Args:
        claim: without its citation marks, English or Chinese.
        cited: the rows whose quotes it cites; none for a sentence on all of them.
        rows: all rows that tools have given in this turn.
        quotes: what it cites.
    """
    text = _FILES.sub(lambda file: " " * len(file.group()), glossary.simplified(claim))
    clauses = _clauses(text, _named(text, rows))
    counts = _counts(text, clauses)
    is_qualified = any(_qualified(clause) for clause in clauses)
    if not counts and not cited and not is_qualified:
        return None
    reason = next(_conflicts(text, clauses, counts, cited, rows if counts or not cited else cited, quotes), None)
    if reason is None:
        return Proof(verdict="computed")
    return Proof(verdict="flagged", reason=reason) if counts or is_qualified else None


def _conflicts(
    text: str, clauses: Sequence[_Clause], counts: Sequence[_Count], cited: Rows, rows: Rows, quotes: Sequence[str]
) -> Iterator[str]:
    yield from _name_conflicts(clauses, cited or rows, rows)
    yield from _count_conflicts(counts, cited, rows)
    yield from _scope_conflicts(clauses, counts, rows)
    yield from _figure_conflicts(text, clauses, counts, rows, quotes)
    english = _english(text)
    names = _named(english, rows)
    for asked in directions(english):
        if not (asked.is_methylation or bears_out(asked, quotes) or _is_inside(asked.start, names)):
            yield f"the claim says {asked.text}, which no quote does"
    if _foreign(_english(_without_cancers(text)), rows, quotes) > _FOREIGN:
        yield "the evidence rows are about something else"


def _name_conflicts(clauses: Sequence[_Clause], cited: Rows, rows: Rows) -> Iterator[str]:
    """Genes, states of methylation and cancers that no row has."""
    for clause in clauses:
        for gene in clause.genes:
            if not any(_is_of(row, gene) for row in cited):
                yield f"the claim names {gene.text}, which no evidence row does"
        diseases = [row.disease for row in rows if row.disease]
        for cancer in clause.cancers:
            if not any(is_related(cancer, disease) for disease in diseases):
                yield f"the claim names {cancer}, which no evidence row does"
        within = _within(clause, rows)
        for state in sorted(clause.states):
            if not any(row.status in _bearing(state) for row in within):
                yield f"the claim says {state}, the evidence rows {_either(sorted({row.status for row in within}))}"


def _count_conflicts(counts: Sequence[_Count], cited: Rows, rows: Rows) -> Iterator[str]:
    for count in counts:
        possible = {
            size
            for among in (rows, cited)
            if among
            for within in _readings(_asked_of(count), among)
            for size in _sizes(count, within)
        }
        if count.quantity.value not in possible:
            yield f"the evidence rows say {_either(map(str, sorted(possible)))}, the claim {count.quantity.text}"


def _asked_of(count: _Count) -> _Clause:
    """The clause of a count; where genes are counted, those that it names are the ones counted, not what it is of."""
    return replace(count.clause, genes=()) if count.counted == "genes" else count.clause


def _scope_conflicts(clauses: Sequence[_Clause], counts: Sequence[_Count], rows: Rows) -> Iterator[str]:
    """That all of it rests on a single paper, or was seen in cell lines or animals only, where that is not so."""
    for clause in clauses:
        if any(count.clause is clause for count in counts):
            continue
        groups = summarise(_within(replace(clause, samples=frozenset()), rows))
        for said, is_so in _QUALIFIERS:
            if (match := said.search(clause.text)) and not all(map(is_so, groups)):
                yield f"the claim says {match.group()}, the evidence rows more"


def _sizes(count: _Count, within: Rows) -> Iterator[int]:
    """How many there are of what is counted, each way that it may be meant."""
    match count.counted:
        case "papers":
            yield len(table.papers(within))
        case "rows":
            yield len(within)
        case "cancers":
            yield len({row.disease for row in within if row.disease})
        case "genes":
            groups = summarise(within)
            yield len(groups)
            for said, is_so in _QUALIFIERS:
                if said.search(count.clause.text):
                    yield sum(map(is_so, groups))


_QUALIFIERS: tuple[tuple[re.Pattern[str], Callable[[GeneSummary], bool]], ...] = (
    (_SINGLE, lambda gene: len(gene.all_papers) == 1),
    (_BOTH_WAYS, lambda gene: gene.conflict),
    (_ONLY_IN["cell line"], lambda gene: gene.only == "cell line"),
    (_ONLY_IN["animal"], lambda gene: gene.only == "animal"),
)


def _readings(clause: _Clause, rows: Rows) -> Iterator[list[EvidenceRow]]:
    """The rows that a clause speaks of, each way that it may be meant.

    Of its states as they are, and with those that bear them out too; of all that its genes' names may mean, and of
    those that mean nothing else.
    """
    is_qualified = any(said.search(clause.text) for said, _ in _QUALIFIERS)
    within = _within(replace(clause, samples=frozenset()) if is_qualified else clause, rows)
    by_name: dict[str, list[EvidenceRow]] = {}
    for row in within if clause.genes else ():
        by_name.setdefault("/".join(row.symbols) or row.gene, []).append(row)
    for own in (within, *(rows for name, rows in by_name.items() if name in clause.text)):
        if not clause.states or is_qualified:
            yield own
        if clause.states:
            yield [row for row in own if row.status in clause.states]
            yield [row for row in own if any(row.status in _bearing(state) for state in clause.states)]


def _within(clause: _Clause, rows: Rows) -> list[EvidenceRow]:
    """The rows of a clause's genes, cancers and samples. Tumours are no restriction: cancer says as much."""
    samples = clause.samples - {"tumour"}
    return [
        row
        for row in rows
        if (not clause.genes or any(_is_of(row, gene) for gene in clause.genes))
        and (not clause.cancers or any(_is_in(row, cancer) for cancer in clause.cancers))
        and (not samples or row.sample in samples)
    ]


def _figure_conflicts(
    text: str, clauses: Sequence[_Clause], counts: Sequence[_Count], rows: Rows, quotes: Sequence[str]
) -> Iterator[str]:
    """Ranges that are not those of the rows, and other numbers that neither rows nor quotes say."""
    taken, names = {count.quantity for count in counts}, _named(text, rows)
    ranges = [match for clause in clauses for match in _RANGE.finditer(text, clause.start, clause.end)]
    for match in ranges:
        shares = [table.percentages(within) for within in _readings(_at(clauses, match.start()), rows)]
        low, high = Decimal(match[1]), Decimal(match[2])
        if not any(share and _is(low, share[0]) and _is(high, share[-1]) for share in shares):
            told = _either(f"{float(share[0]):.4g} to {float(share[-1]):.4g} %" for share in shares if share)
            yield f"the evidence rows say {told}, the claim {match.group()}"
    said = [quantity for quote in quotes for quantity in quantities(quote)]
    counted = [ratio for quote in quotes for ratio in ratios(quote)]
    for quantity in quantities(text):
        in_range = any(match.start() <= quantity.start < match.end() for match in ranges)
        is_name = _is_inside(quantity.start, names)
        if quantity in taken or in_range or is_name or quantity.is_vague or is_said(quantity, said, counted):
            continue
        if not any(_is_figure_of(quantity, row) for row in _within(_at(clauses, quantity.start), rows)):
            yield f"the claim says {quantity.written}, which no evidence row does"


def _is_figure_of(quantity: Quantity, row: EvidenceRow) -> bool:
    if PERCENT in (quantity.unit, quantity.shared_unit):
        share = table.percentage(row)
        return share is not None and _is(quantity.value, share)
    return quantity.value in (row.some, row.all, row.year)


def _is(told: Decimal, value: Decimal) -> bool:
    """Whether a number is another one, or that one rounded to as many decimals."""
    exponent = told.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return abs(told - value) <= Decimal(5).scaleb(-places - 1)


def _counts(text: str, clauses: Sequence[_Clause]) -> list[_Count]:
    """The numbers that count papers, genes, cancers or rows; a bare number counts what the one before it does."""
    found: list[_Count] = []
    for quantity in quantities(text):
        clause = _at(clauses, quantity.start)
        if any(match.start() <= quantity.start < match.end() for match in _SINGLE.finditer(text)):
            continue
        counted = next((name for name, said in _COUNTED.items() if said.match(text, quantity.end)), None)
        is_bare = not (quantity.unit or quantity.shared_unit or quantity.places or _is_part(text, quantity))
        if (
            counted is None
            and found
            and is_bare
            and clause is not found[-1].clause
            and clause.states | _qualified(clause)
        ):
            counted = found[-1].counted
        if counted is not None and is_bare:
            found.append(_Count(quantity, counted, clause))
    return found


def _qualified(clause: _Clause) -> frozenset[str]:
    return frozenset(said.pattern for said, _ in _QUALIFIERS if said.search(clause.text))


def _is_part(text: str, quantity: Quantity) -> bool:
    """Whether a number is one of "12 of 40" and "12/40", which are no papers; "9 of the 21 genes" are genes."""
    if any(said.match(text, quantity.end) for said in _COUNTED.values()):
        return False
    behind, before = text[quantity.end : quantity.end + 8], text[max(0, quantity.start - 8) : quantity.start]
    return bool(re.match(r"\s*(?:/|of\b|out of\b)\s*\d?", behind) or re.search(r"\d\s*(?:/|of|out of)\s*$", before))


def _named(text: str, rows: Rows) -> list[tuple[int, int]]:
    """Where the names of rows stand: "head and neck cancer" is one name, and "triple-negative" says nothing."""
    names = {name for row in rows for name in (row.gene, row.disease, row.disease_text) if name and len(name) > 2}
    low = text.lower()
    found = ((low.find(name.lower()), len(name)) for name in names)
    return [(start, start + length) for start, length in found if start >= 0]


def _clauses(text: str, named: Sequence[tuple[int, int]]) -> list[_Clause]:
    """The parts of a claim; each takes genes, states and cancers over from the one before where it names none."""
    clauses: list[_Clause] = []
    start = 0
    for match in [*_PARTS.finditer(text), None]:
        end = match.start() if match else len(text)
        # "Head and neck cancer": a word parts only what counts from what counts.
        counts = _HAS_NUMBER.search(text, start, end) and _HAS_NUMBER.search(text, end)
        if match and ((match["word"] and not counts) or _is_inside(match.start(), named)):
            continue
        own = _read(text, start, end)
        last = clauses[-1] if clauses else _Clause(0, 0, "")
        clauses.append(
            replace(
                own,
                genes=own.genes or last.genes,
                states=own.states or last.states,
                cancers=own.cancers or last.cancers,
            )
        )
        start = end
    return clauses


def _read(text: str, start: int, end: int) -> _Clause:
    part = text[start:end]
    english = _english(part)
    return _Clause(
        start,
        end,
        part,
        genes=gene_names(english),
        states=frozenset(_states(part)),
        cancers=_cancers(part) or cancer_names(english),
        samples=_samples(part),
    )


def _states(part: str) -> Iterator[str]:
    """The states of methylation that a part says; what is not hypermethylated is unmethylated."""
    if glossary.is_chinese(part):
        yield from (_CHINESE_NAMES[match.lastgroup or ""] for match in _CHINESE_STATES.finditer(part))
        return
    if _DIFFERENTIALLY.search(part):
        yield DIFFERENTIALLY
        part = _DIFFERENTIALLY.sub("", part)
    yield from (state for state, said in _SHORT.items() if said.search(part))
    is_denied = _DENIED.search(part) is not None
    for direction in directions(part):
        if direction.is_methylation:
            yield UN if is_denied and direction.way == HYPER else direction.way


def _cancers(part: str) -> tuple[str, ...]:
    """The cancers that a Chinese part names by the names of the table, the longest at each place."""
    found: list[str] = []
    for name in _chinese_cancers():
        if name in part:
            part = part.replace(name, "\n")
            found.append(cancers.chinese_names()[name])
    return tuple(dict.fromkeys(name for name in found if name != "cancer"))


def _without_cancers(text: str) -> str:
    """A text without the cancers that it names in Chinese: the glossary may call them by a narrower name."""
    for name in _chinese_cancers() if glossary.is_chinese(text) else ():
        text = text.replace(name, " ")
    return text


@cache
def _chinese_cancers() -> tuple[str, ...]:
    return tuple(sorted(cancers.chinese_names(), key=len, reverse=True))


def _samples(part: str) -> frozenset[str]:
    whole = (0, len(part))
    places = [(word.start, word.end) for word in words(part)] or [whole]
    return frozenset(sample for place in places if (sample := sample_of(part, whole, place)) is not None)


def _bearing(state: str) -> set[str]:
    """The statuses that bear a state out."""
    return {state} | BORNE_OUT.get(state, set())


def _is_of(row: EvidenceRow, gene: Name) -> bool:
    return table.is_of(row, gene) or (not gene.symbols and is_named(gene, f"{row.gene} {row.quote}"))


def _is_in(row: EvidenceRow, cancer: str) -> bool:
    return row.disease is not None and (row.disease == cancer or cancers.is_a(row.disease, cancer))


def _is_inside(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


def _at(clauses: Sequence[_Clause], place: int) -> _Clause:
    return next(clause for clause in clauses if place < clause.end)


def _either(told: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(told)) or "nothing of it"


def _english(text: str) -> str:
    return glossary.translate(text).english if glossary.is_chinese(text) else text


def _foreign(english: str, rows: Rows, quotes: Sequence[str]) -> float:
    """The share of a claim's words that are neither in rows nor in quotes, nor those of counting."""
    asked = [term for term in query_terms(english) if not term.isdigit()]
    told = {part for row in rows for part in (row.gene, *row.symbols, row.disease, row.disease_text) if part}
    said = _FRAMING | {term for text in (*told, *quotes) for term in index_terms(text)}
    return sum(term not in said for term in asked) / max(1, len(asked))
