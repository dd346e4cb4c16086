"""What fills the slots of request templates: what is written, and the arguments that it stands for."""

import random
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from agent.wording import Language
from seqmodels.predictors.domains import DOMAINS


class Filling(NamedTuple):
    """What is written in a slot, and the argument that it stands for; None names none."""

    text: str
    argument: str | None = None
    value: Any = None


_MARKS: dict[Language, dict[str, tuple[str, ...]]] = {
    "en": {
        "6mA": ("6mA", "6mA", "6mA", "N6-methyladenine", "adenine methylation", "6-methyladenine", "m6dA"),
        "4mC": ("4mC", "4mC", "4mC", "N4-methylcytosine", "4-methylcytosine"),
        "5hmC": ("5hmC", "5hmC", "5hmC", "5-hydroxymethylcytosine", "hydroxymethylation", "hydroxymethylcytosine"),
    },
    "zh": {
        "6mA": ("6mA", "6mA", "6mA", "N6-甲基腺嘌呤", "腺嘌呤甲基化", "6-甲基腺嘌呤"),
        "4mC": ("4mC", "4mC", "4mC", "N4-甲基胞嘧啶", "4-甲基胞嘧啶"),
        "5hmC": ("5hmC", "5hmC", "5hmC", "5-羟甲基胞嘧啶", "羟甲基化", "羟甲基胞嘧啶"),
    },
}
# Names too short or too general to stand for a species in a request.
_NOT_SAID = {
    "people",
    "人",
    "fly",
    "rose",
    "roses",
    "strawberry",
    "strawberries",
    "ironwood",
    "human genome",
    "人的基因组",
}
_TOPICS = {
    "en": (
        "DNA methylation|CpG island methylation|promoter methylation|histone acetylation|hydroxymethylation|"
        "MGMT status|"
        "cell-free DNA|epigenetic ageing|microRNA silencing|genomic imprinting|X inactivation|DNMT3A mutations|"
        "TET2 loss|methylation biomarkers|liquid biopsy|bisulfite sequencing|chemotherapy resistance|early detection|"
        "tumour suppressor silencing|decitabine treatment|smoking|folate intake|stool DNA tests|prognosis|"
        "metastasis|immune evasion|stem cell differentiation|RNA m6A|enhancer activity|chromatin accessibility|"
        "long non-coding RNAs|diabetes|Alzheimer's disease|air pollution|plant stress memory|transposon silencing|"
        "6mA in plants|bacterial restriction systems|exercise|diet|alcohol use|pregnancy|autism|asthma|"
        "cardiovascular risk|nanopore sequencing|single-cell methylomes|methylation arrays|clock genes|vitamin D"
    ).split("|"),
    "zh": (
        "DNA甲基化|CpG岛甲基化|启动子甲基化|组蛋白乙酰化|羟甲基化|游离DNA|表观遗传年龄|微小RNA沉默|基因组印记|X染色体失活|"
        "DNMT3A突变|TET2缺失|甲基化标志物|液体活检|亚硫酸氢盐测序|"
        "化疗耐药|早期诊断|抑癌基因沉默|地西他滨治疗|吸烟|叶酸摄入|"
        "粪便DNA检测|预后|转移|免疫逃逸|干细胞分化|RNA m6A修饰|"
        "增强子活性|染色质开放性|长链非编码RNA|糖尿病|阿尔茨海默病|空气污染|"
        "植物胁迫记忆|转座子沉默|植物中的6mA|细菌限制修饰系统|运动|饮食|饮酒|妊娠|自闭症|哮喘|心血管风险|纳米孔测序|"
        "单细胞甲基化组|甲基化芯片|生物钟基因|维生素D"
    ).split("|"),
}
_ACTS = {
    "en": (
        "loss|silencing|hypermethylation|demethylation|knockdown|overexpression|inhibition|methylation|acetylation|"
        "expression|regulation|phosphorylation|binding|evolution|inheritance|turnover|localisation|structure|"
        "transcription|splicing|dosage|deletion|amplification|mutation|reprogramming|remodelling|measurement|function"
    ).split("|"),
    "zh": (
        "缺失|沉默|高甲基化|去甲基化|敲低|过表达|抑制|甲基化|乙酰化|表达|调控|磷酸化|结合|进化|遗传|周转|定位|结构|转录|剪接|"
        "剂量|扩增|突变|重编程|重塑|检测|功能"
    ).split("|"),
}
_OBJECTS = {
    "en": (
        "tumour suppressor genes|enhancers|CpG shores|histone H3K27|repetitive elements|LINE-1|imprinted loci|"
        "ribosomal DNA|mitochondrial DNA|super-enhancers|CTCF sites|homeobox genes|DNA repair genes|microRNAs|"
        "stem cells|T cells|macrophages|neurons|germ cells|embryos|pollen|rice roots|wheat seedlings|yeast|zebrafish|"
        "E. coli|the placenta|adipose tissue|muscle|the hippocampus|oocytes|sperm|telomeres|centromeres|polycomb "
        "targets|bivalent promoters|Alu elements|the X chromosome|olfactory receptors|stress genes|flowering genes"
    ).split("|"),
    "zh": (
        "抑癌基因|增强子|CpG岸|组蛋白H3K27|重复序列|LINE-1|印记位点|核糖体DNA|线粒体DNA|超级增强子|CTCF位点|同源框基因|"
        "DNA修复基因|微小RNA|干细胞|T细胞|巨噬细胞|神经元|生殖细胞|胚胎|花粉|水稻根|小麦幼苗|酵母|斑马鱼|大肠杆菌|胎盘|"
        "脂肪组织|肌肉|海马|卵母细胞|精子|端粒|着丝粒|多梳靶基因|双价启动子|Alu元件|X染色体|嗅觉受体|胁迫基因|开花基因"
    ).split("|"),
}
_TISSUES = {
    "en": "blood|plasma|urine|saliva|stool|sputum|tumour tissue|normal tissue|cell lines|mice|serum|biopsies".split(
        "|"
    ),
    "zh": "血液|血浆|尿液|唾液|粪便|痰液|肿瘤组织|正常组织|细胞系|小鼠|血清|活检样本".split("|"),
}
_JOURNALS = (
    "Nature|Cell|Science|Oncogene|PLoS One|Cancer Research|Clinical Epigenetics|Genome Biology|Gut|Blood|Epigenetics|"
    "The Lancet|Nucleic Acids Research|BMC Cancer|Nature Genetics|JAMA Oncology|Carcinogenesis|eLife"
).split("|")
_WORDS = (
    "promoter methylation of genes in cancer patients a systematic review early detection plasma tumour suppressor "
    "silencing hypermethylation and outcome after surgery role for histone deacetylase inhibitors genome wide analysis "
    "maps reveal distinct subtypes prospective cohort study novel marker urine assay aberrant expression epigenetic "
    "clock predicts mortality wheat grain yield prediction using adenine landscape rice seedlings under stress"
).split()
_CHINESE_TITLES = (
    "胃癌中抑癌基因启动子甲基化的研究|血浆游离DNA甲基化用于肺癌早期诊断|植物6mA甲基化图谱|甲基化与衰老的队列研究|结直肠癌粪便DNA检测的评价|"
    "小麦产量的基因组预测|羟甲基化在神经发育中的作用|酵母甲基化组分析"
).split("|")
_LOOKED_FOR = {
    "en": (
        "the sample size|how many patients were included|which controls were used|the main limitation|the methods|"
        "how methylation was measured|the sensitivity and specificity|which cell lines were used|the primary endpoint|"
        "whether the result was validated|the effect on survival|which primers were used|the age of the patients|"
        "the statistical test|what they conclude about prognosis|the follow-up time|the hazard ratio|the role of TET2"
    ).split("|"),
    "zh": (
        "样本量|纳入了多少病人|用了什么对照|主要局限|实验方法|甲基化是怎么测的|灵敏度和特异度|用了哪些细胞系|主要终点|结果是否得到验证|"
        "对生存的影响|用了什么引物|病人的年龄|统计方法|关于预后的结论|随访时间|风险比|TET2的作用"
    ).split("|"),
}


