"""Sentences in the manner of biology papers, made by a grammar: nobody's text, and nothing that is true."""

import random

_GENES = "GSTP1 RASSF1A MLH1 CDH1 BRCA1 p16 VIM SEPT9 TGF-β IL-6 NF-κB MGMT APC DAPK1 Sox2 H3K27me3".split()
_DISEASES = [
    "prostate cancer",
    "colorectal carcinoma",
    "non-small-cell lung cancer",
    "hepatocellular carcinoma",
    "acute myeloid leukaemia",
    "type 2 diabetes",
    "early-onset preeclampsia",
    "glioblastoma",
    "oestrogen-receptor-positive breast cancer",
    "gastric adenocarcinoma",
]
_THINGS = [
    "promoter hypermethylation",
    "DNA-methylation profiles",
    "gene expression",
    "cell-free DNA",
    "genome-wide hypomethylation",
    "histone deacetylation",
    "transcription-factor binding",
    "CpG-island methylator phenotype",
    "long non-coding RNA",
    "the methylation status",
    "allele-specific methylation",
    "chromatin accessibility",
    "X-chromosome inactivation",
]
_VERBS = [
    "was associated with",
    "correlated significantly with",
    "was confirmed by quantitative analysis of",
    "preceded",
    "was independent of",
    "contributed substantially to",
    "distinguished patients from controls with respect to",
    "explained a part of",
    "was restored after treatment with 5-aza-2'-deoxycytidine together with",
    "remained unaffected by",
    "predicted",
]
_METHODS = [
    "bisulfite sequencing",
    "methylation-specific PCR",
    "pyrosequencing",
    "high-throughput sequencing",
    "reduced-representation libraries",
    "chromatin immunoprecipitation",
    "immunohistochemical staining",
    "whole-genome amplification",
    "a two-sided Wilcoxon test",
]
_ADVERBS = [
    "Interestingly",
    "In contrast",
    "Furthermore",
    "By comparison",
    "Notably",
    "Consistently with earlier observations",
    "Surprisingly",
]
_GROUPS = [
    "tumour samples",
    "matched normal tissues",
    "peripheral-blood leukocytes",
    "formalin-fixed specimens",
    "LNCaP cells",
    "wild-type mice",
]
_ENDS = [
    "in {n} of {m} {group}",
    "({p}% versus {q}%; p < 0.0{n})",
    "at a concentration of 10⁻{raised} M",
    "as Marsh et al. had reported [{n}]",
    "within {n} weeks",
    "(Fig. {d})",
    "with a hazard ratio of 1.{n} (95% confidence interval, 1.0{d}–2.{n})",
    "in {group}",
    "at 37 °C",
    "over an area of {n} cm²",
    "despite a five-fold difference in coverage",
    "in a dose-dependent manner",
]
_CHINESE_THINGS = [
    "启动子高甲基化",
    "基因表达水平",
    "全基因组低甲基化",
    "组蛋白乙酰化",
    "血浆游离DNA的甲基化",
    "转录因子结合",
]
_CHINESE_DISEASES = ["前列腺癌", "结直肠癌", "非小细胞肺癌", "肝细胞癌", "急性髓系白血病", "胃癌"]
_CHINESE_VERBS = [
    "与患者的预后显著相关",
    "在多数样本中被检测到",
    "可作为早期诊断的标志物",
    "在治疗以后明显降低",
    "并不影响细胞的增殖",
]


