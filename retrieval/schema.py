"""The tables of a library.

`papers`, `passages`, `verdicts` and the `notices` of files are the truth; the rest can be derived from them.
"""

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

# `published_last` is the last day that the date of publication can mean; `work` is the smallest number of the papers
# that are versions of one work, NULL until that is looked up.
papers = Table(
    "papers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("change", Integer, nullable=False, index=True),
    Column("run", Integer, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("kind", String(9), nullable=False),
    Column("pmid", String(9)),
    Column("doi", String),
    Column("pmcid", String(12)),
    Column("local_id", String, index=True),
    Column("source_path", String, index=True),
    Column("title_key", String, index=True),
    Column("journal_key", String, index=True),
    Column("year", Integer, index=True),
    Column("published_last", String(10), index=True),
    Column("retracted", Boolean, nullable=False),
    Column("work", Integer, index=True),
    Column("owner", String, nullable=False),
    Column("record", Text, nullable=False),
    Column("text", Text, nullable=False),
    # An identifier stands for one text of a kind: a paper's abstract and its full text live side by side.
    Index("papers_by_pmid", "pmid", "kind", unique=True),
    Index("papers_by_doi", "doi", "kind", unique=True),
    Index("papers_by_pmcid", "pmcid", "kind", unique=True),
    sqlite_autoincrement=True,
)

# What papers say that they are to others, so that those are found when they come later.
relations = Table(
    "relations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("paper_id", ForeignKey("papers.id"), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("pmid", String(9), index=True),
    Column("doi", String, index=True),
    Column("title_key", String, index=True),
)

# What was said of papers, whether or not they are here: by a file (`origin`), or by the record of a paper (`said_by`).
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("pmid", String(9), index=True),
    Column("doi", String, index=True),
    Column("title_key", String, index=True),
    Column("title", Text),
    Column("date", String(10)),
    Column("notice_pmid", String(9)),
    Column("notice_doi", String),
    Column("reason", Text),
    Column("origin", String, index=True),
    Column("said_by", ForeignKey("papers.id"), index=True),
)

# Which notices are of which papers.
paper_notices = Table(
    "paper_notices",
    metadata,
    Column("paper_id", ForeignKey("papers.id"), primary_key=True),
    Column("notice_id", ForeignKey("notices.id"), primary_key=True, index=True),
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
