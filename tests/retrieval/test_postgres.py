"""A library's papers in PostgreSQL: the same rows and hits as in SQLite, on a real server."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from retrieval.errors import LibraryError
from retrieval.home import Home
from retrieval.library import Library
from retrieval.manifest import read_manifest
from retrieval.postgres import PostgresSchema
from retrieval.schema import metadata
from retrieval.upkeep import compact, verify

NUMBER = "0" * 32
QUESTIONS = ("RASSF1A promoter methylation in nasopharyngeal carcinoma", "stool DNA test", "MGMT and temozolomide")


# Without a server


@pytest.mark.parametrize(
    "address", ["mysql://me:hush@host/papers", "hush", "", "postgresql://me:hush@host", "http://["]
)
def test_an_address_that_is_none_of_postgresql_is_refused_and_not_repeated(address):
    with pytest.raises(LibraryError, match="not one of PostgreSQL") as caught:
        PostgresSchema(SecretStr(address), NUMBER)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("number", ["", 'x"; DROP SCHEMA public; --', "A" * 32])
def test_a_manifest_of_others_cannot_name_any_schema(number):
    with pytest.raises(LibraryError, match="cannot name a schema"):
        PostgresSchema("postgresql://host/papers", number)


@pytest.mark.parametrize("place", ["me:hush@localhost:1/papers", "localhost:1/papers?password=hush&sslpassword=hush"])
def test_a_server_that_does_not_answer_is_named_without_the_password(tmp_path, cheap, place):
    with pytest.raises(LibraryError, match="localhost:1") as caught:
        Library.create(tmp_path / "lab", cheap, database=f"postgresql://{place}")
    assert "hush" not in str(caught.value)
    assert "server runs" in caught.value.remedy


def test_a_wrong_address_leaves_no_folder_behind(tmp_path, cheap):
    with pytest.raises(LibraryError):
        Library.create(tmp_path / "lab", cheap, database="sqlite:///x")
    assert not (tmp_path / "lab").exists()


def test_a_library_on_a_server_is_not_opened_without_its_address(tmp_path, cheap):
    with pytest.raises(LibraryError):
        Library.create(tmp_path / "lab", cheap, database="postgresql://localhost:1/papers")
    assert "localhost" not in (tmp_path / "lab" / "manifest.json").read_text()
    with pytest.raises(LibraryError, match="no setting says where") as caught:
        Library.open(tmp_path / "lab", cheap)
    assert "[databases]" in caught.value.remedy
    assert not (tmp_path / "lab" / "library.sqlite").exists()


def test_a_library_in_a_file_does_not_turn_to_a_server(quick, cheap):
    with pytest.raises(LibraryError, match=r"keeps its papers in library\.sqlite"):
        Library.open(quick.folder, cheap, database="postgresql://localhost:1/papers")


def test_every_table_can_be_made_in_postgresql():
    for table in metadata.tables.values():
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))


# On a real server

PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


def as_nobody_special(command):
    """PostgreSQL does not run as root."""
    if os.getuid() != 0:
        return command
    return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", *command]


class Server:
    def __init__(self, folder, programs):
        self.folder, self.programs = folder, programs
        self.address = f"postgresql://postgres:hush@/postgres?host={folder}"

    def run(self, program, *arguments):
        command = as_nobody_special([str(self.programs / program), "-D", str(self.folder / "data"), *arguments])
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder)

    def start(self):
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", f"-k {self.folder} -h ''", "start")

    def stop(self):
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def server():
    programs = Path(found).resolve().parent if (found := shutil.which("initdb")) else PROGRAMS
    if programs is None:
        pytest.skip("there is no PostgreSQL server: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="epicite-postgres-"))  # pytest's own may be entered by root only
    if os.getuid() == 0:
        shutil.chown(folder, pwd.getpwnam("postgres").pw_name)
    started = Server(folder, programs)
    started.run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale", "C", "-N")
    started.start()
    yield started
    started.stop()
    shutil.rmtree(folder)


@pytest.fixture
def lab(server, tmp_path, cheap):
    with Library.create(tmp_path / "lab", cheap, database=server.address) as library:
        yield library


def rows(library):
    """All rows of all tables, the library's own name apart."""
    with library.database.reading() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
        }


def hits(library):
    return [[(hit.passage_id, hit.score, hit.text) for hit in library.search(text).hits] for text in QUESTIONS]


