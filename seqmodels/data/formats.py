"""File formats by their first line, so that an error can name what a file is."""

_FORMATS = {
    ">": ("FASTA", "Give it where FASTA is read, or write a table with a `sequence` column."),
    "@": ("FASTQ", "Convert the reads with `seqtk seq -a reads.fq > reads.fa`."),
    "LOCUS": ("GenBank", "Download the record as FASTA, or convert it with `any2fasta`."),
    "ID  ": ("EMBL", "Download the record as FASTA, or convert it with `any2fasta`."),
    "##gff": ("GFF", "It is annotation: give it beside the FASTA file of its sequences."),
    "##fileformat=VCF": (
        "VCF",
        "It holds variants: give it where VCF is read, beside its reference in FASTA.",
    ),
}


def format_of(line: str) -> tuple[str, str]:
    """The format that begins like this line and what to do with it, or two empty strings."""
    return next((found for start, found in _FORMATS.items() if line.startswith(start)), ("", ""))
