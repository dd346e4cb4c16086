"""`epicite predict variant`: what variants change in a prediction."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from command.options import words
from command.output import warn
from command.predict.cards import say_card
from command.predict.files import output, refuse_absent, refuse_without_folder
from command.predict.options import add_output, share
from command.progress import Bars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seqmodels.data.fasta import Reference
    from seqmodels.predictors.likeness import Tally
    from seqmodels.predictors.variant_sites import SiteModel
    from seqmodels.predictors.variants import VariantScore

_DEFAULT = "6mA_A.thaliana"
# Bases on either side of a variant by which its surroundings are compared with the training data.
_AROUND = 100


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the action."""
    parser = actions.add_parser("variant", help="what variants change in a prediction")
    parser.add_argument("vcf", type=Path, metavar="VCF", help="variants, gzip or not")
    parser.add_argument(
        "--reference", type=Path, required=True, metavar="FASTA", help="the genome that they are variants of"
    )
    add_output(parser, (".csv",))
    parser.add_argument(
        "--model",
        type=words,
        default=_DEFAULT,
        metavar="NAME",
        help=f"of methylation (epicite predict methylation --model list), or a promoter's (default: {_DEFAULT})",
    )
    parser.add_argument(
        "--prevalence", type=share, metavar="P", help="share of sites that are methylated, or promoters, in your genome"
    )
    parser.add_argument("--sites", action="store_true", help="a row for each site that changes")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Score variants."""
    from seqmodels.data.fasta import Reference
    from seqmodels.predictors.likeness import Tally
    from seqmodels.predictors.variant_files import write_variants
    from seqmodels.predictors.variants import score_variants

    refuse_absent(arguments.vcf)
    refuse_absent(arguments.reference)
    if arguments.output:
        refuse_without_folder(arguments.output)
    model, folder = _model(arguments.model, arguments.prevalence)
    with Reference(arguments.reference) as reference, Bars() as progress, output(arguments.output) as file:
        bases = sum(reference.lengths.values())
        contigs = len(reference.lengths)
        warn(f"Scoring variants of {contigs:,} contig{'s'[: contigs > 1]} of {bases:,} bases by {model.name}.")
        tally = Tally(folder, model.name)
        scored = _counted(score_variants(arguments.vcf, reference, model), reference, tally, progress)
        statuses = write_variants(file, scored, arguments.sites)
    total = sum(statuses.values())
    warn(f"{total:,} alleles: {', '.join(f'{number:,} {status}' for status, number in statuses.items()) or 'none'}.")
    if mismatches := statuses.get("reference mismatch"):
        warn(
            f"warning: for {mismatches:,} of {total:,} alleles the reference has other bases than REF."
            " Give the version of the genome that the variants were called on."
        )
    for line in tally.warnings():
        warn(f"warning: {line}")
    return 0


def _counted(
    scored: "Iterator[VariantScore]", reference: "Reference", tally: "Tally", progress: Bars
) -> "Iterator[VariantScore]":
    """The same, while the words around each variant are counted."""
    for number, each in enumerate(scored, start=1):
        if each.status == "scored":
            contig = each.variant.contig
            end = reference.lengths[reference.find(contig) or contig]
            start = each.variant.position - 1
            tally.add(reference.fetch(contig, max(0, start - _AROUND), min(end, start + _AROUND)))
        progress("scoring", number, None)
        yield each


def _model(name: str, prevalence: float | None) -> "tuple[SiteModel, Path]":
    """A model by its name, and the folder of its predictor."""
    from seqmodels.predictors import methylation, promoter
    from seqmodels.predictors.domains import DOMAINS, UnknownDomain, domain_of
    from seqmodels.predictors.variants import methylation_sites, promoter_sites

    for kind in promoter.NAMES:
        if name.lower() == kind:
            predictor = promoter.bundled(kind)
            say_card(predictor.card, kind)
            return promoter_sites(predictor, kind, prevalence), predictor.folder
    try:
        domain = domain_of(name)
    except UnknownDomain as error:
        raise UnknownDomain(
            error.reason, f"{error.remedy} Those of promoters are {', '.join(promoter.NAMES)}."
        ) from None
    say_card(methylation.bundled().card, domain.name, (other.name for other in DOMAINS))
    return methylation_sites(methylation.bundled(), domain, prevalence), methylation.BUNDLED
