"""Methylated bases: windows judged one by one, and whole sequences scanned on both strands.

A window is read as it is and as its reverse complement, and the two views are averaged. Where they disagree, the
prediction is flagged. A sequence is scanned in chunks through the network's shared trunk: beyond the letters
themselves, memory is bounded by the chunk.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.alphabet import codes_of
from seqmodels.errors import ModelError
from seqmodels.predictors.calibration import Calibration, at_prevalence
from seqmodels.predictors.card import Card, read_card
from seqmodels.predictors.domains import DOMAINS, Domain, number_of

if TYPE_CHECKING:
    import torch

    from seqmodels.sitenet import SiteNetForSequenceClassification

Strand = Literal["+", "-"]
Floats = NDArray[np.float64]

WINDOW = 41
CENTRE = WINDOW // 2
BUNDLED = Path(__file__).parent / "weights" / "methylation"
CALIBRATIONS = "calibration.json"
# Views that differ by more than this share one answer only by chance.
DISAGREEMENT = 0.3
_UNKNOWN = 4
# What is alive at once: of each letter while a record is read, and of each position's features in a block.
_LETTER_BYTES, _COPIES = 8, 14
BATCH = 1024
CHUNK = 16_384
_BASE_CODES = {"A": 0, "C": 1}


@dataclass(frozen=True)
class Judged:
    """Calibrated probabilities (n,) of windows, and how far the two strands' views of each lie apart (n,)."""

    probabilities: Floats
    disagreements: Floats

    def at_prevalence(self, prevalence: float) -> Self:
        """The same for a genome where this share of candidates is methylated; the sets were half and half."""
        return replace(self, probabilities=at_prevalence(self.probabilities, prevalence))


@dataclass(frozen=True)
class Sites(Judged):
    """Candidate bases of one sequence: positions (n,) int64 from 0 on the forward strand, and what is said of them."""

    name: str
    positions: NDArray[np.int64]
    strands: NDArray[np.str_]


@dataclass
class Scan:
    """What a scan has seen: candidates scored, and those left out at the edges or for unknown bases near them.

    `called` is for whoever labels what is found.
    """

    domain: Domain
    bases: int = 0
    scored: int = 0
    called: int = 0
    at_edges: int = 0
    near_unknown: int = 0


