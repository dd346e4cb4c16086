"""Where papers are fetched from, and as whom."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Address = Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]


class FeedSettings(BaseModel):
    """Who asks, and the addresses of the sources, which mirrors and tests replace.

    `email` is told to the sources, which write to it before they block anybody; with an `ncbi_key` NCBI answers 10
    requests a second instead of 3 (https://www.ncbi.nlm.nih.gov/books/NBK25497/). `patience` is how many seconds a
    source may keep silent. `retractions` is Crossref's public copy of Retraction Watch's database
    (https://www.crossref.org/documentation/retrieve-metadata/retraction-watch/).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+)?$")
    ncbi_key: SecretStr | None = None
    pubmed: Address = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
    pubmed_files: Address = "https://ftp.ncbi.nlm.nih.gov/pubmed"
    europepmc: Address = "https://www.ebi.ac.uk/europepmc/webservices/rest"
    retractions: Address = "https://gitlab.com/crossref/retraction-watch-data/-/raw/main/retraction_watch.csv"
    patience: float = Field(default=60.0, gt=0)