_PASSAGES: dict[Language, tuple[str, ...]] = {
    "en": (
        "The {gene} promoter was {state} in {some} of {all} cases of {cancer}",
        "We found {gene} {state} in {tissue} of patients with {cancer}, but not in controls",
        "{gene} expression was lost in {cancer}; its CpG island was {state} in {tissue}",
    ),
    "zh": (
        "{all}例{cancer}中有{some}例{gene}启动子{state}",
        "{cancer}患者{tissue}中{gene}{state}，对照组未见",
        "{gene}在{cancer}中表达缺失，其CpG岛在{tissue}中{state}",
    ),
}


def _mark(rng: random.Random, language: Language) -> Filling:
    name = rng.choice(("6mA", "6mA", "4mC", "5hmC"))
    return Filling(rng.choice(_MARKS[language][name]), "marks", [name])


def _species(rng: random.Random, language: Language) -> Filling:
    # Mostly those with a model; another is asked for too, and the tool says what there is.
    known = sorted({domain.species for domain in DOMAINS})
    name = rng.choice(known if rng.random() < 0.85 else sorted(_names()))
    english, chinese = _names()[name]
    common = rng.random() < 0.65
    written = chinese if language == "zh" and common else english if common else (name, name, _short(name))
    return Filling(rng.choice(written), "species", [name])