class MethylationPredictor:
    """The networks, one for each fold, whose logits are averaged; a calibration for each domain."""

    def __init__(self, folder: Path) -> None:
        """Open a predictor's folder; raises ModelError where it is not whole."""
        from seqmodels.predictors.ensemble import open_ensemble

        self.card: Card = read_card(folder)
        self._networks: tuple[SiteNetForSequenceClassification, ...] = open_ensemble(folder)
        lines = json.loads((folder / CALIBRATIONS).read_text(encoding="utf-8"))
        self._calibrations = {domain: Calibration(*lines[domain.name]) for domain in DOMAINS}

    def windows(self, sequences: Sequence[str], domain: Domain) -> Judged:
        """Judge windows of 41 bases with the domain's base in the centre, in their order; unknown bases are blanks.

        Raises ModelError for a window of another length or with another base in the centre, by its number from 1.
        """
        return self._judged(*self._views(sequences, domain), domain)

    def logits(self, sequences: Sequence[str], domain: Domain) -> Floats:
        """Logits (n,) of windows, both strands averaged, before calibration; raises as `windows`."""
        forward, reverse = self._views(sequences, domain)
        return (forward + reverse) / 2

    def scan(self, name: str, sequence: str, domain: Domain, counts: Scan, chunk: int = CHUNK) -> Iterator[Sites]:
        """Judge every candidate base on both strands, `chunk` bases at a time; adds to `counts`."""
        return self.scan_all([(name, sequence)], domain, counts, chunk)

    def scan_all(
        self, records: Iterable[tuple[str, str]], domain: Domain, counts: Scan, chunk: int = CHUNK
    ) -> Iterator[Sites]:
        """Judge every candidate of records of a name and a sequence; short ones share a chunk. Adds to `counts`."""
        waiting: list[_Piece] = []
        for piece in _pieces(records, domain, counts, chunk):
            if waiting and sum(len(each.codes) for each in waiting) + len(piece.codes) > chunk + 2 * CENTRE:
                yield from self._scan_pieces(waiting, domain)
                waiting = []
            waiting.append(piece)
        yield from self._scan_pieces(waiting, domain)

    def windows_of(self, sequence: str, starts: NDArray[np.int64], domain: Domain) -> Judged:
        """Judge the windows that begin at `starts` (n,), ascending, of one sequence, whichever strand their site is on.

        The windows hold no unknown bases; the trunk is shared by those that overlap.
        """
        found = []
        for begin in range(0, len(sequence), CHUNK):
            inside = starts[(starts >= begin) & (starts < begin + CHUNK)]
            if len(inside):
                piece = codes_of(sequence[inside[0] : inside[-1] + WINDOW])
                found.append(self._scan_chunk(piece, inside - inside[0] + CENTRE, domain))
        probabilities, disagreements = (
            np.concatenate([getattr(each, name) for each in found]) for name in ("probabilities", "disagreements")
        )
        return Judged(probabilities, disagreements)

    def scan_memory(self, bases: int, longest: int, chunk: int = CHUNK) -> int:
        """The most bytes that a scan takes at once, of records of so many bases together and in the longest.

        Letters are held a few times over while a record is read; the rest are the features of one chunk.
        """
        config = self._networks[0].config
        numbers = _COPIES * (config.channels + config.hidden)
        return int(_LETTER_BYTES * longest + 4 * numbers * (min(chunk, bases) + 2 * CENTRE))

    def _views(self, sequences: Sequence[str], domain: Domain) -> tuple[Floats, Floats]:
        for number, sequence in enumerate(sequences, start=1):
            if fault := window_fault(sequence, domain):
                raise ModelError(f"Window {number} {fault[0]}", fault[1])
        codes = np.stack([codes_of(sequence) for sequence in sequences])
        return window_logits(self._networks, codes, np.full(len(codes), number_of(domain)))

    def _scan_pieces(self, pieces: "Sequence[_Piece]", domain: Domain) -> Iterator[Sites]:
        """Pieces side by side: no window of a candidate reaches from one into the next."""
        if not pieces:
            return
        begins = np.cumsum([0, *(len(piece.codes) for piece in pieces)])
        candidates = [piece.candidates + begin for piece, begin in zip(pieces, begins, strict=False)]
        codes = np.concatenate([piece.codes for piece in pieces])
        judged = self._scan_chunk(codes, np.concatenate(candidates), domain)
        ends = np.cumsum([len(each) for each in candidates])[:-1]
        parts = zip(pieces, np.split(judged.probabilities, ends), np.split(judged.disagreements, ends), strict=True)
        for piece, probabilities, disagreements in parts:
            strands = np.where(piece.codes[piece.candidates] == _BASE_CODES[domain.base], "+", "-")
            yield Sites(probabilities, disagreements, piece.name, piece.candidates + piece.first, strands)

    def _scan_chunk(self, codes: NDArray[np.uint8], candidates: NDArray[np.int64], domain: Domain) -> Judged:
        first, last = int(candidates[0]) - CENTRE, int(candidates[-1]) + CENTRE + 1
        piece = codes[first:last]
        starts = candidates - CENTRE - first
        return self._judged(*site_logits(self._networks, piece, starts, number_of(domain)), domain)

    def _judged(self, forward: Floats, reverse: Floats, domain: Domain) -> Judged:
        line = self._calibrations[domain]
        apart = np.abs(line.probability(forward) - line.probability(reverse))
        return Judged(line.probability((forward + reverse) / 2), apart)


@dataclass(frozen=True)
class _Piece:
    """A stretch of a sequence that begins at `first`, and the candidates (n,) in it whose windows are whole."""

    name: str
    codes: NDArray[np.uint8]
    candidates: NDArray[np.int64]
    first: int


