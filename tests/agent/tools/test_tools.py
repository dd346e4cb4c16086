"""What the tools do for a model that calls them."""

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from langchain_core.tools import ToolException
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ValidationError

from agent.attachments.attaching import Attaching
from agent.attachments.attachment import Attachments, UnknownHandle
from agent.citations.ledger import Ledger
from agent.tools import LITERATURE
from agent.tools.declaration import Request, declaration_of, read_arguments
from agent.tools.find_paper import find_paper
from agent.tools.read_paper import read_paper
from agent.tools.refusals import retold
from agent.tools.search_literature import search_literature
from agent.turn import Turn
from corpora import glossary
from corpora.notices import Notice
from corpora.paper import Paper, Section
from retrieval.ingest import ingest
from retrieval.notices import keep_notices

YI_2013 = "24088737"
PANCREAS = "Which genes' promoter methylation could detect pancreatic cancer in blood?"


@pytest.fixture
def turn(starter) -> Turn:
    return Turn([starter])


def use(tool, turn: Turn, **arguments) -> dict:
    return json.loads(tool.func(runtime=SimpleNamespace(context=turn), **arguments))


def pmids(result: dict) -> list[str]:
    return [paper["pmid"] for paper in result["papers"]]


def sentences(result: dict) -> list[dict]:
    return [sentence for paper in result["papers"] for sentence in paper["sentences"]]


@pytest.fixture
def long_paper(library) -> Paper:
    """A paper of three sections, 150 sentences, stored in a library of its own."""
    title = "Methylation over many sections"
    text, sections = title, [Section(name="title", start=0, end=len(title))]
    for name in ("Introduction", "Methods", "Results"):
        body = " ".join(f"{name} finding {n} is about gene number {n}." for n in range(50))
        start = len(text) + 2
        text = f"{text}\n\n{body}"
        sections.append(Section(name=name, start=start, end=len(text)))
    paper = Paper(text=text, kind="full text", title=title, pmid="777", sections=tuple(sections))
    library.add(paper)
    library.derive()
    return paper


# All of them


@pytest.mark.parametrize("tool", LITERATURE, ids=lambda tool: tool.name)
def test_every_tool_tells_a_model_what_it_is_for_and_what_each_argument_means(tool):
    function = convert_to_openai_tool(tool)["function"]
    assert len(function["description"]) > 40
    assert all(argument["description"] for argument in function["parameters"]["properties"].values())
    assert "runtime" not in function["parameters"]["properties"]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [(search_literature, {"query": PANCREAS}), (find_paper, {"paper": YI_2013}), (read_paper, {"paper": YI_2013})],
    ids=lambda value: getattr(value, "name", ""),
)
def test_every_sentence_has_a_number_that_stands_for_its_place_in_the_stored_paper(turn, starter, tool, arguments):
    result = use(tool, turn, **arguments)
    assert sentences(result)
    for paper in result["papers"]:
        stored = starter.paper(paper["paper_id"])
        for sentence in paper["sentences"]:
            citation = turn.ledger.citation(sentence["n"])
            assert stored.text[sentence["start"] : sentence["end"]] == sentence["text"] == citation.quote
            assert (citation.pmid, citation.sha256) == (paper["pmid"], stored.sha256)


def test_a_ledger_is_rebuilt_from_what_the_tools_said(turn):
    results = [use(search_literature, turn, query=PANCREAS), use(read_paper, turn, paper=YI_2013)]
    rebuilt = Ledger.read(results)
    for sentence in (sentence for result in results for sentence in sentences(result)):
        assert rebuilt.citation(sentence["n"]) == turn.ledger.citation(sentence["n"])


# search_literature


def test_a_search_finds_the_papers_that_answer_best_first(turn):
    result = use(search_literature, turn, query=PANCREAS)
    assert YI_2013 in pmids(result)[:2]
    assert result["relevant"] is True
    assert [paper["score"] for paper in result["papers"]] == sorted(
        (paper["score"] for paper in result["papers"]), reverse=True
    )


def test_chinese_is_searched_in_english(turn):
    result = use(search_literature, turn, query="胰腺癌的血液标志物")
    assert "pancreatic cancer" in result["searched"]
    assert YI_2013 in pmids(result)


