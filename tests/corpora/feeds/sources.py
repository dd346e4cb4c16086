"""PubMed's, Europe PMC's and Crossref's servers, played on this machine, with all that goes wrong with them."""

import hashlib
import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Record:
    """A paper as the played sources know it; `day` is when it came into PubMed."""

    pmid: str
    title: str
    doi: str = ""
    pmcid: str = ""
    day: str = "2020/01/01"
    is_open: bool = False


@dataclass(frozen=True)
class Reply:
    """What a request is answered with; `cut` ends the body early, `seconds` pass before it, `drip` within it."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    seconds: float = 0.0
    drip: float = 0.0
    framed: bool = True


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    path: str
    form: Mapping[str, str]
    headers: Mapping[str, str]
    at: float

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Sources:
    """The played servers: fill `records`, `files` and `faults`, read `requests`. A context manager."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.files: dict[str, bytes] = {}
        self.etag = ""
        self.most = 9_999
        self.requests: list[Request] = []
        self.faults: deque[Reply | None] = deque()
        self.by_name: dict[str, deque[Reply | None]] = {}
        self.histories: dict[str, list[str]] = {}
        self.withheld: set[str] = set()
        sources = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                split = urlsplit(self.path)
                self.answer("GET", split.path, split.query)

            def do_POST(self):
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.answer("POST", self.path, form)

            def answer(self, method, path, form):
                parsed = {name: values[0] for name, values in parse_qs(form, keep_blank_values=True).items()}
                request = Request(method, path, parsed, dict(self.headers), time.monotonic())
                sources.requests.append(request)
                self.send(sources.fault(request) or sources.reply(request))

            def send(self, reply):
                time.sleep(reply.seconds)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.framed:
                    self.send_header("Content-Length", str(len(reply.body)))
                self.send_header("Connection", "close")
                self.end_headers()
                body = reply.body[: reply.cut]
                step = max(1, len(body) // 10) if reply.drip else max(1, len(body))
                for at in range(0, len(body), step):
                    self.wfile.write(body[at : at + step])
                    self.wfile.flush()
                    time.sleep(reply.drip)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # whoever was killed or lost patience

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def asked(self, name: str) -> list[Request]:
        """The requests for the last part of a path."""
        return [request for request in self.requests if request.name == name]

    def fault(self, request: Request) -> Reply | None:
        for waiting in (self.by_name.get(request.name), self.faults):
            if waiting and (fault := waiting.popleft()) is not None:
                return fault
        return None

    def reply(self, request: Request) -> Reply:
        match request.path.strip("/").split("/"):
            case ["eutils", "esearch.fcgi"]:
                return self.esearch(request.form)
            case ["eutils", "efetch.fcgi"]:
                return self.efetch(request.form)
            case ["rest", "search"]:
                return self.search(request.form)
            case ["rest", pmcid, "fullTextXML"]:
                return self.full_text(pmcid)
            case ["pubmed", folder]:
                return self.listing(folder)
            case _:
                return self.file(request)

    # E-utilities

    def esearch(self, form) -> Reply:
        found = [record for term in form["term"].split(" OR ") for record in self.records if matches(record, term)]
        if "mindate" in form:
            assert form["datetype"] == "edat"
            found = [record for record in found if form["mindate"] <= record.day <= form["maxdate"]]
        pmids = [record.pmid for record in sorted(found, key=lambda record: record.day, reverse=True)]
        web_env = f"MCID_{len(self.histories)}"
        self.histories[web_env] = pmids
        shown = pmids[: min(int(form["retmax"]), self.most)]
        ids = "".join(f"<Id>{pmid}</Id>" for pmid in shown)
        return xml(
            f"<eSearchResult><Count>{len(pmids)}</Count><RetMax>{len(shown)}</RetMax><RetStart>0</RetStart>"
            f"<QueryKey>1</QueryKey><WebEnv>{web_env}</WebEnv><IdList>{ids}</IdList></eSearchResult>"
        )

    def efetch(self, form) -> Reply:
        if "WebEnv" in form:
            if form["WebEnv"] not in self.histories:
                return history_expired()
            start = int(form["retstart"])
            wanted = self.histories[form["WebEnv"]][start : start + int(form["retmax"])]
        else:
            wanted = form["id"].split(",")
        known = {record.pmid: record for record in self.records if record.pmid not in self.withheld}
        if not any(pmid in known for pmid in wanted):
            return error("ID list is empty! Possibly it has no correct IDs.", status=400)
        return xml(pubmed_set(*(article(known[pmid]) for pmid in wanted if pmid in known)))

    # Europe PMC

    def search(self, form) -> Reply:
        found = [record for term in form["query"].split(" OR ") for record in self.records if matches(record, term)]
        start = 0 if form["cursorMark"] == "*" else int(form["cursorMark"].removeprefix("AoII"))
        page = found[start : start + int(form["pageSize"])]
        following = form["cursorMark"] if not page else f"AoII{start + len(page)}"
        results = "".join(map(result, page))
        return xml(
            f"<responseWrapper><version>6.9</version><hitCount>{len(found)}</hitCount>"
            f"<nextCursorMark>{following}</nextCursorMark><resultList>{results}</resultList></responseWrapper>"
        )

    def full_text(self, pmcid) -> Reply:
        for record in self.records:
            if record.pmcid == pmcid and record.is_open and pmcid not in self.withheld:
                return xml(jats(record))
        return Reply(b'{"errCode": 404}', 404)

    # Files

    def listing(self, folder) -> Reply:
        names = [name.rpartition("/")[2] for name in self.files if name.startswith(f"/pubmed/{folder}/")]
        rows = "".join(f'<a href="{name}">{name}</a> 2026-01-01<br>\n' for name in names)
        return Reply(f"<html><title>Index of /pubmed/{folder}</title><pre>{rows}</pre></html>".encode())

    def file(self, request) -> Reply:
        content = self.files.get(request.path)
        if content is None:
            return Reply(b"<html><h1>Not found</h1></html>", 404)
        if asked := re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", "")):
            start = int(asked.group(1))
            if start >= len(content):
                return Reply(b"", 416)
            return Reply(content[start:], 206, {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"})
        return Reply(content)

    def add_release(self, folder: str, name: str, content: bytes) -> str:
        """A file of PubMed with its MD5; gives its path."""
        path = f"/pubmed/{folder}/{name}"
        self.files[path] = content
        self.files[f"{path}.md5"] = f"MD5({name})= {hashlib.md5(content).hexdigest()}\n".encode()
        return path


def matches(record: Record, term: str) -> bool:
    term = term.strip()
    if found := re.fullmatch(r'"(.*)"\[AID\]|DOI:"(.*)"', term):
        return record.doi.lower() == (found.group(1) or found.group(2)).lower() != ""
    if found := re.fullmatch(r"(?:PMCID:)?(PMC\d+)", term):
        return record.pmcid == found.group(1)
    if found := re.fullmatch(r"\(EXT_ID:(\d+) AND SRC:MED\)", term):
        return record.pmid == found.group(1)
    return term.lower() in record.title.lower()


def xml(text: str, **more) -> Reply:
    return Reply(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode(), **more)


def error(said: str, status: int = 200) -> Reply:
    return xml(f"<eFetchResult>\n\t<ERROR>{escape(said)}</ERROR>\n</eFetchResult>", status=status)


def history_expired() -> Reply:
    return error("Cannot retrieve history data. query_key: 1, WebEnv: MCID_5f93, retstart: 0, retmax: 200", 400)


def pubmed_set(*articles: str) -> str:
    doctype = '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/p.dtd">'
    return f"{doctype}\n<PubmedArticleSet>\n{''.join(articles)}</PubmedArticleSet>"


def article(record: Record, abstract: str = "") -> str:
    ids = [("pubmed", record.pmid), ("doi", record.doi), ("pmc", record.pmcid)]
    listed = "".join(f'<ArticleId IdType="{kind}">{escape(value)}</ArticleId>' for kind, value in ids if value)
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{record.pmid}</PMID><Article><Journal><JournalIssue>'
        f"<PubDate><Year>2020</Year></PubDate></JournalIssue></Journal><ArticleTitle>{escape(record.title)}</ArticleTitle>"
        f"<Abstract><AbstractText>{escape(abstract or f'On {record.title}.')}</AbstractText></Abstract></Article>"
        "<CommentsCorrectionsList><CommentsCorrections><PMID>99999999</PMID></CommentsCorrections>"
        f"</CommentsCorrectionsList></MedlineCitation><PubmedData><ArticleIdList>{listed}</ArticleIdList>"
        "</PubmedData></PubmedArticle>\n"
    )


def result(record: Record) -> str:
    fields = [("id", record.pmid), ("source", "MED"), ("pmid", record.pmid), ("pmcid", record.pmcid),
              ("doi", record.doi), ("title", record.title), ("abstractText", f"On {record.title}."),
              ("isOpenAccess", "Y" if record.is_open else "N")]  # fmt: skip
    return f"<result>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in fields if value)}</result>"


def jats(record: Record) -> str:
    return (
        f'<article article-type="research-article"><front><article-meta><article-id pub-id-type="pmid">{record.pmid}'
        f'</article-id><article-id pub-id-type="pmcid">{record.pmcid}</article-id><title-group><article-title>'
        f"{escape(record.title)}</article-title></title-group></article-meta></front><body><sec><title>Results</title>"
        f"<p>The whole of {escape(record.title)}.</p></sec></body></article>"
    )
