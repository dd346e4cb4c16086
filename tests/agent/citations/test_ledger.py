"""The numbers and handles under which a model is shown sentences and papers."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from agent.citations.claim import Citation
from agent.citations.ledger import Ledger

KNOWN = {
    "library": "starter", "paper_id": 1, "pmid": "101", "doi": None, "title": "A title", "journal": None, "year": 2001,
    "url": None, "kind": "abstract",
}  # fmt: skip


def sentence(sha256: str, start: int) -> Citation:
    return Citation(
        n=0, quote=f"{sha256} {start}", start=start, end=start + 1, sha256=sha256, section=None, page=None, **KNOWN
    )


def told(ledger: Ledger, places: list[tuple[str, int]]) -> dict:
    """What a tool says of these sentences."""
    papers: dict[str, dict] = {}
    for sha256, start in places:
        paper = papers.setdefault(sha256, {**KNOWN, "paper": ledger.handle(sha256), "sha256": sha256, "sentences": []})
        shown = sentence(sha256, start)
        place = {"start": start, "end": start + 1, "section": None, "page": None, "text": shown.quote}
        paper["sentences"].append({"n": ledger.number(shown), **place})
    return {"papers": list(papers.values())}


PLACES = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 9)), max_size=12)


def test_a_sentence_that_is_shown_again_keeps_its_number():
    ledger = Ledger()
    numbers = [ledger.number(sentence(*place)) for place in [("a", 0), ("a", 5), ("b", 0), ("a", 0)]]
    assert numbers == [1, 2, 3, 1]


def test_a_number_stands_for_its_sentence():
    ledger = Ledger()
    number = ledger.number(sentence("a", 5))
    assert ledger.citation(number) == sentence("a", 5).model_copy(update={"n": number})
    assert ledger.citation(number + 1) is None


def test_a_handle_stands_for_its_paper_however_it_is_written():
    ledger = Ledger()
    assert (ledger.handle("a"), ledger.handle("b"), ledger.handle("a")) == ("P1", "P2", "P1")
    assert (ledger.paper("P2"), ledger.paper("p2"), ledger.paper("P3")) == ("b", "b", None)


@given(PLACES)
def test_a_ledger_is_rebuilt_from_what_tools_said(places):
    ledger = Ledger()
    result = told(ledger, places)
    rebuilt = Ledger.read([result])
    assert told(rebuilt, places) == result
    assert all(rebuilt.citation(n) == ledger.citation(n) for n in range(len(set(places)) + 2))


@given(st.lists(st.tuples(PLACES, st.booleans()), max_size=5))
def test_no_number_and_no_handle_ever_stands_for_two_things_though_results_are_forgotten(turns):
    """Of a question that is taken back, the results are forgotten while those of later ones stay."""
    kept: list[dict] = []
    current = Ledger()
    for places, is_kept in turns:
        result = told(current, places)
        if is_kept:
            kept.append(result)
            current = Ledger.read(kept)
    papers = [paper for result in [*kept, told(Ledger.read(kept), [("e", 0), ("a", 3)])] for paper in result["papers"]]
    by_handle, by_number = {}, {}
    for paper in papers:
        assert by_handle.setdefault(paper["paper"], paper["sha256"]) == paper["sha256"]
        for shown in paper["sentences"]:
            assert by_number.setdefault(shown["n"], (paper["sha256"], shown["start"])) == (
                paper["sha256"],
                shown["start"],
            )


def test_tools_that_run_side_by_side_never_share_a_number():
    ledger = Ledger()
    places = [(f"{paper:02}", start) for paper in range(20) for start in range(40)]

    def show(place: tuple[str, int]) -> tuple[int, str | None]:
        handle = ledger.handle(place[0])
        return ledger.number(sentence(*place)), ledger.paper(handle)

    with ThreadPoolExecutor(8) as pool:
        shown = list(pool.map(show, places))
    assert sorted(number for number, _ in shown) == list(range(1, len(places) + 1))
    assert [sha256 for _, sha256 in shown] == [sha256 for sha256, _ in places]
