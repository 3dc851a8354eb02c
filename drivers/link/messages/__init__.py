"""What the exchange says to the gateway, and what the gateway says back.

Every message is a frozen struct, one JSON object a line (see framing). `channel` is a channel id; ids are never
used again. `at_s` is Unix time in seconds as the gateway's steady clock tells it. Causes are Q.850 numbers.
"""

from drivers.link.messages.base import *
from drivers.link.messages.calls import *
from drivers.link.messages.connection import *
from drivers.link.messages.lines import *
from drivers.link.messages.setup import *
from drivers.link.messages.sounds import *
from drivers.link.messages.spans import *
from drivers.link.messages.trace import *
from drivers.link.messages.waiting import *
from drivers.link.messages.watch import *

Order = (
    Provision | Dial | Claim | Ring | Answer | Hangup | Play | StopPlay | Collect | Connect | Listen | Disconnect
    | HandBack | Hold | Resume | Record | StopRecord | ConcludeTransfer | Flash | TestLine | LearnTone | StopLearning
    | ShowWaiting | LiftBan | RestartSlot | TestSpan | StopSpanTest | TraceSignals
)
Downward = Order | Ack

Happening = (
    Offered | Ringing | Audible | Answered | Digit | FaxHeard | Finished | Collected | Connected | Disconnected
    | HandedBack | Held | Resumed | Flashed | Transferring | Recording | Recorded | Hungup | Refused | Provisioned
    | LineChanged | LineTested | LineLearning | ToneLearnt | SlotRestarted | SpanTested | BanLifted
    | RegistrationChanged | Alarm
)
Aside = Stats | SpanStates | Signals | SpanTesting
Upward = Hello | Snapshot | Aside | Happening
