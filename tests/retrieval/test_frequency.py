"""How often something was seen, as sentences say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.frequency import frequencies, frequency_of


def told(sentence: str) -> list[tuple[int | None, int | None, float | None]]:
    return [(each.some, each.all, each.percent) for each in frequencies(sentence, (0, len(sentence)))]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("RASSF1A was methylated in 14 of 21 tumours (66.7%).", [(14, 21, 66.7)]),
        ("MLH1 was methylated in 9/30 cases.", [(9, 30, None)]),
        ("Methylation was found in 42% (13/31) of tumours.", [(13, 31, 42.0)]),
        ("p16 and DAPK were methylated in 45% and 30 % of tumours.", [(None, None, 45.0), (None, None, 30.0)]),
        ("Seen in 12 out of the 40 lines.", [(12, 40, None)]),
        ("A study of 2001/2002 and of exon 1 of 3 genes in 130% of cases.", [(1, 3, None)]),
        ("It was 41 of 40.", []),
        ("Methylated by 5-aza in 0 of 0.", []),
        ("No figures here.", []),
        ("p = 0.05, version 3.2/4", []),
    ],
)  # fmt: skip
def test_counts_and_shares_are_read_as_they_stand(sentence, found):
    assert told(sentence) == found


def test_a_gene_has_the_figure_behind_it_the_only_one_or_the_one_of_its_place():
    def asked(sentence: str, *genes: str) -> list[float | None]:
        spans = [(sentence.index(gene), sentence.index(gene) + len(gene)) for gene in genes]
        found = frequencies(sentence, (0, len(sentence)))
        given = [frequency_of(found, span, spans) for span in spans]
        return [each and each.percent for each in given]

    assert asked("p16 (45%) and DAPK (30%) were methylated.", "p16", "DAPK") == [45, 30]
    assert asked("p16 and DAPK were methylated in 45%.", "p16", "DAPK") == [45, 45]
    assert asked("p16 and DAPK were methylated in 45% and 30%.", "p16", "DAPK") == [45, 30]
    assert asked("p16, DAPK and MGMT were methylated in 45% and 30%.", "p16", "DAPK", "MGMT") == [None, None, None]


@given(st.text(st.sampled_from("0123456789/% of.(),"), max_size=60))
def test_every_frequency_stands_where_it_says_and_can_be_one(text):
    for each in frequencies(text, (0, len(text))):
        assert text[each.start : each.end].strip()
        assert each.percent is None or 0 <= each.percent <= 100
        if each.some is not None:
            assert 0 <= each.some <= each.all
