"""Every word that the page says, in English and in Chinese."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]

# Tags of BCP 47, as the page's HTML names them.
TAGS: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}


@dataclass(frozen=True)
class Phrase:
    """One thing to say, in both languages; names in braces are filled in."""

    en: str
    zh: str

    def say(self, language: Language, **values: object) -> str:
        """The phrase in one language. Raises KeyError where a name in braces has no value."""
        return (self.zh if language == "zh" else self.en).format(**values)


TAGLINE = Phrase(
    "Finds the passages of your papers that answer a question, word for word.",
    "在您的论文中查找能回答问题的原文段落。",
)
LANGUAGE = Phrase("Language", "语言")

QUESTION = Phrase("What would you like to know?", "您想了解什么？")
QUESTION_EXAMPLE = Phrase("A question, a gene, a disease, a PMID…", "输入问题、基因、疾病或 PMID，中英文均可")
SEARCH = Phrase("Search", "检索")
TRY = Phrase("Try", "试试")
LIBRARIES = Phrase("Libraries to search (number of papers)", "检索的文献库（论文数）")
FILTERS = Phrase("Filters", "筛选")
YEAR_FROM = Phrase("Year from", "起始年份")
YEAR_TO = Phrase("Year to", "截止年份")
JOURNAL = Phrase("Journal", "期刊")
JOURNAL_EXAMPLE = Phrase("e.g. Clin Cancer Res", "如 Clin Cancer Res")
GENE = Phrase("Gene", "基因")
GENE_EXAMPLE = Phrase("e.g. RASSF1A", "如 RASSF1A")
LEAVE_OUT_RETRACTED = Phrase("Leave out retracted papers", "不含已撤稿论文")
RESULTS_WANTED = Phrase("Number of results", "结果数量")

FOUND = Phrase("{count} results among {papers} papers", "在 {papers} 篇论文中找到 {count} 条结果")
FOUND_ONE = Phrase("1 result among {papers} papers", "在 {papers} 篇论文中找到 1 条结果")
SEARCHED_AS = Phrase("Searched in English as", "按以下英文检索")
NOTHING_FOUND = Phrase("Nothing found", "没有找到结果")
NOTHING_FOUND_ADVICE = Phrase(
    "The ticked libraries hold no passage for this question under these filters. "
    "Try fewer or more general words, clear the filters, or tick more libraries.",
    "所选文献库中没有符合该问题和筛选条件的段落。请尝试更少或更宽泛的词语，清除筛选条件，或多选几个文献库。",
)
NO_QUESTION = Phrase("Type a question first.", "请先输入问题。")
NO_LIBRARY = Phrase("Tick at least one library to search.", "请至少选择一个文献库。")
BAD_YEARS = Phrase(
    "{year_from} to {year_to} is no range of years. Give years of four digits, the earlier one first.",
    "{year_from} 至 {year_to} 不是有效的年份范围。请输入四位数年份，较早的在前。",
)
FAILED = Phrase("The search did not work", "检索未能完成")

NO_TITLE = Phrase("Title not given", "未注明标题")
NO_AUTHORS = Phrase("authors not given", "未注明作者")
NO_JOURNAL = Phrase("journal not given", "未注明期刊")
NO_YEAR = Phrase("year not given", "未注明年份")
AND_OTHERS = Phrase("{authors} et al.", "{authors} 等")
ABSTRACT = Phrase("Abstract", "摘要")
FULL_TEXT = Phrase("Full text", "全文")
DIGEST = Phrase("Digest: written for Epicite, not the abstract", "摘编：为 Epicite 撰写，并非论文摘要")
RETRACTED = Phrase("Retracted", "已撤稿")
PAGE = Phrase("page {page}", "第 {page} 页")
SECTION = Phrase("section “{section}”", "“{section}”部分")
LIBRARY = Phrase("library “{library}”", "文献库“{library}”")
WEB_PAGE = Phrase("Page at {host}", "{host} 网页")

HOW_TO_READ = Phrase(
    "Each result is a passage of a paper, unchanged, with the sentence nearest to your question "
    "highlighted. Questions, papers and results stay on this computer.",
    "每条结果都是论文中的原文段落，与问题最接近的句子会高亮显示。问题、论文和结果都保存在本机。",
)

# The name of each phrase, by which the browser knows it.
NAMES: dict[Phrase, str] = {phrase: name for name, phrase in vars().items() if isinstance(phrase, Phrase)}


def translations() -> dict[Language, dict[str, str]]:
    """All phrases by name, for each language, for what the browser itself translates."""
    return {
        "en": {name: phrase.en for phrase, name in NAMES.items()},
        "zh": {name: phrase.zh for phrase, name in NAMES.items()},
    }


def preferred_language(accepted: str) -> Language:
    """The language to begin with, by the Accept-Language header of a browser (RFC 9110, section 12.5.4)."""
    weighted = []
    for position, entry in enumerate(accepted.split(",")):
        tag, _, weight = entry.partition(";q=")
        try:
            weighted.append((-float(weight or 1), position, tag.strip().lower()))
        except ValueError:
            continue
    for _, _, tag in sorted(weighted):
        primary = tag.partition("-")[0]
        if primary == "zh":
            return "zh"
        if primary == "en":
            return "en"
    return "en"
