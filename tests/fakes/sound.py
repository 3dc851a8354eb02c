"""The fake gateway's sound: what a channel's party hears and types, and what is recorded of it."""

from __future__ import annotations

import os
import wave
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.link import messages as m

if TYPE_CHECKING:
    from tests.fakes.channel import Channel
    from tests.fakes.gateway import FakeGateway


class FakeSound:
    """Plays, gathers digits and records, of any channel of a gateway."""

    def __init__(self, gateway: FakeGateway) -> None:
        self._gateway = gateway

    def play(self, channel: Channel, order: m.Play) -> None:
        """Play sounds, one after another; what played before stops."""
        self.stop_play(channel, "stopped")
        channel.playing = order
        if order.barge_in and channel.typed and channel.collecting is None:
            self.stop_play(channel, "digit")  # who knows the menu types ahead of it
        else:
            self._sound(channel, 0)

    def _sound(self, channel: Channel, number: int) -> None:
        order = channel.playing
        if order is None:
            return
        if number == len(order.sounds):
            if not order.loop:
                channel.playing, channel.sound, channel.next_sound = None, "", None
                self._gateway.tell(m.Finished, channel=channel.id, command=order.id, reason="played")
                self._first_digit_awaited(channel)
                return
            number = 0
        sound = order.sounds[number]
        if isinstance(sound, m.Prompt) and sound.path in self._gateway.bad_sounds:
            channel.playing, channel.sound, channel.next_sound = None, "", None
            detail = f"{sound.path}: no sound"
            self._gateway.tell(m.Finished, channel=channel.id, command=order.id, reason="failed", detail=detail)
            return
        duration_s = 1e9
        if isinstance(sound, m.Prompt):
            channel.sound, duration_s = Path(sound.path).stem, self._gateway.prompt_s(sound.path)
        elif isinstance(sound, m.Tone):
            channel.sound, duration_s = f"tone:{sound.name}", 0.5 if sound.name == "beep" else 1e9
        else:
            channel.sound, duration_s = "", sound.duration_s
        if channel.sound:
            channel.heard.append((self._gateway.wall_s(), channel.sound))
        channel.next_sound = self._gateway.later(max(duration_s, 0.02), self._sound, channel, number + 1)

    def stop_play(self, channel: Channel, reason: str) -> None:
        """Stop what plays."""
        order, channel.playing, channel.sound = channel.playing, None, ""
        if channel.next_sound is not None:
            channel.next_sound.cancel()
        if order is not None:
            self._gateway.tell(m.Finished, channel=channel.id, command=order.id, reason=reason)
            self._first_digit_awaited(channel)

    def unheard(self, channel: Channel) -> None:
        """Let nobody hear this far end any more, who listened to it before its answer."""
        for one in self._gateway.channels.values():
            if one.sound == f"party:{channel.id}":
                one.sound = ""

    def heard_by(self, channel: Channel) -> str:
        """Return what the channel's party hears now."""
        if channel.sound:
            return channel.sound
        if channel.other is not None and not channel.other.holders and "exchange" not in channel.holders:
            return f"party:{channel.other.id}"
        return ""

    # ---- digits ------------------------------------------------------------------------------------------------------

    def press(self, channel: Channel, digit: str) -> None:
        """The party presses a key."""
        if channel.state == "ended":
            return
        via = "inband" if "line:" in channel.source else "rfc4733"
        self._gateway.tell(m.Digit, channel=channel.id, digit=digit, via=via)
        if channel.playing is not None and channel.playing.barge_in:
            self.stop_play(channel, "digit")
        if channel.collecting is not None:
            self._digit(channel, channel.collecting, digit)
        elif channel.other is None:
            channel.typed += digit

    def collect(self, channel: Channel, order: m.Collect) -> None:
        """Gather digits, those first that were typed ahead."""
        self.collected(channel, "stopped")
        channel.collecting, channel.digits = order, ""
        typed, channel.typed = channel.typed, ""
        for place, digit in enumerate(typed):
            if channel.collecting is order:
                self._digit(channel, order, digit)
            else:
                channel.typed = typed[place:]
                return
        self._first_digit_awaited(channel)

    def _first_digit_awaited(self, channel: Channel) -> None:
        order = channel.collecting
        if order is not None and not channel.digits and channel.playing is None:
            self._wait_digit(channel, order.first_s)

    def _wait_digit(self, channel: Channel, seconds: float) -> None:
        if channel.collect_timer is not None:
            channel.collect_timer.cancel()
        channel.collect_timer = self._gateway.later(seconds, self.collected, channel, "timeout")

    def _digit(self, channel: Channel, order: m.Collect, digit: str) -> None:
        if digit in order.until:
            self.collected(channel, "until")
            return
        channel.digits += digit
        if len(channel.digits) >= order.max_digits:
            self.collected(channel, "full")
        else:
            self._wait_digit(channel, order.next_s)

    def collected(self, channel: Channel, reason: str) -> None:
        """Tell what was gathered."""
        order, channel.collecting = channel.collecting, None
        if channel.collect_timer is not None:
            channel.collect_timer.cancel()
        if order is not None:
            self._gateway.tell(m.Collected, channel=channel.id, command=order.id, digits=channel.digits, reason=reason)

    def record(self, channel: Channel, order: m.Record) -> None:
        """Begin a recording."""
        channel.recording, channel.recording_since_s = order.path, self._gateway.wall_s()
        Path(order.path).parent.mkdir(parents=True, exist_ok=True)
        self._gateway.tell(m.Recording, channel=channel.id, path=order.path)

    def stop_record(self, channel: Channel) -> None:
        """End the recording, if there is one."""
        path, channel.recording = channel.recording, ""
        if path:
            duration_s = self._gateway.wall_s() - channel.recording_since_s
            write_silence(Path(path), duration_s)
            self._gateway.tell(m.Recorded, channel=channel.id, path=path, duration_s=duration_s)


def write_silence(path: Path, duration_s: float) -> None:
    """Leave a recording as the gateway's recorder would."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.setnframes(round(8000 * duration_s))
        file.writeframesraw(b"")
    os.truncate(path, 44 + 4 * round(8000 * duration_s))  # a hole of zeros: no disk is needed for hours of silence


