import gzip
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from corpora.failure import Failure
from corpora.paper import Paper, Relation
from corpora.reading import read
from corpora.streams import MIB
from corpora.withdrawal import Withdrawn

DOCTYPE = (
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2024//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_240101.dtd">'
)
ISSUE = "<JournalIssue><PubDate><Year>2011</Year><Month>Oct</Month></PubDate></JournalIssue>"
WHOLE = f"""
<PubmedArticle>
  <MedlineCitation Status="MEDLINE" Owner="NLM">
    <PMID Version="1">21000001</PMID>
    <Article PubModel="Print-Electronic">
      <Journal>{ISSUE}<Title>Clinical epigenetics</Title><ISOAbbreviation>Clin Epigenet</ISOAbbreviation></Journal>
      <ArticleTitle>Methylation of <i>BNC1</i> in 10<sup>6</sup> cells &amp; more.</ArticleTitle>
      <ELocationID EIdType="pii" ValidYN="Y">s-12</ELocationID>
      <ELocationID EIdType="doi" ValidYN="Y">10.1000/Electronic.1</ELocationID>
      <Abstract>
        <AbstractText Label="BACKGROUND" NlmCategory="BACKGROUND">Pancreatic cancer is found late.</AbstractText>
        <AbstractText Label="RESULTS"><i>BNC1</i> was methylated (92%; p&lt;0.05).</AbstractText>
        <AbstractText Label="UNLABELLED">It was silent.</AbstractText>
        <AbstractText Label="EMPTY"/>
        <CopyrightInformation>Copyright of somebody</CopyrightInformation>
      </Abstract>
      <AuthorList CompleteYN="Y">
        <Author ValidYN="Y"><LastName>Yi</LastName><ForeName>Joo Mi</ForeName><Initials>JM</Initials></Author>
        <Author ValidYN="N"><LastName>Yy</LastName><Initials>JM</Initials></Author>
        <Author ValidYN="Y"><LastName>Plato</LastName></Author>
        <Author ValidYN="Y"><CollectiveName>Pancreas Study Group</CollectiveName></Author>
      </AuthorList>
      <PublicationTypeList>
        <PublicationType UI="D016428">Journal Article</PublicationType>
        <PublicationType UI="D016441">Retracted Publication</PublicationType>
      </PublicationTypeList>
      <ArticleDate DateType="Electronic"><Year>2010</Year></ArticleDate>
    </Article>
    <GeneSymbolList><GeneSymbol>BNC1</GeneSymbol></GeneSymbolList>
    <MeshHeadingList>
      <MeshHeading><DescriptorName MajorTopicYN="N">DNA Methylation</DescriptorName>
        <QualifierName>genetics</QualifierName></MeshHeading>
      <MeshHeading><DescriptorName>Humans</DescriptorName></MeshHeading>
    </MeshHeadingList>
    <OtherAbstract Type="Publisher" Language="spa"><AbstractText>Resumen.</AbstractText></OtherAbstract>
    <KeywordList Owner="NOTNLM"><Keyword>ctDNA</Keyword><Keyword> <i>BNC1</i> gene </Keyword></KeywordList>
  </MedlineCitation>
  <PubmedData>
    <ArticleIdList>
      <ArticleId IdType="pubmed">21000001</ArticleId>
      <ArticleId IdType="doi">10.1000/Own.1</ArticleId>
    </ArticleIdList>
    <ReferenceList><Reference><Citation>Other</Citation><ArticleIdList>
      <ArticleId IdType="doi">10.9999/cited.1</ArticleId></ArticleIdList></Reference></ReferenceList>
  </PubmedData>
</PubmedArticle>"""


def article(
    pmid: object = 1,
    article: str = "<ArticleTitle>Title</ArticleTitle>",
    citation: str = "",
    data: str = "",
    issue: str = ISSUE,
) -> str:
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><Journal>{issue}</Journal>{article}</Article>"
        f"{citation}</MedlineCitation><PubmedData>{data}</PubmedData></PubmedArticle>"
    )