def test_what_no_paper_answers_is_not_relevant(turn):
    result = use(search_literature, turn, query="What is the boiling point of nitrogen?")
    assert result["relevant"] is False
    assert result["papers"]


def test_a_search_within_papers_stays_there(turn):
    handles = {paper["pmid"]: paper["paper"] for paper in use(search_literature, turn, query=PANCREAS)["papers"]}
    result = use(search_literature, turn, query="What was the sensitivity?", within=[handles[YI_2013]])
    assert pmids(result) == [YI_2013]
    assert result["relevant"] is True


@pytest.mark.parametrize(
    ("query", "is_answered"),
    [
        ("what was the sensitivity?", True),
        ("敏感性是多少？", True),
        ("How many patients were included?", True),
        ("Which antibiotics did they get?", False),
        ("What is the boiling point of nitrogen?", False),
        ("用了哪种抗生素？", False),
    ],
)
def test_what_is_asked_of_papers_is_relevant_where_one_of_them_holds_it(turn, query, is_answered):
    handles = {paper["pmid"]: paper["paper"] for paper in use(search_literature, turn, query=PANCREAS)["papers"]}
    result = use(search_literature, turn, query=query, within=[handles[YI_2013]])
    assert (result["relevant"], result["within"]) == (is_answered, [handles[YI_2013]])
    assert pmids(result) == [YI_2013]


def test_a_search_within_papers_that_were_never_shown_is_refused(turn):
    with pytest.raises(ToolException, match="P99"):
        use(search_literature, turn, query="What was the sensitivity?", within=["P99"])


def test_a_search_may_be_held_to_years_a_gene_and_a_journal(turn):
    result = use(search_literature, turn, query="methylation in cancer", year_from=2004, year_to=2006)
    assert {paper["year"] for paper in result["papers"]} <= {2004, 2005, 2006}
    by_gene = use(search_literature, turn, query="methylation in cancer", gene="CDKN2A")
    assert by_gene["papers"]
    assert pmids(by_gene) == pmids(use(search_literature, turn, query="methylation in cancer", gene="p16INK4a"))
    journals = use(search_literature, turn, query="methylation in cancer", journal="bmc cancer")["papers"]
    assert {paper["journal"] for paper in journals} == {"BMC Cancer"}


def test_years_that_run_backwards_are_refused_with_the_reason(turn):
    with pytest.raises(ToolException, match="from 2010 to 2000"):
        use(search_literature, turn, query="methylation", year_from=2010, year_to=2000)


@pytest.mark.parametrize("years", [{"year_from": 99}, {"year_to": 99999}, {"year_from": "last year"}])
def test_what_is_no_year_is_refused_by_the_schema(years):
    schema = search_literature.tool_call_schema
    assert schema.model_validate({"query": "methylation", "year_from": 2010}).year_from == 2010
    with pytest.raises(ValidationError):
        schema.model_validate({"query": "methylation", **years})


def test_what_a_filter_left_out_is_said(turn, library):
    library.add(Paper(text="BRCA1 is methylated in breast cancer.", kind="abstract"))
    library.derive()
    result = use(search_literature, Turn([library]), query="BRCA1", year_from=2000)
    assert "give no year" in result["notices"][0]


def test_several_libraries_are_searched_as_one(turn, library, starter):
    library.add(
        Paper(text="BNC1 methylation in blood detects pancreatic cancer of cats.", kind="abstract", pmid="9001")
    )
    library.derive()
    result = use(search_literature, Turn([starter, library]), query=PANCREAS)
    assert {paper["library"] for paper in result["papers"]} == {starter.name, library.name}


# find_paper


@pytest.mark.parametrize(
    "name",
    [
        YI_2013,
        f"PMID: {YI_2013}",
        "10.1158/1078-0432.CCR-12-3224",
        "https://doi.org/10.1158/1078-0432.ccr-12-3224",
        "Novel Methylation Biomarker Panel for the Early Detection of Pancreatic Cancer",
        "methylation biomarker panel early detection pancreatic cancer",
    ],
)
def test_a_paper_is_found_by_its_identifiers_and_by_its_title(turn, name):
    result = use(find_paper, turn, paper=name)
    assert pmids(result)[0] == YI_2013
    assert len(result["papers"][0]["sentences"]) == 1


