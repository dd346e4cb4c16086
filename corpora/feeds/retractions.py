"""Retraction Watch's database, which Crossref publishes as one CSV file, new every working day.

https://www.crossref.org/documentation/retrieve-metadata/retraction-watch/
"""

import contextlib
import csv
import io
from contextlib import closing
from pathlib import Path

from corpora.feeds.client import Client, Damaged
from corpora.feeds.folder import write_whole
from corpora.feeds.settings import FeedSettings
from corpora.notices import COLUMNS

FILE_NAME = "retraction_watch.csv"
PER_SECOND = 1.0


def fetch_retractions(settings: FeedSettings, folder: Path) -> Path:
    """The newest file, in the place of an older one once it has come whole. Raises FeedError."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(Client(settings, PER_SECOND)) as client:
        write_whole(folder / FILE_NAME, client.get(settings.retractions, {}, _checked))
    return folder / FILE_NAME


def _checked(body: bytes) -> bytes:
    """The file, unless it is something else or ends within a row."""
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(body), "latin-1", newline=""))
    heading = [name.strip().lower() for name in next(rows, [])]
    if missing := [name for name in COLUMNS if name.lower() not in heading]:
        raise Damaged(f"the answer is no file of retractions: it has no column {', '.join(missing)}")
    last = heading
    # A row that is no CSV is for the reader to name; here it only matters whether the file ends within one.
    with contextlib.suppress(csv.Error):
        for row in rows:
            last = row or last
    if len(last) <= max(heading.index(name.lower()) for name in COLUMNS):
        raise Damaged("the file of retractions ends within a row")
    return body
