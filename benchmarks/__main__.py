"""Run every benchmark, one after another, each in a process of its own."""

import subprocess
import sys

NAMES = (
    *("fusion", "known_items", "chinese", "speed", "embedding", "size", "abstention", "answers", "peers", "works"),
    *("milvus", "ray_ingest"),
    *("routing", "prediction_requests", "tool_requests", "proof", "tool_calls", "overhead"),
    *("tagger", "entities", "tagging", "pdf", "embedder_tuning"),
    *("dnabert2", "hyenadna", "wheat", "methylation", "phenotype", "promoter", "likeness", "scanning"),
    "fresh_clone",
)


def main() -> int:
    """Run all; gives 1 where one failed."""
    codes = []
    for name in NAMES:
        print(f"\n== python -m benchmarks.{name}", flush=True)
        codes.append(subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode)
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