@pytest.mark.system
def test_rows_and_hits_are_those_of_sqlite_through_a_librarys_whole_life(lab, quick, starter):
    for library in (lab, quick):
        for paper in starter[:40]:
            library.add(paper)
        library.derive()
        library.add(starter[0].model_copy(update={"journal": "Another journal", "year": 2001}))
        library.add(starter[1].model_copy(update={"text": "Another text of BRCA1 altogether."}), replace=True)
        library.remove(3)
        library.derive()
    assert rows(lab) == rows(quick)
    assert hits(lab) == hits(quick)
    assert lab.pending() == quick.pending()
    assert verify(lab) == []
    compact(lab)
    compact(quick)
    assert rows(lab) == rows(quick)
    assert hits(lab) == hits(quick)
    assert not (lab.folder / "library.sqlite").exists()


@pytest.mark.system
def test_libraries_on_one_server_know_nothing_of_each_other(lab, server, tmp_path, cheap, paper):
    lab.add(paper("BRCA1 was methylated."))
    with Library.create(tmp_path / "other", cheap, database=server.address) as other:
        assert other.counts().papers == 0
        other.add(paper("TP53 was not."))
    assert [stored.paper.text for stored in lab.papers()] == ["BRCA1 was methylated."]


@pytest.mark.system
def test_a_home_finds_the_address_by_the_librarys_name(server, tmp_path, cheap, monkeypatch, paper):
    monkeypatch.setattr(Home, "embedder", cheap)
    home = Home(tmp_path, databases={"lab": SecretStr(server.address)})
    with home.library("lab") as library:
        library.add(paper("BRCA1 was methylated."))
    with home.library("lab") as library, home.library("other") as other:
        assert (library.counts().papers, other.counts().papers) == (1, 0)
    assert read_manifest(tmp_path / "libraries" / "lab").database == "postgresql"
    assert read_manifest(tmp_path / "libraries" / "other").database == "sqlite"


@pytest.mark.system
def test_writers_take_turns_and_readers_see_one_moment(lab, server, cheap, paper):
    with lab.database.reading() as connection:
        before = connection.execute(select(metadata.tables["papers"].c.id)).all()

        def add(start):
            with Library.open(lab.folder, cheap, database=server.address) as library:
                for number in range(start, start + 20):
                    library.add(paper(f"Text {number} of BRCA1.", file=None, pmid=str(number + 1)))

        writers = [threading.Thread(target=add, args=(start,)) for start in (0, 20, 40)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert connection.execute(select(metadata.tables["papers"].c.id)).all() == before == []
    changes = [row[1] for row in rows(lab)["papers"]]
    assert sorted(changes) == list(range(1, 61))


INGEST = """
import sys
from pathlib import Path
from retrieval.library import Library
from corpora.starter import starter_papers
from runpy import run_path
cheap = run_path(sys.argv[1])["BagOfWords"]()
with Library.open(Path(sys.argv[2]), cheap, database=sys.argv[3]) as library:
    for paper in list(starter_papers())[:60]:
        library.add(paper)
        print("stored", flush=True)
    library.derive(lambda *told: print(*told, flush=True))
"""


@pytest.mark.system
@pytest.mark.parametrize("lines", [5, 45, 80])
def test_a_killed_ingest_loses_nothing_and_is_finished_by_the_next(lab, server, quick, starter, lines):
    command = [
        sys.executable,
        "-c",
        INGEST,
        str(Path(__file__).with_name("conftest.py")),
        str(lab.folder),
        server.address,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        for _ in range(lines):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    stored = [each.paper.text for each in lab.papers()]
    assert stored == [paper.text for paper in starter[: len(stored)]]
    assert len(stored) >= min(lines, 60)
    assert verify(lab) == []
    for library in (lab, quick):
        for paper in starter[:60]:
            library.add(paper)
        library.derive()
        compact(library)
    assert hits(lab) == hits(quick)


@pytest.mark.system
def test_a_server_that_is_restarted_is_found_again_and_one_that_is_away_is_told(lab, server, paper):
    lab.add(paper("BRCA1 was methylated."))
    server.stop()
    try:
        for use in (lab.counts, lambda: lab.add(paper("TP53 was not."))):
            with pytest.raises(LibraryError, match="PostgreSQL database 'postgres'") as caught:
                use()
            assert "server runs" in caught.value.remedy
            assert "hush" not in str(caught.value)
        assert lab.database.problems() != []
    finally:
        server.start()
    assert lab.counts().papers == 1
