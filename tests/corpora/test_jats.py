from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings

from corpora.failure import Failure
from corpora.paper import Paper, Relation
from corpora.reading import read
from corpora.withdrawal import Withdrawn
from tests.corpora.written import CHAPTERS, PROSE, Chapter, expected, only_failure, only_paper, sections

DOCTYPE = '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Archiving v1.3//EN" "JATS-archivearticle1-3.dtd">'
NAMES = (
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML" '
    'xmlns:ali="http://www.niso.org/schemas/ali/1.0/"'
)


def article(body: str = "", meta: str = "", back: str = "", attributes: str = 'article-type="research-article"') -> str:
    return (
        f'<article {NAMES} {attributes} xml:lang="en"><front><journal-meta><journal-id>EJ</journal-id>'
        f"<journal-title-group>"
        f"<journal-title>Epigenome J</journal-title></journal-title-group></journal-meta><article-meta>{meta}"
        f"</article-meta></front><body>{body}</body><back>{back}</back></article>"
    )


def title(text: str = "T") -> str:
    return f"<title-group><article-title>{text}</article-title></title-group>"


def outcomes(
    folder: Path, *articles: str, name: str = "paper.nxml", doctype: str = DOCTYPE
) -> list[Paper | Failure | Withdrawn]:
    body = articles[0] if len(articles) == 1 else f"<pmc-articleset>{''.join(articles)}</pmc-articleset>"
    path = folder / name
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{doctype}{body}', encoding="utf-8")
    return list(read(path))


def of_body(folder: Path, body: str, meta: str = "") -> list[tuple[str | None, str, str]]:
    return sections(only_paper(outcomes(folder, article(body, meta))))


FRONT = f"""
<article-id pub-id-type="pmid">21000001</article-id><article-id pub-id-type="pmc">3000001</article-id>
<article-id pub-id-type="doi">10.1000/Own.1</article-id><article-id pub-id-type="publisher-id">own-1</article-id>
<article-categories><subj-group subj-group-type="heading"><subject>Research</subject></subj-group></article-categories>
{title("Methylation of <italic>BNC1</italic> in 10<sup>6</sup> cells &amp; more<xref ref-type='fn' rid='f'>*</xref>")}
<contrib-group>
  <contrib contrib-type="author"><name><surname>Yi</surname><given-names>Joo Mi</given-names></name>
    <xref ref-type="aff" rid="a">1</xref></contrib>
  <contrib contrib-type="author">
    <name><surname>Müller-Lüdenscheid</surname><given-names>K.-H.</given-names></name></contrib>
  <contrib contrib-type="author">
    <name name-style="eastern"><surname>张</surname><given-names>三</given-names></name></contrib>
  <contrib contrib-type="author"><collab>Pancreas Study Group<contrib-group><contrib><name><surname>Member</surname>
    </name></contrib></contrib-group></collab></contrib>
  <contrib contrib-type="editor"><name><surname>Editor</surname></name></contrib>
</contrib-group>
<pub-date pub-type="pmc-release"><day>1</day><month>1</month><year>2013</year></pub-date>
<pub-date pub-type="epub"><day>7</day><month>10</month><year>2011</year></pub-date>
<pub-date pub-type="ppub"><month>1</month><year>2012</year></pub-date>
<abstract><sec><title>Background</title><p>It is found late.</p></sec>
<sec><title>Results</title><p>It was silent.</p></sec>
</abstract>
<trans-abstract xml:lang="zh"><title>摘要</title><p>发现得晚。</p></trans-abstract>
<kwd-group><kwd>ctDNA</kwd><kwd><italic>BNC1</italic> gene</kwd></kwd-group>
<kwd-group kwd-group-type="abbreviations"><kwd>CI, confidence interval</kwd></kwd-group>
"""


def test_an_article_becomes_a_paper_with_all_its_fields(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, article("<p>Text.</p>", FRONT)))
    assert paper.title == "Methylation of BNC1 in 10⁶ cells & more"
    assert (paper.pmid, paper.pmcid, paper.doi, paper.id) == ("21000001", "PMC3000001", "10.1000/own.1", "own-1")
    assert (paper.journal, paper.year, paper.published, paper.language) == ("Epigenome J", 2012, "2011-10-07", "en")
    assert paper.authors == ("Yi JM", "Müller-Lüdenscheid KH", "张三", "Pancreas Study Group")
    assert paper.keywords == ("ctDNA", "BNC1 gene")
    assert paper.publication_types == ("Journal Article", "Research")
    assert (paper.kind, paper.retracted, paper.relations) == ("full text", False, ())
    assert sections(paper) == [
        ("title", "prose", "Methylation of BNC1 in 10⁶ cells & more"),
        ("Abstract / Background", "prose", "It is found late."),
        ("Abstract / Results", "prose", "It was silent."),
        ("摘要", "prose", "发现得晚。"),
        (None, "prose", "Text."),
    ]
    assert str(paper.source) == str(tmp_path / "paper.nxml")


