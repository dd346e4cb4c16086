"""What is wrong with tagged text before a model is trained on it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from seqmodels.data.audit import Report, listed
from seqmodels.data.conll import TaggedSentences


@dataclass(frozen=True)
class SentenceAudit(Report):
    """Counts of sentences and tags.

    `entities`: entities of each kind (tokens of each tag where the tags are plain). `repeated`: sentences whose tokens
    came before; `conflicting`: distinct sentences that are tagged in two ways. `in_validation`: sentences of the
    validation file that the training file has.
    """

    sentences: int
    tokens: int
    documents: int
    entities: dict[str, int]
    longest: int
    repeated: int
    conflicting: int
    validation: int
    in_validation: int

    def findings(self) -> list[str]:
        """The counts, in lines for people."""
        lines = [
            f"{self.sentences} sentences of {self.tokens} tokens in {self.documents} documents, the longest of "
            f"{self.longest} tokens",
            f"entities: {listed(self.entities)}",
            f"repeated sentences: {self.repeated}, tagged in two ways: {self.conflicting}",
        ]
        if self.validation:
            lines.append(f"validation: of {self.validation} sentences the training file has {self.in_validation}")
        return lines


def audit_sentences(train: TaggedSentences, validation: TaggedSentences | None = None) -> SentenceAudit:
    """Look through tagged text, and for its sentences in the validation file."""
    tagged: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for sentence in train.sentences:
        tagged[sentence.tokens].add(sentence.tags)
    judged = () if validation is None else validation.sentences
    entities = Counter(
        tag.removeprefix("B-")
        for sentence in train.sentences
        for tag in sentence.tags
        if tag.startswith("B-") or (train.scheme == "plain" and tag != "O")
    )
    found = SentenceAudit(
        sentences=len(train),
        tokens=sum(len(sentence.tokens) for sentence in train.sentences),
        documents=len(set(train.documents.tolist())),
        entities=dict(entities.most_common()),
        longest=max((len(sentence.tokens) for sentence in train.sentences), default=0),
        repeated=len(train) - len(tagged),
        conflicting=sum(len(ways) > 1 for ways in tagged.values()),
        validation=len(judged),
        in_validation=sum(sentence.tokens in tagged for sentence in judged),
        refusals=() if entities else ("no token is tagged",),
        recommendations=(),
    )
    return replace(found, recommendations=tuple(_recommendations(found)))


def _recommendations(found: SentenceAudit) -> list[str]:
    advice = []
    if found.in_validation:
        advice.append(f"take the {found.in_validation} sentences that both files have out of one of them")
    if found.conflicting:
        advice.append(f"check the {found.conflicting} sentences that are tagged in two ways")
    if found.documents > 1:
        advice.append("validate on whole documents (TaggedSentences.documents)")
    rare = [name for name, count in found.entities.items() if count < 10]
    if rare:
        advice.append(f"fewer than 10 entities of {', '.join(rare[:5])}: join kinds, or find more")
    return advice
