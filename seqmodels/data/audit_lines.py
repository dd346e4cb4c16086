"""What is wrong with marker and trait tables before a model is trained on them."""

from dataclasses import dataclass, replace

import numpy as np

from seqmodels.data.audit import Report
from seqmodels.data.duplicates import line_groups
from seqmodels.data.markers import Joined


@dataclass(frozen=True)
class LineAudit(Report):
    """Counts of lines, markers and traits.

    `missing_genotypes`: share of all genotypes. `constant_markers`: markers with one value in all lines.
    `mostly_missing_markers`, `mostly_missing_lines`: with more than a fifth missing. `alike_lines`: lines in groups of
    two and more that agree at 99 % of the markers, `largest_group` the largest's. `measured`: lines measured for each
    trait. `outliers`: measurements more than five standard deviations from their trait's mean.
    """

    lines: int
    markers: int
    without_phenotype: int
    without_markers: int
    missing_genotypes: float
    constant_markers: int
    mostly_missing_markers: int
    mostly_missing_lines: int
    alike_lines: int
    largest_group: int
    measured: dict[str, int]
    outliers: dict[str, int]

    def findings(self) -> list[str]:
        """The counts, in lines for people."""
        traits = ", ".join(f"{trait} {count}" for trait, count in self.measured.items())
        return [
            f"{self.lines} lines with {self.markers} markers and measured traits ({traits})",
            f"lines with markers only: {self.without_phenotype}; with traits only: {self.without_markers}",
            f"missing genotypes {self.missing_genotypes:.2%}; over a fifth missing in {self.mostly_missing_markers} "
            f"markers and {self.mostly_missing_lines} lines",
            f"markers with one value only: {self.constant_markers}",
            f"lines that are nearly the same as another: {self.alike_lines} (largest group: {self.largest_group})",
        ]


def audit_lines(joined: Joined) -> LineAudit:
    """Look through lines with markers and traits."""
    dosages, values = joined.markers.dosages, joined.phenotypes.values
    missing = np.isnan(dosages)
    groups = np.bincount(line_groups(dosages))
    known = ~np.isnan(values)
    lowest, highest = np.fmin.reduce(dosages, axis=0), np.fmax.reduce(dosages, axis=0)
    found = LineAudit(
        lines=len(joined.markers),
        markers=len(joined.markers.markers),
        without_phenotype=len(joined.without_phenotype),
        without_markers=len(joined.without_markers),
        missing_genotypes=float(missing.mean()),
        constant_markers=int((~(lowest < highest)).sum()),
        mostly_missing_markers=int((missing.mean(axis=0) > 0.2).sum()),
        mostly_missing_lines=int((missing.mean(axis=1) > 0.2).sum()),
        alike_lines=int(groups[groups > 1].sum()),
        largest_group=int(groups.max(initial=0)),
        measured={trait: int(known[:, at].sum()) for at, trait in enumerate(joined.phenotypes.traits)},
        outliers={trait: _outliers(values[known[:, at], at]) for at, trait in enumerate(joined.phenotypes.traits)},
        refusals=(),
        recommendations=(),
    )
    constant = [
        trait for at, trait in enumerate(joined.phenotypes.traits) if len(np.unique(values[known[:, at], at])) < 2
    ]
    refusals = [f"the trait {trait!r} has the same value in all lines" for trait in constant]
    if found.constant_markers == found.markers:
        refusals.append("all markers have one value only")
    return replace(found, refusals=tuple(refusals), recommendations=tuple(_recommendations(found)))


def _outliers(values: np.ndarray) -> int:
    spread = float(values.std()) if len(values) else 0.0
    return int((np.abs(values - values.mean()) > 5 * spread).sum()) if spread else 0


def _recommendations(found: LineAudit) -> list[str]:
    advice = []
    if found.without_phenotype or found.without_markers:
        advice.append("see whether the lines in one table only are spelt otherwise in the other")
    if found.constant_markers:
        advice.append(f"{found.constant_markers} markers do not vary and can be left out")
    if found.mostly_missing_markers or found.mostly_missing_lines:
        advice.append("impute the genotypes, or leave out markers and lines that are mostly missing")
    if found.alike_lines:
        advice.append("validate on whole groups of like lines (duplicates.line_groups)")
    for trait, count in found.outliers.items():
        if count:
            advice.append(f"check {count} measurements of {trait!r} more than five standard deviations from the mean")
    if 0 < found.lines < 200:
        advice.append(f"{found.lines} lines are few: repeat the cross-validation, and compare with GBLUP")
    return advice
