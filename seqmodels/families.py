"""The registry of families: which classes, tokenizer, sizes and adapter targets an architecture has."""

import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from seqmodels.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Task = Literal["masked", "next_token", "classify", "regress", "token_label"]
Reads = Literal["dna", "protein", "text", "genotypes"]


class UnknownBackbone(ModelError):
    """A name stands for no family, size, task or model."""


def _no_limit(_config: Any) -> int | None:
    return None


def _no_overlap(_tokenizer: "PreTrainedTokenizerBase") -> int:
    return 1


@dataclass(frozen=True)
class Family:
    """One architecture with its tokenizer.

    `model` is the class of the bare encoder and `classes` those with heads, as "module:Class"; `heads` the names of the
    modules that are new for a task, trained and saved whole beside an adapter; `lora_targets` the linear layers of an
    adapter by the ends of their names; `own_sizes` what differs from the config's defaults, `presets` where further
    sizes stand. `new_tokenizer` makes a tokenizer from training sequences and the model's settings, of which it takes
    its own away; `saved_tokenizer` reads one from a source, from this machine alone where it is told so; `limit` is the
    most tokens, by the config; `overlap` how many neighbouring tokens share a letter; `has_states` whether the encoder
    gives a state for every token; `encoder` the family whose checkpoints hold this one's encoder; `spelled` whether the
    model is told how words are written and where they begin.
    """

    name: str
    reads: Reads
    config: str
    model: str
    classes: Mapping[Task, str]
    own_sizes: Mapping[str, Mapping[str, Any]]
    lora_targets: tuple[str, ...] | str
    heads: tuple[str, ...]
    presets: str = ""
    new_tokenizer: "Callable[[Sequence[str], dict[str, Any]], PreTrainedTokenizerBase] | None" = None
    saved_tokenizer: "Callable[[str, bool], PreTrainedTokenizerBase] | None" = None
    hub: str | None = None
    limit: "Callable[[Any], int | None]" = _no_limit
    special_tokens: bool = True
    has_states: bool = True
    encoder: str | None = None
    spelled: bool = False
    overlap: "Callable[[PreTrainedTokenizerBase], int]" = _no_overlap

    def size(self, name: str) -> dict[str, Any]:
        """What a named size sets in the config; raises UnknownBackbone."""
        sizes = {**self.own_sizes, **(named(self.presets) if self.presets else {})}
        if name not in sizes:
            raise UnknownBackbone(
                f"{self.name} has no size {name!r}", f"Its sizes are {', '.join(sizes)} (model.size=NAME)."
            )
        return dict(sizes[name])

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


def _hyena_limit(config: Any) -> int:
    return int(config.max_seq_len)


def _window(config: Any) -> int:
    return int(config.window)


def _bert_limit(config: Any) -> int:
    return int(config.max_position_embeddings)


def _bases(_sequences: Sequence[str], _settings: dict[str, Any]) -> "PreTrainedTokenizerBase":
    from seqmodels.tokenizers.nucleotides import NucleotideTokenizer

    return NucleotideTokenizer(fold_case=True)


def _saved_bases(source: str, local: bool) -> "PreTrainedTokenizerBase":
    from seqmodels.tokenizers.nucleotides import NucleotideTokenizer

    tokenizer: PreTrainedTokenizerBase = NucleotideTokenizer.from_pretrained(
        source, local_files_only=local, padding_side="right", fold_case=True
    )
    return tokenizer


def _k_mers(_sequences: Sequence[str], settings: dict[str, Any]) -> "PreTrainedTokenizerBase":
    from seqmodels.tokenizers.kmers import KmerTokenizer

    return KmerTokenizer(k=settings.pop("k", 6), fold_case=True)


def _saved_k_mers(source: str, local: bool) -> "PreTrainedTokenizerBase":
    from seqmodels.tokenizers.kmers import KmerTokenizer

    tokenizer: PreTrainedTokenizerBase = KmerTokenizer.from_pretrained(source, local_files_only=local, fold_case=True)
    return tokenizer


def _k_mer_length(tokenizer: "PreTrainedTokenizerBase") -> int:
    from seqmodels.tokenizers.kmers import KmerTokenizer

    assert isinstance(tokenizer, KmerTokenizer)
    return tokenizer.k


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

    drawn = random.Random(0).sample(range(len(sequences)), len(sequences))  # noqa: S311 - for an even choice
    return train_bpe(_about(_MOST_LEARNT_FROM, (sequences[at] for at in drawn)), settings.pop("vocab_size", 4096))


def _about(letters: int, sequences: Iterable[str]) -> Iterator[str]:
    """Sequences until there are so many letters."""
    for sequence in sequences:
        if letters <= 0:
            return
        letters -= len(sequence)
        yield sequence


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


_MOST_LEARNT_FROM = 10_000_000

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
        own_sizes={"tiny": {"block_size": 8, "hidden_size": 8, "intermediate_size": 16}, "base": {}},
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
        own_sizes={"tiny": {**_encoder(32, 2, 2), "vocab_size": 64}, "117m": {}},
        lora_targets="seqmodels.dnabert2:LORA_TARGETS",
        heads=("classifier",),
        new_tokenizer=_byte_pairs,
        saved_tokenizer=_saved_byte_pairs,
        hub="zhihan1996/DNABERT-2-117M",
    ),
    Family(
        name="hyenadna",
        reads="dna",
        config="seqmodels.hyenadna:HyenaDNAConfig",
        model="seqmodels.hyenadna:HyenaDNAModel",
        classes={
            "next_token": "seqmodels.hyenadna:HyenaDNAForCausalLM",
            "classify": "seqmodels.hyenadna:HyenaDNAForSequenceClassification",
            "regress": "seqmodels.hyenadna:HyenaDNAForSequenceClassification",
            "token_label": "seqmodels.hyenadna:HyenaDNAForTokenClassification",
        },
        own_sizes={"tiny": {"d_model": 32, "n_layer": 2, "max_seq_len": 1026, "filter_order": 16}},
        presets="seqmodels.hyenadna:PRESETS",
        lora_targets="seqmodels.hyenadna:LORA_TARGETS",
        heads=("score",),
        new_tokenizer=_bases,
        saved_tokenizer=_saved_bases,
        hub="LongSafari/hyenadna-small-32k-seqlen-hf",
        limit=_hyena_limit,
    ),
    Family(
        name="dnabert",
        reads="dna",
        config="transformers:BertConfig",
        model="transformers:BertModel",
        classes=_BERT_CLASSES,
        own_sizes={"tiny": {**_encoder(32, 2, 2), "k": 3}, "base": _encoder(768, 12, 12)},
        lora_targets=_ENCODER_TARGETS,
        heads=("classifier", "pooler"),
        new_tokenizer=_k_mers,
        saved_tokenizer=_saved_k_mers,
        hub="zhihan1996/DNA_bert_6",
        limit=_bert_limit,
        overlap=_k_mer_length,
    ),
    Family(
        name="sitenet",
        reads="dna",
        config="seqmodels.sitenet:SiteNetConfig",
        model="seqmodels.sitenet:SiteNetModel",
        classes={
            "classify": "seqmodels.sitenet:SiteNetForSequenceClassification",
            "regress": "seqmodels.sitenet:SiteNetForSequenceClassification",
        },
        own_sizes={"tiny": {"channels": 8, "blocks": 1, "hidden": 8}, "base": {}},
        lora_targets="seqmodels.sitenet:LORA_TARGETS",
        heads=("output", "output_of_domain", "bias_of_domain"),
        new_tokenizer=_bases,
        saved_tokenizer=_saved_bases,
        limit=_window,
        special_tokens=False,
        has_states=False,
    ),
    Family(
        name="esm2",
        reads="protein",
        config="transformers:EsmConfig",
        model="transformers:EsmModel",
        classes=_ESM_CLASSES,
        # Lin et al. 2023, Science 379:1123, doi:10.1126/science.ade2574.
        own_sizes={
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
        own_sizes={
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
        own_sizes={"tiny": _encoder(32, 2, 2), "mini": _encoder(256, 4, 4), "base": _encoder(768, 12, 12)},
        lora_targets=_ENCODER_TARGETS,
        heads=("classifier", "pooler"),
        new_tokenizer=_uncased_words,
        saved_tokenizer=_saved_words,
        hub="bert-base-uncased",
        limit=_bert_limit,
    ),
    Family(
        name="tagger",
        reads="text",
        config="seqmodels.tagger.model:TaggerConfig",
        model="seqmodels.tagger.model:TaggerForTokenClassification",
        classes={"token_label": "seqmodels.tagger.model:TaggerForTokenClassification"},
        own_sizes={"tiny": {**_encoder(32, 2, 2), "head_width": 32}, "base": _encoder(384, 6, 12)},
        lora_targets=_ENCODER_TARGETS,
        heads=("head", "given"),
        new_tokenizer=_uncased_words,
        saved_tokenizer=_saved_words,
        limit=_bert_limit,
        has_states=False,
        encoder="bert",
        spelled=True,
    ),
    Family(
        name="bilstm",
        reads="text",
        config="seqmodels.tagger.bilstm:BiLSTMConfig",
        model="seqmodels.tagger.bilstm:BiLSTMForTokenClassification",
        classes={"token_label": "seqmodels.tagger.bilstm:BiLSTMForTokenClassification"},
        own_sizes={"tiny": {"hidden_size": 32}, "base": {}},
        lora_targets="seqmodels.tagger.bilstm:LORA_TARGETS",
        heads=("head",),
        new_tokenizer=_uncased_words,
        saved_tokenizer=_saved_words,
        has_states=False,
        spelled=True,
    ),
)
FAMILIES: dict[str, Family] = {family.name: family for family in _ALL}
"""The families by name."""


def family_named(name: str) -> Family:
    """A family by its name; raises UnknownBackbone with the nearest one."""
    if name in FAMILIES:
        return FAMILIES[name]
    near = get_close_matches(name.lower(), FAMILIES, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    raise UnknownBackbone(f"There is no backbone {name!r}", f"{meant}The backbones are {', '.join(FAMILIES)}.")


def family_by_config(config: Mapping[str, Any]) -> str | None:
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
