"""What a model says of a prediction is what the prediction says."""

import pytest

from agent.proof.predictions import prove_prediction

PREDICTION = {
    "predicted": "methylation",
    "of": ["seq1"],
    "says": [
        {
            "en": "6mA_A.thaliana: of 288 candidate bases of seq1, 3 are predicted to be methylated.",
            "zh": "6mA_A.thaliana：seq1 的 288 个候选碱基中，预测有 3 个被甲基化。",
        }
    ],
    "columns": ["sequence", "position", "strand", "model", "probability"],
    "rows": [["seq1", 415, "+", "6mA_A.thaliana", 0.803], ["seq1", 26, "-", "6mA_A.thaliana", 0.61]],
    "models": [
        {
            "name": "6mA_A.thaliana",
            "scores": [{"name": "AUC", "value": 0.934, "low": 0.93, "high": 0.94, "rows": 31873}],
        }
    ],
}


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (PREDICTION["says"][0]["en"], "predicted"),
        (PREDICTION["says"][0]["zh"], "predicted"),
        ("The model predicts 3 methylated adenines among 288 candidates in seq1.", "predicted"),
        ("The best site of seq1 is at position 415 with probability 0.80.", "predicted"),
        ("模型预测 seq1 中有 3 个甲基化位点。", "predicted"),
        ("The model reached an AUC of 0.934 on 31,873 held-out rows.", "predicted"),
        ("The model predicts 30 methylated adenines among 288 candidates in seq1.", "flagged"),
        ("模型预测 seq1 中有 30 个甲基化位点。", "flagged"),
        ("The best site has a probability of 0.97.", "flagged"),
        ("3 candidate bases of seq1 are not predicted to be methylated.", "flagged"),
        ("I hope this helps.", None),
        ("You may want to repeat the experiment 12 times.", None),
    ],
)
def test_a_claim_on_a_prediction_is_predicted_only_where_the_prediction_says_so(embedder, claim, verdict):
    proof = prove_prediction(claim, [PREDICTION], embedder)
    assert (proof and proof.verdict) == verdict


def test_the_reason_speaks_of_predictions(embedder):
    proof = prove_prediction("seq1 has 31 predicted sites.", [PREDICTION], embedder)
    assert proof is not None
    assert "quote" not in str(proof.reason)
    assert "31" in str(proof.reason)


def test_without_predictions_nothing_is_predicted(embedder):
    assert prove_prediction("3 sites are predicted.", [], embedder) is None
