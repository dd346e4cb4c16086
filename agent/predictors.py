"""The trained models that tools run: each is opened when it is first asked for."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from seqmodels.embedding import Embedder
    from seqmodels.predictors.methylation import MethylationPredictor
    from seqmodels.predictors.phenotype import PhenotypePredictor
    from seqmodels.predictors.promoter import PromoterPredictor

PromoterModel = Literal["core", "tata300"]


class Predictors:
    """The predictors that ship, and published models that are on this machine."""

    def methylation(self) -> "MethylationPredictor":
        """Of methylated bases. Raises ModelError where it is not installed."""
        from seqmodels.predictors.methylation import bundled

        return bundled()

    def promoter(self, name: PromoterModel) -> "PromoterPredictor":
        """Of promoters, by the name of a model. Raises ModelError where it is not installed."""
        from seqmodels.predictors.promoter import bundled

        return bundled(name)

    def phenotype(self) -> "PhenotypePredictor":
        """Of phenotypes. Raises ModelError where it is not installed."""
        from seqmodels.predictors.phenotype import bundled

        return bundled()

    def embedder(self, name: str) -> "Embedder":
        """Of vectors, by the name of a family. Raises ModelError where its weights are not on this machine."""
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        from seqmodels.backbones import UnreachableBackbone
        from seqmodels.embedding import load_embedder
        from seqmodels.families import FAMILIES

        # A question never makes this machine ask another one.
        try:
            folder = snapshot_download(str(FAMILIES[name].hub), local_files_only=True)
        except LocalEntryNotFoundError as error:
            raise UnreachableBackbone(
                f"The weights of {name} are not on this machine, and the chat fetches nothing",
                f"Run `epicite predict embed FILE --model {name}` once where there is a network.",
            ) from error
        return load_embedder(folder)

    def unlike_methylation(self, name: str, sequences: Iterable[str]) -> list[str]:
        """Sentences on how sequences are unlike those that methylation was learnt from in a domain."""
        from seqmodels.predictors.likeness import warnings
        from seqmodels.predictors.methylation import BUNDLED

        return warnings(BUNDLED, name, sequences)

    def unlike_promoter(self, name: PromoterModel, sequences: Iterable[str]) -> list[str]:
        """Sentences on how sequences are unlike those that a promoter model was learnt from."""
        from seqmodels.predictors.likeness import warnings
        from seqmodels.predictors.promoter import BUNDLED

        return warnings(BUNDLED / name, name, sequences)