def _threshold(rng: random.Random, _: Language) -> Filling:
    value = rng.choice((0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99, 0.4, 0.3, 0.65, rng.randrange(20, 100) / 100))
    return Filling(_share(rng, value), "threshold", value)


def _prevalence(rng: random.Random, _: Language) -> Filling:
    value = rng.choice((0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, rng.randrange(1, 300) / 1000))
    return Filling(_share(rng, value), "prevalence", value)


def _share(rng: random.Random, value: float) -> str:
    percent = f"{round(value * 100, 3):g}"
    return rng.choice((f"{value:g}", f"{value:g}", f"{percent}%", f"{percent} %"))


def _gene(rng: random.Random, _: Language) -> Filling:
    return Filling(_gene_name(rng))


def _only_gene(rng: random.Random, _: Language) -> Filling:
    gene = _gene_name(rng)
    return Filling(gene, "gene", gene)


def _gene_name(rng: random.Random) -> str:
    """A gene, at times in lower case, and at times one that nobody has named yet: names are to be copied."""
    name = rng.choice(_genes())
    if rng.random() < 0.25:
        letters = "".join(rng.choices("ABCDEFGHIKLMNPRSTVWXYZ", k=rng.randrange(2, 6)))
        name = letters + rng.choice(("", str(rng.randrange(1, 40)), f"{rng.randrange(1, 20)}{rng.choice('ABCL')}"))
    return name.lower() if rng.random() < 0.06 else name


def _cancer(rng: random.Random, language: Language) -> Filling:
    return Filling(_cancer_name(rng, language))


def _disease(rng: random.Random, language: Language) -> Filling:
    name = _cancer_name(rng, language)
    return Filling(name, "disease", name)


def _cancer_name(rng: random.Random, language: Language) -> str:
    """A cancer by any of its names; Chinese requests name some in English."""
    return rng.choice(_cancers()["en" if language == "zh" and rng.random() < 0.12 else language])


def _status(rng: random.Random, language: Language) -> Filling:
    written = {
        "hypermethylated": ("hypermethylated", "高甲基化"),
        "hypomethylated": ("hypomethylated", "低甲基化"),
        "methylated": ("methylated", "甲基化"),
        "unmethylated": ("unmethylated", "未甲基化"),
        "demethylated": ("demethylated", "去甲基化"),
        "differentially methylated": ("differentially methylated", "差异甲基化"),
    }
    name = rng.choices(tuple(written), (5, 3, 4, 1, 1, 1))[0]
    return Filling(written[name][language == "zh"], "status", name)


