"""The proof of a claim by what tools predicted in the same turn."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent.citations.claim import Proof
from agent.proof.facts import conflict
from agent.proof.proving import LIKE, Encoder, likeness
from agent.proof.quantities import quantities
from retrieval.analysis import index_terms
from retrieval.sentences import sentence_spans

# The reasons of `facts.conflict`, said of predictions.
_REASONS = tuple(
    (re.compile(of_quotes), of_predictions)
    for of_quotes, of_predictions in (
        (r"the quote (?:says|names) (.+), the claim (.+)", r"the prediction says \1, the claim \2"),
        (r"the claim says (.+), which no quote does", r"the claim says \1, which no prediction of this turn does"),
        (r"the claim names (.+), which no quote does", r"the claim names \1, which no prediction of this turn does"),
        (r"the claim (?:says|names) (.+), the quote (.+)", r"the claim says \1, the prediction \2"),
        (r"the claim is negated, the quote is not", r"the claim is negated, the prediction is not"),
        (r"the quote is negated, the claim is not", r"the prediction is negated, the claim is not"),
    )
)
_FINAL = " .!?;…。！？；"
# What claims on a prediction speak of, beside its models and attachments.
_SUBJECTS = frozenset(
    term
    for word in (
        "predict prediction probability probable likely score scores site sites candidate candidates position strand "
        "methylated methylation promoter yield line lines environment reliability variant variants change vector "
        "vectors cosine similarity model models auc mcc accuracy correlation "
        "预测 概率 得分 位点 候选 位置 链 甲基化 启动子 产量 品系 环境 可靠 变异 变化 向量 余弦 相似 模型"
    ).split()
    for term in index_terms(word)
)


def prove_prediction(claim: str, predictions: Sequence[Mapping[str, Any]], encoder: Encoder) -> Proof | None:
    """Whether the predictions of a turn bear out a claim that cites nothing; None where it is not about them.

    A sentence that a tool gave is predicted as it stands. Another one is where its numbers, names, directions and
    denials are those of the predictions, and flagged with the reason otherwise.
    """
    told = [sentence for prediction in predictions for sentence in _sentences(prediction)]
    if _plain(claim) in {_plain(sentence) for sentence in told}:
        return Proof(verdict="predicted")
    if not told or not _is_about(claim, predictions):
        return None
    if not quantities(claim) and likeness(claim, told, encoder) < LIKE:
        return None
    reason = conflict(claim, [*told, *(row for prediction in predictions for row in _rows(prediction))])
    if reason is None:
        return Proof(verdict="predicted")
    reworded = (found.expand(form) for pattern, form in _REASONS if (found := pattern.fullmatch(reason)))
    return Proof(verdict="flagged", reason=next(reworded, reason))


def _sentences(prediction: Mapping[str, Any]) -> Iterator[str]:
    for said in prediction["says"]:
        for text in (said["en"], said["zh"]):
            yield from (text[start:end] for start, end in sentence_spans(text))


def _rows(prediction: Mapping[str, Any]) -> Iterator[str]:
    """The shown rows of the table and the scores of the models, each in words."""
    for row in prediction["rows"]:
        yield ", ".join(
            f"{name.replace('_', ' ')} {cell}" for name, cell in zip(prediction["columns"], row, strict=True)
        )
    for model in prediction["models"]:
        for score in model["scores"]:
            within = f" ({score['low']} to {score['high']})" if score["low"] is not None else ""
            yield f"{score['name']} of {model['name']} is {score['value']}{within} on {score['rows']} held-out rows"


def _is_about(claim: str, predictions: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a claim speaks of what was predicted, of a model, or of what it was asked of."""
    names = {name for each in predictions for name in (*each["of"], *(model["name"] for model in each["models"]))}
    return any(name in claim for name in names) or not _SUBJECTS.isdisjoint(index_terms(claim))


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(_FINAL)
