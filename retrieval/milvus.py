"""Search by words and by meaning in Milvus, for libraries that outgrow one machine's indexes.

Milvus brings candidates; how well each fits is worked out here, as it is for the indexes of a library's own folder.
"""

import contextlib
import copy
import hashlib
import importlib
import logging
import os
import secrets
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from retrieval import bm25
from retrieval.analysis import ANALYSIS, index_terms
from retrieval.database import Database
from retrieval.errors import IndexAway
from retrieval.filters import Filters
from retrieval.index import Numbers
from retrieval.lexical import PassageWords
from retrieval.query import Group
from retrieval.schema import papers, passages
from retrieval.settings import MilvusSettings, concealed
from retrieval.titles import title_key
from seqmodels.encoder import Vector

if TYPE_CHECKING:
    from pymilvus import MilvusClient

log = logging.getLogger(__name__)

LITE_FILE = "milvus.db"
_ONE_PROCESS = "It serves one process at a time: end the other one, or set milvus.uri to a server that all share."
_SEE_TO_SERVER = (
    "See that it runs and that milvus.uri and milvus.token are right, then run the same command again; "
    'or set index = "local". The papers are safe.'
)
_SECONDS = 60.0
_ROWS_PER_REQUEST = 500
# What Milvus hands out at most at once (its limit of topk), and what fits well into one message.
_DEEPEST = 16_384
_FEW_NUMBERS = 5_000
_MOST_NUMBERS = 250_000
_TEXT_BYTES = 65_535  # the longest VARCHAR
_KEY_CHARACTERS = 512
# The mean numbers of terms of a passage with its neighbours in 1,500 abstracts, and of a title of the starter corpus.
# They only settle which passages are candidates: how each is rated hangs on the mean of its library.
_MEAN_TERMS = 220
_MEAN_TITLE_TERMS = 15
# Terms are counted in so many places; two terms that share one are both taken to be as common as they are together.
_PLACES = 1 << 20
_DIMENSIONS = 2**32 - 2
_NOTHING = "\N{NULL}"  # no text has it, so its dimension stands for passages without a term


@dataclass(frozen=True)
class Fields:
    """What Milvus can filter passages by."""

    paper: int
    year: int | None
    journal: str | None
    owner: str


def fields_of(database: Database, numbers: Sequence[int]) -> dict[int, Fields]:
    """What the papers of passages say that Milvus can filter by; passages that are gone are left out."""
    query = select(passages.c.id, papers.c.id.label("paper"), papers.c.year, papers.c.journal_key, papers.c.owner)
    found = {}
    with database.reading() as connection:
        for some in _parts(numbers):
            for row in connection.execute(query.join(papers).where(passages.c.id.in_(some))):
                journal = row.journal_key[:_KEY_CHARACTERS] if row.journal_key else None
                found[row.id] = Fields(row.paper, row.year, journal, row.owner[:_KEY_CHARACTERS])
    return found


