"""Evidence rows in sentences, English and Chinese: what of which gene, in how many papers, how often, in what."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from agent.proof.rows import papers, percentages
from agent.tools.predicted import Told, told
from agent.wording import Phrase
from corpora import glossary
from corpora.cancers import cancer, cancer_names
from retrieval.evidence_row import EvidenceQuestion, EvidenceRow
from retrieval.evidence_summary import GeneSummary, summarise
from retrieval.scope import sample_of

Rows = Sequence[EvidenceRow]

STATUSES: Mapping[str, Phrase] = {
    "hypermethylated": Phrase("hypermethylated", "高甲基化"),
    "methylated": Phrase("methylated", "甲基化"),
    "differentially methylated": Phrase("differentially methylated", "差异甲基化"),
    "hypomethylated": Phrase("hypomethylated", "低甲基化"),
    "unmethylated": Phrase("unmethylated", "未甲基化"),
    "demethylated": Phrase("demethylated", "去甲基化"),
}
SAMPLES: Mapping[str, Phrase] = {
    "tumour": Phrase("tumours", "肿瘤"),
    "cell line": Phrase("cell lines", "细胞系"),
    "normal": Phrase("normal tissue", "正常组织"),
    "blood": Phrase("blood", "血液"),
    "animal": Phrase("animals", "动物"),
}
_IN_PAPERS = Phrase("{status} in {count} papers{within}", "{status}见于 {count} 篇论文{within}")
_IN_PAPER = Phrase("{status} in {count} paper{within}", "{status}见于 {count} 篇论文{within}")
_WITHIN = Phrase(" ({told})", "（{told}）")
_IN = Phrase("in {sample}", "{sample}")
_OF = Phrase("{gene}: {told}", "{gene}：{told}")
_OF_DISEASE = Phrase("{gene} in {disease}: {told}", "{gene}（{disease}）：{told}")
_FOUND = Phrase(
    "The evidence table has {genes}{status}{disease}, from {papers}:",
    "证据表中{disease}有 {genes}个{status}基因，来自 {papers} 篇论文：",
)
_GENES, _GENE = Phrase("{count} genes", "{count} "), Phrase("{count} gene", "{count} ")
_PAPERS, _PAPER = Phrase("{count} papers", "{count}"), Phrase("{count} paper", "{count}")
_THAT_ARE, _THAT_IS = Phrase(" that are {status}", "{status}的"), Phrase(" that is {status}", "{status}的")
_IN_DISEASE = Phrase(" in {disease}", "{disease}")
_IS = Phrase("{gene} is {status}{where}{how_often}", "{gene}{where}{status}{how_often}")
_WHERE = Phrase(" in {where}", "在{where}中")
_HOW_OFTEN = Phrase(", {told}", "，{told}")
_COUNTED = Phrase("{some} of {all}", "{some}/{all}")
_CAREFUL = Phrase("Be careful: {told}.", "请注意：{told}。")
_SINGLE = Phrase(
    "a single paper stands behind {count} of the {all} genes", "{all} 个基因中，{count} 个基因仅有一篇论文支持"
)
_CELL_LINES = Phrase("cell lines only behind {count} of the {all} genes", "{all} 个基因中，{count} 个基因仅见于细胞系")
_ANIMALS = Phrase("animals only behind {count} of the {all} genes", "{all} 个基因中，{count} 个基因仅见于动物")
_SINGLE_OF_ONE = Phrase("a single paper stands behind this", "仅有一篇论文支持")
_CELL_LINES_OF_ONE = Phrase("this was seen in cell lines only", "仅见于细胞系")
_ANIMALS_OF_ONE = Phrase("this was seen in animals only", "仅见于动物")
_DISAGREE = Phrase(
    "Papers disagree on {count} of the {all} genes: {genes}.",
    "{all} 个基因中，报道不一致的有 {count} 个基因：{genes}。",
)
_ALL_GENES = Phrase("All {count} genes, row by row, are in {file}.", "全部 {count} 个基因的每一行均在 {file} 中。")
_ALL_PAPERS = Phrase("All {count} papers, row by row, are in {file}.", "全部 {count} 篇论文的每一行均在 {file} 中。")
_NONE = Phrase("The evidence table has no row on {asked}.", "证据表中没有关于{asked}的记录。")
_NONE_BUT = Phrase(
    "The evidence table has no row on {asked}; on {less} it has rows of {of}.",
    "证据表中没有关于{asked}的记录；关于{less}，有以下记录：{of}。",
)
_FROM, _UNTIL = Phrase("since {year}", "{year} 年以来"), Phrase("until {year}", "{year} 年以前")
_MOST_NAMED = 5
_WARNINGS: tuple[tuple[Callable[[GeneSummary], bool], Phrase, Phrase], ...] = (
    (lambda gene: len(gene.all_papers) == 1, _SINGLE, _SINGLE_OF_ONE),
    (lambda gene: gene.only == "cell line", _CELL_LINES, _CELL_LINES_OF_ONE),
    (lambda gene: gene.only == "animal", _ANIMALS, _ANIMALS_OF_ONE),
)


def in_words(status: str) -> Phrase:
    """A status as it is said."""
    return STATUSES[status]


def of_genes(rows: Rows, passing: Rows, disease: str | None) -> Told:
    """How many genes are told of, in how many papers; `passing` are the rows of the status that was asked for."""
    genes, count = len(summarise(passing)), len(papers(passing))
    states = [phrase for status, phrase in STATUSES.items() if any(row.status == status for row in passing)]
    is_asked = len(passing) < len(rows) or len(states) < len(STATUSES)
    that_are = told(_THAT_ARE if genes > 1 else _THAT_IS, status=_either(states))
    return told(
        _FOUND,
        genes=told(_GENES if genes > 1 else _GENE, count=genes),
        papers=told(_PAPERS if count > 1 else _PAPER, count=count),
        status=that_are if is_asked else _nothing(),
        disease=told(_IN_DISEASE, disease=called(disease)) if disease else _nothing(),
    )


def of_gene(gene: str, rows: Rows, disease: str | None = None) -> Told:
    """What rows of a gene say together: of each status in how many papers, in what where that is one, how often."""
    parts = [_of_status(status, [row for row in rows if row.status == status]) for status in STATUSES]
    said = _joined([part for part in parts if part is not None], "; ", "，")
    if disease is None:
        return told(_OF, gene=gene, told=said)
    return told(_OF_DISEASE, gene=gene, disease=called(disease), told=said)


def of_paper(rows: Rows) -> Told:
    """What the rows of one paper say of a gene, each in what and how often."""
    said = {_of_row(row): None for row in rows}
    return _joined(list(said), "; ", "，")


def of_file(file: str, count: int, is_of_genes: bool) -> Told:
    """Where all of it is."""
    return told(_ALL_GENES if is_of_genes else _ALL_PAPERS, count=count, file=file)


def warnings(genes: Sequence[GeneSummary]) -> list[Told]:
    """What little some of it rests on, and of which genes papers say the one and the other."""
    said = []
    for is_so, of_many, of_one in _WARNINGS:
        count = sum(map(is_so, genes))
        if count:
            said.append(told(of_many, count=count, all=len(genes)) if len(genes) > 1 else told(of_one))
    careful = [told(_CAREFUL, told=_joined(said, "; ", "，"))] if said else []
    both = [gene.symbol for gene in genes if gene.conflict]
    if len(genes) == 1 or not both:
        return careful
    named = Told(en=", ".join(both), zh="、".join(both))
    return [*careful, told(_DISAGREE, count=len(both), all=len(genes), genes=named)]


def of_question(asked: EvidenceQuestion) -> Iterator[Told]:
    """What is asked for, each part in words."""
    if asked.gene:
        yield Told(en=asked.gene, zh=asked.gene)
    if asked.disease:
        yield called(asked.disease)
    if asked.status:
        yield _named(STATUSES, asked.status)
    if asked.sample:
        yield _named(SAMPLES, asked.sample)
    if asked.first_year:
        yield told(_FROM, year=asked.first_year)
    if asked.last_year:
        yield told(_UNTIL, year=asked.last_year)


def of_none(asked: EvidenceQuestion, less: EvidenceQuestion, rows: Rows) -> Told:
    """That no row passes, and of which genes, or of a gene in which cancers, there are rows where less is asked."""
    diseases = Counter(row.disease for row in rows if row.disease)
    found = [name for name, _ in diseases.most_common()] if less.gene else [gene.symbol for gene in summarise(rows)]
    names = found[:_MOST_NAMED]
    wanted, wider = (_joined([*of_question(question)], ", ", "、") for question in (asked, less))
    if not names:
        return told(_NONE, asked=wanted)
    of = _joined([called(name) if less.gene else Told(en=name, zh=name) for name in names], ", ", "、")
    return told(_NONE_BUT, asked=wanted, less=wider, of=of)


def called(disease: str) -> Told:
    """A cancer by its name, in Chinese by the first of its Chinese ones."""
    chinese = (name for name in cancer_names(disease) if glossary.is_chinese(name))
    return Told(en=disease, zh=next(chinese, disease))


def _named(phrases: Mapping[str, Phrase], name: str) -> Told:
    return told(phrases[name]) if name in phrases else Told(en=name, zh=name)


def _of_status(status: str, rows: Rows) -> Told | None:
    if not rows:
        return None
    count = len(papers(rows))
    within = _joined([*_shared_sample(rows), *_range(rows)], ", ", "，")
    return told(
        _IN_PAPERS if count > 1 else _IN_PAPER,
        status=STATUSES[status],
        count=count,
        within=told(_WITHIN, told=within) if within.en else _nothing(),
    )


def _shared_sample(rows: Rows) -> Iterable[Told]:
    samples = {row.sample for row in rows}
    for sample in samples if len(samples) == 1 else ():
        if sample is not None:
            yield told(_IN, sample=SAMPLES[sample])


def _range(rows: Rows) -> Iterable[Told]:
    shares = [f"{float(share):.3g}" for share in percentages(rows)]
    if shares:
        between = shares[0] if shares[0] == shares[-1] else f"{shares[0]}–{shares[-1]}"
        yield Told(en=f"{between} %", zh=f"{between}%")


def _of_row(row: EvidenceRow) -> Told:
    how_often = [*_range([row])]
    if row.some is not None and row.all is not None:
        counted = told(_COUNTED, some=row.some, all=row.all)
        how_often = [Told(en=f"{share.en} ({counted.en})", zh=f"{share.zh}（{counted.zh}）") for share in how_often]
    where = _where(row)
    return told(
        _IS,
        gene=row.gene,
        status=STATUSES[row.status],
        where=told(_WHERE, where=where) if where else _nothing(),
        how_often=told(_HOW_OFTEN, told=how_often[0]) if how_often else _nothing(),
    )


def _where(row: EvidenceRow) -> Told | None:
    """In what: the cancer as the paper writes it, and the sample where that does not say it."""
    place = row.disease_text or row.disease
    if place is None:
        return _named(SAMPLES, row.sample) if row.sample else None
    name = called(row.disease) if row.disease and cancer(place) == row.disease else Told(en=place, zh=place)
    name = Told(en=place, zh=name.zh)
    whole = (0, len(place))
    if row.sample is None or row.sample == "tumour" or sample_of(place, whole, whole) == row.sample:
        return name
    sample = _named(SAMPLES, row.sample)
    return Told(en=f"{name.en} ({sample.en})", zh=f"{name.zh}（{sample.zh}）")


def _either(phrases: Sequence[Phrase]) -> Told:
    return _joined([told(phrase) for phrase in phrases], " or ", "或")


def _joined(parts: Sequence[Told], english: str, chinese: str) -> Told:
    return Told(en=english.join(part.en for part in parts), zh=chinese.join(part.zh for part in parts))


def _nothing() -> Told:
    return Told(en="", zh="")
