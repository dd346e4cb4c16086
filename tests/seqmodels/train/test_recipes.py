"""Every command of the README runs as it stands there, on files of the kind that it names, with models made tiny."""

import random
import re
import shlex
from pathlib import Path

import pytest
import torch

from app import main
from seqmodels.backbones import new_backbone
from seqmodels.families import FAMILIES
from seqmodels.train.run import Run

README = Path(__file__).parents[3] / "seqmodels" / "train" / "README.md"
SMALL = ("plots=false", "fit.steps=3", "fit.batch_size=8", "split.similar=exact", "split.validation=0.25")
# Where a window of the README is longer than a tiny model, or than the sample.
WINDOWS = {
    "data.window=500": "data.window=60",
    "data.window=1000": "data.window=60",
    "data.window=1024": "data.window=60",
}


def write_genotypes(path: Path) -> None:
    """A VCF of 48 lines, L0 to L47, and 20 variants."""
    drawn = random.Random(6)
    header = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *(f"L{at}" for at in range(48))]
    variants = [
        ["1", str(site), f"rs{site}", "A", "G", ".", "PASS", ".", "GT", *drawn.choices(("0/0", "0/1", "1/1"), k=48)]
        for site in range(1, 21)
    ]
    lines = ["##fileformat=VCFv4.2", *("\t".join(fields) for fields in [header, *variants])]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def commands() -> list[str]:
    """The commands of the README's shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", "").splitlines()]


@pytest.fixture(scope="module")
def bench(tmp_path_factory, windows, proteins, wheat, genome, tagged):
    """A folder with the files that the README names, and tiny models in place of the published ones."""
    folder = tmp_path_factory.mktemp("bench")
    for name, path in (("promoters.csv", windows), ("genome.fa", genome)):
        (folder / name).symlink_to(path)
    for override, name in zip(wheat, ("markers.csv", "yield.csv"), strict=True):
        (folder / name).symlink_to(override.partition("=")[2])
    table = proteins.read_text(encoding="utf-8").replace("label", "stability")
    (folder / "proteins.csv").write_text(table, encoding="utf-8")
    genes = [("one", start, start + 300) for start in range(100, 2600, 500)] + [("two", 1400, 1800)]
    lines = [f"{contig}\tx\tgene\t{start}\t{end}\t.\t+\t.\tID=g{start}\n" for contig, start, end in genes]
    (folder / "genes.gff3").write_text("##gff-version 3\n" + "".join(lines), encoding="utf-8")
    rows = [line.partition(",")[0] for line in windows.read_text(encoding="utf-8").splitlines()[1:]]
    labels = ["".join("1" if base in "GC" else "0" for base in row) for row in rows]
    bases = "".join(f"{row},{label}\n" for row, label in zip(rows, labels, strict=True))
    (folder / "bases.csv").write_text("sequence,labels\n" + bases, encoding="utf-8")
    (folder / "train.tsv").symlink_to(tagged)
    write_genotypes(folder / "lines.vcf")
    for name in ("dnabert2", "esm2", "bert"):
        torch.manual_seed(0)
        family = FAMILIES[name]
        made = new_backbone(family, "masked", "tiny", {}, rows)
        made.model.save_pretrained(folder / name)
        made.tokenizer.save_pretrained(folder / name)
    return folder


def tiny(command: str) -> list[str]:
    """The words of a command, its model made tiny and its published checkpoint a local one."""
    words = [WINDOWS.get(word, word) for word in shlex.split(command)[1:]]
    if words[0] != "train":
        return words
    family = next(word.partition("=")[2] for word in words if word.startswith("model="))
    source = next((word for word in words if word.startswith("model.pretrained=")), "")
    if source.count("/") == 1 and not source.startswith("model.pretrained=runs/"):
        words.append(f"model.pretrained={family}")
    if source == "model.pretrained=bert-base-uncased":
        words.append("model.pretrained=bert")
    return [*words, *(() if source else ("model.size=tiny",)), *SMALL]


@pytest.mark.parametrize("command", commands())
def test_a_recipe_runs_as_it_stands(command, bench, monkeypatch, capsys):
    monkeypatch.chdir(bench)
    for source in re.findall(r"(?:pretrained=|--model )(runs/\S+)", command):
        if not Path(source).exists():
            assert main(tiny(next(other for other in commands() if f"run={source}" in other))) == 0
    words = tiny(command)
    assert main(words) == 0, capsys.readouterr().err
    if words[0] == "train":
        folder = next(word.partition("=")[2] for word in words if word.startswith("run="))
        run = Run(Path(folder))
        assert run.finished
        assert run.card["command"].startswith(shlex.join(["epicite", *words[:5]]))


def test_the_readme_has_a_recipe_for_every_kind_of_use():
    text = " ".join(commands())
    for task in ("masked", "next_token", "classify", "regress", "token_label"):
        assert f"task={task}" in text
    for data in ("fasta", "csv", "vcf", "markers", "conll"):
        assert f"data={data}" in text
