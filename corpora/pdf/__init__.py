"""PDF files as papers, in reading order."""

from corpora.pdf.reading import read_pdf

__all__ = ["read_pdf"]