def written(chapters: list[Chapter]) -> str:
    def block(content: str | list[list[str]]) -> str:
        if isinstance(content, str):
            return f"<p>{escape(content)}</p>"
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in content)
        return f"<table-wrap><table><tbody>{rows}</tbody></table></table-wrap>"

    return "".join(
        f"<sec><title>{escape(chapter.heading)}</title>"
        f"{''.join(map(block, chapter.blocks))}{written(chapter.below)}</sec>"
        for chapter in chapters
    )


@settings(max_examples=40, deadline=None)
@given(chapters=CHAPTERS)
def test_every_paragraph_and_cell_comes_back_in_its_place(
    chapters: list[Chapter], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = of_body(tmp_path_factory.getbasetemp(), written(chapters), title("A title"))
    assert found == [("title", "prose", "A title"), *expected(chapters)]


@settings(max_examples=40, deadline=None)
@given(text=PROSE)
def test_inline_markup_is_taken_off_and_nothing_else(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    first, _, rest = text.partition(" ")
    body = f"<p><italic>{escape(first)}</italic> <bold>{escape(rest)}</bold></p>"
    assert of_body(tmp_path_factory.getbasetemp(), body) == [(None, "prose", text)]


@pytest.mark.parametrize(
    ("inline", "text"),
    [
        ("seen <xref ref-type='bibr' rid='b'>[3]</xref>.", "seen [3]."),
        ("seen [<xref ref-type='bibr' rid='b'>3</xref>, <xref ref-type='bibr' rid='c'>4</xref>].", "seen [3, 4]."),
        ("seen<sup><xref ref-type='bibr' rid='b'>3</xref>–<xref ref-type='bibr' rid='b'>5</xref>"
         "</sup>.", "seen [3–5]."),
        ("seen<xref ref-type='bibr' rid='b'>3</xref>.", "seen [3]."),
        ("seen<sup>[<xref ref-type='bibr' rid='b'>3</xref>]</sup>.", "seen [3]."),
        ("by <xref ref-type='bibr' rid='b'>Yi et al., 2011</xref>.", "by Yi et al., 2011."),
        ("in <xref ref-type='fig' rid='f'>Figure 1A</xref>.", "in Figure 1A."),
        ("12.5<xref ref-type='table-fn' rid='t'>a</xref>", "12.5"),
        ("p = 3 × 10<sup>−5</sup>", "p = 3 × 10⁻⁵"),
        ("Ca<sup>2+</sup>, CD8<sup>+</sup>, H<sub>2</sub>O, <sup>3</sup>H", "Ca2+, CD8+, H2O, 3H"),
        ("is <inline-formula><mml:math><mml:mfrac><mml:mi>a</mml:mi><mml:mrow><mml:mi>b</mml:mi><mml:mo>"
         "+</mml:mo><mml:mn>1"
         "</mml:mn></mml:mrow></mml:mfrac></mml:math></inline-formula> so", "is a/(b + 1) so"),
        ("is <inline-formula><alternatives><tex-math>"
         "\\documentclass{a}\\begin{document}$$x^2$$\\end{document}</tex-math>"
         "<mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math></alternatives>"
         "</inline-formula>",
         "is x^2"),
        ("is <inline-formula><tex-math>\\documentclass{a}\\begin{document}$\\alpha_1$\\end{document}</tex-math>"
         "</inline-formula>",
         "is \\alpha_1"),
        ("see <ext-link xlink:href='https://a.b/c'>https://a.b/c</ext-link>, <email>"
         "a@b.c</email>", "see https://a.b/c, a@b.c"),
        ("17&beta;-estradiol&nbsp;here", "17β-estradiol here"),
        ("me<!-- hidden -->thy<?php hidden ?>lated<fn id='f'><p>note</p></fn>", "methylated"),
        ("two\n  lines<break/>and\ta tab", "two lines and a tab"),
    ],
)  # fmt: skip
def test_references_formulas_and_signs_stay_readable(tmp_path: Path, inline: str, text: str) -> None:
    assert of_body(tmp_path, f"<p>{inline}</p>") == [(None, "prose", text)]


def test_a_displayed_formula_stands_in_its_sentence(tmp_path: Path) -> None:
    formula = (
        "<disp-formula><label>(1)</label><mml:math><mml:mi>y</mml:mi><mml:mo>=</mml:mo><mml:mi>x</mml:mi>"
        "</mml:math></disp-formula>"
    )
    assert of_body(tmp_path, f"<p>Let{formula}hold.</p>") == [(None, "prose", "Let y = x (1) hold.")]


def test_a_list_parts_its_paragraph_and_a_table_follows_it(tmp_path: Path) -> None:
    body = (
        "<p>First <list><list-item><label>1.</label><p>one</p></list-item><list-item><p>two</p></list-item></list>last "
        "<table-wrap><label>Table 1</label><caption><title>Rates</title><p>In percent.</p></caption><table><tr>"
        "<td>a</td></tr>"
        "</table><table-wrap-foot><fn><label>*</label><p>p &lt; 0.05</p></fn></table-wrap-foot></table-wrap>words."
        "</p><p>Next.</p>"
    )
    assert of_body(tmp_path, body) == [
        (None, "prose", "First\n\none\n\ntwo\n\nlast words."),
        ("Table 1", "caption", "Table 1. Rates In percent."),
        ("Table 1", "table", "a"),
        ("Table 1", "caption", "* p < 0.05"),
        (None, "prose", "Next."),
    ]


def test_cells_that_span_stand_in_every_place_that_they_span(tmp_path: Path) -> None:
    table = (
        "<table-wrap><label>Table 2</label><table><thead><tr><th/><th colspan='2'>Control</th></tr></thead><tbody>"
        "<tr><td rowspan='2'>BNC1</td><td>1</td><td>2</td></tr><tr><td>3</td><td rowspan='0'>4</td></tr></tbody>"
        "</table></table-wrap>"
    )
    assert of_body(tmp_path, table)[-1] == ("Table 2", "table", "\tControl\tControl\nBNC1\t1\t2\nBNC1\t3\t4")


def test_a_table_that_spans_without_end_is_refused(tmp_path: Path) -> None:
    row = f"<tr><td colspan='999999999'>{'x' * 1000}</td></tr>"
    table = f"<table-wrap><table>{row * 100}</table></table-wrap>"
    assert "span more than" in only_failure(outcomes(tmp_path, article(table, title()))).reason


def test_captions_of_figures_are_captions(tmp_path: Path) -> None:
    figure = (
        "<fig><label>Figure 1</label><caption><title>Silence.</title><p>(A) Before.</p></caption><graphic "
        "xlink:href='f1'/></fig>"
    )
    body = (
        f"<sec><title>Results</title><p>See.</p>{figure}</sec><fig-group><caption><p>All.</p></caption>"
        f"{figure}</fig-group>"
    )
    assert of_body(tmp_path, body) == [
        ("Results", "prose", "See."),
        ("Figure 1", "caption", "Figure 1. Silence. (A) Before."),
        (None, "prose", "All."),
        ("Figure 1", "caption", "Figure 1. Silence. (A) Before."),
    ]


def test_references_footnotes_and_lists_of_supplements_are_left_out(tmp_path: Path) -> None:
    back = (
        "<ack><p>We thank.</p></ack><sec><title>Data</title><p>On request.</p></sec>"
        "<fn-group><fn><p>Footnote.</p></fn></fn-group><ref-list><title>References</title><ref><mixed-citation>"
        "Cited</mixed-citation>"
        "</ref></ref-list><sec sec-type='supplementary-material'><title>Supplements</title><p>File S1.</p></sec>"
        "<app-group><app><title>Appendix A</title><p>More.</p></app></app-group>"
    )
    body = "<p>Text.<supplementary-material><caption><p>Additional file</p></caption></supplementary-material></p>"
    assert sections(only_paper(outcomes(tmp_path, article(body, title(), back)))) == [
        ("title", "prose", "T"),
        (None, "prose", "Text."),
        ("Acknowledgments", "prose", "We thank."),
        ("Data", "prose", "On request."),
        ("Appendix A", "prose", "More."),
    ]


def related(kind: str, link: str) -> str:
    return f'<related-article related-article-type="{kind}" {link}/>'


DOI = 'ext-link-type="doi" xlink:href="10.1000/Other.1"'


@pytest.mark.parametrize(
    ("kind", "link", "relation"),
    [
        ("retraction", related("retracted-article", DOI), "retraction of"),
        ("retraction", related("related-article", DOI), "retraction of"),
        ("correction", related("corrected-article", DOI), "correction of"),
        ("correction", related("companion", DOI), "correction of"),
        ("expression-of-concern", related("object-of-concern", DOI), "expression of concern about"),
        ("research-article", related("retraction-forward", DOI), "retracted by"),
        ("research-article", related("correction-forward", DOI), "corrected by"),
        ("research-article", related("preprint", DOI), "published version of"),
    ],
)  # fmt: skip
def test_notices_and_what_they_are_about_become_relations(tmp_path: Path, kind: str, link: str, relation: str) -> None:
    found = only_paper(outcomes(tmp_path, article("<p>T.</p>", link, attributes=f'article-type="{kind}"')))
    assert found.relations == (Relation.model_validate({"kind": relation, "doi": "10.1000/other.1"}),)
    assert found.retracted == (relation == "retracted by")


def test_what_is_only_companion_or_comment_is_no_relation(tmp_path: Path) -> None:
    links = related("companion", DOI) + related("commentary-article", DOI) + related("retracted-article", "")
    assert only_paper(outcomes(tmp_path, article("<p>T.</p>", links))).relations == ()


def test_an_article_is_named_by_pmid_where_that_is_given(tmp_path: Path) -> None:
    link = related("corrected-article", 'ext-link-type="pubmed" xlink:href="123"')
    paper = only_paper(outcomes(tmp_path, article("<p>T.</p>", link, attributes='article-type="correction"')))
    assert paper.relations == (Relation(kind="correction of", pmid="123"),)
    assert paper.publication_types == ("Published Erratum",)


def test_a_file_of_many_gives_each_and_names_those_without_text(tmp_path: Path) -> None:
    first, failure, last = outcomes(tmp_path, article("<p>1</p>"), article(), article("<p>3</p>"), doctype="")
    assert isinstance(first, Paper)
    assert isinstance(failure, Failure)
    assert isinstance(last, Paper)
    assert str(failure) == (
        f"{tmp_path / 'paper.nxml'}, record 2: has neither title nor text. Leave it out, or give its text as a file."
    )
    assert last.source is not None
    assert (last.text, last.source.place) == ("3", "record 3")


def test_an_article_in_a_namespace_is_read(tmp_path: Path) -> None:
    spaced = article("<p>Text.</p>", title()).replace("<article ", '<article xmlns="http://jats.nlm.nih.gov" ', 1)
    assert only_paper(outcomes(tmp_path, spaced)).text == "T\nText."


def test_the_root_element_says_what_an_xml_file_is_and_not_its_name(tmp_path: Path) -> None:
    assert only_paper(outcomes(tmp_path, article("<p>Text.</p>"), name="pubmed.xml")).text == "Text."
    (tmp_path / "odd.nxml").write_text("<html><body/></html>")
    failure = only_failure(list(read(tmp_path / "odd.nxml")))
    assert failure.reason == "is XML of a kind that is not read (its root element is <html>)"


def test_an_article_without_body_is_an_abstract(tmp_path: Path) -> None:
    assert only_paper(outcomes(tmp_path, article("", title()))).kind == "abstract"


def test_every_cut_of_an_article_is_one_failure(tmp_path: Path) -> None:
    document = article(f"<p>{'word ' * 50}</p>", FRONT).encode()
    for cut in range(1, len(document), 211):
        (tmp_path / "cut.nxml").write_bytes(document[:cut])
        assert only_failure(list(read(tmp_path / "cut.nxml"))).reason.startswith("is damaged or no XML")


LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declarations", [LAUGHS, '<!ENTITY a9 SYSTEM "file:///etc/passwd">', '<!ENTITY % p SYSTEM "x"> %p;']
)
def test_declared_entities_are_refused(tmp_path: Path, declarations: str) -> None:
    failure = only_failure(outcomes(tmp_path, article("<p>&a9;</p>"), doctype=f"<!DOCTYPE article [{declarations}]>"))
    assert failure.reason == "declares entities in its DOCTYPE, which is unsafe and not read"


def test_sections_nested_without_end_are_a_failure(tmp_path: Path) -> None:
    deep = article("<sec>" * 400 + "<p>x</p>" + "</sec>" * 400)
    assert "depth" in only_failure(outcomes(tmp_path, deep)).reason.lower()


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_chinese_articles_are_read_in_the_encoding_that_they_declare(tmp_path: Path, encoding: str) -> None:
    text = article("<sec><title>方法</title><p>我们检测了甲基化。</p></sec>", title("胰腺癌中的甲基化"))
    path = tmp_path / "chinese.xml"
    path.write_bytes(f'<?xml version="1.0" encoding="{encoding}"?>{text}'.replace('"en"', '"zh-CN"').encode(encoding))
    paper = only_paper(list(read(path)))
    assert (paper.title, paper.language) == ("胰腺癌中的甲基化", "zh")
    assert sections(paper)[-1] == ("方法", "prose", "我们检测了甲基化。")
