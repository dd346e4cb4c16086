"""Arguments are judged before anything is loaded."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = (
    "torch", "transformers", "faiss", "gradio", "tantivy", "sqlalchemy", "llama_index", "onnxruntime", "pandas",
    "lxml", "pydantic", "numpy", "tqdm",
)  # fmt: skip
HELP = [["--help"], *([verb, "--help"] for verb in ("chat", "ingest", "search", "library", "doctor"))]
BAD = [
    (["sreach"], "invalid choice: 'sreach'"),
    (["search"], "one of the arguments QUERY --batch is required"),
    (["search", ""], "argument QUERY: it is empty"),
    (["search", " \t"], "argument QUERY: it is empty"),
    (["search", "caf\udce9"], "argument QUERY: it is not UTF-8 text"),
    (["search", "BRCA1", "--batch", "q.jsonl"], "argument --batch: not allowed with argument QUERY"),
    (["search", "BRCA1", "-o", "out.jsonl"], "-o is where the answers of --batch go"),
    (["search", "BRCA1", "-k", "0"], "argument -k: '0' is not a whole number from 1 to 1000"),
    (["search", "BRCA1", "-k", "1001"], "argument -k: '1001' is not a whole number from 1 to 1000"),
    (["search", "BRCA1", "-k", "ten"], "argument -k: 'ten' is not a whole number from 1 to 1000"),
    (
        ["search", "BRCA1", "--year-from", "20"],
        "argument --year-from: '20' is not a whole number from 1500 to 2200",
    ),
    (["search", "BRCA1", "--year-from", "2020", "--year-to", "2010"], "--year-from 2020 is after --year-to 2010"),
    (["search", "BRCA1", "--gene", " "], "argument --gene: it is empty"),
    (["ingest"], "the following arguments are required: PATH"),
    (["ingest", "papers", "--engine", "spark"], "argument --engine: invalid choice: 'spark'"),
    (["library"], "the following arguments are required: ACTION"),
    (["library", "remove"], "the following arguments are required: IDENTIFIER"),
    (["chat", "--port", "soon"], "argument --port: invalid int value: 'soon'"),
]


@pytest.mark.parametrize(
    ("words", "complaint"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_bad_argument_is_named_with_exit_code_2(epicite, words, complaint):
    outcome = epicite(*words)
    assert outcome.code == 2
    assert complaint in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize("words", HELP, ids=" ".join)
def test_help_says_how_a_verb_is_used(epicite, words):
    outcome = epicite(*words)
    assert outcome.code == 0
    assert outcome.out.startswith(f"usage: {' '.join(['epicite', *words[:-1]])}")


def test_help_and_bad_arguments_load_nothing_heavy():
    program = f"""
import contextlib, io, sys
from app import main
for words in {HELP + [words for words, _ in BAD]!r}:
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()), \\
            contextlib.redirect_stderr(io.StringIO()):
        main(words)
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_help_answers_at_once():
    def seconds(*words: str) -> float:
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds("app.py", "search", "--help") - seconds("-c", "pass") < 0.3
