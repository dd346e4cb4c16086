"""Whether a request only makes sense after the one before it."""

import re

from agent.attachments.handles import without_handles
from corpora import cancers, genes, glossary
from retrieval.analysis import query_terms

_CONNECTS = re.compile(
    r"(?i)^\s*(?:and|or|but|also|so|what about|how about|what else|why not)\b|^(?:那|那么|还有|另外|而)"
)
_ENDS_OPEN = re.compile(r"呢\s*[？?]?\s*$")
_REFERS = re.compile(
    r"(?i)\b(?:it|its|they|them|their|these|those|(?:this|that|the (?:same|first|second|last|above)) "
    r"(?:\w+ )?(?:study|paper|article|gene|drug|authors?|work|method|cohort|patients))\b|"
    r"\bthe (?:authors?|study|paper|article)\b|"
    r"^(?:主要)?(?:结论|局限)|他们|她们|它|这(?:篇|项|个|些|种)|该(?:研究|文|论文|基因)|上述|其中"
)
# What is asked of a study, and what narrows it down: alone they are about the study that was spoken of.
_OF_STUDY = frozenset(
    query_terms(
        "sensitivity specificity accuracy auc performance sample size number cohort patients participants controls "
        "method methods design dose duration result results conclusion conclusions limitation limitations authors "
        "journal year country p value hazard ratio confidence interval significance significant efficacy outcome "
        "blood plasma serum urine stool feces saliva sputum tissue tissues men women children adults"
    )
)
_DEFINES = re.compile(r"(?i)^\s*(?:what (?:is|are) (?!the |its |their )|define |explain )|^什么是")
_IS_WHAT = re.compile(r"(?:是什么|指什么)\s*[？?]?\s*$")
_ASKS = re.compile(
    r"(?i)\b(?:what|which|who|whose|when|where|why|how|is|are|was|were|do|does|did|has|have|can|could|any)\b|"
    r"什么|多少|多大|多久|多长|几|哪|怎|为何|是否|有没有|如何|谁|吗"
)
# "In smokers", "for early stages": where or for whom, with nothing said of what.
_PLACES = re.compile(
    r"(?i)^\s*(?:in|for|with|without|among|after|before|by|from|on|at|of|to|only)\b|^(?:在|对于?|关于其)"
)
# A reply is short: it says what was missing, or gives what was asked for.
_LONGEST_REPLY = 6
_LONGEST_CHINESE_REPLY = 14
# A question of so few words that names no gene or cancer leaves what it is about to the one before.
_FEW_TERMS = 2


def is_reply(text: str) -> bool:
    """Whether a message may be a reply to what was asked back: so short that alone it asks for nothing."""
    said = without_handles(text)
    return len(said) <= _LONGEST_CHINESE_REPLY if glossary.is_chinese(said) else len(said.split()) <= _LONGEST_REPLY


def is_follow_up(text: str) -> bool:
    """Whether a request leans on the one before: by its first words, by what it refers to, by saying too little.

    A topic by itself ("DNA methylation") says enough; a question in as few words, or what can only be asked of a
    study ("sensitivity"), does not.
    """
    if _CONNECTS.search(text) or _ENDS_OPEN.search(text) or _REFERS.search(text):
        return True
    translation = glossary.translate(text)
    english = translation.english
    if _DEFINES.search(text) or cancers.cancer(english) or any(genes.mentions(english)):
        return False
    terms = query_terms(english)
    if terms and _OF_STUDY.issuperset(terms):
        return True
    unknown = [stretch for stretch in translation.missed if len(stretch) > 1]
    if _IS_WHAT.search(text) or len(terms) > _FEW_TERMS or len(unknown) >= _FEW_TERMS:
        return False
    return not terms or _ASKS.search(text) is not None or _PLACES.search(text) is not None
