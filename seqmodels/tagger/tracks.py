"""What the tagger says of every word, track by track.

Corpora draw the borders of a gene or a disease differently, so each has tracks of its own; they share all else.
"""

from collections.abc import Mapping

GENE, GENE_OF_EPI, GENE_OF_BC2GM = "gene", "gene_epi", "gene_bc2gm"
CANCER, DISEASE_OF_NCBI, DISEASE_OF_BC5CDR = "cancer", "disease_ncbi", "disease_bc5cdr"
SAMPLE, SITE = "sample", "site"
THEME, SPECULATED, MARKED = "theme", "speculated", "marked"


def _iob2(*kinds: str) -> tuple[str, ...]:
    return ("O", *(f"{begin}-{kind}" for kind in kinds for begin in "BI"))


TRACKS: Mapping[str, tuple[str, ...]] = {
    GENE: _iob2("gene"),
    GENE_OF_EPI: _iob2("gene"),
    GENE_OF_BC2GM: _iob2("gene"),
    CANCER: _iob2("cancer"),
    DISEASE_OF_NCBI: _iob2("disease"),
    DISEASE_OF_BC5CDR: _iob2("disease"),
    SAMPLE: _iob2("cell", "tissue", "organism", "fluid"),
    SITE: _iob2("site"),
    # Of a gene, where a trigger is marked: whether it is what the trigger is said of.
    THEME: ("none", "asserted", "negated"),
    SPECULATED: ("no", "yes"),
    # Of the trigger: what is methylated.
    MARKED: ("protein", "DNA"),
}

SAMPLE_KINDS: Mapping[str, str] = {
    "Cell": "cell",
    "Tissue": "tissue",
    "Organ": "tissue",
    "Multi-tissue_structure": "tissue",
    "Organism_subdivision": "tissue",
    "Anatomical_system": "tissue",
    "Organism": "organism",
    "Organism_substance": "fluid",
}
"""Kinds of the Cancer Genetics corpus that say where something was seen."""
GENE_KINDS = ("Gene_or_gene_product", "Protein")
CANCER_KINDS = ("Cancer",)
DNA_EVENTS = ("DNA_methylation", "DNA_demethylation")
PROTEIN_EVENTS = ("Methylation", "Demethylation")
