"""Events of a call told as sentences, for somebody who watches."""

from typing import Any

from firmware.command.terminal import Terminal

# What a kind of event is told as; the words in braces are the event's own data
SENTENCES = {
    "call.offered": "a call comes in on {source} from {number}",
    "call.answered": "the box answers",
    "ivr.node": "the caller hears the {node} of {flow}",
    "digit": "the caller presses {digit}",
    "queue.entered": "the caller waits in queue {queue}, position {position}",
    "queue.left": "the waiting is over: {outcome} after {wait_s:.1f} s",
    "leg.dialed": "the box calls {target}",
    "leg.ringing": "the telephone rings",
    "leg.audible": "the far end is heard before it answers",
    "flashed": "the line's hook is flashed",
    "leg.answered": "the telephone is picked up",
    "bridge.joined": "both hear each other",
    "recording.started": "the talk is recorded",
    "bridge.left": "they no longer hear each other",
    "leg.ended": "leg {leg} ends, by {by}, cause {cause}",
    "recording.ended": "the recording is closed, {duration_s:.1f} s",
    "call.ended": "the call is over, ended by {by}",
    "agent.state": "agent {agent} is {state}",
}


def told(event: dict[str, Any], terminal: Terminal) -> str:
    """Return an event as a sentence, "" for one that is of no interest to somebody who watches."""
    sentence = SENTENCES.get(event["kind"])
    if sentence is None:
        return ""
    data = {key: terminal.word(value) if isinstance(value, str) else value for key, value in event["data"].items()}
    return terminal.word(sentence).format_map(_Known(data | {"leg": event["leg"]}))


class _Known(dict[str, Any]):
    """Data of an event; what a newer exchange no longer tells is shown as a question mark."""

    def __missing__(self, key: str) -> Any:
        return _Unknown()


class _Unknown:
    def __format__(self, spec: str) -> str:
        return "?"
