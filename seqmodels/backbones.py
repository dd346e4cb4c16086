"""The registry of backbones: which classes, tokenizer, sizes and adapter targets a family of models has.

A backbone comes from a hub id, a folder (of `save_pretrained`, or of the training loop), or from scratch with a named
size. Remote code is never run.
"""

import json
import logging
import socket
import tempfile
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError

from seqmodels.errors import ModelError

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

log = logging.getLogger(__name__)

Task = Literal["masked", "next_token", "classify", "regress", "token_label"]
Reads = Literal["dna", "protein", "text", "genotypes"]

DESCRIPTION = "backbone.json"
"""The file in a saved model's folder that says which family, task and labels it has."""


class UnknownBackbone(ModelError):
    """A name stands for no family, size, task or model."""


class UnreachableBackbone(ModelError):
    """Weights or tokenizer are neither on this machine nor can be fetched."""


def _no_limit(_config: Any) -> int | None:
    return None


def _no_overlap(_tokenizer: "PreTrainedTokenizerBase") -> int:
    return 1


@dataclass(frozen=True)
class Family:
    """One architecture with its tokenizer.

    `model` is the class of the bare encoder and `classes` those with heads, as "module:Class"; `heads` the names of the
    modules that are new for a task, trained and saved whole beside an adapter; `lora_targets` the linear layers of an
    adapter by the ends of their names; `sizes` what differs from the config's defaults. `new_tokenizer` makes a
    tokenizer from training sequences and the model's settings, of which it takes its own away; `saved_tokenizer` reads
    one from a source, from this machine alone where it is told so; `limit` is the most tokens, by the config; `overlap`
    how many neighbouring tokens share a letter.
    """

    name: str
    reads: Reads
    config: str
    model: str
    classes: Mapping[Task, str]
    sizes: Mapping[str, Mapping[str, Any]]
    lora_targets: tuple[str, ...] | str
    heads: tuple[str, ...]
    new_tokenizer: "Callable[[Sequence[str], dict[str, Any]], PreTrainedTokenizerBase] | None" = None
    saved_tokenizer: "Callable[[str, bool], PreTrainedTokenizerBase] | None" = None
    hub: str | None = None
    limit: "Callable[[Any], int | None]" = _no_limit
    special_tokens: bool = True
    overlap: "Callable[[PreTrainedTokenizerBase], int]" = _no_overlap

    def size(self, name: str) -> dict[str, Any]:
        """What a named size sets in the config; raises UnknownBackbone."""
        if name not in self.sizes:
            raise UnknownBackbone(
                f"{self.name} has no size {name!r}", f"Its sizes are {', '.join(self.sizes)} (model.size=NAME)."
            )
        return dict(self.sizes[name])

    def class_for(self, task: Task) -> Any:
        """The class with the head for a task; raises UnknownBackbone where there is none."""
        if task not in self.classes:
            raise UnknownBackbone(
                f"{self.name} has no head for task {task}", f"Its tasks are {', '.join(self.classes)} (task=NAME)."
            )
        return named(self.classes[task])

    def targets(self) -> tuple[str, ...]:
        """The ends of the names of the linear layers that an adapter goes on."""
        return tuple(named(self.lora_targets)) if isinstance(self.lora_targets, str) else self.lora_targets