def outcomes(
    folder: Path, *articles: str, doctype: str = DOCTYPE, name: str = "pubmed.xml"
) -> list[Paper | Failure | Withdrawn]:
    document = (
        f'<?xml version="1.0" encoding="utf-8"?>{doctype}<PubmedArticleSet>{"".join(articles)}</PubmedArticleSet>'
    )
    return outcomes_of(folder, document.encode(), name)


def outcomes_of(folder: Path, content: bytes, name: str = "pubmed.xml") -> list[Paper | Failure | Withdrawn]:
    path = folder / name
    path.write_bytes(content)
    return list(read(path))


def only_paper(found: list[Paper | Failure | Withdrawn]) -> Paper:
    (paper,) = found
    assert isinstance(paper, Paper), paper
    return paper


def only_failure(found: list[Paper | Failure | Withdrawn]) -> Failure:
    (failure,) = found
    assert isinstance(failure, Failure), failure
    return failure


def test_an_article_becomes_a_paper_with_all_its_fields(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, WHOLE))
    assert paper.text == (
        "Methylation of BNC1 in 106 cells & more.\n"
        "Pancreatic cancer is found late.\n"
        "BNC1 was methylated (92%; p<0.05).\n"
        "It was silent."
    )
    assert paper.title == "Methylation of BNC1 in 106 cells & more."
    assert (paper.pmid, paper.doi) == ("21000001", "10.1000/own.1")
    assert (paper.journal, paper.year) == ("Clinical epigenetics", 2011)
    assert paper.authors == ("Yi JM", "Plato", "Pancreas Study Group")
    assert paper.mesh == ("DNA Methylation", "Humans")
    assert paper.keywords == ("ctDNA", "BNC1 gene")
    assert paper.genes == ("BNC1",)
    assert paper.publication_types == ("Journal Article", "Retracted Publication")
    assert paper.retracted
    assert paper.kind == "abstract"
    assert str(paper.source) == f"{tmp_path / 'pubmed.xml'}, record 1"


def test_the_labels_of_a_structured_abstract_name_its_sections(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, WHOLE))
    assert [(part.name, paper.text[part.start : part.end]) for part in paper.sections] == [
        ("title", "Methylation of BNC1 in 106 cells & more."),
        ("BACKGROUND", "Pancreatic cancer is found late."),
        ("RESULTS", "BNC1 was methylated (92%; p<0.05)."),
        (None, "It was silent."),
    ]


@pytest.mark.parametrize(
    ("dates", "year"),
    [
        ("<Year>1999</Year>", 1999),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", 1998),
        ("<MedlineDate>Winter 2003</MedlineDate>", 2003),
        ("<MedlineDate>Spring</MedlineDate>", 2010),
        ("", 2010),
    ],
)
def test_the_year_is_that_of_the_issue_or_else_of_the_article(tmp_path: Path, dates: str, year: int) -> None:
    body = "<ArticleTitle>T</ArticleTitle><ArticleDate><Year>2010</Year></ArticleDate>"
    issue = f"<JournalIssue><PubDate>{dates}</PubDate></JournalIssue>"
    assert only_paper(outcomes(tmp_path, article(article=body, issue=issue))).year == year


def test_fields_that_the_article_lacks_stay_empty(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, article(issue="")))
    assert (paper.doi, paper.journal, paper.year, paper.authors, paper.mesh) == (None, None, None, (), ())
    assert not paper.retracted


def test_an_article_without_abstract_is_its_title(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, article()))
    assert (paper.text, paper.kind) == ("Title", "abstract")


def test_an_article_without_title_is_its_abstract(tmp_path: Path) -> None:
    body = "<ArticleTitle/><Abstract><AbstractText> Text. </AbstractText></Abstract>"
    paper = only_paper(outcomes(tmp_path, article(article=body)))
    assert (paper.text, paper.title) == ("Text.", None)


