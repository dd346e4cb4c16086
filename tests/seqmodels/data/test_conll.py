from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.data.conll import Sentence, TaggedSentences, read_conll, write_conll
from seqmodels.data.errors import DataError, EmptyData, MalformedLine, UnsuitableData, WrongColumns, WrongValue


def write(folder: Path, content: str) -> Path:
    path = folder / "in.tsv"
    path.write_text(content)
    return path


def tags_of(data: TaggedSentences) -> list[tuple[str, ...]]:
    return [sentence.tags for sentence in data.sentences]


def test_tokens_and_tags_are_read_a_line_each_and_sentences_end_at_empty_lines(tmp_path: Path) -> None:
    data = read_conll(write(tmp_path, "\nBRCA1\tB-GENE\nis\tO\n\n\nTumor\tB-Cancer\ncells\tI-Cancer"))
    assert data.sentences == (
        Sentence(("BRCA1", "is"), ("B-GENE", "O"), 0, 2),
        Sentence(("Tumor", "cells"), ("B-Cancer", "I-Cancer"), 0, 6),
    )
    assert data.classes == ("O", "B-Cancer", "I-Cancer", "B-GENE")
    assert data.indices(1).tolist() == [1, 2]


def test_columns_are_chosen_and_may_be_apart_by_blanks(tmp_path: Path) -> None:
    path = write(tmp_path, "1 BRCA1 NN B-GENE x\n2 is VB O x\n")
    data = read_conll(path, token=1, tag=3)
    assert data.sentences[0].tokens == ("BRCA1", "is")
    assert data.sentences[0].tags == ("B-GENE", "O")


def test_documents_are_groups_and_without_them_equal_sentences_are(tmp_path: Path) -> None:
    text = "-DOCSTART-\tO\n\na\tO\n\nb\tO\n\n-DOCSTART-\tO\n\na\tO\n"
    assert read_conll(write(tmp_path, text)).documents.tolist() == [1, 1, 2]
    assert read_conll(write(tmp_path, "a\tO\n\nb\tO\n\na\tO\n")).documents.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("scheme", "written", "read"),
    [
        ("IOB1", "I-X I-X O I-X B-X I-Y", "B-X I-X O B-X B-X B-Y"),
        ("IOB2", "B-X I-X O B-X B-X B-Y", "B-X I-X O B-X B-X B-Y"),
        ("BIOES", "B-X E-X O S-X B-X I-X E-X S-Y", "B-X I-X O B-X B-X I-X I-X B-Y"),
        ("BIOES", "B-X L-X O U-X", "B-X I-X O B-X"),
        ("plain", "noun verb noun", "noun verb noun"),
    ],
)
def test_every_scheme_is_found_out_and_read_as_iob2(tmp_path: Path, scheme: str, written: str, read: str) -> None:
    path = write(tmp_path, "".join(f"w\t{tag}\n" for tag in written.split()))
    data = read_conll(path)
    assert data.scheme == scheme
    assert tags_of(data) == [tuple(read.split())]


@pytest.mark.parametrize(
    ("scheme", "written", "said"),
    [
        ("auto", "O I-X O B-X", "line 2: the tag 'I-X' of 'w' continues an entity that was not begun (IOB2)"),
        ("IOB2", "B-X I-Y", "line 2: the tag 'I-Y'"),
        ("IOB1", "O B-X", "line 2: the tag 'B-X' of 'w' begins an entity that follows no other of its kind (IOB1)"),
        ("BIOES", "B-X O", "line 1: the tag 'B-X' of 'w' is followed by no end of its entity (BIOES)"),
        ("BIOES", "O E-X", "line 2: the tag 'E-X'"),
        ("IOB2", "S-X", "is none of the scheme"),
    ],
)
def test_tags_out_of_place_are_named_by_line(tmp_path: Path, scheme: str, written: str, said: str) -> None:
    path = write(tmp_path, "".join(f"w\t{tag}\n" for tag in written.split()))
    with pytest.raises(WrongValue) as caught:
        read_conll(path, scheme=scheme)  # type: ignore[arg-type]
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("", EmptyData, "there are no sentences"),
        ("BRCA1\nis\n", WrongColumns, "line 1: the line has 1 columns"),
        ("BRCA1\tB-GENE\nis\n", MalformedLine, "line 2: the line has 1 columns, the others 2"),
        ("BRCA1\tB-GENE\nis\t\n", MalformedLine, "line 2: the line has 1 columns, the others 2"),
        ("a\tB-X\nb\tO\nc\tGENE\n", UnsuitableData, "some tags are IOB, but 'GENE' is not"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, content: str, error: type[DataError], said: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(error) as caught:
        read_conll(path)
    assert said in str(caught.value)


def test_a_validation_file_keeps_the_training_files_tags(tmp_path: Path) -> None:
    path = write(tmp_path, "a\tO\nb\tB-X\n")
    assert read_conll(path, classes=("O", "B-X", "I-X")).classes == ("O", "B-X", "I-X")
    with pytest.raises(WrongValue, match="line 1: the sentence holds the tag 'B-X', which is none of O, B-Y"):
        read_conll(path, classes=("O", "B-Y"))


ENTITIES = st.lists(st.sampled_from([("O",), ("B-X",), ("B-X", "I-X"), ("B-Y", "I-Y", "I-Y")]), min_size=1, max_size=5)


@given(st.lists(st.tuples(ENTITIES, st.booleans()), min_size=1, max_size=5))
def test_what_was_written_is_read_back(tmp_path_factory, drawn: list[tuple[list[tuple[str, ...]], bool]]) -> None:
    sentences, document = [], 1
    for entities, opens in drawn:
        document += opens
        tags = tuple(tag for entity in entities for tag in entity)
        sentences.append(Sentence(tuple(f"w{i}" for i in range(len(tags))), tags, document, 0))
    path = tmp_path_factory.mktemp("conll") / "out.tsv"
    write_conll(path, TaggedSentences(tuple(sentences), (), "IOB2"))
    read = read_conll(path, scheme="IOB2")
    assert [(each.tokens, each.tags) for each in read.sentences] == [(each.tokens, each.tags) for each in sentences]
    if len({sentence.document for sentence in sentences}) > 1:
        first = sentences[0].document
        assert [d - 1 for d in read.documents] == [sentence.document - first for sentence in sentences]