def _state(rng: random.Random, language: Language) -> Filling:
    """Whether a gene is so: what papers say otherwise is asked for too, and no argument leaves it out."""
    return Filling(_status(rng, language).text)


_SAMPLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "tumour": (("tumour tissue", "tumor samples"), ("肿瘤组织", "癌组织")),
    "cell line": (("cell lines", "cultured cells"), ("细胞系", "细胞株")),
    "normal": (("normal tissue", "healthy tissue"), ("正常组织", "癌旁组织")),
    "blood": (("blood", "plasma", "serum"), ("血液", "血浆", "血清")),
    "animal": (("mice", "animals", "mouse models"), ("小鼠", "动物模型")),
}


def _sample(rng: random.Random, language: Language) -> Filling:
    name = rng.choice(tuple(_SAMPLES))
    return Filling(rng.choice(_SAMPLES[name][language == "zh"]), "sample", name)


def _in_sample(rng: random.Random, language: Language) -> Filling:
    """At times, where it was seen."""
    if rng.random() < 0.6:
        return Filling("")
    told = _sample(rng, language)
    return told._replace(text=f" in {told.text}" if language == "en" else f"{told.text}中")


def _year(argument: str | None) -> "Maker":
    def make(rng: random.Random, _: Language) -> Filling:
        year = rng.randrange(1996, 2027)
        return Filling(str(year), argument, year)

    return make


def _journal(rng: random.Random, _: Language) -> Filling:
    name = rng.choice(_JOURNALS)
    return Filling(name, "journal", name)


def _paper(rng: random.Random, language: Language) -> Filling:
    """A paper by an identifier: how it is written, and what of it is the identifier."""
    kind = rng.random()
    if kind < 0.4:
        pmid = str(rng.randrange(8_000_000, 41_000_000))
        return Filling(
            rng.choice((f"PMID {pmid}", f"PMID:{pmid}", f"PMID: {pmid}", f"pmid{pmid}", pmid)), "paper", pmid
        )
    if kind < 0.7:
        doi = f"10.{rng.randrange(1000, 9999)}/{rng.choice(('j.cell', 's41586', 'nar', 'gkz', 'pone', 'jco'))}." + (
            f"{rng.randrange(2005, 2026)}.{rng.randrange(10, 99999)}"
        )
        return Filling(rng.choice((f"DOI {doi}", f"doi:{doi}", doi, doi)), "paper", doi)
    title = _title(rng, language)
    quotes = ("“{}”", '"{}"', "'{}'") if language == "en" else ("《{}》", "「{}」", "“{}”")
    return Filling(rng.choice(quotes).format(title), "paper", title)


def _title(rng: random.Random, language: Language) -> str:
    if language == "zh" and rng.random() < 0.5:
        return rng.choice(_CHINESE_TITLES)
    title = " ".join(rng.sample(_WORDS, rng.randrange(4, 10)))
    return title[0].upper() + title[1:]


def _shown_paper(rng: random.Random, _: Language) -> Filling:
    handle = f"P{rng.randrange(1, 25)}"
    return Filling(handle, "paper", handle)


def _within(rng: random.Random, language: Language) -> Filling:
    handles = [f"P{number}" for number in sorted(rng.sample(range(1, 20), rng.choice((1, 2, 2, 3))))]
    last = " and " if language == "en" else rng.choice(("和", "、"))
    comma = ", " if language == "en" else "、"
    text = comma.join(handles[:-1]) + (last if handles[1:] else "") + handles[-1]
    return Filling(text, "within", handles)


def _part(rng: random.Random, _: Language) -> Filling:
    number = rng.randrange(1, 8)
    return Filling(str(number), "part", number)


def _environment(rng: random.Random, _: Language) -> Filling:
    number = rng.randrange(1, 5)
    return Filling(str(number), "environments", [number])


def _looked_for(rng: random.Random, language: Language) -> Filling:
    text = rng.choice(_LOOKED_FOR[language])
    return Filling(text, "question", text)


