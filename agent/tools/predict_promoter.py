"""The tool that predicts promoters."""

from typing import Annotated

from langchain.tools import ToolRuntime, tool
from langchain_core.tools import ToolException
from pydantic import Field

from agent.predictors import PromoterModel
from agent.tools import asked, places
from agent.tools.arguments import Handles, PromoterName
from agent.tools.declaration import Declaration, declare
from agent.tools.predicted import SHOWN_ROWS, Prediction, checked_size, file_of, held_out, model_of
from agent.tools.sequences import dna_of
from agent.turn import Turn
from agent.wording import Phrase

# A window begins at every base.
_MOST_BASES = 100_000
MODELS: dict[str, PromoterModel] = {"core": "core", "tata300": "tata300"}


@tool("predict_promoter")
def _predict_promoter(
    sequences: Annotated[
        Handles,
        Field(
            description="Handles of attached DNA sequences, FASTA files or tables with a column sequence, such as seq1 "
            "or file2; several at once."
        ),
    ],
    runtime: ToolRuntime[Turn],
    model: Annotated[
        PromoterName,
        Field(
            description="core: core promoters of any kind, 70 bases around the start of transcription. tata300: "
            "promoters with a TATA box, 300 bases. Left out, the one that fits the length."
        ),
    ] = None,
) -> str:
    """Predict whether attached DNA is a promoter (of human genes), or where in a longer sequence promoters lie.

    For requests to classify, score or find promoters, core promoters and TATA promoters in a sequence, a table or a
    FASTA file. Gives a probability for each sequence, the best places of longer ones, the model's held-out score and
    warnings; a table and a plot are kept for the user. What it gives is a prediction and no literature. Leave out what
    the user does not say.
    """
    turn = runtime.context
    if model is not None and model not in MODELS:
        raise ToolException(f"There is no promoter model {model}. There are core (70 bases) and tata300 (300 bases).")
    given = dna_of(turn, sequences)
    checked_size(given.bases, f"epicite predict promoter FILE --model {model or 'core'}", _MOST_BASES)
    name = MODELS[model] if model else places.model_for(given)
    places.refuse_short(name, given)
    predictor = turn.predictors.promoter(name)
    judged = places.judged(predictor, name, given)
    card = model_of(predictor.card, name)
    choice = [] if model else [places.CHOSEN.format(model=name, window=predictor.window)]
    unlike = turn.predictors.unlike_promoter(name, [sequence.letters for sequence in given.sequences])
    return Prediction(
        predicted="promoters",
        of=given.handles,
        says=(*places.says(judged, given), *held_out(card)),
        columns=places.COLUMNS,
        rows=tuple(places.rows(judged, SHOWN_ROWS)),
        total=judged.called if judged.scanned else len(judged.found),
        models=(card,),
        files=tuple(file_of(turn.keep(*written)) for written in places.files(judged, given)),
        plot=turn.keep(*places.plot(judged, given)).handle,
        notices=(*choice, *given.notices, *unlike, *places.notices(judged)),
    ).model_dump_json()


model_asked = asked.one_of(
    tata300=r"\btata\b|tata[-_ ]?300|\b300[- ]?(?:bp|bases?|nt|nucleotides?)\b|TATA|300\s*(?:个)?(?:bp|碱基)",
    core=r"\bcore\b|\b70[- ]?(?:bp|bases?|nt|nucleotides?)\b|核心|70\s*(?:个)?(?:bp|碱基)",
)

predict_promoter = declare(
    _predict_promoter,
    Declaration(
        examples=(
            "Is this sequence a promoter?",
            "Does this DNA look like a promoter?",
            "Find promoters in this FASTA file",
            "Score these sequences as promoters",
            "Predict the core promoter in this sequence",
            "Does it have a TATA promoter?",
            "Where in this contig could transcription start?",
            "Which of these sequences are promoters?",
            "Classify each sequence: promoter or not",
            "Find the transcription start sites in this sequence",
            "promoter probability",
            "这条序列是启动子吗？",
            "预测这个FASTA文件中的启动子",
            "这段DNA是不是核心启动子？",
            "用TATA模型判断它是否为启动子",
            "这些序列里哪些是启动子？",
            "这条序列的转录起始位点在哪里？",
            "给每条序列的启动子概率打分",
        ),
        readers={"sequences": asked.sequences, "model": model_asked},
        takes=asked.HOLD_SEQUENCES,
        asks=Phrase(
            "Which sequence? Paste DNA of at least 70 bases, or attach a FASTA file.",
            "哪条序列？请粘贴至少 70 个碱基的 DNA 序列，或上传 FASTA 文件。",
        ),
    ),
)
