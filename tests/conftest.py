"""What tests of several packages need."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from tests.kept import fingerprint, kept

ROOT = Path(__file__).parents[1]

# How long an example takes says more of the machine's load than of the code.
settings.register_profile("any load", deadline=None)
settings.load_profile("any load")


@pytest.fixture(scope="session", autouse=True)
def _no_tagger(tmp_path_factory):
    """Reading papers for evidence takes a trained tagger seconds: a test that wants one names it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("retrieval.paper_tagger.BUNDLED", tmp_path_factory.mktemp("no_tagger"))
        yield


@pytest.fixture(scope="session")
def encoder_cache(request, tmp_path_factory) -> Path:
    """A folder with the bundled encoder's graph; pytest keeps it, so that only the first run writes it."""
    cache = getattr(request.config, "cache", None)
    return cache.mkdir("encoders") if cache else tmp_path_factory.mktemp("encoders")


@pytest.fixture(scope="session")
def embedder(encoder_cache):
    """The bundled embedder."""
    from retrieval.embedder import Embedder
    from seqmodels.encoder import BUNDLED

    return Embedder(BUNDLED, encoder_cache)


@pytest.fixture(scope="session")
def starter_home(request, tmp_path_factory, encoder_cache) -> Path:
    """An `EPICITE_HOME` with the starter library built; not to be changed. Only the first run builds it."""
    from retrieval.home import Home

    def build(root: Path) -> None:
        (root / "encoders").symlink_to(encoder_cache, target_is_directory=True)
        Home(root).starter().close()

    cache = getattr(request.config, "cache", None)
    built = kept(cache.mkdir("starter") if cache else tmp_path_factory.mktemp("starter"), _starter_key(), build)
    # A copy, as opening a library writes to its folder and several runs may share what is kept.
    return shutil.copytree(built, tmp_path_factory.mktemp("starter_home"), symlinks=True, dirs_exist_ok=True)


def _starter_key() -> str:
    """What the starter library is derived from: its corpus, the passage rule, the encoder, and our code for them."""
    from retrieval.passages import PASSAGE_RULE
    from seqmodels.encoder import BundledEncoder

    within = [file for package in ("corpora", "retrieval") for file in (ROOT / package).rglob("*") if file.is_file()]
    files = [file for file in within if "__pycache__" not in file.parts]
    encoder = [ROOT / "seqmodels" / name for name in ("encoder.py", "bfloat16.py", "runtime_choice.py")]
    return fingerprint([*files, *encoder], PASSAGE_RULE, BundledEncoder.hash)


@pytest.fixture
def library(tmp_path, embedder):
    """A library with nothing in it."""
    from retrieval.library import Library

    with Library.create(tmp_path / "library", embedder) as library:
        yield library
