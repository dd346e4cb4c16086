"""Languages as sources name them, as ISO 639-1."""

import re

# ISO 639-2, bibliographic and terminological codes, and English names, of the languages that journals are written in.
_CODES = {
    "en": "eng english",
    "zh": "chi zho chinese 中文 汉语",
    "ja": "jpn japanese",
    "ko": "kor korean",
    "de": "ger deu german",
    "fr": "fre fra french",
    "es": "spa spanish",
    "pt": "por portuguese",
    "it": "ita italian",
    "ru": "rus russian",
    "pl": "pol polish",
    "cs": "cze ces czech",
    "nl": "dut nld dutch",
    "da": "dan danish",
    "sv": "swe swedish",
    "no": "nor norwegian",
    "fi": "fin finnish",
    "hu": "hun hungarian",
    "tr": "tur turkish",
    "uk": "ukr ukrainian",
    "ro": "rum ron romanian",
    "bg": "bul bulgarian",
    "hr": "hrv croatian",
    "sr": "srp serbian",
    "sk": "slo slk slovak",
    "sl": "slv slovenian",
    "el": "gre ell greek",
    "he": "heb hebrew",
    "ar": "ara arabic",
    "fa": "per fas persian",
    "vi": "vie vietnamese",
    "th": "tha thai",
    "id": "ind indonesian",
    "lt": "lit lithuanian",
    "lv": "lav latvian",
    "et": "est estonian",
    "is": "ice isl icelandic",
    "ca": "cat catalan",
    "ka": "geo kat georgian",
    "la": "lat latin",
}
_KNOWN = {name: code for code, names in _CODES.items() for name in (code, *names.split())}


def language(given: str | None) -> str | None:
    """The ISO 639-1 code of a language given by a tag (BCP 47), a code of ISO 639 or its English name."""
    first = re.split(r"[-_;,|/ ]", (given or "").strip().lower())[0]
    return _KNOWN.get(first)