def test_a_paper_that_is_not_there_is_said_not_to_be(turn):
    result = use(find_paper, turn, paper="99999999")
    assert (result["papers"], result["relevant"]) == ([], False)
    assert result["notices"] == ["No library has a paper '99999999'."]


# read_paper


def test_a_paper_is_read_whole(turn, starter):
    result = use(read_paper, turn, paper=YI_2013)
    [paper] = result["papers"]
    text = starter.find_paper(YI_2013)[0].paper.text
    assert "".join("".join(sentence["text"] for sentence in paper["sentences"]).split()) == "".join(text.split())
    assert (result["part"], result["parts"]) == (1, 1)


def test_a_paper_is_read_by_the_handle_under_which_it_was_shown(turn):
    handle = use(find_paper, turn, paper=YI_2013)["papers"][0]["paper"]
    assert pmids(use(read_paper, turn, paper=handle)) == [YI_2013]
    assert pmids(use(read_paper, turn, paper=handle.lower())) == [YI_2013]


def test_a_handle_is_looked_up_in_every_library(library, starter, turn):
    library.add(Paper(text="P1 is a plasmid. It is short.", kind="abstract", title="P1", pmid="9002"))
    library.derive()
    handle = use(find_paper, turn, paper=YI_2013)["papers"][0]["paper"]
    assert handle == "P1"
    assert pmids(use(read_paper, Turn([library, starter], turn.ledger), paper=handle)) == [YI_2013]


def test_sentences_are_scored_by_how_well_they_answer(turn):
    [paper] = use(read_paper, turn, paper=YI_2013, question="Which nanoparticle method was used?")["papers"]
    best = max(paper["sentences"], key=lambda sentence: sentence["score"])
    assert "Methylation On Beads" in best["text"]


def test_a_long_paper_is_read_a_part_at_a_time_and_every_sentence_once(library, long_paper):
    turn = Turn([library])
    first = use(read_paper, turn, paper="777")
    parts = [first, *(use(read_paper, turn, paper="777", part=part) for part in range(2, first["parts"] + 1))]
    assert len(parts) > 1
    assert max(len(sentences(part)) for part in parts) <= 60
    read = [sentence["text"] for part in parts for sentence in sentences(part)]
    assert "".join("".join(read).split()) == "".join(long_paper.text.split())
    assert first["sections"] == ["title", "Introduction", "Methods", "Results"]


def test_a_part_begins_with_a_section_where_one_begins_in_time(library, long_paper):
    turn = Turn([library])
    sections = [use(read_paper, turn, paper="777", part=part)["papers"][0]["sentences"] for part in (1, 2, 3)]
    assert [part[0]["section"] for part in sections] == ["title", "Methods", "Results"]


def test_a_question_is_asked_of_the_part_that_answers_it_best(library, long_paper):
    turn = Turn([library])
    result = use(read_paper, turn, paper="777", question="Results finding 30 is about which gene?")
    assert (result["part"], sentences(result)[0]["section"]) == (3, "Results")
    assert use(read_paper, turn, paper="777", question="Results finding 30", part=1)["part"] == 1


@pytest.mark.parametrize(
    ("question", "is_answered"),
    [
        ("What was the sensitivity?", True),
        ("Was a nanoparticle method used?", True),
        ("血清中的敏感性是多少？", True),
        ("What were their controls?", False),
        ("Which dose of gemcitabine was given?", False),
        ("使用了哪种抗生素？", False),
        (None, True),
    ],
)
def test_what_is_asked_of_a_paper_is_relevant_where_it_holds_the_answer(turn, question, is_answered):
    result = use(read_paper, turn, paper=YI_2013, question=question)
    assert result["relevant"] is is_answered
    assert result["within"] == [result["papers"][0]["paper"]]


def test_a_part_that_is_not_there_is_refused_with_how_many_there_are(library, long_paper):
    with pytest.raises(ToolException, match="3 parts, not 7"):
        use(read_paper, Turn([library]), paper="777", part=7)


def test_an_unknown_paper_is_refused_with_the_way_out(turn):
    with pytest.raises(ToolException, match=r"No library has a paper '99999999'\. Give a PMID"):
        use(read_paper, turn, paper="99999999")


