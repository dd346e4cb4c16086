"""Europe PMC by query and by list: pages by cursor, open full texts, and its records as papers."""

import pytest

from corpora.failure import Failure
from corpora.feeds import europepmc
from corpora.feeds.errors import Unavailable
from corpora.feeds.folder import Folder
from corpora.feeds.identifiers import Identifier
from corpora.feeds.records import read_europepmc
from corpora.paper import Paper, Relation
from corpora.unreadable import Unreadable
from tests.corpora.feeds.sources import Record, Reply, error, jats, xml


def silent(stage, done, total):
    pass


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr(europepmc, "PAGE", 100)


@pytest.fixture
def fetch(settings, tmp_path):
    def fetched(query="methylation", most=None, full_text=False):
        with Folder(tmp_path / "out", f"europepmc: {query}, {most}") as folder:
            return europepmc.fetch_query(settings, folder, query, most, full_text, silent)

    return fetched


@pytest.fixture
def fetch_list(settings, tmp_path):
    def fetched(*wanted, full_text=False):
        with Folder(tmp_path / "out", "europepmc: list") as folder:
            return europepmc.fetch_identifiers(settings, folder, wanted, full_text, silent)

    return fetched


def papers(fetched):
    return [paper for file in fetched.files if file.name.startswith("europepmc") for paper in read_europepmc(file)]


def test_all_that_a_query_finds_comes_page_by_page(fetch, sources):
    fetched = fetch()
    assert [paper.pmid for paper in papers(fetched)] == [record.pmid for record in sources.records]
    assert (fetched.records, fetched.missing, fetched.notes) == (450, (), ())
    cursors = [request.form["cursorMark"] for request in sources.requests]
    assert cursors == ["*", "AoII100", "AoII200", "AoII300", "AoII400"]
    first = sources.requests[0]
    assert (first.form["resultType"], first.form["format"], first.form["pageSize"]) == ("core", "xml", "100")
    assert first.form["email"] == "me@example.org"


@pytest.mark.parametrize("most", [1, 100, 130])
def test_no_more_come_than_were_wanted(fetch, most):
    assert len(papers(fetch(most=most))) == most


def test_a_query_that_finds_nothing_is_no_error(fetch):
    fetched = fetch("no such words")
    assert (fetched.files, fetched.records, fetched.notes) == ((), 0, ())


def test_a_list_that_ends_too_soon_is_told(fetch, sources):
    whole = sources.search

    def forgetful(form):
        reply = whole(form)
        return Reply(reply.body.replace(b"<hitCount>450</hitCount>", b"<hitCount>460</hitCount>"))

    sources.search = forgetful
    fetched = fetch()
    assert fetched.records == 450
    assert fetched.notes == ("Europe PMC counts 460 records, of which it has given 450.",)


@pytest.mark.parametrize(
    "fault",
    [
        Reply(b"", 429, {"Retry-After": "0"}),
        Reply(b"", 503),
        Reply(b"<html><body>Service Unavailable</body></html>"),
        xml("<responseWrapper><errCode>500</errCode><errMsg>Internal error</errMsg></responseWrapper>"),
        error("x"),
        Reply(xml("<responseWrapper><hitCount>1</hitCount></responseWrapper>").body[:60]),
    ],
    ids=["429", "503", "HTML", "errMsg", "root", "cut"],
)
@pytest.mark.parametrize("place", [0, 3])
def test_what_passes_by_costs_nothing(fetch, sources, fault, place):
    sources.faults.extend([None] * place + [fault])
    assert len(papers(fetch())) == 450


def test_pages_that_came_before_an_error_are_not_asked_for_again(fetch, sources):
    sources.faults.extend([None, None] + [Reply(b"", 500)] * 20)
    with pytest.raises(Unavailable):
        fetch()
    sources.faults.clear()
    sources.requests.clear()
    assert len(papers(fetch())) == 450
    assert [request.form["cursorMark"] for request in sources.requests] == ["AoII200", "AoII300", "AoII400"]


def test_full_texts_are_fetched_where_they_are_open(fetch, sources):
    fetched = fetch(most=9, full_text=True)
    texts = {file.name: file.read_bytes() for file in fetched.files if file.name.startswith("PMC")}
    is_open = [record for record in sources.records[:9] if record.is_open]
    assert texts == {f"{record.pmcid}.xml": xml(jats(record)).body for record in is_open}
    assert fetched.notes == ("3 open full texts of 3 that are told to be open.",)


def test_a_full_text_that_is_not_there_is_told_and_asked_for_once(fetch, sources):
    sources.withheld = {"PMC9003"}
    notes = ("2 open full texts of 3 that are told to be open.",)
    assert fetch(most=9, full_text=True).notes == notes
    sources.requests.clear()
    assert fetch(most=9, full_text=True).notes == notes
    assert sources.asked("fullTextXML") == []


def test_full_texts_can_be_asked_for_later(fetch, sources):
    fetch(most=9)
    sources.requests.clear()
    fetch(most=9, full_text=True)
    assert {request.name for request in sources.requests} == {"fullTextXML"}


def test_papers_come_by_pmid_pmcid_and_doi_and_the_absent_are_named(fetch_list):
    fetched = fetch_list(
        Identifier("pmid", "7"), Identifier("pmcid", "PMC9008"), Identifier("doi", "10.1000/m9"),
        Identifier("pmid", "99999"), Identifier("doi", "10.1000/none"), full_text=True,
    )  # fmt: skip
    assert sorted(paper.pmid for paper in papers(fetched)) == ["7", "8", "9"]
    assert [file.name for file in fetched.files] == ["PMC9009.xml", "europepmc-000001.xml"]
    assert fetched.missing == ("pmid:99999", "doi:10.1000/none")


