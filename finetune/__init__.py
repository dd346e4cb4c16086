"""Teaches the language model its job, and the embedder and the tagger theirs."""
