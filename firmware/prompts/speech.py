"""Speech from text, behind one interface; today by espeak-ng, tomorrow by another engine or a person's voice."""

import io
import re
import subprocess
import wave
from typing import Protocol

import numpy as np
import numpy.typing as npt

from firmware.errors import NotFound, Unavailable
from firmware.prompts.catalogue import LANGUAGES

Samples = npt.NDArray[np.float64]  # 1.0 is full scale


class Synthesizer(Protocol):
    """What turns words into sound; the same words always into the same samples."""

    def version(self) -> str:
        """Return what the sound depends on beside the words: engine, release, voice, pace. Raises Unavailable."""

    def speak(self, text: str, language: str) -> tuple[Samples, int]:
        """Return the samples of one voice and their rate in Hz. Raises Unavailable, and NotFound for a language."""


class Espeak:
    """Debian's espeak-ng, a formant synthesizer: small, free, clear enough for a telephone."""

    # The voice "cmn" of espeak-ng 1.51 reads most Chinese as pinyin with English letters; this one reads it right.
    VOICES = {"zh": "cmn-latn-pinyin", "en": "en-us"}
    WORDS_A_MINUTE = {"zh": 185, "en": 160}  # about 4 syllables a second in both
    PITCH = 45  # of 0 to 99

    def version(self) -> str:
        """Return release, voices, pace and pitch in one line."""
        text = self._run(["--version"]).decode()
        release = re.search(r"\d+\.\d+\S*", text)
        voices = ",".join(f"{self.VOICES[language]} {self.WORDS_A_MINUTE[language]}" for language in LANGUAGES)
        return f"espeak-ng {release.group() if release else text!r} {voices} pitch {self.PITCH}"

    def speak(self, text: str, language: str) -> tuple[Samples, int]:
        """Return what espeak-ng makes of a text at its own rate."""
        if language not in self.VOICES:
            raise NotFound(f"no voice for language {language!r}; there are {', '.join(self.VOICES)}")
        pace = ["-s", str(self.WORDS_A_MINUTE[language]), "-p", str(self.PITCH)]
        answer = self._run(["-v", self.VOICES[language], *pace, "-b", "1", "--stdin", "--stdout"], text)
        with wave.open(io.BytesIO(answer)) as sound:
            rate_hz = sound.getframerate()
            # The header was written before the sound and claims 2 GB of it: what came is read, not what was claimed
            frames = sound.readframes(len(answer))
        if not frames:
            raise Unavailable(f"espeak-ng made no sound of {text!r}")
        return np.frombuffer(frames, "<i2") / 32768.0, rate_hz

    def _run(self, arguments: list[str], text: str = "") -> bytes:
        try:
            done = subprocess.run(["espeak-ng", *arguments], input=text.encode(), capture_output=True, timeout=60)
        except FileNotFoundError as error:
            raise Unavailable("espeak-ng is not installed: apt-get install espeak-ng") from error
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"espeak-ng took more than 60 s for {text!r}") from error
        if done.returncode:
            raise Unavailable(f"espeak-ng failed for {text!r}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout
