"""`python -m firmware.prompts`: make the built-in sounds, if they are not made yet."""

import sys

from firmware.errors import Unavailable
from firmware.prompts.build import build
from firmware.prompts.catalogue import SOUNDS
from firmware.prompts.speech import Espeak


def main() -> int:
    """Return the exit status: 0 when all sounds are there."""
    try:
        made = build(Espeak())
    except (Unavailable, OSError) as error:
        print(f"busyhour: the prompts cannot be made in {SOUNDS}: {error}", file=sys.stderr)
        return 1
    print(f"prompts: {made} sounds made in {SOUNDS}" if made else "prompts: nothing to do")
    return 0


if __name__ == "__main__":
    sys.exit(main())
