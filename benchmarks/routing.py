"""Whether requests reach the right tool by the examples that tools declare.

The requests were written by someone who had seen the tools' descriptions but not the examples, and frozen by hash
before the router was tuned.
"""

import sys
from collections import Counter
from pathlib import Path

from agent.embedded.follow_up import is_follow_up
from agent.embedded.router import Router
from agent.tools import LITERATURE
from agent.tools.declaration import Request
from benchmarks.shared import embedder, frozen
from corpora import glossary

REQUESTS = Path(__file__).parent / "data" / "routing_requests.jsonl"
SHA256 = "f773dcb8f648190faed3c0dcb40ccaea51520a461bdf72321fd16429ce2dc5d4"


def main() -> None:
    """Print the share of requests that reach the right tool, by language and tool; `--misses` lists the rest."""
    rows = frozen(REQUESTS, SHA256)
    router = Router(embedder())
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for row in rows:
        chosen = router.choose(_request(row["text"], row["before"]), LITERATURE)
        name = chosen[0].name if chosen else "none"
        for group in ("all", row["language"], row["tool"]):
            asked[group] += 1
            right[group] += name == row["tool"]
        if name != row["tool"] and "--misses" in sys.argv:
            print(f"    {row['id']} {row['text']} -> {name}, not {row['tool']}")
    for group in asked:
        print(f"{group:>18}: {right[group]} of {asked[group]} ({right[group] / asked[group]:.0%})")


def _request(text: str, before: str | None) -> Request:
    """A request as the embedded model makes it; after an answer there is always a paper just cited."""
    leans = before is not None and is_follow_up(text)
    return Request(
        text,
        glossary.translate(text).english,
        cited=("P1",) if before else (),
        before=before if leans else None,
    )


if __name__ == "__main__":
    main()
