"""The guest is booted once; what runs in it is collected nowhere else."""

import os

collect_ignore = [] if os.environ.get("BUSYHOUR_LAB") else ["inside"]