def test_long_lists_go_in_parts(fetch_list, sources):
    assert fetch_list(*(Identifier("pmid", str(number)) for number in range(1, 101))).records == 100
    assert len(sources.requests) == 4


WHOLE = """
<result><id>21000001</id><source>MED</source><pmid>21000001</pmid><pmcid>PMC3000001</pmcid><doi>10.1000/Own.1</doi>
<title>Methylation of &lt;i>BNC1&lt;/i> in 10&lt;sup>6&lt;/sup> cells &amp;amp; more.</title>
<authorString>Yi JM.</authorString>
<authorList><author><fullName>Yi JM</fullName><firstName>Joo</firstName></author>
<author><collectiveName>Pancreas Study Group</collectiveName></author></authorList>
<journalInfo><journal><title>Clinical epigenetics</title></journal>
<yearOfPublication>2011</yearOfPublication></journalInfo>
<pubYear>2011</pubYear>
<abstractText>Once. &lt;h4>Background&lt;/h4>Pancreatic cancer is found late.
&lt;h4>Results&lt;/h4>&lt;p>It was methylated
(p &amp;lt; 0.05, x &lt; 3).&lt;/p></abstractText>
<language>eng</language>
<pubTypeList><pubType>research-article</pubType><pubType>Journal Article</pubType></pubTypeList>
<keywordList><keyword>ctDNA</keyword></keywordList>
<meshHeadingList><meshHeading><descriptorName>DNA Methylation</descriptorName></meshHeading></meshHeadingList>
<commentCorrectionList>
<commentCorrection><id>31000001</id><source>MED</source><type>Retraction in</type></commentCorrection>
<commentCorrection><id>31000002</id><source>MED</source><type>Erratum in</type></commentCorrection>
<commentCorrection><id>PPR5</id><source>PPR</source><type>Preprint in</type></commentCorrection>
<commentCorrection><id>31000003</id><source>MED</source><type>Comment in</type></commentCorrection>
</commentCorrectionList>
<isOpenAccess>N</isOpenAccess><firstPublicationDate>2010-12-21</firstPublicationDate></result>"""


def read(folder, *results):
    path = folder / "page.xml"
    body = f"<responseWrapper><hitCount>1</hitCount><resultList>{''.join(results)}</resultList></responseWrapper>"
    path.write_text(body, encoding="utf-8")
    return list(read_europepmc(path))


def test_a_record_becomes_a_paper_with_all_that_it_tells(tmp_path):
    (paper,) = read(tmp_path, WHOLE)
    assert paper.text == (
        "Methylation of BNC1 in 106 cells & more.\nOnce.\nPancreatic cancer is found late.\n"
        "It was methylated (p < 0.05, x < 3)."
    )
    assert [section.name for section in paper.sections] == ["title", None, "Background", "Results"]
    assert (paper.pmid, paper.pmcid, paper.doi) == ("21000001", "PMC3000001", "10.1000/own.1")
    assert (paper.journal, paper.year, paper.published) == ("Clinical epigenetics", 2011, "2010-12-21")
    assert (paper.language, paper.kind) == ("en", "abstract")
    assert paper.authors == ("Yi JM", "Pancreas Study Group")
    assert (paper.keywords, paper.mesh) == (("ctDNA",), ("DNA Methylation",))
    assert paper.retracted
    assert paper.relations == (
        Relation(kind="retracted by", pmid="31000001"),
        Relation(kind="corrected by", pmid="31000002"),
    )


def test_a_preprint_is_told_by_its_doi_and_server(tmp_path):
    (paper,) = read(
        tmp_path,
        "<result><id>PPR7</id><source>PPR</source><doi>10.1101/2020.01.01.1</doi><title>T</title><bookOrReportDetails>"
        "<publisher>bioRxiv</publisher></bookOrReportDetails><pubYear>2020</pubYear><commentCorrectionList>"
        "<commentCorrection><id>33000001</id><source>MED</source><type>Preprint of</type></commentCorrection>"
        "</commentCorrectionList></result>",
    )
    assert (paper.id, paper.pmid, paper.doi, paper.journal) == ("PPR7", None, "10.1101/2020.01.01.1", "bioRxiv")
    assert (paper.year, paper.published, paper.retracted) == (2020, "2020", False)
    assert paper.relations == (Relation(kind="preprint of", pmid="33000001"),)


def test_a_record_without_text_is_a_failure_and_the_others_are_read(tmp_path):
    empty, paper = read(tmp_path, "<result><id>1</id></result>", WHOLE)
    assert isinstance(empty, Failure)
    assert (empty.source.place, empty.reason) == ("record 1", "has neither title nor abstract")
    assert isinstance(paper, Paper)


def test_a_page_that_is_cut_off_gives_what_was_whole(tmp_path, sources):
    path = tmp_path / "page.xml"
    path.write_bytes(sources.search({"query": "methylation", "cursorMark": "*", "pageSize": "9"}).body[:2000])
    found = read_europepmc(path)
    assert next(found).pmid == "1"
    with pytest.raises(Unreadable, match="damaged"):
        list(found)


def test_records_of_the_played_server_are_read_back(fetch, sources):
    sources.records = [Record("1", "Methylation <of> A & B", "10.1000/a")]
    (paper,) = papers(fetch())
    assert paper.title == "Methylation <of> A & B"