def _passage(rng: random.Random, language: Language) -> Filling:
    """A pasted text: a sentence as abstracts have them."""
    some, tissue = rng.randrange(3, 40), rng.choice(_TISSUES[language])
    told = {"gene": rng.choice(_genes()), "cancer": rng.choice(_cancers()[language]), "tissue": tissue}
    told |= {"state": _status(rng, language).text, "some": str(some), "all": str(some + rng.randrange(60))}
    text = rng.choice(_PASSAGES[language]).format(**told)
    return Filling(text, "text", text)


def _topic(rng: random.Random, language: Language) -> Filling:
    """A subject of biology, from a list or put together: an act, and what it is done to."""
    if rng.random() < 0.35:
        return Filling(rng.choice(_TOPICS[language]))
    act, of = rng.choice(_ACTS[language]), rng.choice((*_OBJECTS[language], f"{_gene_name(rng)}"))
    return Filling(f"{act} of {of}" if language == "en" else f"{of}的{act}")


def _tissue(rng: random.Random, language: Language) -> Filling:
    return Filling(rng.choice(_TISSUES[language]))


def _embedder(rng: random.Random, language: Language) -> Filling:
    written = {
        "dnabert2": ("DNABERT-2", "dnabert2", "DNABERT2", "dnabert-2"),
        "hyenadna": ("HyenaDNA", "hyenadna", "Hyena DNA"),
        "dnabert": ("DNABERT", "dnabert", "the original DNABERT" if language == "en" else "原版DNABERT"),
        "nucleotide-transformer": (
            "Nucleotide Transformer",
            "nucleotide-transformer",
            "the NT model" if language == "en" else "NT模型",
        ),
        "esm2": ("ESM-2", "ESM2", "esm2"),
    }
    name = rng.choice(sorted(written))
    return Filling(rng.choice(written[name]), "model", name)


def _number(rng: random.Random, _: Language) -> Filling:
    return Filling(str(rng.randrange(2, 60)))


Maker = Callable[[random.Random, Language], Filling]
MAKERS: dict[str, Maker] = {
    "mark": _mark,
    "species": _species,
    "threshold": _threshold,
    "prevalence": _prevalence,
    "gene": _gene,
    "only_gene": _only_gene,
    "cancer": _cancer,
    "disease": _disease,
    "topic": _topic,
    "passage": _passage,
    "tissue": _tissue,
    "since": _year("year_from"),
    "until": _year("year_to"),
    "first": _year("first_year"),
    "last": _year("last_year"),
    "status": _status,
    "state": _state,
    "sample": _sample,
    "in_sample": _in_sample,
    "journal": _journal,
    "paper": _paper,
    "shown": _shown_paper,
    "within": _within,
    "part": _part,
    "environment": _environment,
    "looked_for": _looked_for,
    "embedder": _embedder,
    "number": _number,
}


@cache
def _names() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Latin names, each with its English and Chinese ones."""
    lines = (files("corpora") / "data" / "species.tsv").read_text(encoding="utf-8").splitlines()[1:]
    told = (line.split("\t") for line in lines)
    return {name: (_said(english) or (name,), _said(chinese) or (name,)) for name, english, chinese in told}


def _said(names: str) -> tuple[str, ...]:
    return tuple(name for name in names.split("|") if name and name not in _NOT_SAID)


def _short(name: str) -> str:
    genus, epithet, *_ = name.split()
    return name if epithet == "sp." else f"{genus[0]}. {epithet}"


@cache
def _genes() -> tuple[str, ...]:
    lines = (files("corpora") / "data" / "genes.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return tuple(line.split("\t")[0] for line in lines)


@cache
def _cancers() -> dict[Language, tuple[str, ...]]:
    rows = [
        line.split("\t")
        for line in (files("corpora") / "data" / "cancers.tsv").read_text(encoding="utf-8").splitlines()[2:]
    ]
    english = tuple(name for row in rows for name in (row[0], row[0], *row[2].split("|")[:3]) if name)
    return {"en": english, "zh": tuple(name for row in rows for name in row[3].split("|")[:3] if name)}
