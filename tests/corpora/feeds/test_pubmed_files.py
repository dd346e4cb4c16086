"""PubMed's files: which ones, in which order, whole."""

import gzip

import pytest

from corpora.feeds import pubmed_files
from corpora.feeds.errors import BadRequest, Occupied, Refused, Unavailable
from tests.corpora.feeds.sources import Record, Reply, article, pubmed_set


def silent(stage, done, total):
    pass


def content(number):
    return gzip.compress(pubmed_set(article(Record(str(number), f"Paper {number}"))).encode(), mtime=0)


@pytest.fixture
def releases(sources):
    for number in (3, 1, 2):
        sources.add_release("baseline", f"pubmed26n{number:04}.xml.gz", content(number))
    for number in (5, 4):
        sources.add_release("updatefiles", f"pubmed26n{number:04}.xml.gz", content(number))
    return sources


def names(files):
    return [file.name for file in files]


def numbers(settings, *asked):
    return [release.number for release in pubmed_files.wanted(pubmed_files.releases(settings), *asked)]


def test_baseline_and_update_files_stand_in_the_order_of_their_numbers(releases, settings):
    found = pubmed_files.releases(settings)
    assert [(release.number, release.folder) for release in found] == [
        (1, "baseline"), (2, "baseline"), (3, "baseline"), (4, "updatefiles"), (5, "updatefiles"),
    ]  # fmt: skip


def test_update_files_of_the_year_before_are_left_out(releases, settings):
    releases.add_release("updatefiles", "pubmed25n1500.xml.gz", b"old")
    assert {release.year for release in pubmed_files.releases(settings)} == {26}


@pytest.mark.parametrize(
    ("first", "applied", "most", "numbered"),
    [
        (1, None, None, [1, 2, 3, 4, 5]),
        (4, None, None, [4, 5]),
        (None, "pubmed26n0002.xml.gz", None, [3, 4, 5]),
        (None, "pubmed26n0002.xml.gz", 1, [3]),
        (2, "pubmed26n0004.xml.gz", None, [2, 3, 4, 5]),
        (None, "pubmed26n0005.xml.gz", None, []),
    ],
)
def test_it_begins_where_it_is_told_or_behind_the_last(releases, settings, first, applied, most, numbered):
    assert numbers(settings, first, applied, most) == numbered


def test_without_a_word_on_where_to_begin_it_says_what_there_is(releases, settings):
    with pytest.raises(BadRequest) as caught:
        numbers(settings, None, None, None)
    assert str(caught.value) == (
        "PubMed's baseline of 2026 has 3 files (to number 3) and 2 update files follow (to number 5). "
        "Say where to begin: --from 1 takes all of PubMed, --from 4 only what is new this year."
    )


def test_a_new_baseline_is_told(releases, settings):
    with pytest.raises(BadRequest, match="has begun the baseline of 2026 since"):
        numbers(settings, None, "pubmed25n1500.xml.gz", None)


def test_files_come_in_order_and_a_second_time_nothing_is_asked(releases, settings, tmp_path):
    found = pubmed_files.releases(settings)
    paths = list(pubmed_files.download(settings, tmp_path, found, silent))
    assert [path.read_bytes() for path in paths] == [content(number) for number in (1, 2, 3, 4, 5)]
    releases.requests.clear()
    assert list(pubmed_files.download(settings, tmp_path, found, silent)) == paths
    assert releases.requests == []
    assert pubmed_files.last_in(tmp_path) == "pubmed26n0005.xml.gz"


def test_a_file_that_was_cut_off_is_gone_on_with_even_by_another_run(releases, settings, tmp_path):
    found = pubmed_files.releases(settings)[:1]
    whole = content(1)
    (tmp_path / ".pubmed26n0001.xml.gz.part").write_bytes(whole[:50])
    (path,) = pubmed_files.download(settings, tmp_path, found, silent)
    assert path.read_bytes() == whole
    assert releases.asked("pubmed26n0001.xml.gz")[0].headers["Range"] == "bytes=50-"


def test_a_part_of_something_else_is_thrown_away(releases, settings, tmp_path):
    (tmp_path / ".pubmed26n0001.xml.gz.part").write_bytes(b"x" * 50)
    (path,) = pubmed_files.download(settings, tmp_path, pubmed_files.releases(settings)[:1], silent)
    assert path.read_bytes() == content(1)


def test_a_file_with_a_wrong_md5_never_gets_its_name(releases, settings, tmp_path):
    releases.files["/pubmed/baseline/pubmed26n0002.xml.gz"] = b"damaged on the way"
    arrived = []
    with pytest.raises(Unavailable, match=r"another MD5 than .*pubmed26n0002.xml.gz.md5 tells, 3 times"):
        arrived.extend(pubmed_files.download(settings, tmp_path, pubmed_files.releases(settings), silent))
    assert names(tmp_path.glob("*.gz")) == ["pubmed26n0001.xml.gz"]


@pytest.mark.parametrize("fault", [Reply(b"", 503), Reply(b"<html>Sorry</html>")], ids=["503", "HTML"])
@pytest.mark.parametrize("name", ["", "pubmed26n0001.xml.gz.md5", "pubmed26n0001.xml.gz"])
def test_what_passes_by_costs_nothing(releases, settings, tmp_path, fault, name):
    from collections import deque

    releases.by_name[name] = deque([fault])
    (path,) = pubmed_files.download(settings, tmp_path, pubmed_files.releases(settings)[:1], silent)
    assert path.read_bytes() == content(1)


def test_a_file_that_is_listed_and_gone_is_refused(releases, settings, tmp_path):
    found = pubmed_files.releases(settings)
    del releases.files["/pubmed/baseline/pubmed26n0001.xml.gz.md5"]
    with pytest.raises(Refused, match="HTTP 404"):
        list(pubmed_files.download(settings, tmp_path, found, silent))


def test_a_year_without_update_files_yet_has_its_baseline(sources, settings):
    sources.add_release("baseline", "pubmed26n0001.xml.gz", b"x")
    assert [release.number for release in pubmed_files.releases(settings)] == [1]


def test_two_at_once_do_not_share_a_folder(releases, settings, tmp_path):
    found = pubmed_files.releases(settings)
    first = pubmed_files.download(settings, tmp_path, found, silent)
    next(first)
    with pytest.raises(Occupied):
        next(pubmed_files.download(settings, tmp_path, found, silent))
    first.close()


def test_what_was_applied_is_remembered_for_each_library(tmp_path):
    assert pubmed_files.applied_to(tmp_path, tmp_path / "a") is None
    pubmed_files.mark_applied(tmp_path, tmp_path / "a", "pubmed26n0001.xml.gz")
    pubmed_files.mark_applied(tmp_path, tmp_path / "b", "pubmed26n0007.xml.gz")
    assert pubmed_files.applied_to(tmp_path, tmp_path / "a") == "pubmed26n0001.xml.gz"
