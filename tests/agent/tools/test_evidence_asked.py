"""Which requests are questions to the evidence table, and what they ask."""

import pytest

from agent.tools import evidence_asked
from agent.tools.declaration import Request
from corpora import glossary

NAMES = ("gene", "disease", "status", "sample", "first_year", "last_year")


def request(text: str, before: str | None = None) -> Request:
    return Request(text, glossary.translate(text).english, before=before)


def read(text: str, before: str | None = None) -> dict | None:
    """The arguments of a question, None where it is none."""
    asked = request(text, before)
    if not evidence_asked.fits(asked):
        return None
    return {name: value for name in NAMES if (value := getattr(evidence_asked, name)(asked)) is not None}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Which genes are hypermethylated in gastric cancer?",
         {"disease": "gastric cancer", "status": "hypermethylated"}),
        ("胃癌中哪些基因高甲基化？", {"disease": "gastric cancer", "status": "hypermethylated"}),
        ("List genes hypomethylated in breast cancer cell lines",
         {"disease": "breast cancer", "status": "hypomethylated", "sample": "cell line"}),
        ("结直肠癌有哪些高甲基化基因", {"disease": "colorectal cancer", "status": "hypermethylated"}),
        ("Is MLH1 methylated in colorectal cancer?", {"gene": "MLH1", "disease": "colorectal cancer"}),
        ("MLH1在结直肠癌中甲基化了吗？", {"gene": "MLH1", "disease": "colorectal cancer"}),
        ("How often is MGMT methylated in glioblastoma?", {"gene": "MGMT", "disease": "glioblastoma"}),
        ("乳腺癌里BRCA1的甲基化频率是多少", {"gene": "BRCA1", "disease": "breast cancer"}),
        ("E-cadherin methylation status in gastric tumours", {"gene": "E-cadherin", "disease": "gastric cancer"}),
        ("In which cancers is the CDKN2A promoter methylated?", {"gene": "CDKN2A", "status": "methylated"}),
        ("Is p16 hypermethylated in NSCLC since 2010?",
         {"gene": "p16", "disease": "non-small cell lung cancer", "first_year": 2010}),
        ("p16在肺癌细胞系中是否未甲基化？", {"gene": "p16", "disease": "lung cancer", "sample": "cell line"}),
    ],
)  # fmt: skip
def test_lists_and_states_are_asked_of_the_table(text, asked):
    assert read(text) == asked


@pytest.mark.parametrize(
    "text",
    [
        "Why is MGMT methylated in glioblastoma?",
        "为什么MLH1在结直肠癌中甲基化？",
        "How is MLH1 silenced by methylation in colorectal cancer?",
        "Is MGMT methylation prognostic in glioma?",
        "Which genes are silenced in gastric cancer?",
        "Which genes are hypermethylated in ageing?",
        "Which genes are hypermethylated in gastric cancer caused by H. pylori?",
        "Which genes' promoter methylation could detect pancreatic cancer in blood?",
        "Which genes are hypermethylated in pancreatic cancer, and can they be found in blood?",
        "Are MLH1 and MSH2 methylated in colorectal cancer?",
        "胃癌患者血清中能不能检测到p16或CDH1的甲基化，MSP法可靠吗？",
        "What is the boiling point of nitrogen?",
    ],
)
def test_what_asks_for_more_than_the_table_holds_is_for_the_papers(text):
    assert read(text) is None


def test_a_follow_up_takes_over_what_it_leaves_unsaid():
    before = "Which genes are hypermethylated in gastric cancer?"
    assert read("and in colorectal cancer?", before) == {"disease": "colorectal cancer", "status": "hypermethylated"}
    assert read("那在血液中呢？", before)["sample"] == "blood"
    assert read("and MGMT?", "Is MLH1 methylated in colorectal cancer?") == {
        "gene": "MGMT",
        "disease": "colorectal cancer",
    }
    assert read("what was the sensitivity?", before) is None
    assert read("why?", before) is None
