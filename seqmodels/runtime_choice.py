"""Which runtime the bundled encoder has on this machine: the fastest whose vectors are those of fp32."""

import json
import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqmodels.encoder import RUNTIMES, BundledEncoder, Runtime, Vector

log = logging.getLogger(__name__)

# bfloat16 has eight bits of precision and turns these vectors by cosines of 0.9999; int8 with one scale for a whole
# batch turned them by 0.99, and differently in each batch.
AGREEMENT = 0.999
_TURNS = 3
_NOTE = "runtime.json"


def noted_runtime(cache: Path) -> Runtime | None:
    """The runtime that was chosen here, None where none was yet."""
    try:
        noted = json.loads((cache / _NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return next((runtime for runtime in RUNTIMES if noted == {"runtime": runtime}), None)


def choose_runtime(cache: Path, texts: Sequence[str]) -> Runtime:
    """The fastest runtime on these texts, noted in the folder so that it is chosen once for a machine.

    fp32 is kept where this CPU does not multiply bfloat16 itself, and where vectors of any text agree with those of
    fp32 by a cosine of less than 0.999.
    """
    chosen = fastest(cache, texts)
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = cache / f"{_NOTE}.{os.getpid()}.tmp"
    unfinished.write_text(json.dumps({"runtime": chosen}), encoding="utf-8")
    unfinished.replace(cache / _NOTE)
    return chosen


def fastest(cache: Path, texts: Sequence[str]) -> Runtime:
    """The fastest runtime on these texts; runtimes take turns, so that other work on the machine slows them alike."""
    from seqmodels.bfloat16 import is_native

    if not is_native():
        return "fp32"
    encoders = {runtime: BundledEncoder(cache, runtime) for runtime in RUNTIMES}
    vectors = {runtime: _vectors(encoder, texts) for runtime, encoder in encoders.items()}
    seconds: dict[Runtime, float] = dict.fromkeys(RUNTIMES, np.inf)
    for _ in range(_TURNS):
        for runtime, encoder in encoders.items():
            started = time.perf_counter()
            _vectors(encoder, texts)
            seconds[runtime] = min(seconds[runtime], time.perf_counter() - started)
    agreeing = [runtime for runtime in RUNTIMES if agreement(vectors[runtime], vectors["fp32"]) >= AGREEMENT]
    chosen = min(agreeing, key=seconds.__getitem__)
    log.info("The encoder runs in %s here (seconds for %s texts: %s)", chosen, len(texts), seconds)
    return chosen


def agreement(vectors: Vector, reference: Vector) -> float:
    """The least cosine of unit vectors to their references, both of shape (texts, dimension)."""
    return float((vectors * reference).sum(axis=1).min())


def _vectors(encoder: BundledEncoder, texts: Sequence[str]) -> Vector:
    return np.array([encoded.passage for encoded in encoder.encode(texts, [()] * len(texts))])
