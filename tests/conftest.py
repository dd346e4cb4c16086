"""What tests of several packages need."""

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more of the machine's load than of the code.
settings.register_profile("any load", deadline=None)
settings.load_profile("any load")


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
def starter_home(tmp_path_factory, encoder_cache) -> Path:
    """An `EPICITE_HOME` with the starter library built; not to be changed."""
    from retrieval.home import Home

    root = tmp_path_factory.mktemp("starter_home")
    (root / "encoders").symlink_to(encoder_cache, target_is_directory=True)
    Home(root).starter().close()
    return root


@pytest.fixture
def library(tmp_path, embedder):
    """A library with nothing in it."""
    from retrieval.library import Library

    with Library.create(tmp_path / "library", embedder) as library:
        yield library