def named(path: str) -> Any:
    """What stands at "module:name"."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


_ENCODER_TARGETS = ("query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense")


def _encoder(hidden: int, layers: int, heads: int) -> dict[str, int]:
    """The shape of an encoder whose inner layers are four times as wide as its states."""
    return {
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": 4 * hidden,
    }


def _esm_limit(config: Any) -> int:
    # Positions count from padding_idx + 1, which is 2.
    return int(config.max_position_embeddings) - 2


def _bert_limit(config: Any) -> int:
    return int(config.max_position_embeddings)


# The 33 tokens of ESM-2, in their order (facebookresearch/esm, esm/constants.py and esm/data.py).
_ESM_TOKENS = ["<cls>", "<pad>", "<eos>", "<unk>", *"LAGVSERTIDPKQNFYMHWCXBUZO.-", "<null_1>", "<mask>"]


def _residues(_sequences: Sequence[str], _settings: dict[str, Any]) -> "PreTrainedTokenizerBase":
    return _esm_tokenizer(_ESM_TOKENS, ends=True)


def _six_mers(_sequences: Sequence[str], _settings: dict[str, Any]) -> "PreTrainedTokenizerBase":
    """The tokens of the Nucleotide Transformer: 6-mers in the order A T C G, single letters after them.

    Dalla-Torre et al. 2025, Nat. Methods 22:287, doi:10.1038/s41592-024-02523-z.
    """
    words = ["".join(word) for word in product("ATCG", repeat=6)]
    special = ["<unk>", "<pad>", "<mask>", "<cls>", "<eos>", "<bos>"]
    return _esm_tokenizer([*special, *words, *"ATCGN"], ends=False)


def _esm_tokenizer(tokens: list[str], *, ends: bool) -> "PreTrainedTokenizerBase":
    from transformers import EsmTokenizer

    with tempfile.TemporaryDirectory() as folder:
        vocabulary = Path(folder) / "vocab.txt"
        vocabulary.write_text("\n".join(tokens), encoding="ascii")
        return EsmTokenizer(str(vocabulary), eos_token="<eos>" if ends else None)


def _uncased_words(_sequences: Sequence[str], _settings: dict[str, Any]) -> "PreTrainedTokenizerBase":
    """The bundled encoder's word pieces, which are BERT uncased's (Devlin et al. 2019, doi:10.18653/v1/N19-1423)."""
    from seqmodels.encoder import bundled_folder

    return _saved_words(str(bundled_folder()), True)


def _byte_pairs(sequences: Sequence[str], settings: dict[str, Any]) -> "PreTrainedTokenizerBase":
    from seqmodels.tokenizers.bpe import train_bpe

    return train_bpe(sequences, settings.pop("vocab_size", 4096))


def _saved_byte_pairs(source: str, _local: bool) -> "PreTrainedTokenizerBase":
    from seqmodels.tokenizers.bpe import load_bpe

    return load_bpe(source)


def _saved_esm(source: str, local: bool) -> "PreTrainedTokenizerBase":
    from transformers import EsmTokenizer

    tokenizer: PreTrainedTokenizerBase = EsmTokenizer.from_pretrained(source, local_files_only=local)
    return tokenizer


def _saved_words(source: str, local: bool) -> "PreTrainedTokenizerBase":
    from transformers import BertTokenizer

    tokenizer: PreTrainedTokenizerBase = BertTokenizer.from_pretrained(source, local_files_only=local)
    return tokenizer


_BERT_CLASSES: dict[Task, str] = {
    "masked": "transformers:BertForMaskedLM",
    "classify": "transformers:BertForSequenceClassification",
    "regress": "transformers:BertForSequenceClassification",
    "token_label": "transformers:BertForTokenClassification",
}
_ESM_CLASSES: dict[Task, str] = {
    "masked": "transformers:EsmForMaskedLM",
    "classify": "transformers:EsmForSequenceClassification",
    "regress": "transformers:EsmForSequenceClassification",
    "token_label": "transformers:EsmForTokenClassification",
}

# Parts of transformers' own classes that some checkpoints lack, and that no task here reads.
_UNUSED = ("pooler", "contact_head")
# k-mers of A, C, G, T and five special tokens (Ji et al. 2021, doi:10.1093/bioinformatics/btab083).
_K_MER_VOCABULARIES = {4**k + 5 for k in range(3, 7)}
_ESM_ARCHITECTURE = {"position_embedding_type": "rotary", "token_dropout": True, "max_position_embeddings": 1026}
_NT_ARCHITECTURE = {"position_embedding_type": "absolute", "max_position_embeddings": 1002}

_ALL = (
    Family(
        name="gmlp",
        reads="genotypes",
        config="seqmodels.gmlp:GMLPConfig",
        model="seqmodels.gmlp:GMLPModel",
        classes={"regress": "seqmodels.gmlp:GMLPForRegression"},
        sizes={"tiny": {"block_size": 8, "hidden_size": 8, "intermediate_size": 16}, "base": {}},
        lora_targets="seqmodels.gmlp:LORA_TARGETS",
        heads=("regressor",),
    ),
    Family(
        name="dnabert2",
        reads="dna",
        config="seqmodels.dnabert2:DNABert2Config",
        model="seqmodels.dnabert2:DNABert2Model",
        classes={
            "masked": "seqmodels.dnabert2:DNABert2ForMaskedLM",
            "classify": "seqmodels.dnabert2:DNABert2ForSequenceClassification",
            "regress": "seqmodels.dnabert2:DNABert2ForSequenceClassification",
            "token_label": "seqmodels.dnabert2:DNABert2ForTokenClassification",
        },
        sizes={"tiny": {**_encoder(32, 2, 2), "vocab_size": 64}, "117m": {}},
        lora_targets="seqmodels.dnabert2:LORA_TARGETS",
        heads=("classifier",),
        new_tokenizer=_byte_pairs,
        saved_tokenizer=_saved_byte_pairs,
        hub="zhihan1996/DNABERT-2-117M",
    ),
    Family(
        name="esm2",
        reads="protein",
        config="transformers:EsmConfig",
        model="transformers:EsmModel",
        classes=_ESM_CLASSES,
        # Lin et al. 2023, Science 379:1123, doi:10.1126/science.ade2574.
        sizes={
            name: {**_ESM_ARCHITECTURE, **_encoder(*shape)}
            for name, shape in {
                "tiny": (32, 2, 2),
                "8m": (320, 6, 20),
                "35m": (480, 12, 20),
                "150m": (640, 30, 20),
            }.items()
        },
        lora_targets=_ENCODER_TARGETS,
        heads=("classifier",),
        new_tokenizer=_residues,
        saved_tokenizer=_saved_esm,
        hub="facebook/esm2_t6_8M_UR50D",
        limit=_esm_limit,
    ),
    Family(
        name="nucleotide-transformer",
        reads="dna",
        config="transformers:EsmConfig",
        model="transformers:EsmModel",
        classes=_ESM_CLASSES,
        sizes={
            name: {**_NT_ARCHITECTURE, **_encoder(*shape)}
            for name, shape in {"tiny": (32, 2, 2), "500m": (1280, 24, 20)}.items()
        },
        lora_targets=_ENCODER_TARGETS,
        heads=("classifier",),
        new_tokenizer=_six_mers,
        saved_tokenizer=_saved_esm,
        hub="InstaDeepAI/nucleotide-transformer-500m-human-ref",
        limit=_esm_limit,
    ),
    Family(
        name="bert",
        reads="text",
        config="transformers:BertConfig",
        model="transformers:BertModel",
        classes=_BERT_CLASSES,
        sizes={"tiny": _encoder(32, 2, 2), "mini": _encoder(256, 4, 4), "base": _encoder(768, 12, 12)},
        lora_targets=_ENCODER_TARGETS,
        heads=("classifier", "pooler"),
        new_tokenizer=_uncased_words,
        saved_tokenizer=_saved_words,
        hub="bert-base-uncased",
        limit=_bert_limit,
    ),
)
FAMILIES: dict[str, Family] = {family.name: family for family in _ALL}
"""The families by name."""


@dataclass(frozen=True)
class Backbone:
    """A loaded model with its tokenizer (None where the input is genotypes).

    `fresh` names the parameters that no checkpoint gave, and `source` where the others came from.
    """

    family: Family
    model: "PreTrainedModel | PeftModel"
    tokenizer: "PreTrainedTokenizerBase | None"
    source: str
    fresh: frozenset[str] = field(default_factory=frozenset)

    @property
    def limit(self) -> int | None:
        """The most tokens of one input, special ones included; None where there is no limit."""
        return self.family.limit(self.model.config)

    @property
    def pad(self) -> int:
        """The id of the padding token; 0 where there are no tokens."""
        token = self.tokenizer.pad_token_id if self.tokenizer else 0
        return token if isinstance(token, int) else 0


def family_named(name: str) -> Family:
    """A family by its name; raises UnknownBackbone with the nearest one."""
    if name in FAMILIES:
        return FAMILIES[name]
    near = get_close_matches(name.lower(), FAMILIES, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    raise UnknownBackbone(f"There is no backbone {name!r}", f"{meant}The backbones are {', '.join(FAMILIES)}.")


def new_backbone(
    family: Family, task: Task, size: str, settings: Mapping[str, Any], sequences: Sequence[str] = ()
) -> Backbone:
    """A backbone with random weights, from torch's current seed.

    Args:
        family: its architecture.
        task: which head it gets.
        size: a named size of the family.
        settings: further settings of its config, the head's among them.
        sequences: the training rows, which byte-pair tokens are learnt from.

    Raises:
        UnknownBackbone: no such size or task.
        ModelError: a setting that the config has not.
    """
    own = {**family.size(size), **settings}
    tokenizer = family.new_tokenizer(sequences, own) if family.new_tokenizer else None
    if tokenizer is not None:
        own = {**_vocabulary_of(tokenizer), **own}
    config_class, model_class = named(family.config), family.class_for(task)
    try:
        config = config_class(**own)
        model = model_class(config)
    except (TypeError, ValueError, StrictDataclassError) as error:
        raise ModelError(f"{family.name} cannot be built with {own}: {error}", "See to model.settings.") from error
    fresh = frozenset(name for name, _ in model.named_parameters())
    return Backbone(family, model, tokenizer, f"new, size {size}", fresh)


def load_backbone(
    family: Family, task: Task | None, source: str, settings: Mapping[str, Any] | None = None
) -> Backbone:
    """A backbone with the weights of a checkpoint.

    Args:
        family: its architecture.
        task: which head it gets; None for the bare encoder.
        source: a hub id, or a folder with config, weights and tokenizer.
        settings: what to set in the config, the head's labels for instance.

    Raises:
        UnknownBackbone: the family has no such head.
        UnreachableBackbone: nothing at the source, or the hub is not reached.
        ModelError: the weights are of another architecture.
    """
    quiet()
    model_class = family.class_for(task) if task else named(family.model)
    local = _local_only(source)
    try:
        _refuse_other_family(family, source, local)
        config = named(family.config).from_pretrained(source, local_files_only=local, **(settings or {}))
        model, report = model_class.from_pretrained(
            source,
            config=config,
            local_files_only=local,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
        tokenizer = _saved_tokenizer(family, source, local)
    except OSError as error:
        raise _unreachable(source, local, error) from error
    except SafetensorError as error:
        raise ModelError(f"The weights of {source} cannot be read ({error})", "Fetch or copy them again.") from error
    fresh = frozenset(report["missing_keys"]) | {entry[0] for entry in report["mismatched_keys"]}
    _refuse_untrained(family, source, model, fresh)
    if report["unexpected_keys"]:
        log.info("%s: weights without a place here: %s", source, ", ".join(sorted(report["unexpected_keys"])[:8]))
    return Backbone(family, model.train(), tokenizer, source, fresh)


def recognised(source: str) -> Family:
    """The family of a folder or hub id, from its config.

    Raises UnreachableBackbone where there is none, and UnknownBackbone where it is of no family known here.
    """
    quiet()
    if Path(source).is_dir() and (Path(source) / DESCRIPTION).is_file():
        return family_named(json.loads((Path(source) / DESCRIPTION).read_text(encoding="utf-8"))["family"])
    local = _local_only(source)
    try:
        found = _family_by_config(_config_of(source, local))
    except OSError as error:
        raise _unreachable(source, local, error) from error
    if found is None:
        raise UnknownBackbone(
            f"{source} is a model of no family known here", f"The families are {', '.join(FAMILIES)}."
        )
    return FAMILIES[found]


@cache
def quiet() -> None:
    """Have transformers and the hub's client say only what fails: what matters is said by us."""
    from huggingface_hub.utils import logging as hub_logging
    from huggingface_hub.utils.tqdm import disable_progress_bars
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    hub_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    disable_progress_bars()


