"""VCF: variants with a check against their reference, and the genotypes of many samples as a marker matrix.

VCF's text is read here and not by htslib, whose errors name no line and go to standard error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.alphabet import IUPAC_COMPLEMENTS
from seqmodels.data.errors import EmptyData, MalformedLine, Place, RepeatedName, WrongValue
from seqmodels.data.fasta import Reference
from seqmodels.data.markers import Markers
from seqmodels.data.streams import read_lines

_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_BASES = frozenset(IUPAC_COMPLEMENTS)


@dataclass(frozen=True)
class Variant:
    """One line of a VCF file: `position` counts from 1; `alts` may hold symbolic alleles such as `<DEL>` or `*`."""

    contig: str
    position: int
    identifier: str
    ref: str
    alts: tuple[str, ...]
    line: int

    @property
    def name(self) -> str:
        """Its identifier, or `contig:position:REF:ALT` where it has none."""
        if self.identifier != ".":
            return self.identifier
        return f"{self.contig}:{self.position}:{self.ref}:{','.join(self.alts)}"


@dataclass(frozen=True)
class VariantCheck:
    """Whether a variant fits the reference.

    - "match": the reference has REF there (`found`), on the contig that it calls `contig`.
    - "mismatch": it has something else (`found`): another version of the genome, or REF and ALT exchanged.
    - "no contig", "beyond the end": it has no such contig or position.
    """

    status: Literal["match", "mismatch", "no contig", "beyond the end"]
    contig: str
    found: str


def read_variants(path: Path | str) -> Iterator[Variant]:
    """Read the variants of a VCF file one at a time (.gz too); samples are passed over.

    Raises:
        UnreadableFile, EmptyData, MalformedLine, WrongValue: with file and line.
    """
    path = Path(path)
    for line, fields in _body(path, _Header(path)):
        yield _variant(path, line, fields)


def check_variant(variant: Variant, reference: Reference) -> VariantCheck:
    """Compare a variant's REF with the reference genome; N in the reference fits any base."""
    contig = reference.find(variant.contig)
    if contig is None:
        return VariantCheck("no contig", variant.contig, "")
    start = variant.position - 1
    end = start + len(variant.ref)
    if start < 0 or end > reference.lengths[contig]:
        return VariantCheck("beyond the end", contig, "")
    found = reference.fetch(contig, start, end)
    fits = all(base in (ref, "N") or ref == "N" for base, ref in zip(found, variant.ref, strict=True))
    return VariantCheck("match" if fits else "mismatch", contig, found)


def read_genotypes(path: Path | str) -> Markers:
    """Read the genotypes of a multi-sample VCF file as copies of the alternative allele (.gz too).

    Several alternative alleles are counted together. A genotype with any missing allele is missing; a haploid call is
    0 or 1. Markers are named by the variants' identifiers, or `contig:position:REF:ALT` where there are none.

    Returns:
        Markers whose `lines` are the samples and whose `counted` are the alternative alleles.

    Raises:
        DataError: as `read_variants`; also a file without samples, and a genotype that cannot be read, by line and
            sample.
    """
    path = Path(path)
    header = _Header(path)
    names: list[str] = []
    counted: list[str] = []
    columns: list[NDArray[np.float32]] = []
    dosage_of = _Calls()
    for line, fields in _body(path, header):
        if not header.samples:
            remedy = "Marker effects need genotypes: give the VCF with its FORMAT and sample columns."
            raise EmptyData("the file has no samples", remedy, Place(path, line))
        variant = _variant(path, line, fields)
        if fields[8].partition(":")[0] != "GT":
            remedy = "Keep GT as the first key of FORMAT."
            raise MalformedLine("the line has no genotypes (GT)", remedy, Place(path, line, variant.name))
        calls = [field.partition(":")[0] for field in fields[9:]]
        try:
            columns.append(np.fromiter(map(dosage_of.__getitem__, calls), dtype=np.float32, count=len(calls)))
        except ValueError:
            wrong = next(i for i, call in enumerate(calls) if not dosage_of.fits(call))
            reason = f"{calls[wrong]!r} is no genotype (sample {header.samples[wrong]!r})"
            raise WrongValue(reason, "Genotypes look like 0/1, 1|1 or ./.", Place(path, line, variant.name)) from None
        names.append(variant.name)
        counted.append(",".join(variant.alts))
    if not columns:
        raise EmptyData("there are no variants", "Give at least one line below the header.", Place(path))
    return Markers(header.samples, _distinct(path, names), np.stack(columns, axis=1), tuple(counted))


