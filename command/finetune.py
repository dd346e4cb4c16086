"""`epicite finetune`: language models are taught by LoRA, with Hydra's overrides as they stand."""

import argparse


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb, whose words all go to the application: no character begins an option here."""
    told = "teach a language model, or build its training data"
    parser = subparsers.add_parser("finetune", help=told, add_help=False, prefix_chars="\0")
    parser.add_argument("words", nargs="*")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Train, or show how; the application's own exit code."""
    from finetune.application import main

    return main(arguments.words)
