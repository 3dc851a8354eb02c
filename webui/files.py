"""The files that pages are made of beside their HTML: read and compressed once, and kept by browsers for good.

Only these are compressed. A page's own HTML holds what proves a form to be ours beside what somebody else may have
typed; compressed, its length would tell that to whoever listens to TLS (BREACH, CVE-2013-3587).
"""

import gzip
import hashlib
import mimetypes
from pathlib import Path

from flask import Flask, Response, abort, request

FOR_GOOD = "public, max-age=31536000, immutable"  # a file's address changes with its content
WORTH = 0.9  # what is compressed to more of its length than this is sent as it is


class File:
    """A file's content as it is sent."""

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()
        packed = gzip.compress(self.content, 9, mtime=0)
        self.packed = packed if len(packed) < WORTH * len(self.content) else None
        self.kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self.etag = hashlib.sha256(self.content).hexdigest()[:24]

    def response(self) -> Response:
        """Return it as the browser that asks can read it."""
        packed = self.packed if request.accept_encodings["gzip"] > 0 else None
        response = Response(packed or self.content, mimetype=self.kind)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        if self.packed:
            response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = FOR_GOOD
        response.set_etag(f"{self.etag}-gzip" if packed else self.etag)
        return response.make_conditional(request)  # type: ignore[return-value]


def install(app: Flask, folder: Path) -> None:
    """Serve all files of a folder as the endpoint `static`."""
    files = {str(path.relative_to(folder)): File(path) for path in sorted(folder.rglob("*")) if path.is_file()}

    def static(filename: str) -> Response:
        if filename not in files:
            abort(404)
        return files[filename].response()

    app.add_url_rule("/static/<path:filename>", "static", static)
