"""How a question to the evidence table is read from a request, English or Chinese, and what is none.

The table answers which genes are methylated how, in which cancers, how often: a list or a status. A request is one only
where every word of it is understood; the others are for the papers, which can answer anything.
"""

import re
from collections.abc import Callable

from agent.proof.names import cancer_names, gene_names
from agent.tools import asked
from agent.tools.declaration import Request
from corpora import cancers, glossary
from retrieval.analysis import index_terms, query_terms

_STATUSES = {
    "hypermethylated": r"hyper-?\s?methylat\w*|高(?:度)?甲基化",
    "hypomethylated": r"(?:hypo|under)-?\s?methylat\w*|低甲基化",
    "unmethylated": r"(?:un|non)-?\s?methylat\w*|\bnot methylated|未(?:发生|被)?甲基化|非甲基化",
    "demethylated": r"\bde-?methylat(?:ed|ion)|[去脱]甲基化",
    "differentially methylated": r"differential(?:ly)?\s(?:\w+\s)?methylat\w+|差异(?:性)?甲基化",
    "methylated": r"\bmethylated\b",
}
_SAMPLES = {
    "cell line": r"\bcell[- ]lines?\b|\bcultured cells\b|细胞系|细胞株",
    "blood": r"\bblood\b|\bplasma\b|\bserum\b|血液|血浆|血清|外周血",
    "normal": r"\bnormal (?:\w+ )?(?:tissues?|mucosa|controls?)\b|\bhealthy\b|正常(?:组织|黏膜|对照)|癌旁",
    "animal": r"\bmice\b|\bmouse\b|\brats?\b|\banimals?\b|小鼠|大鼠|动物",
}
_SPEAKS = re.compile(r"(?i)methylat|甲基化")
_EXPLAINS = re.compile(
    r"(?i)\b(?:why|mechanisms?|because|due to|cause[sd]?|causing|leads?)\b"
    r"|\bhow\b(?! (?:often|frequent|frequently|common|commonly|many))|为什么|为何|如何|怎么|怎样|机制|原因|导致|引起"
)
# A list, and a question of another kind about it.
_ASKS_MORE = re.compile(
    r"(?i)\b(?:and|or|but) (?:can|could|do|does|did|are|is|was|were|will|would|should|which|what|how)\b"
)
_LISTS = re.compile(
    r"(?i)\b(?:which|what|list|name|show|give|find|any|all)\b.{0,60}\b(?:genes?|cancers?|tumou?rs?|malignanc\w+)\b"
    r"|methylated genes\b|\bgenes? (?:(?:that|which) )?(?:are |is )?(?:aberrantly )?\w*-?methylated"
    r"|(?:哪些|哪几个|什么|哪种|哪类).{0,12}(?:基因|癌|肿瘤)|基因(?:都)?有(?:哪些|什么)|(?:列出|列举|给出).{0,30}基因|甲基化(?:的)?基因"
)
_ASKS_STATUS = re.compile(
    r"(?i)(?:^|[,;.]\s*)\s*(?:is|are|was|were)\b.{1,80}\b\w*-?\s?methylated\b"
    r"|\bhow (?:often|frequent|frequently|common|commonly)\b.{1,80}methylat"
    r"|\b(?:frequency|percentage|proportion|share|rate|status)\b.{1,60}methylat|methylation (?:status|frequency|rate)\b"
    r"|甲基化了?(?:吗|没有|状态|情况|频率|率|比例|发生率|程度)|(?:是否|有没有|有无|会不会|是不是).{0,20}甲基化|甲基化.{0,6}(?:吗|多少)"
)
# What says nothing beside genes, cancers, states of methylation, samples and years.
_UNDERSTOOD = frozenset(
    term
    for word in (
        "gene genes promoter promoters cpg island islands region regions methylated methylation hypermethylated "
        "hypermethylation hypomethylated hypomethylation unmethylated demethylated demethylation differentially "
        "differential hyper hypo aberrant aberrantly status state states frequency frequencies frequent frequently "
        "often common commonly percentage proportion share rate level many much cancer cancers tumour tumours "
        "tumor tumors malignancy malignancies carcinoma carcinomas human patient patients tissue tissues sample "
        "samples primary cell line lines cultured blood plasma serum normal healthy control controls mucosa mouse "
        "mice rat animal animals list name show give find found tell please know known reported report reports say "
        "library libraries papers paper study studies literature evidence table year years type types any dna "
        "since after before until not"
    ).split()
    for term in (*index_terms(word), *query_terms(word))
)


def fits(request: Request) -> bool:
    """Whether a request asks for a list or a status that the table may hold, and for nothing beside."""
    if request.handles or _ASKS_MORE.search(request.text) or not _is_understood(request.text):
        return False
    if request.before is not None and not _has_form(request.text):
        return _has_form(request.before) and _is_understood(request.before) and _names_something(request.text)
    return _has_form(request.text)


def gene(request: Request) -> str | None:
    """The one gene that is named, here or in the request before where this one names no cancer or sample."""
    return _first(request, _genes)


def disease(request: Request) -> str | None:
    """The one cancer that is named, here or in the request before."""
    return _first(request, _diseases)


def status(request: Request) -> str | None:
    """The state of methylation that is asked for; whether a gene is methylated asks for any."""
    found = _named(_STATUSES, request.text) or (_named(_STATUSES, request.before) if request.before else [])
    is_of_gene = gene(request) is not None and not _LISTS.search(request.text)
    return next((name for name in found), None) if not is_of_gene else None


def sample(request: Request) -> str | None:
    """In what it is asked for; tumours are not told apart from cancer."""
    return next(iter(_named(_SAMPLES, request.text)), None)


first_year, last_year = asked.year_from, asked.year_to


def _has_form(text: str) -> bool:
    is_form = _SPEAKS.search(text) and (_LISTS.search(text) or _ASKS_STATUS.search(text))
    return bool(is_form) and _EXPLAINS.search(text) is None


def _is_understood(text: str) -> bool:
    """Whether every word is a gene's, a cancer's, or one that asks; at most one gene and one cancer are asked for."""
    translation = glossary.translate(text)
    genes_named, named = _genes(text), _diseases(text)
    if translation.missed or _EXPLAINS.search(text) or len(genes_named) > 1 or len(named) > 1:
        return False
    names = [*genes_named, *(written for name in named for written in cancers.cancer_names(name))]
    told = _UNDERSTOOD | {term for name in names for term in (*query_terms(name), *index_terms(name))}
    return all(term in told or _is_year(term) for term in query_terms(translation.english))


def _is_year(term: str) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d", term) is not None


def _names_something(text: str) -> bool:
    return bool(_genes(text) or _diseases(text) or _named(_STATUSES, text) or _named(_SAMPLES, text))


def _genes(text: str) -> list[str]:
    return list(dict.fromkeys(name.text for name in gene_names(glossary.translate(text).english) if name.symbols))


def _diseases(text: str) -> list[str]:
    return list(cancer_names(glossary.translate(text).english))


def _named(words: dict[str, str], text: str) -> list[str]:
    return [name for name, said in words.items() if re.search(f"(?i){said}", text)]


def _first(request: Request, read: Callable[[str], list[str]]) -> str | None:
    found = read(request.text) or (read(request.before) if request.before else [])
    return next(iter(found), None)
