"""Several trained networks of one shape in one file of weights: their logits are averaged."""

from collections.abc import Sequence
from pathlib import Path

from safetensors.torch import load_file, save_file

from seqmodels.predictors.card import WEIGHTS
from seqmodels.sitenet import SiteNetConfig, SiteNetForSequenceClassification


def save_ensemble(folder: Path, networks: Sequence[SiteNetForSequenceClassification]) -> None:
    """Write networks, whose names in the file begin with their number, and their common config."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"{number}.{name}": tensor.contiguous()
        for number, network in enumerate(networks)
        for name, tensor in network.state_dict().items()
    }
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt", "networks": str(len(networks))})
    networks[0].config.save_pretrained(folder)


def open_ensemble(folder: Path) -> tuple[SiteNetForSequenceClassification, ...]:
    """The networks of a folder, ready to predict."""
    config = SiteNetConfig.from_pretrained(folder)
    tensors = load_file(folder / WEIGHTS)
    numbers = sorted({int(name.partition(".")[0]) for name in tensors})
    networks = []
    for number in numbers:
        network = SiteNetForSequenceClassification(config)
        prefix = f"{number}."
        own = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
        network.load_state_dict(own)
        networks.append(network.train(False))
    return tuple(networks)
