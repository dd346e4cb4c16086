"""The manifest: what a library says of itself, and when it is not believed."""

import json

import pytest

from retrieval.errors import LibraryError, NotALibrary, UnknownFormat
from retrieval.library import Library
from retrieval.manifest import FORMAT_VERSION, read_manifest
from retrieval.passages import PASSAGE_RULE


@pytest.fixture
def manifest(quick):
    return quick.folder / "manifest.json"


def rewrite(manifest, **keys):
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | keys))


def test_it_names_format_rule_embedder_and_owner(tmp_path, cheap):
    with Library.create(tmp_path / "mine", cheap, owner="rosalind") as library:
        found = read_manifest(library.folder)
    assert found == library.manifest
    assert (found.format_version, found.passage_rule, found.owner) == (FORMAT_VERSION, PASSAGE_RULE, "rosalind")
    assert found.embedder == cheap.record


def test_every_library_has_an_id_of_its_own(tmp_path, cheap):
    ids = set()
    for name in "ab":
        with Library.create(tmp_path / name, cheap) as library:
            ids.add(library.manifest.library_id)
    assert len(ids) == 2


@pytest.mark.parametrize("made", ["nothing", "empty folder", "other folder", "file"])
def test_what_is_no_library_is_not_opened(tmp_path, cheap, made):
    folder = tmp_path / "folder"
    if made == "file":
        folder.write_text("text")
    elif made != "nothing":
        folder.mkdir()
    if made == "other folder":
        (folder / "notes.txt").write_text("mine")
    with pytest.raises(NotALibrary, match="is not a library"):
        Library.open(folder, cheap)
    assert not (folder / "library.sqlite").exists()


def test_a_folder_with_other_files_does_not_become_a_library(tmp_path, cheap):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(NotALibrary, match="is not empty"):
        Library.create(tmp_path, cheap)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_library_is_not_made_over_another(quick, cheap):
    with pytest.raises(NotALibrary):
        Library.create(quick.folder, cheap)


def test_a_file_in_the_way_is_named(tmp_path, cheap):
    (tmp_path / "file").write_text("text")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(NotALibrary, match="file"):
            Library.create(folder, cheap)


def test_a_library_is_made_where_a_killed_process_left_an_unfinished_manifest(tmp_path, cheap):
    (tmp_path / "manifest.json.123.tmp").write_text('{"form')
    Library.create(tmp_path, cheap).close()
    assert read_manifest(tmp_path).embedder == cheap.record


@pytest.mark.parametrize("key", ["endpoint", "api_key", "adapter", "path"])
def test_a_manifest_with_a_key_that_it_may_not_have_is_refused_by_name(manifest, cheap, key):
    rewrite(manifest, **{key: "http://example.org"})
    with pytest.raises(NotALibrary, match=key):
        Library.open(manifest.parent, cheap)


def test_a_later_format_is_named_though_it_has_keys_that_are_not_known_here(manifest, cheap):
    rewrite(manifest, format_version=FORMAT_VERSION + 1, taggers=["a later idea"])
    with pytest.raises(UnknownFormat, match=f"has format {FORMAT_VERSION + 1}.*Update Epicite"):
        Library.open(manifest.parent, cheap)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b"{}", b'{"format_version": "one"}', b"[" * 100_000]
)
def test_a_damaged_manifest_is_named(manifest, cheap, content):
    manifest.write_bytes(content)
    with pytest.raises(NotALibrary, match=r"manifest\.json") as refusal:
        Library.open(manifest.parent, cheap)
    assert "copy" in refusal.value.remedy


@pytest.mark.parametrize("name", ["with space", "wêird 文献", "what?x=1#y", "100%25 %41", 'it\'s; a "test"'])
def test_a_folder_may_have_any_name(tmp_path, cheap, paper, name):
    with Library.create(tmp_path / name, cheap) as library:
        library.add(paper("RASSF1A is methylated."))
        assert len(library.search("RASSF1A").hits) == 1
    assert (tmp_path / name / "library.sqlite").is_file()


def test_a_damaged_database_is_named(quick, cheap):
    quick.close()
    (quick.folder / "library.sqlite").write_bytes(b"no database at all" * 1000)
    for suffix in ("-wal", "-shm"):
        (quick.folder / f"library.sqlite{suffix}").unlink(missing_ok=True)
    with pytest.raises(LibraryError, match=r"library\.sqlite cannot be opened"):
        Library.open(quick.folder, cheap)