class Prose:
    """Headings, sentences and table cells; the same seed gives the same ones."""

    def __init__(self, seed: int, is_chinese: bool = False) -> None:
        self._chance = random.Random(f"prose {seed}")
        self._is_chinese = is_chinese
        self._count = 0
        self.joint = "" if is_chinese else " "
        self.abstract = "摘要" if is_chinese else "Abstract"
        self.references = "参考文献" if is_chinese else "References"
        self.headings = (
            ["引言", "材料与方法", "结果", "讨论"]
            if is_chinese
            else ["Introduction", "Materials and methods", "Results", "Discussion"]
        )
        self.figure = (
            "图{}. " if is_chinese else self._chance.choice(["Figure {}.", "Fig. {}.", "FIGURE {}:", "Figure {} |"])
        )
        self.table = "表{}. " if is_chinese else self._chance.choice(["Table {}.", "TABLE {}.", "Table {}:"])

    def paragraph(self, sentences: int) -> list[str]:
        """So many sentences."""
        return [self._chinese() if self._is_chinese else self._sentence() for _ in range(sentences)]

    def title(self) -> str:
        """A title."""
        if self._is_chinese:
            return f"{self._pick(_CHINESE_DISEASES)}中{self._pick(_CHINESE_THINGS)}的意义"
        first = f"{self._capital(self._pick(_THINGS))} of {self._pick(_GENES)}"
        return f"{first} and {self._pick(_THINGS)} in {self._pick(_DISEASES)}"

    def subheading(self) -> str:
        """A heading below another one."""
        if self._is_chinese:
            return self._pick(_CHINESE_THINGS)
        return f"{self._capital(self._pick(_METHODS).removeprefix('a '))} of {self._pick(_GENES)}"

    def authors(self, surname: str) -> str:
        """Names of authors."""
        return f"A. {surname}, B. Quist, Carla Mbeki and Dan Oyelaran"

    def reference(self) -> str:
        """An entry of the references."""
        place = f"20{self._number(10, 30)};{self._number(1, 90)}:{self._number(100, 900)}"
        return f"Marsh K, Ilic P. {self.title()}. J Imag Epigen. {place}."

    def rows(self, count: int, columns: int) -> list[list[str]]:
        """A table's head and so many rows of words and numbers."""
        head = ["Gene", "Cases", "Methylated (%)", "p value"][:columns]
        return [head] + [
            [
                self._pick(["GSTP1", "MLH1", "CDH1", "VIM", "APC"]),
                str(self._number(20, 300)),
                f"{self._number(1, 99)}.{self._number(0, 9)}",
                f"0.0{self._number(1, 49)}",
            ][:columns]
            for _ in range(count)
        ]

    def _sentence(self) -> str:
        subject = f"{self._pick(_THINGS)} of {self._pick(_GENES)}"
        parts = [subject, self._pick(_VERBS), f"{self._pick(_THINGS)} in {self._pick(_DISEASES)}"]
        if self._chance.random() < 0.4:
            parts.append(f"as measured by {self._pick(_METHODS)}")
        if self._chance.random() < 0.3:
            parts.append(f"and {self._pick(_VERBS)} {self._pick(_THINGS)}")
        parts.append(self._end())
        text = " ".join(parts)
        text = f"{self._pick(_ADVERBS)}, {text}" if self._chance.random() < 0.3 else self._capital(text)
        self._count += 1
        cite = f" [{self._number(1, 40)}]" if self._chance.random() < 0.15 else ""
        return f"{text}{cite}."

    def _end(self) -> str:
        return self._pick(_ENDS).format(
            n=self._number(11, 49), m=self._number(50, 99), p=self._number(30, 90), q=self._number(1, 29),
            d=self._number(2, 9), raised=self._pick(["⁵", "⁶", "⁷", "⁹"]), group=self._pick(_GROUPS),
        )  # fmt: skip

    def _chinese(self) -> str:
        return (
            f"在{self._number(20, 400)}例{self._pick(_CHINESE_DISEASES)}患者中,"
            f"{self._pick(['GSTP1', 'MLH1', 'CDH1'])}的"
            f"{self._pick(_CHINESE_THINGS)}{self._pick(_CHINESE_VERBS)}(P<0.0{self._number(1, 5)})。"
        )

    def _pick(self, choices: list[str]) -> str:
        return self._chance.choice(choices)

    def _number(self, low: int, high: int) -> int:
        return self._chance.randint(low, high)

    @staticmethod
    def _capital(text: str) -> str:
        return text[0].upper() + text[1:]
