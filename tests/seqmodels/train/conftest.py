"""Small data that can be learnt, and runs that take a second."""

import csv
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

TINY = ("plots=false", "trainer.progress=false", "split.similar=exact", "fit.learning_rate=3e-3", "fit.batch_size=16")


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """These models are too small for more, and sums over other numbers of threads round otherwise."""
    torch.set_num_threads(1)


def dna(random: random.Random, length: int) -> str:
    return "".join(random.choices("ACGT", k=length))


def write_table(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def promoters(path: Path, rows: int = 96, seed: int = 1) -> Path:
    """Windows of 41 bases, half of them with TATAAA in the middle; labels are words."""
    drawn = random.Random(seed)
    table = []
    for row in range(rows):
        window = dna(drawn, 41)
        motif = "TATAAA" if row % 2 else "GCGCGC"
        table.append((window[:18] + motif + window[24:], "promoter" if row % 2 else "other"))
    return write_table(path, ("sequence", "label"), table)


@pytest.fixture(scope="session")
def windows(tmp_path_factory) -> Path:
    """A CSV of windows with two classes."""
    return promoters(tmp_path_factory.mktemp("windows") / "windows.csv")


@pytest.fixture(scope="session")
def proteins(tmp_path_factory) -> Path:
    """A CSV of peptides with a value, how many residues are charged, and a class."""
    drawn = random.Random(2)
    rows: list[tuple[object, ...]] = []
    for number in range(60):
        charged = number % 12
        letters = drawn.choices("DEKR", k=charged) + drawn.choices("AGILV", k=20 - charged)
        drawn.shuffle(letters)
        rows.append(("M" + "".join(letters), charged + 100, "charged" if charged > 5 else "plain"))
    return write_table(tmp_path_factory.mktemp("proteins") / "proteins.csv", ("sequence", "label", "kind"), rows)


@pytest.fixture(scope="session")
def tagged(tmp_path_factory) -> Path:
    """A CoNLL file in which words with digits are genes."""
    path = tmp_path_factory.mktemp("tagged") / "train.tsv"
    sentences = [f"The\tO\ngene\tO\np{at}\tB-Gene\nbeta\tI-Gene\nis\tO\nmethylated\tO\n\n" for at in range(40)]
    path.write_text("".join(sentences), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def genome(tmp_path_factory) -> Path:
    """A FASTA file of two records, one soft-masked, one with a gap of N."""
    drawn = random.Random(3)
    one, two = dna(drawn, 3000), dna(drawn, 900).lower() + "N" * 400 + dna(drawn, 700)
    path = tmp_path_factory.mktemp("genome") / "genome.fa"
    path.write_text(f">one\n{one}\n>two\n{two}\n", encoding="utf-8")
    return path


def _train_in(folder: Path, *overrides: str):
    from seqmodels.train.config import compose
    from seqmodels.train.training import train

    return train(compose([*TINY, f"run={folder}", *overrides]))


@pytest.fixture(scope="session")
def train_in() -> Callable[..., object]:
    """Trains in a folder with overrides."""
    return _train_in


@pytest.fixture
def run(tmp_path) -> Callable[..., object]:
    """Trains with overrides, in a folder of its own unless told one."""
    return lambda *overrides, folder="run": _train_in(tmp_path / folder, *overrides)


@pytest.fixture(scope="session")
def classify(windows) -> tuple[str, ...]:
    """What trains the classifier."""
    model = ("model=dnabert2", "model.size=tiny", "task=classify", "data=csv", f"data.path={windows}")
    return (*model, "fit.epochs=12", "plots=true")


@pytest.fixture(scope="session")
def classifier(tmp_path_factory, classify):
    """A finished run; not to be changed."""
    return _train_in(tmp_path_factory.mktemp("classifier") / "run", *classify)


@pytest.fixture
def own_classifier(classifier, tmp_path):
    """A copy of the finished run."""
    from seqmodels.train.run import Run

    return Run(shutil.copytree(classifier.folder, tmp_path / "own"))


@pytest.fixture
def table(tmp_path) -> Callable[[str, list[tuple[object, ...]]], Path]:
    """Writes a CSV of sequences and labels."""
    return lambda name, rows: write_table(tmp_path / name, ("sequence", "label"), rows)


@pytest.fixture(scope="session")
def wheat(tmp_path_factory) -> tuple[str, ...]:
    """Overrides for 48 lines with 20 markers, some missing, and two traits, some missing."""
    drawn, folder = random.Random(4), tmp_path_factory.mktemp("wheat")
    genotypes = [[drawn.choice((0, 1, 2)) for _ in range(20)] for _ in range(48)]
    traits = [(sum(line[:5]) + drawn.gauss(0, 0.5), 100 * line[7] + drawn.gauss(0, 5)) for line in genotypes]
    header = ("line", *(f"snp{number}" for number in range(20)))
    rows = [(f"L{at}", *("" if (at + number) % 17 == 0 else dose for number, dose in enumerate(line)))
            for at, line in enumerate(genotypes)]  # fmt: skip
    write_table(folder / "markers.csv", header, rows)
    measured = [(f"L{at}", f"{one:.3f}", "NA" if at % 9 == 0 else f"{two:.2f}") for at, (one, two) in enumerate(traits)]
    write_table(folder / "yield.csv", ("line", "dry", "wet"), measured)
    return (f"data.path={folder / 'markers.csv'}", f"data.phenotypes={folder / 'yield.csv'}")
