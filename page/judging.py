"""What a person says of an evidence row: the controls below its quote, and how they are read."""

from collections.abc import Mapping
from dataclasses import asdict
from html import escape
from typing import cast

from corpora.cancers import cancer
from page import words
from page.naming import SAMPLES, STATUSES, disease_name
from page.outcome import Refused
from page.words import Language, Phrase
from retrieval.evidence_row import NOTHING, Correction, EvidenceRow, RowStatus
from retrieval.scope import Sample

_LONGEST_NAME = 100


def judging(row: EvidenceRow, language: Language) -> str:
    """Buttons to accept and reject a row, a form to correct it, and, where it is judged, the way back.

    What the buttons do is their name: "accept", "reject", "back", or "correct", which shows the form.
    """
    question = escape(words.YOUR_VERDICT.say(language))
    buttons = [
        _button("accept", words.ACCEPT, language, pressed=row.verdict == "accepted"),
        _button("reject", words.REJECT, language, pressed=row.verdict == "rejected"),
    ]
    if row.verdict is not None:
        buttons.append(_button("back", words.TAKE_BACK, language))
    correct = escape(words.CORRECT.say(language))
    buttons.append(f'<button type="button" name="correct" aria-expanded="false">{correct}</button>')
    return f'<div class="judging"><p>{question}</p><p>{"".join(buttons)}</p>{_form(row, language)}</div>'


def corrected(row: EvidenceRow, fields: Mapping[str, object]) -> Correction | Refused:
    """What a form changes of a row; or what is wrong with it.

    A field that is left empty says that there is none. A correction takes the place of one made before, so what was
    corrected already is said again.
    """
    given = {name: str(fields.get(name) or "").strip() for name in ("gene", "status", "disease", "sample")}
    if not 0 < len(given["gene"]) <= _LONGEST_NAME:
        return Refused(words.NO_GENE, {"most": _LONGEST_NAME})
    named = given["disease"][:_LONGEST_NAME]
    asked = Correction(
        gene=given["gene"],
        status=cast(RowStatus, given["status"]) if given["status"] in STATUSES else None,
        disease=(cancer(named) or named) if named else NOTHING,
        sample=cast(Sample, given["sample"] or NOTHING) if given["sample"] in ("", *SAMPLES) else None,
    )
    standing = Correction(row.gene, row.status, row.disease or row.disease_text or NOTHING, row.sample or NOTHING)
    changes = {
        name: value for name, value in asdict(asked).items() if value is not None and value != getattr(standing, name)
    }
    if not changes:
        return Refused(words.NO_CORRECTION)
    return asked if row.verdict == "corrected" else Correction(**changes)


def _form(row: EvidenceRow, language: Language) -> str:
    disease = disease_name(row.disease, language) if row.disease else row.disease_text or ""
    told = {name: phrase.say(language) for name, phrase in STATUSES.items()}
    seen = {"": "–"} | {name: phrase.say(language) for name, phrase in SAMPLES.items()}
    return (
        f"<form hidden>{_text('gene', words.GENE, row.gene, language)}"
        f"{_choice('status', words.COLUMN_STATUS, told, row.status, language)}"
        f"{_text('disease', words.DISEASE, disease, language)}"
        f"{_choice('sample', words.SAMPLE, seen, row.sample or '', language)}"
        f'<button type="submit" class="store">{escape(words.STORE_CORRECTION.say(language))}</button></form>'
    )


def _button(name: str, phrase: Phrase, language: Language, pressed: bool | None = None) -> str:
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    return f'<button type="button" name="{name}"{state}>{escape(phrase.say(language))}</button>'


def _text(name: str, phrase: Phrase, value: str, language: Language) -> str:
    field = f'<input type="text" name="{name}" value="{escape(value)}" maxlength="{_LONGEST_NAME}" autocomplete="off">'
    return f"<label>{escape(phrase.say(language))}{field}</label>"


def _choice(name: str, phrase: Phrase, told: Mapping[str, str], current: str, language: Language) -> str:
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == current else ""}>{escape(shown)}</option>'
        for value, shown in told.items()
    )
    return f'<label>{escape(phrase.say(language))}<select name="{name}">{options}</select></label>'
