"""Scored variants as CSV: one row an alternative allele, or one a site."""

import csv
from collections.abc import Iterable, Iterator
from typing import IO

from seqmodels.predictors.variants import SiteChange, VariantScore

_ALLELE = ("contig", "position", "id", "ref", "alt", "status")
_SITE = ("site", "inserted", "strand", "kind", "before", "after", "change", "flag")
SUMMARY = (*_ALLELE, "reference_has", "sites", "gained", "lost", *_SITE, "at_edges", "near_unknown")


def write_variants(file: IO[str], scored: Iterable[VariantScore], each_site: bool = False) -> dict[str, int]:
    """Write scores; gives how many alleles had each status.

    Args:
        file: to write to.
        scored: in their order.
        each_site: a row for each site that changes, instead of one for each allele with the largest change.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*_ALLELE, *_SITE] if each_site else SUMMARY)
    statuses: dict[str, int] = {}
    for score in scored:
        statuses[score.status] = statuses.get(score.status, 0) + 1
        writer.writerows(_site_rows(score) if each_site else [_summary(score)])
    return statuses


def _allele(score: VariantScore) -> list[object]:
    variant = score.variant
    return [variant.contig, variant.position, variant.identifier, variant.ref, score.alt, score.status]


def _summary(score: VariantScore) -> list[object]:
    kinds = [site.kind for site in score.sites]
    numbers = [len(kinds), kinds.count("gained"), kinds.count("lost")] if score.status == "scored" else [""] * 3
    found = score.found if score.status == "reference mismatch" else ""
    return [*_allele(score), found, *numbers, *_site(score.largest), score.at_edges, score.near_unknown]


def _site_rows(score: VariantScore) -> Iterator[list[object]]:
    for site in score.sites or (None,):
        yield [*_allele(score), *_site(site)]


def _site(site: SiteChange | None) -> list[object]:
    if site is None:
        return [""] * len(_SITE)
    numbers = ["" if each is None else f"{each:.6g}" for each in (site.before, site.after, site.change)]
    flag = "strands disagree" if site.strands_disagree else ""
    return [site.position, site.inserted, site.strand, site.kind, *numbers, flag]