def _pieces(records: Iterable[tuple[str, str]], domain: Domain, counts: Scan, chunk: int) -> Iterator[_Piece]:
    """Records cut into stretches of `chunk` bases and what their windows need on either side; adds to `counts`."""
    wanted = (_BASE_CODES[domain.base], 3 - _BASE_CODES[domain.base])
    for name, sequence in records:
        counts.bases += len(sequence)
        for begin in range(0, len(sequence), chunk):
            first = max(0, begin - CENTRE)
            codes = codes_of(sequence[first : begin + chunk + CENTRE])
            inside = slice(begin - first, begin - first + chunk)
            candidates = np.flatnonzero(np.isin(codes[inside], wanted)) + inside.start
            whole = (candidates + first >= CENTRE) & (candidates + first < len(sequence) - CENTRE)
            counts.at_edges += int((~whole).sum())
            candidates = candidates[whole]
            unknown = np.concatenate([[0], np.cumsum(codes == _UNKNOWN)])
            clear = unknown[candidates + CENTRE + 1] == unknown[candidates - CENTRE]
            counts.near_unknown += int((~clear).sum())
            counts.scored += int(clear.sum())
            if clear.any():
                yield _Piece(name, codes, candidates[clear], first)


@cache
def bundled() -> MethylationPredictor:
    """The predictor that ships, opened once."""
    return MethylationPredictor(BUNDLED)


def window_logits(
    networks: "Sequence[SiteNetForSequenceClassification]", codes: NDArray[np.uint8], domains: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Mean logits (n,) of windows by several networks: read as they are, and as their reverse complements.

    Args:
        networks: in evaluation mode.
        codes: (n, 41) of `codes_of`.
        domains: (n,) numbers of domains.
    """
    forward = _logits_of_one_view(networks, codes, domains)
    return forward, _logits_of_one_view(networks, _other_strand(codes), domains)


def site_logits(
    networks: "Sequence[SiteNetForSequenceClassification]",
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    domain: int = 0,
) -> tuple[Floats, Floats]:
    """What `window_logits` gives for windows of one sequence, whose trunk the overlapping ones share.

    Args:
        networks: in evaluation mode, of one window's length.
        codes: (bases,) of `codes_of`.
        starts: (n,) where the windows begin.
        domain: its number.
    """
    others = len(codes) - networks[0].config.window - starts
    forward = _site_logits_of_one_view(networks, codes, starts, domain)
    return forward, _site_logits_of_one_view(networks, _other_strand(codes[None])[0], others, domain)


def _site_logits_of_one_view(
    networks: "Sequence[SiteNetForSequenceClassification]",
    codes: NDArray[np.uint8],
    starts: NDArray[np.int64],
    domain: int,
) -> Floats:
    import torch

    ids, at = _ids(codes), torch.from_numpy(np.ascontiguousarray(starts))
    with torch.inference_mode():
        return _mean([_margin(network.forward_sites(ids, at, domain)) for network in networks])


def _logits_of_one_view(
    networks: "Sequence[SiteNetForSequenceClassification]", codes: NDArray[np.uint8], domains: NDArray[np.int64]
) -> Floats:
    import torch

    batches = zip(_ids(codes).split(BATCH), torch.from_numpy(domains).split(BATCH), strict=True)
    with torch.inference_mode():
        parts = [_mean([_margin(net(ids, domain_ids=rows).logits) for net in networks]) for ids, rows in batches]
    return np.concatenate(parts)


def _mean(logits: "Sequence[torch.Tensor]") -> Floats:
    total = sum(logits[1:], logits[0])
    return (total / len(logits)).double().numpy()


def _margin(logits: "torch.Tensor") -> "torch.Tensor":
    """The logit of label 1 against label 0."""
    return logits[:, 1] - logits[:, 0]


def _ids(codes: NDArray[np.uint8]) -> "torch.Tensor":
    import torch

    from seqmodels.sitenet import FIRST_BASE

    return torch.from_numpy(codes.astype(np.int64) + FIRST_BASE)


def _other_strand(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Codes (n, bases) of the reverse complements; what is unknown stays so."""
    flipped = codes[:, ::-1]
    return np.where(flipped == _UNKNOWN, _UNKNOWN, 3 - flipped).astype(np.uint8)


def window_fault(sequence: str, domain: Domain) -> tuple[str, str] | None:
    """What is wrong with a window and the way out; None where it can be judged."""
    if len(sequence) != WINDOW:
        return (
            f"has {len(sequence)} bases and needs {WINDOW}",
            "Give windows of 41 bases with the candidate in the centre, or scan a longer sequence as FASTA.",
        )
    if sequence[CENTRE].upper() != domain.base:
        return (
            f"has {sequence[CENTRE]} in its centre, where {domain.mark} needs {domain.base}",
            f"Give the strand whose base 21 is {domain.base}, or choose a model of another mark.",
        )
    return None