def test_a_notice_of_retraction_marks_the_retracted_article_only(tmp_path: Path) -> None:
    def linked(kind: str) -> str:
        return f'<CommentsCorrectionsList><CommentsCorrections RefType="{kind}"/></CommentsCorrectionsList>'

    retracted, notice = outcomes(
        tmp_path, article(1, citation=linked("RetractionIn")), article(2, citation=linked("RetractionOf"))
    )
    assert isinstance(retracted, Paper)
    assert isinstance(notice, Paper)
    assert (retracted.retracted, notice.retracted) == (True, False)


def test_the_doi_of_a_cited_paper_is_never_taken(tmp_path: Path) -> None:
    cited = (
        '<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.9999/cited</ArticleId>'
        "</ArticleIdList></Reference></ReferenceList>"
    )
    assert only_paper(outcomes(tmp_path, article(data=cited))).doi is None


def test_a_doi_that_was_corrected_is_passed_over(tmp_path: Path) -> None:
    wrong = '<ELocationID EIdType="doi" ValidYN="N">10.1000/wrong</ELocationID>'
    right = '<ELocationID EIdType="doi" ValidYN="Y">10.1000/right</ELocationID>'
    title = "<ArticleTitle>T</ArticleTitle>"
    both, alone = outcomes(tmp_path, article(article=title + wrong + right), article(article=title + wrong))
    assert isinstance(both, Paper)
    assert isinstance(alone, Paper)
    assert (both.doi, alone.doi) == ("10.1000/right", None)


def test_a_malformed_doi_gives_way_to_the_next_and_does_not_cost_the_article(tmp_path: Path) -> None:
    wrong = '<ArticleIdList><ArticleId IdType="doi">none yet</ArticleId></ArticleIdList>'
    right = '<ArticleTitle>T</ArticleTitle><ELocationID EIdType="doi" ValidYN="Y">10.1000/b</ELocationID>'
    both, alone = outcomes(tmp_path, article(article=right, data=wrong), article(data=wrong))
    assert isinstance(both, Paper)
    assert isinstance(alone, Paper)
    assert (both.doi, alone.doi) == ("10.1000/b", None)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("<PubmedBookArticle><BookDocument/></PubmedBookArticle>", "is a chapter of a book, not an article"),
        ("<PubmedArticle/>", "holds no <MedlineCitation>"),
        (article(article="<ArticleTitle> </ArticleTitle>"), "has neither title nor abstract"),
        (article(pmid="12a"), "pmid: '12a' is not a PMID (1 to 9 digits)"),
    ],
)
def test_a_bad_article_is_named_and_the_others_are_read(tmp_path: Path, bad: str, reason: str) -> None:
    before, failure, after = outcomes(tmp_path, article(1), bad, article(3))
    assert isinstance(before, Paper)
    assert isinstance(failure, Failure)
    assert (failure.source.place, failure.reason) == ("record 2", reason)
    assert isinstance(after, Paper)
    assert (after.pmid, after.source and after.source.place) == ("3", "record 3")


def test_the_articles_before_every_cut_are_read_and_one_failure_says_so(tmp_path: Path) -> None:
    document = f"{DOCTYPE}<PubmedArticleSet>{article(1)}{article(2)}{article(3)}</PubmedArticleSet>".encode()
    for cut in range(1, len(document), 29):
        *papers, failure = outcomes_of(tmp_path, document[:cut])
        assert [paper.pmid for paper in papers if isinstance(paper, Paper)] == [
            str(number) for number in range(1, document[:cut].count(b"</PubmedArticle>") + 1)
        ]
        assert isinstance(failure, Failure)
        assert failure.reason.startswith("is damaged or no XML: ")


