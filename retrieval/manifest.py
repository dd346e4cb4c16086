"""What a library says of itself: the manifest beside its data."""

import os
import uuid
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from retrieval.errors import NotALibrary, UnknownFormat

FORMAT_VERSION = 2
FILE_NAME = "manifest.json"
DatabaseKind = Literal["sqlite", "postgresql"]


class EmbedderRecord(BaseModel):
    """The embedder that a library's vectors come from, and what it ran on.

    The runtime is in the hash, too. Manifests of before there were several name none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    hash: str
    dimension: int
    runtime: str = "fp32"


class Manifest(BaseModel):
    """Format, passage rule, embedder, languages, owner and kind of database of a library.

    It holds no settings: a library that someone sends can name no endpoint, key, adapter or path. It says that its
    database is on a server, not on which: that is the settings'.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: int = FORMAT_VERSION
    library_id: str = Field(default_factory=lambda: uuid.uuid4().hex)
    passage_rule: str
    embedder: EmbedderRecord
    languages: tuple[str, ...] = ("en",)
    owner: str = "local"
    database: DatabaseKind = "sqlite"


class _Versioned(BaseModel):
    """What a manifest of any version has."""

    format_version: int = 1


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a library folder.

    Raises NotALibrary where there is none or it is damaged, UnknownFormat where a later version wrote it.
    """
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise NotALibrary(f"{folder} is not a library: it has no {FILE_NAME}", "Name a library's folder.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NotALibrary(f"{path} cannot be read ({error})", "Restore it from a copy of the library.") from error
    try:
        version = _Versioned.model_validate_json(text).format_version
        if version > FORMAT_VERSION:
            raise UnknownFormat(
                f"{folder} has format {version}; this version of Epicite reads up to {FORMAT_VERSION}",
                "Update Epicite, or export the library with the version that wrote it.",
            )
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        found = error.errors()[0]
        where = "".join(f"{key}: " for key in found["loc"])
        raise NotALibrary(
            f"{path} is damaged ({where}{found['msg']})", "Restore it from a copy of the library."
        ) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest so that a crash leaves the old one or the new one, never half of it."""
    unfinished = folder / f"{FILE_NAME}.{os.getpid()}.tmp"
    unfinished.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    unfinished.replace(folder / FILE_NAME)
