"""The one tree of settings: `$EPICITE_HOME/epicite.toml`, then `EPICITE_*` variables, then command-line flags."""

import difflib
import os
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError as UnreadableVariable

from agent.settings import ModelSettings
from command.errors import SettingsError
from corpora.feeds.settings import FeedSettings
from retrieval.settings import MilvusSettings, RaySettings

FILE_NAME = "epicite.toml"
_PREFIX = "EPICITE_"
_DELIMITER = "__"

# Below it people name what they like: their libraries.
_NAMED_BY_PEOPLE = "databases"
# What may hold a password, and is repeated in no message.
_SECRET = (_NAMED_BY_PEOPLE, "milvus")

Key = tuple[str, ...]


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _absolute_if_given(path: Path | None) -> Path | None:
    return None if path is None else _absolute(path)


class PageSettings(BaseModel):
    """Where the page is served."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=7860, ge=1, le=65535)


class Settings(BaseSettings):
    """Everything that can be set.

    `home` is the folder of libraries, conversations and uploads; `owner` names whose they are, and a folder
    in it; `embedder` is the sentence encoder of new libraries, by name or path; `reranker` the cross-encoder that reads
    the best hits once more, by name or path, if any; `tagger` is the folder of what reads papers for evidence, if not
    `tagger` in the home or the one that comes along; `model` is the language model; `feeds` says where papers are
    fetched from, and as whom. `databases` are the addresses of PostgreSQL servers, by the
    names of the libraries whose papers they keep; `index` is where all libraries are searched, and `milvus` where that
    is; `ray` is the cluster of `epicite ingest --engine ray`.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter=_DELIMITER, env_ignore_empty=True, extra="forbid", frozen=True
    )

    home: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=lambda: platformdirs.user_data_path("epicite", appauthor=False)
    )
    owner: str = Field(default="local", pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")
    embedder: str = Field(default="all-MiniLM-L6-v2", min_length=1)
    reranker: str | None = Field(default=None, min_length=1)
    tagger: Annotated[Path | None, AfterValidator(_absolute_if_given)] = None
    model: ModelSettings = ModelSettings()
    page: PageSettings = PageSettings()
    feeds: FeedSettings = FeedSettings()
    databases: dict[str, SecretStr] = Field(default_factory=dict)
    index: Literal["local", "milvus"] = "local"
    milvus: MilvusSettings = MilvusSettings()
    ray: RaySettings = RaySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the base class passes it by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags over variables over the file, which lies in the home that the variables name."""
        file = read_file(settings_file(env_settings().get("home")))
        return init_settings, env_settings, InitSettingsSource(settings_cls, file)

    @property
    def file(self) -> Path:
        """Where the settings file is, or would be."""
        return settings_file(self.home)


def read_settings(**flags: object) -> Settings:
    """The settings, `flags` last: a nested one as a dictionary, one that was not given as None.

    Raises SettingsError, which names the key, where it stands and, where it is unknown, the nearest known key.
    """
    given = _given(flags)
    _refuse_unknown_variables()
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_explained(error, given))) from error
    except UnreadableVariable as error:  # it names the key, and not the value
        raise SettingsError(
            f"A variable is not JSON as it has to be ({error}). For example: "
            """EPICITE_DATABASES='{"NAME OF THE LIBRARY": "postgresql://..."}'."""
        ) from None


def settings_file(home: Path | str | None = None) -> Path:
    """The settings file of a home, by default of the one that the environment names."""
    default = Settings.model_fields["home"].get_default(call_default_factory=True)
    return _absolute(Path(home or os.environ.get(f"{_PREFIX}HOME") or default)) / FILE_NAME


def read_file(path: Path) -> dict[str, Any]:
    """What a settings file says; nothing where there is none.

    Raises SettingsError where it cannot be read, is no TOML or has a key that is not known.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    if "home" in values:
        raise SettingsError(f"{path}: home cannot be set by a file that lies in it. Set {_PREFIX}HOME instead.")
    known = [".".join(key) for key in _known_keys(Settings) if key != ("home",)]
    for key in _leaves(values):
        named = key[:1] if key[0] == _NAMED_BY_PEOPLE else key
        _refuse_unknown(".".join(named), known, f"{path}: unknown key")
    return values


def _given(flags: Mapping[str, Any]) -> dict[str, Any]:
    nested = {name: _given(value) if isinstance(value, Mapping) else value for name, value in flags.items()}
    return {name: value for name, value in nested.items() if value is not None}


def _known_keys(model: type[BaseModel], above: Key = ()) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _known_keys(inner, (*above, name))
        else:
            yield (*above, name)


def _leaves(values: Mapping[str, Any], above: Key = ()) -> Iterator[Key]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*above, name))
        else:
            yield (*above, name)


def _variable(key: Key) -> str:
    return _PREFIX + _DELIMITER.join(key).upper()


def _refuse_unknown_variables() -> None:
    known = [_variable(key) for key in _known_keys(Settings)]
    for name in os.environ:
        if name.upper().startswith(_PREFIX):
            _refuse_unknown(name.upper(), known, "Unknown variable")


def _refuse_unknown(name: str, known: Collection[str], complaint: str) -> None:
    if name not in known:
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
        raise SettingsError(f"{complaint} {name}. The nearest known one is {nearest}.")


def _explained(error: ValidationError, flags: Mapping[str, Any]) -> Iterator[str]:
    for detail in error.errors():
        key = tuple(str(part) for part in detail["loc"])
        message = detail["msg"][:1].lower() + detail["msg"][1:]
        told = "what it is" if key[0] in _SECRET else repr(detail["input"])
        yield f"{_place(key, flags)} cannot be {told}: {message}."


def _place(key: Key, flags: Mapping[str, Any]) -> str:
    """Where the value of a key came from, as a person wrote it."""
    if key in _leaves(flags):
        return f"--{key[-1]}"
    if os.environ.get(_variable(key)):
        return f"The variable {_variable(key)}"
    return f"{settings_file()}: {'.'.join(key)}"
