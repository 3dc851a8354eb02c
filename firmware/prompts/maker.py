"""`python -m firmware.prompts.maker`: makes one prompt of a stranger's file, of a text or of a recording.

A program of its own, since what it reads may be made to harm: it has little time, memory and disk, the lowest priority,
and no way to a call. One job comes in as JSON, one answer goes out. Files are read by ffmpeg, told to open nothing but
this one file, and no format that names others.
"""

import re
import resource
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from firmware.errors import BadSound, BusyhourError, NoStorage
from firmware.prompts.build import MUSIC_DBM0, SPEECH_DBM0
from firmware.prompts.catalogue import RATE_HZ
from firmware.prompts.jobs import LONGEST_S, SHORTEST_S, FromFile, FromRecording, FromText, Job, Made
from firmware.prompts.sound import FRAME, frame_levels, levelled, telephone_band, trimmed, write
from firmware.prompts.speech import Espeak, Samples

CPU_S = 40
MEMORY_BYTES = 1536 * 1024 * 1024
FILE_BYTES = 80 * 1024 * 1024  # a prompt has 10 MB; but espeak-ng's libpulse makes room for 64 before anything
QUIETEST = 10 ** (-60 / 20)  # of full scale: what is never louder is silence
KEY_S = 0.3  # of a key's tone at the end of a recording: until it was recognised, and what the telephone kept of it
ENDLESS_BYTES = 0x7FFF0000  # what programs write into a header that do not know the end beforehand
DURATION = re.compile(r"^  Duration: (\d+):(\d+):(\d+\.\d+)", re.MULTILINE)
FORMATS = "wav,w64,mp3,mov,mp4,m4a,3gp,3g2,mj2,ogg,flac,aac,amr,aiff,au,caf,matroska,webm"
CODECS = (
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_s8,pcm_u8,pcm_f32le,pcm_f32be,pcm_f64le,"
    "pcm_f64be,pcm_alaw,pcm_mulaw,adpcm_ms,adpcm_ima_wav,adpcm_g722,gsm_ms,mp3,mp3float,mp2,mp2float,aac,vorbis,opus,"
    "libopus,flac,alac,amrnb,amrwb"
)
ONLY = (
    "-hide_banner", "-nostats", "-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS, "-codec_whitelist",
    CODECS,
)  # fmt: skip


def main() -> int:
    """Do the job on standard input and print what came of it; the exit status is 0 when that was said."""
    confine()
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    try:
        answer: Any = make(job)
    except OSError as error:
        answer = {"code": NoStorage.code, "text": f"{error.filename or job.target}: {error.strerror}"}
    except BusyhourError as error:
        answer = {"code": error.code, "text": str(error), "facts": error.facts}
    sys.stdout.buffer.write(msgspec.json.encode(answer))
    return 0


def confine() -> None:
    """Give up what a good job never needs, for this process and all it starts."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))


def make(job: Job) -> Made:
    """Write the job's prompt. Raises BadSound, Unavailable."""
    match job:
        case FromFile():
            samples = decoded(Path(job.source))
        case FromText():
            samples = telephone_band(*Espeak().speak(job.text, job.language))
        case FromRecording():
            samples = left_of(Path(job.source))
            if job.key_heard:
                samples = samples[: max(0, len(samples) - int(KEY_S * RATE_HZ))]
    level_dbm0 = MUSIC_DBM0 if isinstance(job, FromFile) and job.music else SPEECH_DBM0
    shaped = prompt_of(samples, level_dbm0, noisy=isinstance(job, FromRecording))
    write(Path(job.target), shaped)
    return Made(len(shaped) / RATE_HZ)


def prompt_of(samples: Samples, level_dbm0: float, noisy: bool = False) -> Samples:
    """Return samples of 8 kHz as a prompt of that level. Raises BadSound where there is nothing to hear."""
    if len(samples) < SHORTEST_S * RATE_HZ:
        raise BadSound(f"the sound is shorter than {SHORTEST_S} s", "sound-short", least=SHORTEST_S)
    samples = telephone_band(samples, RATE_HZ)
    if len(samples) < FRAME or float(frame_levels(samples).max()) < QUIETEST:
        raise BadSound("there is nothing to hear in it", "sound-silent")
    return levelled(trimmed(samples, noisy), level_dbm0)


def decoded(path: Path) -> Samples:
    """Return a file's sound, all channels together, at 8 kHz. Raises BadSound."""
    most = int((LONGEST_S + 1) * RATE_HZ) * 2
    done = subprocess.run(
        ["ffmpeg", "-nostdin", *ONLY, "-threads", "1", "-i", f"file:{path}", "-map", "0:a:0", "-vn", "-sn", "-dn",
         "-t", str(LONGEST_S + 1), "-ac", "1", "-ar", str(RATE_HZ), "-f", "s16le", "-fs", str(most), "pipe:1"],
        capture_output=True, check=False,
    )  # fmt: skip
    samples = np.frombuffer(done.stdout[: len(done.stdout) // 2 * 2], "<i2") / 32768.0
    if not len(samples):
        raise BadSound(
            "no sound can be read from this file; a WAV, MP3, M4A, OGG, FLAC or AMR file is right", "sound-unknown"
        )
    if len(samples) > LONGEST_S * RATE_HZ:
        minutes = round(LONGEST_S / 60)
        raise BadSound(f"the sound is longer than {minutes} minutes", "sound-long", most=minutes)
    told_s, heard_s = length_told(path, done.stderr.decode(errors="replace")), len(samples) / RATE_HZ
    if heard_s < told_s * 0.98 - 0.5:
        raise BadSound(
            f"the file breaks off: of {told_s:.1f} s there are {heard_s:.1f}", "sound-broken",
            told=f"{told_s:.1f}", heard=f"{heard_s:.1f}",
        )  # fmt: skip
    return np.asarray(samples)


def length_told(path: Path, said: str) -> float:
    """Return how long a file says that its sound is, 0 where it does not say; `said` is what ffmpeg said of it.

    A WAV file is asked here: of one that was cut, ffmpeg believes the size and not the header.
    """
    try:
        with wave.open(str(path), "rb") as sound:
            bytes_told = sound.getnframes() * sound.getnchannels() * sound.getsampwidth()
            if bytes_told < ENDLESS_BYTES:
                return sound.getnframes() / sound.getframerate()
    except (wave.Error, EOFError, ZeroDivisionError):
        pass  # of another format
    found = DURATION.search(said)
    return sum(float(part) * unit for part, unit in zip(found.groups(), (3600, 60, 1), strict=True)) if found else 0.0


def left_of(path: Path) -> Samples:
    """Return the left channel of a recording: its party alone. Raises BadSound when there is none."""
    try:
        with wave.open(str(path), "rb") as sound:
            channels = sound.getnchannels()
            frames = sound.readframes(int(LONGEST_S * RATE_HZ))
    except (OSError, wave.Error, EOFError) as error:
        raise BadSound(f"nothing was recorded: {error}", "sound-silent") from error
    return np.asarray(np.frombuffer(frames, "<i2").reshape(-1, channels)[:, 0] / 32768.0)


if __name__ == "__main__":
    sys.exit(main())
