"""The tool that predicts methylated bases."""

from collections.abc import Sequence
from typing import Annotated

from langchain.tools import ToolRuntime, tool
from pydantic import Field

from agent.tools import asked, sites
from agent.tools.arguments import Handles, Marks, Names
from agent.tools.declaration import Declaration, declare
from agent.tools.domains import chosen
from agent.tools.predicted import SHOWN_ROWS, Prediction, checked_share, checked_size, file_of, model_of
from agent.tools.sequences import Given, dna_of
from agent.turn import Turn
from agent.wording import Phrase
from seqmodels.predictors.domains import DOMAINS, Domain

USUAL_THRESHOLD = 0.5


@tool("predict_methylation_sites")
def _predict_methylation_sites(
    sequences: Annotated[
        Handles,
        Field(
            description="Handles of attached DNA sequences, FASTA files or tables of 41-base windows, such as seq1 or "
            "file2; several at once."
        ),
    ],
    runtime: ToolRuntime[Turn],
    species: Annotated[
        Names,
        Field(
            description="Species by Latin name; several to compare them. There are models of 4mC in Casuarina "
            "equisetifolia, Fragaria vesca, Saccharomyces cerevisiae and Tolypocladium sp. SUP5-1; of 5hmC in Homo "
            "sapiens and Mus musculus; of 6mA in Arabidopsis thaliana, Caenorhabditis elegans, Casuarina "
            "equisetifolia, Drosophila melanogaster, Fragaria vesca, Homo sapiens, Rosa chinensis, Saccharomyces "
            "cerevisiae, Tetrahymena thermophila, Tolypocladium sp. SUP5-1 and Xanthomonas oryzae pv. oryzicola BLS256."
        ),
    ] = None,
    marks: Annotated[
        Marks,
        Field(
            description="Which methylation: 4mC and 5hmC are on cytosines, 6mA on adenines; several to compare them."
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        Field(description="Probability from which a base is called methylated, between 0 and 1; left out, 0.5."),
    ] = None,
    prevalence: Annotated[
        float | None,
        Field(
            description="Share of the candidate bases that are methylated in the genome, between 0 and 1, which the "
            "probabilities are corrected for; left out, half, as in the training sets."
        ),
    ] = None,
) -> str:
    """Predict methylated bases in attached DNA, every candidate base on both strands: 6mA, 4mC or 5hmC.

    For requests to find, scan, score, mark or count methylation sites in a sequence, a FASTA file or 41-base windows.
    Gives counts, the best sites, the model's held-out score and warnings; a whole table, files for genome browsers and
    a plot are kept for the user. What it gives is a prediction and no literature. Leave out what the user does not
    say: the tool takes what is usual, or tells what is missing.
    """
    turn = runtime.context
    level = checked_share("threshold", threshold) or USUAL_THRESHOLD
    share = checked_share("prevalence", prevalence)
    domains, choice = chosen(marks, species)
    given = dna_of(turn, sequences)
    checked_size(given.bases, f"epicite predict methylation FILE --model {domains[0].name}")
    predictor = turn.predictors.methylation()
    scanned = [sites.scanned(predictor, domain, given, level, share) for domain in domains]
    sites.refuse_nothing(given, scanned)
    models = [model_of(predictor.card, domain.name, [each.name for each in DOMAINS]) for domain in domains]
    files = [file_of(turn.keep(*written)) for each in scanned for written in sites.files(each, given)]
    return Prediction(
        predicted="methylation",
        of=given.handles,
        says=tuple(said for pair in zip(scanned, models, strict=True) for said in sites.says(*pair, given)),
        columns=sites.COLUMNS,
        rows=tuple(sites.rows(scanned, SHOWN_ROWS)),
        total=sum(each.counts.scored for each in scanned),
        models=tuple(models),
        files=tuple(files),
        plot=turn.keep(*sites.plot(scanned, given)).handle,
        notices=(*choice, *given.notices, *_warnings(turn, domains, given), *sites.notices(scanned, share)),
    ).model_dump_json()


def _warnings(turn: Turn, domains: Sequence[Domain], given: Given) -> list[str]:
    letters = [sequence.letters for sequence in given.sequences]
    return [said for domain in domains for said in turn.predictors.unlike_methylation(domain.name, letters)]


predict_methylation_sites = declare(
    _predict_methylation_sites,
    Declaration(
        examples=(
            "Score every adenine of this sequence for 6mA in Arabidopsis",
            "Which bases of this sequence are methylated?",
            "Find 6mA sites in this sequence",
            "Predict 4mC sites in this FASTA file",
            "Scan this file for 5hmC in mouse",
            "Where are the methylation sites in this DNA?",
            "How many methylated cytosines does it have?",
            "Predict the methylation of these windows",
            "Mark the hydroxymethylated positions of this sequence in human",
            "Is the central base of this window methylated?",
            "Compare the methylation of this sequence in human and mouse",
            "Methylation sites with a probability above 0.9",
            "6mA yeast",
            "用拟南芥模型预测这条序列的6mA位点",
            "这条序列哪些碱基被甲基化？",
            "给每个腺嘌呤的6mA打分",
            "扫描这个文件中的4mC甲基化位点",
            "预测小鼠的5hmC羟甲基化位点",
            "这段DNA有多少个甲基化位点？",
            "这些窗口中心的碱基是否甲基化？",
            "比较人和小鼠的羟甲基化",
            "找出概率大于0.9的甲基化位点",
        ),
        readers={
            "sequences": asked.sequences,
            "species": asked.species_names,
            "marks": asked.marks,
            "threshold": asked.threshold,
            "prevalence": asked.prevalence,
        },
        takes=asked.HOLD_SEQUENCES,
        asks=Phrase(
            "Which sequence? Paste DNA or attach a FASTA file, and name the species and the mark (6mA, 4mC or 5hmC).",
            "哪条序列？请粘贴 DNA 序列或上传 FASTA 文件，并说明物种和修饰类型（6mA、4mC 或 5hmC）。",
        ),
    ),
)
