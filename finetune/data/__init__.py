"""Builds and reads training data: conversations with tools, one a line of JSON."""
