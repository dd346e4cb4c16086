"""What is attached in an invented conversation, and how its requests speak of that."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.attachments.attachment import PREFIXES, UPLOADED, Attached
from agent.attachments.handles import mark
from agent.attachments.pasted import SEQUENCES, Kind
from agent.wording import Language

_STEMS = (
    "genome sample reads contigs chr3 scaffold_12 plasmid batch2 lines field2023 cohort panel upload data my_seqs "
    "clones regions candidates wheat_set run7 export amplicon insert isolate"
).split()
_ENDS: dict[Kind, tuple[str, ...]] = {
    "fasta": (".fa", ".fasta", ".fna", ".fa.gz"),
    "vcf": (".vcf", ".vcf.gz", ".variants.vcf"),
    "table": (".csv", ".tsv", ".txt"),
    "file": (".pdf", ".pdf", ".txt", ".xml"),
}
_ALPHABETS: dict[Kind, str] = {"dna": "ACGT", "rna": "ACGU", "protein": "ACDEFGHIKLMNPQRSTVWY", "fasta": "ACGT"}
_NOUNS: dict[Language, dict[Kind, tuple[str, ...]]] = {
    "en": {
        "dna": (
            "this sequence",
            "the sequence",
            "this DNA",
            "the attached sequence",
            "my sequence",
            "this fragment",
            "it",
        ),
        "rna": ("this RNA", "this sequence"),
        "protein": ("this protein", "this peptide", "the protein sequence", "this amino acid sequence"),
        "fasta": (
            "this FASTA file",
            "the attached file",
            "these sequences",
            "the FASTA",
            "my file",
            "the uploaded FASTA",
        ),
        "table": ("this table", "the attached table", "my table", "the spreadsheet", "the CSV", "these rows"),
        "vcf": ("this VCF", "these variants", "the attached VCF", "my variants", "the variant file", "these SNPs"),
        "file": ("this file", "the attached paper", "this PDF", "the uploaded document", "the paper I uploaded"),
    },
    "zh": {
        "dna": ("这条序列", "该序列", "这段DNA", "我粘贴的序列", "上面的序列", "这段序列", "它"),
        "rna": ("这条RNA", "这条序列"),
        "protein": ("这个蛋白", "这条蛋白序列", "该肽段", "这条氨基酸序列"),
        "fasta": ("这个FASTA文件", "附件", "这些序列", "上传的文件", "我的FASTA", "这个文件"),
        "table": ("这张表", "这个表格", "附件中的表格", "我的表", "上传的表格", "这些行"),
        "vcf": ("这个VCF", "这些变异", "附件里的VCF", "这些SNP", "变异文件", "这些突变位点"),
        "file": ("这个文件", "上传的论文", "这个PDF", "附件里的文章", "我上传的文献"),
    },
}
# Words that any upload, and any sequence, may be called by.
_OF_ANY = re.compile(r"file|upload|attach|document|文件|附件|上传|^it$|^它$|^my table$")
_OF_SEQUENCES = re.compile(r"sequence|DNA|fragment|FASTA|RNA|序列|片段|粘贴")
_ALL: dict[Language, tuple[str, ...]] = {
    "en": ("both", "all of them", "both of them", "all the attachments", "everything attached"),
    "zh": ("两个都", "全部附件", "所有附件", "这两个", "它们"),
}


@dataclass
class Scene:
    """The attachments of one message. Handles are given out as the agent gives them."""

    rng: random.Random
    language: Language
    attached: list[Attached] = field(default_factory=list)
    _inline: set[str] = field(default_factory=set)

    def attach(self, kind: Kind, uploaded: bool | None = None) -> Attached:
        """Attach one thing of a kind, pasted or uploaded."""
        if uploaded is None:
            uploaded = kind == "file" or self.rng.random() < (0.75 if kind in ("fasta", "vcf", "table") else 0.2)
        prefix = UPLOADED if uploaded else PREFIXES[kind]
        number = 1 + sum(one.handle.rstrip("0123456789") == prefix for one in self.attached)
        letters = self.rng.choice((41, 70, 120, 300, 512, 830, 1500, 4096, 12000)) + self.rng.randrange(30)
        parts = self.rng.randrange(2, 40) if kind == "fasta" else 1
        rows = self.rng.randrange(3, 900)
        one = Attached(
            handle=f"{prefix}{number}",
            kind=kind,
            name=self._name(kind) if uploaded else None,
            size=letters * 40,
            length=None if kind == "file" else rows if kind in ("table", "vcf") else letters,
            parts=parts,
            alphabet=_ALPHABETS.get(kind, ""),
            preview="",
            sha256="0" * 64,
        )
        self.attached.append(one)
        return one

    def said(self, one: Attached) -> str:
        """A way to speak of one attachment: by its handle where several are of one sort."""
        ways: list[Callable[[], str]] = [lambda: one.handle, lambda: self._here(one)]
        if nouns := self._nouns(one):
            ways += [lambda: self.rng.choice(nouns)] * 3
        if one.name and sum(other.name == one.name for other in self.attached) == 1:
            ways.append(lambda: str(one.name))
        return self.rng.choice(ways)()

    def said_all(self, several: Sequence[Attached]) -> str:
        """A way to speak of several attachments at once."""
        if len(several) == len(self.attached) and self.rng.random() < 0.5:
            return self.rng.choice(_ALL[self.language])
        names = [one.handle for one in several]
        joint = self.rng.choice((" and ", ", ")) if self.language == "en" else self.rng.choice(("和", "、", "与"))
        return joint.join(names)

    def message(self, text: str) -> str:
        """The text with the marks of what it does not hold already, before or behind it."""
        rest = [mark(one) for one in self.attached if one.handle not in self._inline]
        if not rest:
            return text
        if self.rng.random() < 0.15 and all(one.name is None for one in self.attached):
            return "\n".join([*rest, text])
        joint = self.rng.choice((" ", "\n", "\n", ": ")) if self.attached[0].name is None else "\n"
        return text + joint + "\n".join(rest)

    def _nouns(self, one: Attached) -> list[str]:
        """The nouns that can only mean this attachment."""
        others = [other.kind for other in self.attached if other is not one]
        if one.kind in others:
            return []
        taken = [_OF_ANY] if others else []
        if is_sequence(one.kind) and any(map(is_sequence, others)):
            taken.append(_OF_SEQUENCES)
        return [noun for noun in _NOUNS[self.language][one.kind] if not any(word.search(noun) for word in taken)]

    def _here(self, one: Attached) -> str:
        """The mark itself, where a thing was pasted into the sentence."""
        if one.name is not None or one.handle in self._inline:
            return one.handle
        self._inline.add(one.handle)
        return mark(one)

    def _name(self, kind: Kind) -> str:
        number = self.rng.choice(("", "", f"_{self.rng.randrange(1, 30)}"))
        end = self.rng.choice(_ENDS.get(kind, (".fa",)))
        return f"{self.rng.choice(_STEMS)}{number}{end}"


def is_sequence(kind: Kind) -> bool:
    """Whether a kind is one of sequences."""
    return kind in SEQUENCES or kind == "fasta"