class MilvusServer:
    """A connection to Milvus, made when first used: a server, or Milvus Lite in a library's folder."""

    def __init__(self, settings: MilvusSettings, folder: Path) -> None:
        self._uri = settings.uri.get_secret_value() if settings.uri else str(folder / LITE_FILE)
        self._token = settings.token.get_secret_value() if settings.token else ""
        self.is_lite = settings.uri is None or "://" not in self._uri
        parts = urlsplit(self._uri)
        self.name = (
            f"Milvus Lite in {self._uri}" if self.is_lite else f"Milvus at {parts.hostname}:{parts.port or 19530}"
        )
        self._secrets = [text for text in (self._token, self._token.partition(":")[2], parts.password or "") if text]

    @cached_property
    def client(self) -> "MilvusClient":
        """The client; raises IndexAway where nobody answers."""
        try:
            from pymilvus import MilvusClient
        except ModuleNotFoundError as error:
            raise IndexAway(
                f"The package {error.name} is not installed, which speaks to Milvus",
                'Run `pip install "epicite[cluster]"`, or set index = "local".',
            ) from error
        # What it logs of errors is told by ours, which keep what is secret to themselves.
        for name in ("pymilvus", "milvus_lite"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        with self.asking():
            return MilvusClient(uri=self._uri, token=self._token, timeout=_SECONDS)

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Turns what goes wrong with Milvus into IndexAway."""
        from pymilvus.exceptions import MilvusException

        try:
            yield
        except MilvusException as error:
            remedy = _ONE_PROCESS if self.is_lite else _SEE_TO_SERVER
            raise IndexAway(f"{self.name} does not do what it is asked ({self._said(error)})", remedy) from error

    def close(self) -> None:
        """Let go of the server, or of Milvus Lite's files."""
        if "client" not in self.__dict__:
            return
        self.client.close()
        if self.is_lite:
            importlib.import_module("milvus_lite.server_manager").server_manager_instance.release_server(self._uri)

    def _said(self, error: Any) -> str:
        return concealed(str(error.message), self._secrets)


@dataclass(frozen=True)
class _State:
    """What is known here of a collection, written as a whole at each change.

    `stamp` ends the collection's name, empty where there is none. Of words it holds, besides, how many passages and
    terms were taken in and how many passages had the terms of each place.
    """

    changed_to: int = 0
    stamp: str = ""
    passages: int = 0
    terms: int = 0
    holding: NDArray[np.int32] | None = None


class _Collection:
    """What both kinds of index have in common: a collection, and what is known of it in a folder here.

    Passages are written under their numbers, so writing them again after a kill changes nothing; only then does the
    state say so.
    """

    _kind: str
    _searched: str

    def __init__(self, server: MilvusServer, folder: Path, library_id: str, content: str, database: Database) -> None:
        digest = hashlib.sha256(f"{server.name} {content} {library_id}".encode()).hexdigest()
        self.folder = folder / f"{self._kind}-{digest[:12]}"
        self._server = server
        self._prefix = f"epicite_{self._kind}_{digest[:24]}"
        self._database = database
        self._expression = ""
        self._known: tuple[tuple[int, int], _State] | None = None
        self._is_there = False

    @property
    def changed_to(self) -> int:
        """The last change of the library that the index holds, 0 where it is empty."""
        return self._state().changed_to

    def count(self) -> int:
        """How many passages it holds."""
        if not self._state().stamp:
            return 0
        with self._server.asking():
            rows = self._server.client.query(self._name(), filter="number >= 0", output_fields=["count(*)"])
        return int(rows[0]["count(*)"])

    def remove(self, numbers: Sequence[int], changed_to: int) -> None:
        """Let go of passages."""
        state = self._state()
        if state.stamp:
            for some in _parts(list(numbers)):
                with self._server.asking():
                    self._server.client.delete(self._name(), ids=some)
        self._write(_changed(state, changed_to=changed_to))

    def clear(self) -> None:
        """Hold nothing, as when new."""
        if self._state().stamp:
            with self._server.asking():
                self._server.client.drop_collection(self._name())
        self._write(_State())

    def within(self, filters: Filters) -> Self:
        """The same index, which looks only at what can pass by the fields that Milvus has."""
        narrowed = copy.copy(self)
        narrowed._expression = _expression(filters)
        return narrowed

    def _settle(self, changed_to: int) -> None:
        """Note that all of the library is in."""
        state = self._state()
        if state.stamp and self._server.is_lite:
            with self._server.asking():  # it would order anew, at each search, what lies in memory
                self._server.client.flush(self._name())
        self._write(_changed(state, changed_to=changed_to))

    def _upsert(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows, each with the fields of its passage; those whose passages have gone meanwhile are left out."""
        fields = fields_of(self._database, [row["number"] for row in rows])
        known = [{**row, **vars(fields[row["number"]])} for row in rows if row["number"] in fields]
        for start in range(0, len(known), _ROWS_PER_REQUEST):
            with self._server.asking():
                self._server.client.upsert(self._name(), known[start : start + _ROWS_PER_REQUEST])

    def _search(self, data: Any, limit: int, allowed: Numbers | None, output: Sequence[str]) -> list[dict[str, Any]]:
        """The best rows, at most `limit`, among the allowed passages."""
        if allowed is None:
            return self._ask(data, limit, self._expression, output)
        if len(allowed) == 0:
            return []
        kept = None if len(allowed) <= _FEW_NUMBERS else self._sifted(data, limit, allowed, output)
        return self._among(data, limit, allowed, output) if kept is None else kept

    def _sifted(self, data: Any, limit: int, allowed: Numbers, output: Sequence[str]) -> list[dict[str, Any]] | None:
        """The best allowed rows, looking ever deeper; None where they lie deeper than Milvus looks."""
        depth, wanted = 4 * limit, set(allowed.tolist())
        while depth <= _DEEPEST:
            found = self._ask(data, depth, self._expression, output)
            kept = [row for row in found if row["number"] in wanted]
            if len(kept) >= limit or len(found) < depth:
                return kept[:limit]
            depth *= 4
        return None

    def _among(self, data: Any, limit: int, allowed: Numbers, output: Sequence[str]) -> list[dict[str, Any]]:
        """The best of the allowed rows, which are named to Milvus by their numbers."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(allowed), _MOST_NUMBERS):
            named = allowed[start : start + _MOST_NUMBERS].tolist()
            found += self._ask(data, limit, f"number in {named}", output)
        return sorted(found, key=lambda row: (-row["score"], row["number"]))[:limit]

    def _ask(self, data: Any, limit: int, expression: str, output: Sequence[str]) -> list[dict[str, Any]]:
        if not self._state().stamp:
            return []
        with self._server.asking():
            found = self._server.client.search(
                self._name(),
                data=[data],
                anns_field=self._searched,
                limit=min(limit, _DEEPEST),
                filter=expression,
                output_fields=["number", *output],
                search_params={"metric_type": "IP"},
            )
        return [{"score": hit["distance"], **hit["entity"], "number": hit["number"]} for hit in found[0]]

    def _name(self) -> str:
        return f"{self._prefix}_{self._state().stamp}"

    def _begun(self) -> _State:
        """The state, with a collection made where there is none."""
        state = self._state()
        if state.stamp:
            return state
        state = _changed(state, stamp=secrets.token_hex(4))
        with self._server.asking():
            self._make(f"{self._prefix}_{state.stamp}")
        self._write(state)
        return state

    def _make(self, name: str) -> None:
        from pymilvus import DataType

        client = self._server.client
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("number", DataType.INT64, is_primary=True)
        schema.add_field("paper", DataType.INT64)
        schema.add_field("year", DataType.INT32, nullable=True)
        schema.add_field("journal", DataType.VARCHAR, max_length=4 * _KEY_CHARACTERS, nullable=True)
        schema.add_field("owner", DataType.VARCHAR, max_length=4 * _KEY_CHARACTERS)
        indexes = client.prepare_index_params()
        self._describe(schema, indexes)
        client.create_collection(name, schema=schema, index_params=indexes, consistency_level="Strong")

    def _describe(self, schema: Any, indexes: Any) -> None:
        raise NotImplementedError

    def _state(self) -> _State:
        """What is known; nothing, where the state is damaged or its collection is not on the server."""
        path = self.folder / "state.npz"
        try:
            told = path.stat()
        except OSError:
            return _State()
        mark = (told.st_mtime_ns, told.st_ino)
        if self._known is None or self._known[0] != mark:
            self._known = (mark, _read(path))
        state = self._known[1]
        if state.stamp and not self._is_there:
            with self._server.asking():
                self._is_there = self._server.client.has_collection(f"{self._prefix}_{state.stamp}")
            if not self._is_there:
                log.warning("%s no longer has the index of %s, which is built anew", self._server.name, self.folder)
                self._write(_State())
                return _State()
        return state

    def _write(self, state: _State) -> None:
        self.folder.mkdir(exist_ok=True)
        unfinished = self.folder / f"state.{os.getpid()}.tmp"
        held = {} if state.holding is None else {"holding": state.holding}
        with unfinished.open("wb") as file:
            told = np.array([state.changed_to, state.passages, state.terms])
            np.savez(file, told=told, stamp=np.array(state.stamp), **held)  # type: ignore[arg-type]
        unfinished.replace(self.folder / "state.npz")
        self._is_there = bool(state.stamp) and self._is_there
        self._known = None


class MilvusWords(_Collection):
    """Passages by the words of their context: candidates by sparse vectors, rated by BM25 from their analysed text.

    Scores are shares of the most that a question could reach, as those of `retrieval.lexical`.
    """

    _kind = "words"
    _searched = "weights"

    def __init__(self, server: MilvusServer, folder: Path, library_id: str, database: Database) -> None:
        super().__init__(server, folder, library_id, ANALYSIS, database)

    def add(self, contents: Mapping[int, PassageWords], changed_to: int) -> None:
        """Take in passages, in place of what it held under the same numbers."""
        if not contents:
            self._settle(changed_to)
            return
        state = self._begun()
        holding = np.zeros(_PLACES, np.int32) if state.holding is None else state.holding.copy()
        rows, total = [], 0
        for number, words in contents.items():
            terms = index_terms(words.context)
            weights = _weights(terms, words.title)
            np.add.at(holding, np.array(list(weights), np.int64) % _PLACES, 1)
            total += len(terms)
            rows.append({"number": number, "context": _fitting(terms), "weights": weights})
        self._upsert(rows)
        counted = {"passages": state.passages + len(rows), "terms": state.terms + total, "holding": holding}
        self._write(_changed(state, changed_to=changed_to, **counted))

    def candidates(self, question: Sequence[Group], limit: int, allowed: Numbers | None = None) -> dict[int, float]:
        """Shares of BM25 of the best passages, at most `limit`, among the allowed ones."""
        state = self._state()
        idf_of = _idf(state)
        best = bm25.most(question, idf_of)
        if best == 0:
            return {}
        asked = _asked(question, idf_of)
        found = self._search(asked, 2 * limit, allowed, ["context"])
        mean = max(1.0, state.terms / max(1, state.passages))
        rated = {row["number"]: bm25.rate(row["context"].split(), question, idf_of, mean) / best for row in found}
        order = sorted((number for number in rated if rated[number] > 0), key=lambda number: (-rated[number], number))
        return {number: rated[number] for number in order[:limit]}

    def titles(self, question: Sequence[Group], limit: int) -> dict[int, float]:
        """Scores of the first passages of the papers whose titles match best."""
        idf_of = _idf(self._state(), _in_title)
        if bm25.most(question, idf_of) == 0:
            return {}
        found = self._search(_asked(question, idf_of, _in_title), limit, None, [])
        return {row["number"]: row["score"] for row in found}

    def _describe(self, schema: Any, indexes: Any) -> None:
        from pymilvus import DataType

        schema.add_field("context", DataType.VARCHAR, max_length=_TEXT_BYTES)
        schema.add_field("weights", DataType.SPARSE_FLOAT_VECTOR)
        indexes.add_index("weights", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")


class MilvusVectors(_Collection):
    """Passages by the vectors of one embedder; scores are inner products of unit vectors."""

    _kind = "vectors"
    _searched = "vector"

    def __init__(
        self,
        server: MilvusServer,
        folder: Path,
        library_id: str,
        database: Database,
        embedder_hash: str,
        dimension: int,
    ) -> None:
        super().__init__(server, folder, library_id, embedder_hash, database)
        self.dimension = dimension

    def add(self, contents: Mapping[int, Vector], changed_to: int) -> None:
        """Take in passages, in place of what it held under the same numbers."""
        if not contents:
            self._settle(changed_to)
            return
        state = self._begun()
        self._upsert([{"number": number, "vector": vector} for number, vector in contents.items()])
        self._write(_changed(state, changed_to=changed_to))

    def candidates(self, question: Vector, limit: int, allowed: Numbers | None = None) -> dict[int, float]:
        """Similarities of the nearest passages, at most `limit`, among the allowed ones."""
        found = {row["number"]: row["score"] for row in self._search(question, limit, allowed, [])}
        return {number: found[number] for number in sorted(found, key=lambda number: (-found[number], number))}

    def _describe(self, schema: Any, indexes: Any) -> None:
        from pymilvus import DataType

        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self.dimension)
        # A server chooses a graph; what a file holds is few enough to be compared one by one.
        kind = "FLAT" if self._server.is_lite else "AUTOINDEX"
        indexes.add_index("vector", index_type=kind, metric_type="IP")


def _weights(terms: Sequence[str], title: str | None) -> dict[int, float]:
    """The sparse vector of a passage: what each term adds at most, words of its paper's title apart from the others."""
    weights: dict[int, float] = {}
    parts = ((terms, _MEAN_TERMS, _in_text), (index_terms(title or ""), _MEAN_TITLE_TERMS, _in_title))
    for words, mean, dimension in parts:
        for term, times in Counter(words).items():
            weights[dimension(term)] = bm25.saturation(times, len(words), mean)
    return weights or {_in_text(_NOTHING): 1.0}


def _asked(
    question: Sequence[Group], idf_of: bm25.Idf, dimension: Callable[[str], int] | None = None
) -> dict[int, float]:
    """A question as a sparse vector: of each group the best that a term could add in any wording."""
    asked: Counter[int] = Counter()
    for group in question:
        of_group: dict[int, float] = {}
        for wording in group:
            for term in wording.terms:
                place = (dimension or _in_text)(term)
                of_group[place] = max(of_group.get(place, 0.0), wording.weight * idf_of(term))
        asked.update(of_group)
    return {place: weight for place, weight in asked.items() if weight > 0}


def _idf(state: _State, dimension: Callable[[str], int] | None = None) -> bm25.Idf:
    def idf_of(term: str) -> float:
        if state.holding is None:
            return 0.0
        return bm25.idf(state.passages, int(state.holding[(dimension or _in_text)(term) % _PLACES]))

    return idf_of


@lru_cache(maxsize=1 << 18)
def _in_text(term: str) -> int:
    """The dimension of a term."""
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "big") % _DIMENSIONS


def _in_title(term: str) -> int:
    """The dimension of a term in a title; no term has a space."""
    return _in_text(f"title {term}")


def _fitting(terms: Sequence[str]) -> str:
    """Terms set apart by spaces, cut off where Milvus takes no more."""
    text = " ".join(terms)
    if len(text.encode()) <= _TEXT_BYTES:
        return text
    return text.encode()[:_TEXT_BYTES].decode(errors="ignore").rpartition(" ")[0]


def _expression(filters: Filters) -> str:
    """What of the filters Milvus can ask of its own fields; the rest is asked of the database."""
    conditions = []
    if filters.year_from is not None:
        conditions.append(f"year >= {filters.year_from}")
    if filters.year_to is not None:
        conditions.append(f"year <= {filters.year_to}")
    for name, text in (("journal", filters.journal and title_key(filters.journal)), ("owner", filters.owner)):
        if text:
            told = text[:_KEY_CHARACTERS].replace("\\", "\\\\").replace('"', '\\"')
            conditions.append(f'{name} == "{told}"')
    return " and ".join(conditions)


def _changed(state: _State, **values: Any) -> _State:
    return _State(**{**vars(state), **values})


def _read(path: Path) -> _State:
    try:
        with np.load(path, allow_pickle=False) as held:
            changed_to, count, terms = (int(value) for value in held["told"])
            return _State(changed_to, str(held["stamp"]), count, terms, held.get("holding"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        log.warning("%s is damaged (%s); the index is built anew", path, error)
        shutil.rmtree(path.parent, ignore_errors=True)
        return _State()


def _parts(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Numbers, some at a time, as many as a statement or a message may have."""
    yield from (list(numbers[start : start + 10_000]) for start in range(0, len(numbers), 10_000))