def _vocabulary_of(tokenizer: "PreTrainedTokenizerBase") -> dict[str, Any]:
    special = {
        f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("pad", "mask", "cls", "sep", "eos")
    }
    return {"vocab_size": len(tokenizer), **{name: value for name, value in special.items() if value is not None}}


def _config_of(source: str, local: bool) -> dict[str, Any]:
    from transformers import PreTrainedConfig

    config, _ = PreTrainedConfig.get_config_dict(source, local_files_only=local)
    return dict(config)


def _family_by_config(config: Mapping[str, Any]) -> str | None:
    """Which family a config.json is of; kinds that share an architecture are told apart by their vocabulary."""
    kind, words = config.get("model_type"), config.get("vocab_size")
    if "alibi_starting_size" in config:
        return "dnabert2"
    if kind == "esm":
        return "esm2" if words == len(_ESM_TOKENS) else "nucleotide-transformer"
    if kind == "bert":
        return "dnabert" if words in _K_MER_VOCABULARIES else "bert"
    if kind is None and "d_model" in config and "layer" in config:
        return "hyenadna"
    return next((name for name in FAMILIES if name == kind), None)


def _refuse_other_family(family: Family, source: str, local: bool) -> None:
    found = _family_by_config(_config_of(source, local))
    if found is not None and found != family.name:
        raise ModelError(f"{source} is a model of family {found}, not {family.name}", f"Say model={found}.")


