"""Breeding lines: genotypes with measured traits."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from seqmodels.backbones import Backbone
from seqmodels.data.duplicates import line_groups
from seqmodels.data.markers import Joined
from seqmodels.data.splits import strata_of
from seqmodels.data.tables import Targets
from seqmodels.train.examples import Examples
from seqmodels.train.head import Head
from seqmodels.train.rows import Findings, Groups, Rows, refuse_strands


@dataclass(frozen=True)
class LineRows(Rows):
    """Lines that have both genotypes and phenotypes."""

    data: Joined

    def __len__(self) -> int:
        return len(self.data.markers)

    def groups(self, similar: str) -> Groups:
        """Lines of nearly the same genotype together, or of quite the same."""
        return line_groups(self.data.markers.dosages, identity=0.99 if similar == "near" else 1.0)

    def strata(self) -> Groups | None:
        """By tenths of the first trait."""
        return strata_of(self._targets())

    def audit(self) -> Findings:
        """Copies, missing values, and lines that only one table has."""
        markers, traits = self.data.markers, self.data.phenotypes
        copies = len(self) - len(set(self.groups("near").tolist()))
        missing = float(np.isnan(markers.dosages).mean())
        known = {trait: int((~np.isnan(traits.values[:, at])).sum()) for at, trait in enumerate(traits.traits)}
        constant = [trait for at, trait in enumerate(traits.traits) if len(np.unique(_known(traits.values[:, at]))) < 2]
        refusals = tuple(f"the trait {trait!r} has the same value in all lines" for trait in constant)
        record: dict[str, Any] = {
            "rows": len(self),
            "markers": len(markers.markers),
            "missing_genotypes": missing,
            "phenotypes": known,
            "near_duplicates": copies,
            "without_phenotype": len(self.data.without_phenotype),
            "without_markers": len(self.data.without_markers),
            "refusals": list(refusals),
        }
        report = (
            f"{len(self)} lines with {len(markers.markers)} markers ({missing:.1%} missing) and {len(known)} traits; "
            f"{copies} lines are nearly the same as another\n"
            f"{len(self.data.without_phenotype)} lines have markers alone, {len(self.data.without_markers)} "
            "phenotypes alone"
        )
        return Findings(report, record, refusals)

    def head(self, _rows: ArrayLike, /) -> Head:
        """One value a trait, in its own units: the network keeps the traits' means and scales itself."""
        traits = self.data.phenotypes.traits
        return Head("values", traits, (0.0,) * len(traits), (1.0,) * len(traits))

    def examples(self, _backbone: Backbone, _head: Head, /, *, both_strands: bool) -> Examples:
        """Genotypes and traits, NaN where missing."""
        refuse_strands("genotypes", both_strands)
        return Examples(
            matrix={"genotypes": torch.from_numpy(self.data.markers.dosages)},
            labels=torch.from_numpy(self.data.phenotypes.values),
        )

    def hashes(self) -> list[str]:
        """Of the genotypes."""
        return [hashlib.sha256(row.tobytes()).hexdigest() for row in self.data.markers.dosages]

    def settings(self) -> dict[str, Any]:
        """The number of markers, which is the network's width."""
        return {"num_markers": len(self.data.markers.markers)}

    def notes(self) -> dict[str, Any]:
        """The markers in their order, and which allele is counted, for other lines must be read in the same way."""
        return {"markers": list(self.data.markers.markers), "counted": list(self.data.markers.counted)}

    def _targets(self) -> Targets:
        phenotypes = self.data.phenotypes
        return Targets("values", phenotypes.traits, (), phenotypes.values)


def _known(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(values[~np.isnan(values)])
