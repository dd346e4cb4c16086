"""How it reads in Chinese that an input is unlike what a predictor was trained on: `seqmodels.predictors.likeness`."""

from agent.wording import Phrase

UNLIKE = (
    Phrase(
        "The input is unlike the training data of {name} ({species}): {why}",
        "输入与 {name}（{species}）的训练数据不同：{why}",
    ),
    Phrase("its {word}-base words are rare there", "其 {word} 碱基片段在训练数据中少见"),
    Phrase(
        "it repeats a few {word}-base words that are common there", "它不断重复训练数据中常见的少数 {word} 碱基片段"
    ),
    Phrase("the {word}-base words of {rival} explain it better", "{rival} 的 {word} 碱基片段更符合它"),
    Phrase(
        "its {word}-base words are no nearer to it than random letters are",
        "训练数据的 {word} 碱基片段并不比随机字母更接近它",
    ),
    Phrase(
        "The predictor knows no species nearer to it, so how well it does there is not known.",
        "预测器没有更接近的物种，因此在该输入上的准确度未知。",
    ),
    Phrase("The nearest training species is {species} ({name}).", "最接近的训练物种是 {species}（{name}）。"),
    Phrase(
        "The nearest training species is {species}, where this model's AUC is {auc}.",
        "最接近的训练物种是 {species}，本模型在其上的 AUC 为 {auc}。",
    ),
    Phrase("The model of that species has {auc} there.", "该物种自己的模型为 {auc}。"),
    Phrase("On held-out windows of its own species this model has {auc}.", "本模型在自身物种的留出窗口上为 {auc}。"),
    Phrase(
        "{count} of {all} records are unlike the training data: {names}.",
        "{all} 条记录中有 {count} 条与训练数据不同：{names}。",
    ),
    Phrase("unlike the training data", "与训练数据不同"),
)