def _refuse_untrained(family: Family, source: str, model: "PreTrainedModel", fresh: frozenset[str]) -> None:
    """A checkpoint gives the encoder's weights, or it is of another architecture."""
    encoder = [name for name in fresh if not _of_head(name, family)]
    if len(encoder) > len(list(model.named_parameters())) // 2:
        raise ModelError(
            f"{source} gives {len(encoder)} weights of {family.name}'s encoder none of its values ({encoder[0]}, ...)",
            "Name a checkpoint of this family, or leave model.pretrained out to train from scratch.",
        )
    if encoder:
        log.warning("%s: new, for the checkpoint has none: %s", source, ", ".join(sorted(encoder)[:8]))


def _of_head(name: str, family: Family) -> bool:
    return bool({*family.heads, *_UNUSED} & set(name.split(".")))


def _saved_tokenizer(family: Family, source: str, local: bool) -> "PreTrainedTokenizerBase | None":
    if family.saved_tokenizer is None:
        return None
    return family.saved_tokenizer(source, local)


def _local_only(source: str) -> bool:
    """Whether only this machine is asked: for a folder, and where the hub's address is not known."""
    return Path(source).exists() or not _hub_is_known()


@cache
def _hub_is_known() -> bool:
    # The hub's client would try for 23 seconds.
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    if urllib.request.getproxies():
        return True
    try:
        socket.getaddrinfo(urlsplit(constants.ENDPOINT).hostname, None)
    except OSError:
        return False
    return True


def _unreachable(source: str, local: bool, error: OSError) -> UnreachableBackbone:
    folder = Path(source)
    if folder.is_dir():
        has = ", ".join(sorted(entry.name for entry in folder.iterdir())[:8]) or "nothing"
        return UnreachableBackbone(
            f"{source} is no model's folder ({str(error).splitlines()[0]}); it holds {has}",
            "A folder has config.json, model.safetensors and the tokenizer's files.",
        )
    if local:
        return UnreachableBackbone(
            f"{source} is no folder here, and the model hub is not reached",
            "Name a folder with config.json and weights, copy the model there on a machine with a network, "
            "or train from scratch (model.pretrained=null model.size=NAME).",
        )
    return UnreachableBackbone(
        f"{source} is not on the model hub, or may not be read ({str(error).splitlines()[0]})",
        "Check the name, or name a folder.",
    )
