"""`epicite predict phenotype`: yield of wheat lines from their markers."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from command.output import warn
from command.predict.files import output, refuse_absent, refuse_without_folder
from command.predict.options import add_output

if TYPE_CHECKING:
    from seqmodels.data.markers import Markers
    from seqmodels.predictors.phenotype import PhenotypePredictor, Predicted


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the action."""
    parser = actions.add_parser("phenotype", help="yield of wheat lines in four environments, from markers")
    parser.add_argument(
        "input", type=Path, metavar="MARKERS", help="lines by markers: CSV, TSV, PLINK .raw, HapMap, or VCF"
    )
    add_output(parser, (".csv",))
    parser.add_argument(
        "--training", type=Path, metavar="TABLE", help="your own lines: the kinship of the new ones to them is shown"
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Predict yields."""
    from seqmodels.predictors.phenotype import bundled, kinship
    from seqmodels.predictors.phenotype_table import write_phenotypes

    for path in (arguments.input, arguments.training):
        if path is not None:
            refuse_absent(path)
    if arguments.output is not None:
        refuse_without_folder(arguments.output)
    new = _read(arguments.input)
    related = kinship(new, _read(arguments.training)) if arguments.training else None
    predictor = bundled()
    predicted = predictor.predict(new)
    with output(arguments.output) as file:
        write_phenotypes(file, predicted, related)
    _tell(predictor, predicted)
    if arguments.output is not None:
        warn(f"{len(predicted.lines):,} lines: {arguments.output}")
    return 0


def _read(path: Path) -> "Markers":
    from seqmodels.train.inputs import read_lines

    return read_lines(path, {}, vcf=path.name.removesuffix(".gz").endswith(".vcf"))


def _tell(predictor: "PhenotypePredictor", predicted: "Predicted") -> None:
    """What is to be known beside the table."""
    scores = ((trait, predictor.card.score(f"{trait} correlation")) for trait in predictor.traits)
    told = ", ".join(f"{trait} {score.value:.2f}" for trait, score in scores if score)
    warn(f"Correlation with the yield of held-out lines: {told}.")
    for note in predicted.notes:
        warn(f"{note}.")
    flagged = sum(map(bool, predicted.flags))
    if flagged:
        warn(f"{flagged:,} of {len(predicted.lines):,} lines are flagged: see the column flag.")