def test_a_paper_without_vectors_is_read_all_the_same(library):
    library.add(Paper(text="BRCA1 is methylated. It is silent.", kind="abstract", pmid="9003"))
    [paper] = use(read_paper, Turn([library]), paper="9003", question="Is it silent?")["papers"]
    assert [sentence["score"] for sentence in paper["sentences"]] == [None, None]


# read_paper, of an upload

FINDING = "Slow loris BRCA9 is methylated.\n\nWe asked whether BRCA9 is methylated in 20 lorises. It was in 17 of them."


@pytest.fixture
def attached(tmp_path):
    """Attachments of a conversation, made of files by name and content."""

    def take(**contents: str) -> Attachments:
        attaching = Attaching(Attachments(), tmp_path / "attached")
        for name, content in contents.items():
            path = tmp_path / name.replace("_", ".")
            path.write_text(content, encoding="utf-8")
            attaching.take("", [path])
        return Attachments(attaching.new)

    return take


def test_an_upload_that_is_in_a_library_is_read_as_that_paper(library, tmp_path, attached):
    attachments = attached(loris_txt=FINDING)
    ingest(library, [_elsewhere(tmp_path, FINDING)])
    result = use(read_paper, Turn([library], attachments=attachments), paper="file1", question="In how many lorises?")
    [paper] = result["papers"]
    assert result["relevant"] is True
    assert library.paper(paper["paper_id"]).text == FINDING
    assert use(read_paper, Turn([library], attachments=attachments), paper="[FILE1]")["papers"][0]["sentences"]


def _elsewhere(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "kept" / "another name.txt"
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    return path


def test_an_upload_that_is_in_no_library_is_refused_with_the_way_out(library, attached):
    turn = Turn([library], attachments=attached(loris_txt=FINDING))
    with pytest.raises(ToolException, match=r"file1 is in none of the libraries .* Add the file to My papers"):
        use(read_paper, turn, paper="file1")


def test_an_upload_that_is_no_paper_is_refused_with_the_reason(library, attached):
    records = "\n".join(json.dumps({"id": str(n), "title": f"Title {n}", "abstract": "It is."}) for n in range(3))
    turn = Turn([library], attachments=attached(scan_pdf="no pdf", genome_fa=">a\nACGT", many_jsonl=records))
    for handle, reason in (
        ("file1", "file1 cannot be read as a paper"),
        ("file2", "format that is not read"),
        ("file3", "file3 is not one paper"),
    ):
        with pytest.raises(ToolException, match=reason):
            use(read_paper, turn, paper=handle)


def test_an_upload_that_is_not_there_is_refused_with_those_that_are(library, attached):
    with pytest.raises(UnknownHandle, match="There are: file1"):
        use(read_paper, Turn([library], attachments=attached(loris_txt=FINDING)), paper="file7")


# How arguments are read from a request


def arguments(tool, text: str, **more) -> dict:
    return read_arguments(tool, declaration_of(tool), Request(text, glossary.translate(text).english, **more))


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("summarise file1", None),
        ("what does file1 say about BRCA1?", "what does BRCA1?"),
        ("总结 file1", None),
        ("file1 里敏感性是多少？", "里敏感性 多少？"),
    ],
)
def test_what_is_asked_of_an_upload_is_asked_of_it(text, question):
    told = arguments(read_paper, text, handles=("file1",), kinds={"file1": "file"}, cited=("P1",))
    assert told["paper"] == "file1"
    assert " ".join(told.get("question", "").split()) == (question or "")


def test_a_sequence_is_no_paper_to_read():
    told = arguments(read_paper, "what were their controls?", handles=("seq1",), kinds={"seq1": "dna"}, cited=("P2",))
    assert told["paper"] == "P2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what was the sensitivity?", {"query": "what was the sensitivity?", "within": ["P2"]}),
        ("灵敏度是多少？", {"query": "灵敏度是多少？", "within": ["P2"]}),
        ("and in blood?", {"query": "Is MGMT methylated? and in blood?"}),
        ("why?", {"query": "Is MGMT methylated? why?", "within": ["P2"]}),
    ],
)
def test_papers_that_were_cited_are_asked_only_for_what_is_new(text, expected):
    assert arguments(search_literature, text, before="Is MGMT methylated?", cited=("P2",)) == expected


# Retracted papers, and days


