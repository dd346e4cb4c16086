"""Texts and states as they lie in the file of conversations: compressed, as tool results repeat themselves."""

import zlib
from typing import Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

_PACKED = "+zlib"


def pack(text: str) -> bytes:
    """A text for storage."""
    return zlib.compress(text.encode())


def unpack(stored: bytes) -> str:
    """The text that was stored."""
    return zlib.decompress(stored).decode()


class PackedSerializer(JsonPlusSerializer):
    """Langgraph's own serializer, compressed; the type of what is stored says so."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """An object as its type and bytes."""
        kind, plain = super().dumps_typed(obj)
        return f"{kind}{_PACKED}", zlib.compress(plain)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """The object of a type and bytes."""
        kind, stored = data
        if not kind.endswith(_PACKED):
            return super().loads_typed(data)
        return super().loads_typed((kind.removesuffix(_PACKED), zlib.decompress(stored)))
