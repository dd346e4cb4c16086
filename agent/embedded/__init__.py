"""The embedded language model: it routes by declared examples and answers in verbatim sentences."""