def test_a_truncated_gzip_file_gives_every_article_before_the_cut(tmp_path: Path) -> None:
    document = f"<PubmedArticleSet>{''.join(article(n) for n in range(1, 2000))}</PubmedArticleSet>".encode()
    packed = gzip.compress(document)
    kept = packed[: len(packed) // 2]
    *papers, failure = outcomes_of(tmp_path, kept, "pubmed.xml.gz")
    assert len(papers) == zlib.decompressobj(wbits=31).decompress(kept).count(b"</PubmedArticle>") > 500
    assert all(isinstance(paper, Paper) for paper in papers)
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("is damaged gzip")
    whole = outcomes_of(tmp_path, packed, "pubmed.XML.GZ")
    assert len(whole) == 1999


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"rubbish\x00\xff", "is damaged or no XML: Start tag expected"),
        (b"<html><body>No</body></html>", "is XML of a kind that is not read (its root element is <html>)"),
        (b"<PubmedArticleSet/>", "holds no PubMed article (its root element is <PubmedArticleSet>)"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "is damaged or no XML: Unsupported encoding"),
        (b"<PubmedArticleSet>" + b"<i>" * 5000, "is damaged or no XML: Excessive depth"),
    ],
)
def test_a_file_that_is_no_pubmed_xml_is_one_failure(tmp_path: Path, content: bytes, reason: str) -> None:
    failure = only_failure(outcomes_of(tmp_path, content))
    assert failure.reason.startswith(reason)
    assert failure.source.place is None


def test_other_encodings_are_read_as_declared(tmp_path: Path) -> None:
    body = article(article="<ArticleTitle>17β-estradiol</ArticleTitle>")
    document = f'<?xml version="1.0" encoding="utf-16"?><PubmedArticleSet>{body}</PubmedArticleSet>'
    assert only_paper(outcomes_of(tmp_path, document.encode("utf-16"))).title == "17β-estradiol"


def hostile(declarations: str, use: str) -> str:
    return (
        f"<!DOCTYPE PubmedArticleSet [{declarations}]><PubmedArticleSet>"
        f"{article(article=f'<ArticleTitle>T{use}</ArticleTitle>')}</PubmedArticleSet>"
    )


LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize("place", ["element", "attribute"])
def test_a_billion_laughs_are_refused_without_being_written_out(tmp_path: Path, place: str) -> None:
    document = hostile(LAUGHS, "&a9;" if place == "element" else '<i class="&a9;"/>')
    failure = only_failure(outcomes_of(tmp_path, document.encode()))
    assert "declares entities" in failure.reason
    assert memory_needed(tmp_path / "pubmed.xml") < 20 * MIB


@pytest.mark.parametrize(
    "declarations",
    [
        '<!ENTITY x SYSTEM "{uri}">',
        '<!ENTITY x PUBLIC "any" "{uri}">',
        '<!ENTITY % p SYSTEM "{uri}"> %p;',
        "<!ENTITY x 'harmless'>",
    ],
)
def test_entities_are_refused_and_no_other_file_is_read(tmp_path: Path, declarations: str) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text('<!ENTITY x "TOPSECRET">')
    document = hostile(declarations.format(uri=secret.as_uri()), "&x;")
    failure = only_failure(outcomes_of(tmp_path, document.encode()))
    assert failure.reason == "declares entities in its DOCTYPE, which is unsafe and not read"
    assert "TOPSECRET" not in str(failure)


def test_an_external_dtd_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text('<!ENTITY x "TOPSECRET">')
    body = article(article="<ArticleTitle>T&x;</ArticleTitle>")
    doctype = f'<!DOCTYPE PubmedArticleSet SYSTEM "{secret.as_uri()}">'
    assert only_paper(outcomes(tmp_path, body, doctype=doctype)).text == "T&x;"


def test_an_inclusion_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("TOPSECRET")
    inclusion = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="secret.txt" parse="text"/>'
    body = article(article=f"<ArticleTitle>T{inclusion}</ArticleTitle>")
    assert only_paper(outcomes(tmp_path, body)).text == "T"


