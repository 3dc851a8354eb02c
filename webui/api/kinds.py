"""What an event stream tells: each kind of event, what it means and what `data` holds; and what it keeps to itself."""

from typing import NamedTuple

from firmware.events import Kind
from webui.words.text import Words

FIGURES = "queue.figures"  # made here: a queue's numbers, whenever they change


class Told(NamedTuple):
    """A kind of event that is told: in words, and the keys of its data."""

    words: Words
    data: str = ""


KINDS = {
    FIGURES: Told(Words("队列数字有变化", "a queue's figures changed"), "as one entry of GET /queues"),
    Kind.CALL_OFFERED: Told(
        Words("来了一个呼叫", "a call began"), "direction source did number e164 name withheld channel"
    ),
    Kind.CALL_ANSWERED: Told(Words("系统应答", "the box answered its caller")),
    Kind.CALL_ENDED: Told(Words("呼叫结束", "a call is over; nothing of it follows"), "cause by"),
    Kind.IVR_NODE: Told(Words("语音导航到了一步", "the caller is at a step of a menu"), "flow node"),
    Kind.IVR_CHOICE: Told(Words("主叫按键选择", "the caller chose"), "flow digits outcome"),
    Kind.QUEUE_ENTERED: Told(Words("进入队列", "the caller waits in a queue"), "queue position"),
    Kind.QUEUE_LEFT: Told(Words("离开队列", "the waiting is over"), "queue outcome wait_s"),
    Kind.LEG_DIALED: Told(Words("呼叫另一方", "another party is called"), "party target agent channel absorbed"),
    Kind.LEG_RINGING: Told(Words("对方振铃", "it rings there")),
    Kind.LEG_AUDIBLE: Told(Words("接听前听到对方", "the other party is heard before it answers"), "cause"),
    Kind.LEG_ANSWERED: Told(Words("对方应答", "the other party answered"), "assumed"),
    Kind.LEG_ENDED: Told(Words("一方离开", "a party is gone"), "cause by"),
    Kind.BRIDGE_JOINED: Told(Words("双方通话", "two parties hear each other"), "legs"),
    Kind.BRIDGE_LEFT: Told(Words("通话断开", "they no longer do"), "legs"),
    Kind.HOLD_STARTED: Told(Words("保持", "a leg puts its counterpart on hold"), "by"),
    Kind.HOLD_ENDED: Told(Words("取消保持", "and is back")),
    Kind.FLASHED: Told(Words("在外线上拍叉", "a line's hook was flashed in a talk"), "by digits"),
    Kind.FAX_HEARD: Told(Words("听到传真音", "a fax machine calls"), "to"),
    Kind.TRANSFERRED: Told(Words("转接", "a call was transferred"), "to party"),
    Kind.TRANSFER_FAILED: Told(Words("转接失败", "a transfer failed"), "cause party"),
    Kind.CONSULTING: Told(Words("咨询第三方", "an agent asks somebody; the caller hears music"), "to held party"),
    Kind.CONSULTED: Told(Words("咨询结束", "that is over"), "outcome cause party"),
    Kind.EMERGENCY: Told(Words("紧急呼叫", "an emergency number is called"), "number by"),
    Kind.OUTSIDE_ALLOWED: Told(
        Words("准许外拨", "a call outside was let out"), "by number distance special after_hours"
    ),
    Kind.OUTSIDE_REFUSED: Told(Words("拒绝外拨", "a call outside was refused"), "by number reason"),
    Kind.PREEMPTED: Told(Words("让路给紧急呼叫", "a call gave way to an emergency call"), "by"),
    Kind.HANDED_BACK: Told(
        Words("请运营商直接接通双方", "the carrier was asked to join both parties itself"), "outcome to"
    ),
    Kind.RECORDING_STARTED: Told(Words("开始录音", "a recording began"), "path"),
    Kind.RECORDING_ENDED: Told(Words("录音完成", "a recording is whole"), "path duration_s"),
    Kind.GAP: Told(Words("有一段不完整", "for a time all is known only in part"), "reason from_s"),
    Kind.AGENT_STATE: Told(
        Words("坐席状态", "an agent's state changed"), "agent state reason extension call_id since_s wish"
    ),
    Kind.NOTED: Told(Words("坐席记了备注或小结", "a note or disposition was kept of a call"), "what by"),
    Kind.RECORDS_ERASED: Told(Words("按要求删除了某人的记录", "a person was taken out of the records"), "calls name"),
    Kind.CONFIG_CHANGED: Told(Words("配置已变更", "the configuration changed"), "revision who why"),
    Kind.CLOCK_SET: Told(
        Words("系统时钟被调整，此前的时间以旧时钟为准", "the clock was set: times told before are by the former one"),
        "step_s",
    ),
    Kind.LIMITS_RESET: Told(Words("限额重新计数", "the day's limits count anew"), "who"),
    Kind.MESSAGES_WAITING: Told(
        Words("分机的新留言数有变化", "how many new messages wait for an extension changed"), "extension source new who"
    ),
    Kind.LINE_TESTED: Told(
        Words("外线测试完成", "a test of a line ended"), "line by outcome verdict findings"
    ),
    Kind.SPAN_TESTED: Told(
        Words("E1 环回误码测试结束", "a loopback test of a digital span ended"),
        "span slot seconds local by begun_s state verdict bits errors late slots",
    ),
    Kind.LINE_LEARNING: Told(
        Words("外线学习忙音的进展", "how far the learning of a line's busy tone is"), "line by state heard reason tone"
    ),
    Kind.CONFIG_CONFIRMED: Told(
        Words("试用的配置已确认", "a configuration on trial was confirmed and stays"), "revision who"
    ),
    Kind.ALARM: Told(Words("告警", "an alarm was raised or is over"), "name subject raised detail code facts by"),
    Kind.ALARM_ACKNOWLEDGED: Told(Words("有人确认了告警", "somebody has seen an alarm"), "name subject who note"),
}
# What concerns nobody outside, or must not be carried outside: a caller may type the number of a card
KEPT = {
    Kind.DIGIT: "a caller's keys may be a PIN or the number of a card",
    Kind.STAGE_ENTERED: "how a call is begun again after a restart; other events tell where it is",
}


def wanted(asked: str) -> frozenset[str]:
    """Return the kinds that a list names: `call.*,agent.state`; "" is all. Raises ValueError with one that is none."""
    found: set[str] = set()
    for one in asked.split(",") if asked else ["*"]:
        pattern = one.strip()
        kinds = {str(kind) for kind in KINDS if pattern in ("*", str(kind)) or _within(pattern, str(kind))}
        if not kinds:
            raise ValueError(pattern)
        found |= kinds
    return frozenset(found)


def _within(pattern: str, kind: str) -> bool:
    return pattern.endswith(".*") and kind.startswith(pattern[:-1])