@pytest.fixture
def told(library):
    """A turn over a library of a sound paper, and of a retracted one that answers better."""
    library.add(
        Paper(text="MLH1 is hypermethylated in colon cancer of the old.", kind="abstract", pmid="11", year=2001)
    )
    retracted = {"title": "MLH1 in colon cancer", "pmid": "12", "published": "2005-03"}
    library.add(Paper(text="MLH1 is hypermethylated in colon cancer.", kind="abstract", **retracted))
    for topic in ("Zebrafish", "Maize", "Yeast", "Rice", "Wheat", "Frogs", "Algae", "Moss"):
        library.add(Paper(text=f"{topic} grow in warm water, as {topic.lower()} do.", kind="abstract"))
    said = [
        Notice("retraction", pmid="12", date="2010-01-05", notice_doi="10.1000/r"),
        Notice("correction", pmid="11", date="2003"),
    ]
    keep_notices(library, "watch.csv", said)
    library.derive()
    return Turn([library])


QUESTION = "Is MLH1 hypermethylated in colon cancer?"


def test_a_retracted_paper_is_no_source_and_the_result_says_that_it_would_have_been(told):
    result = use(search_literature, told, query=QUESTION)
    assert (pmids(result)[0], result["relevant"]) == ("11", True)
    assert "12" not in pmids(result)
    assert result["papers"][0]["notices"] == ["Correction (2003)"]
    [notice] = result["notices"]
    assert notice == "Left out as retracted, though among the best matches: MLH1 in colon cancer (PMID 12)."
    assert retold(notice, "zh").startswith("以下论文")


def test_nothing_is_said_of_retracted_papers_that_would_not_answer(told):
    assert use(search_literature, told, query="How do wheat and moss grow?")["notices"] == []


def test_retracted_papers_answer_where_that_is_asked_for_and_are_marked(told):
    told.with_retracted = True
    result = use(search_literature, told, query=QUESTION)
    assert [paper["pmid"] for paper in result["papers"] if paper["retracted"]] == ["12"]
    [number] = [paper["sentences"][0]["n"] for paper in result["papers"] if paper["retracted"]]
    citation = told.ledger.citation(number)
    assert (citation.retracted, citation.notices) == (True, ("Retraction (2010-01-05, DOI 10.1000/r)",))


def test_who_asks_within_a_retracted_paper_is_answered_from_it(told):
    [found] = use(find_paper, told, paper="12")["papers"]
    assert found["retracted"]
    assert pmids(use(search_literature, told, query=QUESTION, within=[found["paper"]])) == ["12"]


@pytest.mark.parametrize(
    ("day", "found"), [("2001-12-30", []), ("2001-12-31", ["11"]), ("2005-03-31", ["11", "12"]), ("2010-01-05", ["11"])]
)
def test_no_tool_knows_what_came_later(told, day, found):
    told.as_of = date.fromisoformat(day)
    assert sorted(pmids(use(search_literature, told, query=QUESTION))) == found
    assert [bool(use(find_paper, told, paper=pmid)["papers"]) for pmid in ("11", "12")] == [
        day >= "2001-12-31",
        day >= "2005-03-31",
    ]
    if day < "2005-03-31":
        with pytest.raises(ToolException, match="No library has a paper"):
            use(read_paper, told, paper="12")
    else:
        [paper] = use(read_paper, told, paper="12")["papers"]
        assert paper["retracted"] == (day >= "2010-01-05")
        assert "notices" not in paper or day >= "2010-01-05"


def test_what_was_said_of_a_paper_that_is_not_here_is_told(told):
    keep_notices(told.libraries[0], "other.csv", [Notice("retraction", doi="10.1000/gone", date="2019")])
    assert use(find_paper, told, paper="10.1000/GONE")["notices"][1:] == ["Retraction (2019)"]


def test_other_versions_are_told_beside_a_paper(library):
    shared = {"title": "MLH1 promoter methylation in colon cancer", "kind": "abstract", "authors": ("Li A",)}
    library.add(Paper(text="A preprint on MLH1.", doi="10.1101/123456", year=2019, **shared))
    library.add(Paper(text="MLH1 is silenced.", doi="10.1000/x", year=2020, **shared))
    [paper] = use(find_paper, Turn([library]), paper="MLH1 promoter methylation in colon cancer")["papers"]
    assert (paper["doi"], paper["versions"]) == ("10.1000/x", ["preprint, DOI 10.1101/123456"])
