"""`epicite train`: the training loop of the sequence models, with Hydra's overrides as they stand."""

import argparse


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb, whose words all go to the loop: no character begins an option here."""
    parser = subparsers.add_parser("train", help="train a sequence model", add_help=False, prefix_chars="\0")
    parser.add_argument("words", nargs="*")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Train, or show how; the loop's own exit code."""
    from seqmodels.train.application import main

    return main(arguments.words)