class _Header:
    """What the line `#CHROM` says, once it has been read."""

    def __init__(self, path: Path) -> None:
        self.place = Place(path)
        self.samples: tuple[str, ...] = ()
        self.width = 0

    def read(self, line: str, number: int) -> None:
        fields = line.split("\t")
        place = Place(self.place.path, number)
        if tuple(fields[:8]) != _COLUMNS and tuple(fields[:5]) != _COLUMNS[:5]:
            remedy = "It is #CHROM POS ID REF ALT QUAL FILTER INFO, separated by tabs."
            raise MalformedLine("the line #CHROM does not name the columns of VCF", remedy, place)
        self.width = len(fields)
        self.samples = tuple(fields[9:])
        if len(set(self.samples)) != len(self.samples):
            twice = next(name for name in self.samples if self.samples.count(name) > 1)
            raise RepeatedName(f"the sample {twice!r} is there twice", "Give every sample a name of its own.", place)


class _Calls(dict[str, float]):
    """Alternative alleles in each spelling of a genotype, remembered."""

    def __missing__(self, call: str) -> float:
        alleles = call.replace("|", "/").split("/")
        if "." in alleles:
            dosage = float("nan")
        else:
            numbers = [int(allele) for allele in alleles]
            if min(numbers) < 0:
                raise ValueError(call)
            dosage = float(sum(number > 0 for number in numbers))
        self[call] = dosage
        return dosage

    def fits(self, call: str) -> bool:
        try:
            self[call]
        except ValueError:
            return False
        return True


def _body(path: Path, header: _Header) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(read_lines(path), 1):
        if line.startswith("##") or not line.strip():
            continue
        if line.startswith("#CHROM"):
            header.read(line, number)
            continue
        if not header.width:
            remedy = "A VCF file has a line `#CHROM POS ID REF ALT ...` above its variants."
            raise MalformedLine("there is no line #CHROM above this line", remedy, Place(path, number))
        fields = line.split("\t")
        if len(fields) != header.width:
            reason = f"the line has {len(fields)} columns, the header {header.width}"
            remedy = "Columns are separated by single tabs; see whether the line is cut short."
            raise MalformedLine(reason, remedy, Place(path, number))
        yield number, fields
    if not header.width:
        raise EmptyData("there is no line #CHROM", "Give a VCF file with its header.", Place(path))


def _variant(path: Path, line: int, fields: list[str]) -> Variant:
    contig, position, identifier, ref, alt = fields[:5]
    place = Place(path, line, identifier if identifier != "." else None)
    if not position.isdecimal() or not position.isascii():
        raise MalformedLine(f"the position {position!r} is not a whole number", "Positions count from 1.", place)
    reference = ref.upper()
    if not reference or not set(reference) <= _BASES:
        raise WrongValue(f"REF {ref!r} is not DNA", "Write the reference bases of the variant.", place)
    alts = () if alt == "." else tuple(allele.upper() if allele.isalpha() else allele for allele in alt.split(","))
    for allele in alts:
        if not allele or (allele.isalpha() and not set(allele) <= _BASES):
            raise WrongValue(f"ALT {allele!r} is not DNA", "Write the alternative bases, commas between them.", place)
    return Variant(contig, int(position), identifier, reference, alts, line)


def _distinct(path: Path, names: list[str]) -> tuple[str, ...]:
    if len(set(names)) == len(names):
        return tuple(names)
    seen: set[str] = set()
    for name in names:
        if name in seen:
            remedy = "Write `.` for identifiers that are not unique, or split the variants with `bcftools norm -m-`."
            raise RepeatedName(f"the variant {name!r} is there twice", remedy, Place(path))
        seen.add(name)
    return tuple(names)
