"""Small files to read."""

import contextlib
import tempfile
from pathlib import Path

from andon.connect.tables.input_file import InputFile


@contextlib.contextmanager
def source_of(content):
    """Yield a source of a text or of bytes."""
    data = content if isinstance(content, bytes) else content.encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        with InputFile(path) as source:
            yield source
