from __future__ import annotations

import shutil

import pytest

from proofs_check.cli.verify import cache_folder
from proofs_check.contents import contents


@pytest.fixture(scope="session")
def table_of_contents():
    """The file with the table of contents, which takes seconds to make anew."""
    contents(cache_folder())
    return cache_folder() / "contents.json"


@pytest.fixture
def cache(tmp_path, table_of_contents):
    """A cache folder without decisions."""
    folder = tmp_path / "cache"
    folder.mkdir()
    shutil.copy(table_of_contents, folder)
    return folder