def test_comments_and_instructions_are_no_text(tmp_path: Path) -> None:
    body = article(article="<ArticleTitle>Me<!-- hidden -->thy<?php hidden ?>lation</ArticleTitle>")
    assert only_paper(outcomes(tmp_path, body)).text == "Methylation"


def test_a_record_beyond_the_limit_ends_the_file(tmp_path: Path) -> None:
    path = tmp_path / "pubmed.xml"
    with path.open("w") as stream:
        stream.write(f"<PubmedArticleSet>{article(1)}<PubmedArticle>")
        for _ in range(20):
            stream.write(f"<Keyword>{'x' * MIB}</Keyword>")
    paper, failure = read(path)
    assert isinstance(paper, Paper)
    assert isinstance(failure, Failure)
    assert "16 MiB, the limit for one record" in failure.reason


def test_articles_that_were_read_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "pubmed.xml"
    # An empty element takes four bytes here and some hundred in the memory of the parser.
    articles = [article(number, citation="<x/>" * 20_000) for number in range(1, 101)]
    path.write_text(f"<PubmedArticleSet>{''.join(articles)}</PubmedArticleSet>")
    assert memory_needed(path) < 50 * MIB


def memory_needed(path: Path) -> int:
    """By how many bytes reading a file raises the peak of a process, the parser's own memory included."""
    script = (
        "import sys, resource, lxml.etree; from pathlib import Path; from corpora.reading import read\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak()\n"
        "for _ in read(Path(sys.argv[1])): pass\n"
        "print(1024 * (peak() - before))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    return int(run.stdout)


def dates(issue: str, *web: str) -> dict[str, str]:
    days = "".join(f"<ArticleDate>{_parts(day)}</ArticleDate>" for day in web)
    return {
        "article": f"<ArticleTitle>T</ArticleTitle>{days}",
        "issue": f"<JournalIssue><PubDate>{_parts(issue)}</PubDate></JournalIssue>",
    }


def _parts(day: str) -> str:
    if (" " in day and not day[:4].isdigit()) or "-" in day:
        return f"<MedlineDate>{day}</MedlineDate>"
    return "".join(f"<{n}>{v}</{n}>" for n, v in zip(("Year", "Month", "Day"), day.split(), strict=False))


@pytest.mark.parametrize(
    ("issue", "web", "published"),
    [
        ("2011 Oct 07", [], "2011-10-07"),
        ("2011 Oct", [], "2011-10"),
        ("2011", [], "2011"),
        ("2011 10", ["2011 08 03"], "2011-08-03"),
        ("2011 Jul", ["2011 08 03"], "2011-07"),
        ("2011", ["2011 08 03"], "2011-08-03"),
        ("2011", ["2012 01 03"], "2011"),
        ("2011 Feb 30", [], "2011-02"),
        ("1998 Dec-1999 Jan", [], "1998-12"),
        ("2000 Mar-Apr", [], "2000-03"),
        ("1998-1999", [], "1998"),
        ("Winter 2003", [], "2003"),
        ("Spring", ["2004 02 01"], "2004-02-01"),
    ],
)
def test_the_date_is_as_exact_as_it_is_printed_and_the_one_that_is_over_first(
    tmp_path: Path, issue: str, web: list[str], published: str
) -> None:
    assert only_paper(outcomes(tmp_path, article(**dates(issue, *web)))).published == published


def test_pmcid_and_language_are_those_of_the_article(tmp_path: Path) -> None:
    ids = '<ArticleIdList><ArticleId IdType="pmc">PMC12</ArticleId></ArticleIdList>'
    body = "<ArticleTitle>T</ArticleTitle><Language>chi</Language><Language>eng</Language>"
    paper = only_paper(outcomes(tmp_path, article(article=body, data=ids)))
    assert (paper.pmcid, paper.language) == ("PMC12", "zh")
    odd = article(
        article="<ArticleTitle>T</ArticleTitle><Language>und</Language>", data=ids.replace("PMC12", "PMC12.1")
    )
    paper = only_paper(outcomes(tmp_path, odd))
    assert (paper.pmcid, paper.language) == (None, None)


def link(kind: str, pmid: str = "7", source: str = "J Biol. 2012 Jan;1(1):2") -> str:
    inner = f"<PMID>{pmid}</PMID>" if pmid else ""
    return f'<CommentsCorrections RefType="{kind}"><RefSource>{source}</RefSource>{inner}</CommentsCorrections>'


@pytest.mark.parametrize(
    ("kind", "relation"),
    [
        ("RetractionIn", "retracted by"),
        ("RetractionOf", "retraction of"),
        ("ErratumIn", "corrected by"),
        ("ErratumFor", "correction of"),
        ("ExpressionOfConcernIn", "concern expressed by"),
        ("ExpressionOfConcernFor", "expression of concern about"),
    ],
)
def test_notices_become_relations(tmp_path: Path, kind: str, relation: str) -> None:
    links = f"<CommentsCorrectionsList>{link(kind)}{link('CommentIn')}{link('Cites')}</CommentsCorrectionsList>"
    paper = only_paper(outcomes(tmp_path, article(citation=links)))
    assert paper.relations == (Relation.model_validate({"kind": relation, "pmid": "7"}),)
    assert paper.retracted == (kind == "RetractionIn")


def test_a_notice_without_pmid_is_named_by_the_doi_that_its_source_prints(tmp_path: Path) -> None:
    printed = link("ErratumIn", "", "J Biol. 2012;1:2. doi: 10.1000/Erratum.1.") + link("ErratumIn", "", "J Biol. 2012")
    paper = only_paper(
        outcomes(tmp_path, article(citation=f"<CommentsCorrectionsList>{printed}</CommentsCorrectionsList>"))
    )
    assert paper.relations == (Relation(kind="corrected by", doi="10.1000/erratum.1"),)


def test_preprints_are_linked_with_their_published_versions_and_updates_of_reviews_are_not(tmp_path: Path) -> None:
    def of(inner: str, kind: str = "Journal Article") -> str:
        types = f"<PublicationTypeList><PublicationType>{kind}</PublicationType></PublicationTypeList>"
        return article(
            article=f"<ArticleTitle>T</ArticleTitle>{types}",
            citation=f"<CommentsCorrectionsList>{inner}</CommentsCorrectionsList>",
        )

    preprint = of(link("UpdateIn"), "Preprint")
    published = of(link("UpdateOf", source="bioRxiv. 2020 Jan 3:2020.01.02.8. doi: 10.1101/2020.01.02.8."))
    review = of(link("UpdateOf", source="Cochrane Database Syst Rev. 2009;(1):CD1") + link("UpdateIn"))
    found = [paper.relations for paper in outcomes(tmp_path, preprint, published, review) if isinstance(paper, Paper)]
    assert found == [
        (Relation(kind="preprint of", pmid="7"),),
        (Relation(kind="published version of", pmid="7", doi="10.1101/2020.01.02.8"),),
        (),
    ]


def test_deleted_citations_are_handed_out_in_their_place(tmp_path: Path) -> None:
    deleted = "<DeleteCitation><PMID Version='1'>5</PMID><PMID>6</PMID></DeleteCitation>"
    first, second, third = outcomes(tmp_path, article(5), deleted)
    assert isinstance(first, Paper)
    assert isinstance(second, Withdrawn)
    assert isinstance(third, Withdrawn)
    assert [second.pmid, third.pmid] == ["5", "6"]
    assert str(third.source) == f"{tmp_path / 'pubmed.xml'}, record 2"
    only = outcomes(tmp_path, deleted)
    assert [type(one) for one in only] == [Withdrawn, Withdrawn]
