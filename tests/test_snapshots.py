"""The scripts of every example, kept as files: a change of what netc writes is read as a diff."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from netc.render.render import BASH, files_of, render
from tests.compiled import EXAMPLES, plans_of


class ScriptExtension(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "sh"


@pytest.fixture
def scripts(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(ScriptExtension)


@pytest.mark.parametrize("file", files_of(BASH))
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_script_is_as_reviewed(example: Path, file: str, scripts: SnapshotAssertion) -> None:
    for name, plan in plans_of(example).items():
        place = f"{name}-{file}" if name else file
        assert render(plan, file) == scripts(name=place.removesuffix(".sh"))
