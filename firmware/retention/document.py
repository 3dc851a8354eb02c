"""A caller's data as one document to hand over: what is on record as JSON, and their recordings beside it."""

import json
import zipfile
from pathlib import Path
from typing import IO, Any


def write(person: dict[str, Any], home: Path, to: IO[bytes]) -> int:
    """Write a zip of all that `person.show` told, and return how many recordings are in it.

    Recordings that are gone meanwhile are named in the JSON alone.
    """
    folder, count = (home / "recordings").resolve(), 0
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("person.json", json.dumps(person, ensure_ascii=False, indent=2))
        for one in person["calls"]:
            for recording in one["recordings"]:
                file = (home / recording["path"]).resolve()
                if file.is_relative_to(folder) and file.is_file():
                    archive.write(file, recording["path"])
                    count += 1
    return count
