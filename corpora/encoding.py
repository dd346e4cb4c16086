"""How the characters of a text file are encoded: as it is marked or declared, else as it plainly is."""

import codecs
from collections.abc import Iterator
from io import IncrementalNewlineDecoder
from itertools import chain

from corpora.streams import MIB, RECORD_LIMIT, Stream
from corpora.unreadable import Unreadable, not_encoded

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
BLOCK = 1 << 16

# GB 2312 and GBK are subsets, and often declared where characters of the whole are used.
_CHINESE = {"gb2312", "gbk", "gb18030"}
# Characters that make up about half of any Chinese text on biology or medicine.
_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展"
    "五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运病研究究患细胞基因癌肿瘤蛋白表达"
    "疗检测甲异常血清临床治诊断观察药物显著差异目背景结论方法探讨影响突变信号调控通路诱导抑制"
)
_LEAST_HANZI = 8
_LEAST_SHARE = 0.2


def decoded(content: bytes, declared: str | None = None) -> str:
    """The characters of a whole text: by its byte order mark, as UTF-8, as declared, or as plain GB 18030.

    Raises Unreadable where none of these fits.
    """
    encoding = encoding_of(content, declared)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise not_encoded(error, content, "file") from error


def encoding_of(content: bytes, declared: str | None = None, whole: bool = True) -> str:
    """The encoding of a text, of which `content` is all or, unless `whole`, the beginning."""
    for mark, name in MARKS:
        if content.startswith(mark):
            return name
    candidates = ["utf-8", *_known(declared)]
    for name in candidates:
        if _fits(content, name, whole):
            return name
    return "gb18030" if _is_plainly_chinese(content, whole) else "utf-8"


def _known(declared: str | None) -> Iterator[str]:
    try:
        name = codecs.lookup(declared).name if declared else None
    except LookupError:
        return
    # UTF-16 without a mark fits nearly any bytes; codecs that make bytes of bytes are none of a text.
    if name and not name.startswith(("utf-16", "utf-32", "utf_16", "utf_32")) and codecs.lookup(name)._is_text_encoding:
        yield "gb18030" if name in _CHINESE else name


def _fits(content: bytes, name: str, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(content, whole)
    except (UnicodeError, LookupError):
        return False
    return True


def _is_plainly_chinese(content: bytes, whole: bool) -> bool:
    """Whether the bytes are GB 18030 and, read so, hold the characters that Chinese texts are made of.

    Nearly any bytes of other East Asian encodings can be read as GB 18030, into rare characters.
    """
    if not _fits(content, "gb18030", whole):
        return False
    text = content.decode("gb18030", "ignore")
    hanzi = [character for character in text if "\u4e00" <= character <= "\u9fff"]
    strange = sum("\u3040" <= character <= "\u30ff" or "\ue000" <= character <= "\uf8ff" for character in text)
    frequent = sum(character in _FREQUENT for character in hanzi)
    return len(hanzi) >= _LEAST_HANZI and frequent >= _LEAST_SHARE * len(hanzi) and strange < len(hanzi) / 20


def text_lines(stream: Stream) -> Iterator[str]:
    """The lines of a text with their ends, each end as one newline; the encoding is told from the first MiB.

    Raises Unreadable where a byte does not fit, where there are NUL characters, or where a line exceeds the limit
    for one record.
    """
    head = stream.read(MIB)
    decoder = _Decoder(encoding_of(head, whole=len(head) < MIB))
    pending: list[str] = []
    held = 0
    for block in chain([head] if head else [], iter(lambda: stream.read(BLOCK), b""), [b""]):
        first, *others = decoder.text(block).split("\n")
        pending.append(first)
        held += len(first)
        if others:
            yield "".join(pending) + "\n"
            *lines, last = others
            yield from (f"{line}\n" for line in lines)
            pending, held = [last], len(last)
        if held > RECORD_LIMIT:
            raise Unreadable(
                f"has a line that is longer than {RECORD_LIMIT // MIB} MiB, the limit for one record",
                "Write one record a line or a field, or give a long text as a file of its own.",
            )
    if held:
        yield "".join(pending)


class _Decoder:
    """Bytes into characters, block by block; an empty block is the last."""

    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._newlines = IncrementalNewlineDecoder(None, translate=True)
        self._given = 0

    def text(self, block: bytes) -> str:
        self._given += len(block)
        try:
            text = self._decoder.decode(block, not block)
        except UnicodeDecodeError as error:
            raise not_encoded(error, error.object, "file", self._given - len(error.object)) from error
        if "\0" in text:
            raise Unreadable("is not text: it holds NUL characters", "Give a text file, in UTF-8 if you can choose.")
        return self._newlines.decode(text, not block)
