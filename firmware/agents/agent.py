"""One agent: where they are logged in, what they are doing, and what they may do next."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from firmware.errors import Refused


class AgentState(StrEnum):
    """What an agent is doing."""

    LOGGED_OUT = "logged_out"
    READY = "ready"
    NOT_READY = "not_ready"    # for `reason`
    OFFERED = "offered"        # a queue's caller rings their telephone
    TALKING = "talking"        # with a queue's caller
    ON_CALL = "on_call"        # an ordinary call on their telephone
    ACW = "acw"                # after-call work


LOGGED_OUT, READY, NOT_READY = AgentState.LOGGED_OUT, AgentState.READY, AgentState.NOT_READY
OFFERED, TALKING, ON_CALL, ACW = AgentState.OFFERED, AgentState.TALKING, AgentState.ON_CALL, AgentState.ACW

# Every way out of every state. OFFERED ends by the ring time, TALKING and ON_CALL by hanging up, ACW by its own time:
# no state that waits for a machine is without an end.
TRANSITIONS: dict[tuple[AgentState, str], AgentState] = {
    (LOGGED_OUT, "login"): READY,
    (READY, "offer"): OFFERED,
    (READY, "pause"): NOT_READY,
    (READY, "logout"): LOGGED_OUT,
    (READY, "phone"): ON_CALL,
    (NOT_READY, "ready"): READY,
    (NOT_READY, "pause"): NOT_READY,       # for another reason
    (NOT_READY, "logout"): LOGGED_OUT,
    (NOT_READY, "phone"): ON_CALL,
    (OFFERED, "answer"): TALKING,
    (OFFERED, "withdraw"): READY,          # the caller gave up, or another agent was quicker
    (OFFERED, "miss"): NOT_READY,          # no answer, refused, or the telephone failed
    (OFFERED, "pause"): NOT_READY,
    (OFFERED, "logout"): LOGGED_OUT,
    (TALKING, "end"): ACW,
    (ACW, "ready"): READY,
    (ACW, "pause"): NOT_READY,
    (ACW, "logout"): LOGGED_OUT,
    (ACW, "phone"): ON_CALL,
    (ON_CALL, "to_ready"): READY,          # hung up: on with what the call interrupted
    (ON_CALL, "to_not_ready"): NOT_READY,
    (ON_CALL, "to_acw"): ACW,
    (ON_CALL, "to_logged_out"): LOGGED_OUT,
    # After a restart the channels are right and the journal's last word may be missing:
    **{(state, "adopt_offered"): OFFERED for state in AgentState if state is not LOGGED_OUT},
    **{(state, "adopt_talking"): TALKING for state in AgentState if state is not LOGGED_OUT},
}

IN_CALL = frozenset({TALKING, ON_CALL})      # what an agent asks for now is granted afterwards
BUSY = frozenset({OFFERED, TALKING, ON_CALL})
MISSED, REFUSED, UNREACHABLE = "missed", "refused", "unreachable"    # reasons the box gives by itself


@dataclass(frozen=True)
class Standing:
    """A state to go to, with the reason if it is not_ready, and the call if it is after-call work."""

    state: AgentState
    reason: str = ""
    call: str = ""


@dataclass
class Agent:
    """An agent's state. Times are Unix seconds; `call` is the id of the call they are busy with, or ""."""

    number: str
    name: str = ""
    state: AgentState = LOGGED_OUT
    reason: str = ""
    extension: str = ""
    since_s: float = 0.0            # in this state
    idle_since_s: float = 0.0       # without a call: what `longest_idle` goes by
    call: str = ""
    acw_s: float = 0.0              # after-call work that the call at hand will have
    acw_until_s: float = 0.0
    wish: Standing | None = None    # asked for in a call, granted after it and its after-call work
    interrupted: Standing = Standing(READY)    # by the ordinary call at hand
    edits: int = 0                  # of calls' notes and dispositions, by this agent, since the exchange runs

    def act(self, act: str, now_s: float, reason: str = "") -> None:
        """Go through the table; raises Refused for what the state does not allow."""
        after = TRANSITIONS.get((self.state, act))
        if after is None:
            raise Refused(f"agent {self.number} is {self.state}: {act!r} is not possible now")
        if after is READY and act in ("login", "ready"):
            self.idle_since_s = now_s    # neither a lost caller nor an ordinary call costs an agent the next turn
        self.state, self.reason, self.since_s = after, reason, now_s

    def correct(self, step_s: float) -> None:
        """Take note that the clock was set by so much: all that is kept is by the former one."""
        self.since_s += step_s
        self.idle_since_s += step_s
        self.acw_until_s += step_s if self.acw_until_s else 0.0

    def facts(self) -> dict[str, Any]:
        """Return what the journal keeps of this agent; `restore` takes it back."""
        facts: dict[str, Any] = {
            "agent": self.number, "state": str(self.state), "reason": self.reason, "extension": self.extension,
            "call_id": self.call, "since_s": self.since_s, "idle_since_s": self.idle_since_s,
        }
        if self.state in (OFFERED, TALKING, ACW):
            facts["acw_s"] = self.acw_s
        if self.acw_until_s:
            facts["acw_until_s"] = self.acw_until_s
        if self.state is ON_CALL:
            facts["interrupted"] = [str(self.interrupted.state), self.interrupted.reason, self.interrupted.call]
        if self.wish:
            facts["wish"] = [str(self.wish.state), self.wish.reason, ""]
        return facts

    def restore(self, facts: dict[str, Any], at_s: float) -> None:
        """Take back what the journal kept; what an older release did not write has its default."""
        self.state, self.reason = AgentState(facts["state"]), str(facts.get("reason", ""))
        self.extension, self.call = str(facts.get("extension", "")), str(facts.get("call_id", ""))
        self.since_s = float(facts.get("since_s", at_s))
        self.idle_since_s = float(facts.get("idle_since_s", at_s))
        self.acw_s = float(facts.get("acw_s", 0))
        self.acw_until_s = float(facts.get("acw_until_s", 0))
        self.interrupted = _standing(facts.get("interrupted")) or Standing(READY)
        self.wish = _standing(facts.get("wish"))


def _standing(kept: list[str] | None) -> Standing | None:
    return Standing(AgentState(kept[0]), kept[1], kept[2]) if kept else None
