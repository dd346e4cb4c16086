"""The tables of a library. `papers`, `passages` and `verdicts` are the truth; the rest can be derived from them."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
)

AnyRow = Row[*tuple[Any, ...]]
metadata = MetaData()

# One row a counter: "change" numbers every change to the library, "run" every run of ingest.
counters = Table(
    "counters",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("value", Integer, nullable=False),
)

papers = Table(
    "papers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("change", Integer, nullable=False, index=True),
    Column("run", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("pmid", String(9), unique=True),
    Column("doi", String, unique=True),
    Column("local_id", String, index=True),
    Column("source_path", String, index=True),
    Column("title_key", String, index=True),
    Column("journal_key", String, index=True),
    Column("year", Integer, index=True),
    Column("retracted", Boolean, nullable=False),
    Column("owner", String, nullable=False),
    Column("record", Text, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)

passages = Table(
    "passages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("sentences", Text, nullable=False),
    sqlite_autoincrement=True,
)

# Passages that are gone, so that indexes which still hold them can follow.
removals = Table(
    "removals",
    metadata,
    Column("passage_id", Integer, primary_key=True, autoincrement=False),
    Column("change", Integer, nullable=False, index=True),
)

# Which producer has derived from which paper, and at which change.
derivations = Table(
    "derivations",
    metadata,
    Column("paper_id", ForeignKey("papers.id"), primary_key=True),
    Column("producer", String(64), primary_key=True),
    Column("change", Integer, nullable=False),
    Index("derivations_by_change", "producer", "change"),
)

vectors = Table(
    "vectors",
    metadata,
    Column("passage_id", ForeignKey("passages.id"), primary_key=True),
    Column("producer", String(64), primary_key=True),
    Column("passage", LargeBinary, nullable=False),
    Column("sentences", LargeBinary, nullable=False),
)

paper_genes = Table(
    "paper_genes",
    metadata,
    Column("paper_id", ForeignKey("papers.id"), primary_key=True),
    Column("gene", String, primary_key=True),
    Column("producer", String(64), nullable=False),
    Index("paper_genes_by_gene", "gene"),
)

# What a paper says of the methylation of one gene, as JSON of `retrieval.finding`.
evidence = Table(
    "evidence",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True),
    Column("producer", String(64), nullable=False),
    Column("finding", Text, nullable=False),
)

# What people say of findings, with the finding as it was; kept by the paper's text, whether or not it is here.
verdicts = Table(
    "verdicts",
    metadata,
    Column("key", String, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("verdict", String(16), nullable=False),
    Column("correction", Text, nullable=False),
    Column("finding", Text, nullable=False),
    Column("owner", String, nullable=False),
    Column("time", String(32), nullable=False),
)
