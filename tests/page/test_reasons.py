"""What other rooms say in English reads in Chinese on the Chinese page, and stays what it is on the English one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import page
from agent.proof.proving import prove
from page.reasons import PHRASES, retold
from page.words import Phrase

ROOT = Path(page.__file__).parents[1]
HAN = re.compile(r"[\u4e00-\u9fff]")
# Of these rooms everything that a reader may see has Chinese words.
REASONS = ("agent/proof/facts.py", "agent/proof/quotes.py")
SAYING = ("agent", "retrieval", "corpora", "seqmodels/predictors")
# What the client of endpoints says.
FROM_ELSEWHERE = {"Connection error.", "Request timed out."}
# What `retrieval.notices.told` puts together.
NOTICES = {
    f"{kind}{more}"
    for kind in ("Retraction", "Correction", "Expression of concern", "Reinstatement")
    for more in ("", " ({where})", ": {reason}", " ({where}): {reason}")
}


def sayings(tree: ast.AST) -> Iterator[str]:
    """The texts of a source file; what is filled in is ZZ."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "ZZ" for part in node.values)  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def given_out(path: Path) -> Iterator[str]:
    """The texts that the functions of a source file yield or return."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        told = getattr(node, "value", None)
        if isinstance(node, ast.Yield | ast.Return) and isinstance(told, ast.JoinedStr | ast.Constant):
            yield next(sayings(told), "")


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.en)
def test_each_phrase_is_written_in_its_language_and_fills_in_the_same_names(phrase: Phrase) -> None:
    english, chinese = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in (phrase.en, phrase.zh))
    assert chinese <= english
    assert HAN.search(phrase.zh)
    assert not HAN.search(phrase.en)


def test_whatever_the_proof_gives_as_a_reason_has_chinese_words() -> None:
    reasons = [reason for name in REASONS for reason in given_out(ROOT / name) if " " in reason]
    assert len(reasons) > 12
    assert [reason for reason in reasons if not HAN.search(retold(reason, "zh"))] == []


def test_no_phrase_is_for_what_nobody_says_any_more() -> None:
    files = [file for package in SAYING for file in (ROOT / package).rglob("*.py")]
    said = {text for file in files for text in sayings(ast.parse(file.read_text(encoding="utf-8")))}
    pieces = {piece.removesuffix(".") for text in said for piece in (text, *re.split(r"(?<=[.!?]) (?=[A-Z])", text))}
    idle = []
    for phrase in PHRASES:
        pattern = re.sub(r"\\{\w+\\}", ".+", re.escape(phrase.en.removesuffix(".")))
        if phrase.en not in FROM_ELSEWHERE | NOTICES and not any(re.fullmatch(pattern, piece) for piece in pieces):
            idle.append(phrase.en)
    assert idle == []


@pytest.mark.parametrize(
    ("claim", "quote", "chinese"),
    [
        ("BNC1 was methylated in 29% of tumours.", "BNC1 was methylated in 92% of tumours.", "引文为 92%，此句为 29%"),
        ("BRCA1 was methylated in tumours.", "BNC1 was methylated in tumours.", "此句提到 BRCA1，引文均未提及"),
        ("BNC1 was not expressed in tumours.", "BNC1 was expressed in tumours.", "此句为否定，引文并非否定"),
        ("It rains in Spain.", "BNC1 was methylated in 92% of tumours.", "引文讲的是另一件事"),
    ],
)
def test_real_reasons_read_in_chinese(embedder, claim: str, quote: str, chinese: str) -> None:  # type: ignore[no-untyped-def]
    reason = prove(claim, [quote], embedder).reason
    assert reason is not None
    assert retold(reason, "zh") == chinese
    assert retold(reason, "en") == reason


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        (
            "http://x:8/v1 could not answer (it kept silent for 60 s); embedded does.",
            "http://x:8/v1 无法回答（60 秒没有回应），改由 embedded 回答。",
        ),
        (
            "starter: 12 papers give no year and were left out by the year filter.",
            "starter：有 12 篇论文未注明年份，已被年份筛选排除。",
        ),
        ("No library has a paper '9'.", "没有文献库收录论文 '9'。"),
        ("There is no conversation 'x' of yours. Start a new one.", "您没有对话 'x'。请新建对话。"),
        (
            "This conversation has no attachment 'seq9'. There are: seq1, seq2.",
            "此对话没有附件 'seq9'。现有：seq1, seq2。",
        ),
        ("is damaged: it is no whole PDF", "已损坏：it is no whole PDF"),
        ("Nobody has foreseen this.", "Nobody has foreseen this."),
        ("Nobody has foreseen this. Ask again.", "Nobody has foreseen this. 请重新提问。"),
        ("", ""),
    ],
)
def test_notices_and_failures_read_in_chinese_as_far_as_they_are_known(text: str, chinese: str) -> None:
    assert retold(text, "zh") == chinese


@given(st.text())
def test_whatever_is_said_is_retold_without_failing(text: str) -> None:
    assert retold(text, "en") == text
    assert isinstance(retold(text, "zh"), str)


def test_that_an_input_is_unlike_the_training_data_reads_in_chinese() -> None:
    said = (
        "The input is unlike the training data of 6mA_A.thaliana (Arabidopsis thaliana): the 5-base words of Homo "
        "sapiens explain it better. The nearest training species is Homo sapiens (5hmC_H.sapiens), where this model's "
        "AUC is 0.612. On held-out windows of its own species this model has 0.938."
    )
    assert retold(said, "zh") == (
        "输入与 6mA_A.thaliana（Arabidopsis thaliana）的训练数据不同：Homo sapiens 的 5 碱基片段更符合它。"
        "最接近的训练物种是 Homo sapiens (5hmC_H.sapiens)，本模型在其上的 AUC 为 0.612。"
        "本模型在自身物种的留出窗口上为 0.938。"
    )
