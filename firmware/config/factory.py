"""The configuration a box is delivered with: it takes calls at the first start, with nothing decided yet."""

from firmware.config.hours import DAYS
from firmware.config.schema import (
    Agent,
    Box,
    Choice,
    Config,
    Disposition,
    Extension,
    Flow,
    Hours,
    Limits,
    Line,
    Outgoing,
    Queue,
    Route,
)

NUMBERS = ("201", "202", "203", "204")


def build() -> Config:
    """Return the factory configuration, its extensions without secrets: every box makes its own."""
    return Config(
        box=Box(name="Busyhour", country="CN", area_code="10", timezone="Asia/Shanghai", language="zh"),
        lines=[Line(number=number, name=f"外线 {number}") for number in (1, 2, 3, 4)],
        extensions=[Extension(number=number, name=f"分机 {number}") for number in NUMBERS],
        agents=[Agent(number=number, name=f"坐席 {number}", extension=number) for number in NUMBERS],
        queues=[Queue(name="service", title="客户服务 Service", agents=list(NUMBERS))],
        dispositions=[
            Disposition(name="resolved", title="已解决 Resolved"),
            Disposition(name="follow_up", title="待跟进 To follow up"),
            Disposition(name="complaint", title="投诉 Complaint"),
            Disposition(name="wrong_number", title="打错 Wrong number"),
        ],
        flows=[
            Flow(
                name="main",
                greeting=["zh/welcome", "en/welcome"],
                notice=["zh/recording-notice", "en/recording-notice"],
                menu=["zh/main-menu", "en/main-menu"],
                keys={
                    "1": Choice(to="queue:service", language="zh"),
                    "2": Choice(to="queue:service", language="en"),
                    "0": Choice(to="extension:201"),
                    "9": Choice(to="repeat"),
                    "*": Choice(to="repeat"),
                },
                wrong=["zh/wrong-key", "en/wrong-key"],
                # An old telephone has no keys that we could hear: who presses nothing is served all the same
                no_key="queue:service",
            ),
            Flow(name="closed", greeting=["zh/closed", "en/closed"], no_key="hangup"),
        ],
        # Open at any time until the owner writes the shop's own hours here: nobody's first call is turned away
        hours=[Hours(name="open", week={day: ["00:00-24:00"] for day in DAYS})],
        routes=[
            Route(name="lines", source="line", hours="open", to="flow:main", otherwise="flow:closed"),
            Route(name="trunks", source="trunk", hours="open", to="flow:main", otherwise="flow:closed"),
        ],
        outgoing=[
            Outgoing(name="short", prefix="1", min_digits=3, max_digits=3, via=["lines"]),  # 110, 119, 114
            Outgoing(name="outside", min_digits=5, via=["lines"]),
        ],
        limits=Limits(hours="open"),
    )
