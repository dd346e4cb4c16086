"""Tokenizers of DNA."""
