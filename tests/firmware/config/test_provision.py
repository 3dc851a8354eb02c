"""What the gateway is told."""

from typing import get_args, get_type_hints

import pytest
from msgspec import structs

from drivers.link import messages
from firmware.config.dialling import whole
from firmware.config.provision import ha1, provision
from firmware.config.schema import Config, Extension, Line, MediaAddress, Sip
from firmware.config.spans import R2, Group, Pri, Span
from firmware.config.trunk import Trunk
from native.r2 import CATEGORIES, VARIANTS


def test_ha1_is_that_of_the_standard():
    # RFC 2617 §3.5 prints the response that follows from it: 6629fae49393a05397450978507c4ef1
    assert ha1("Mufasa", "testrealm@host.com", "Circle Of Life") == "939e7578ed9e3c518a452acee763bce9"


def test_the_gateway_learns_all_it_needs_and_no_extension_secret():
    config = Config(
        sip=Sip(
            realm="shop", rtp_first=30000, rtp_last=30999, media_addresses=[MediaAddress("10.0.0.0/8", "10.0.0.1")]
        ),
        lines=[
            Line(
                3, busy_tone="620/180,0/420", reversal=True, silence_minutes=0, never_answer=True, dialling="pulses",
                flash_ms=100, rx_gain_db=3, tx_gain_db=-2,
            ),
            Line(1),
        ],
        extensions=[Extension("201", secret="very-secret"), Extension("202", secret="a-secret", srtp=True)],
        trunks=[
            Trunk(
                "carrier", "sip.example.cn", username="u", secret="s", register=True, addresses=["192.0.2.1"],
                numbers=["01088886666"], domain="ims.example", auth_name="u@ims.example",
            )
        ],
    )
    assert provision(config, "p1") == messages.Provision(
        id="p1",
        country="CN",
        lines=(1, 3),
        realm="shop",
        rtp_first=30000,
        rtp_last=30999,
        users=(
            messages.SipUser("201", ha1("201", "shop", "very-secret")),
            messages.SipUser("202", ha1("202", "shop", "a-secret"), srtp=True),
        ),
        trunks=(
            messages.SipTrunk(
                "carrier", "sip.example.cn", username="u", secret="s", register=True, addresses=("192.0.2.1",),
                called=("+861088886666", "01088886666", "861088886666", "88886666", "u"),
                domain="ims.example", auth_name="u@ims.example",
            ),
        ),
        media_addresses=(messages.MediaAddress("10.0.0.0/8", "10.0.0.1"),),
        setups=(
            messages.LineSetup(1, silence_s=3600.0),
            messages.LineSetup(3, "620/180,0/420", True, 0.0, True, "pulses", 100, 3, -2),
        ),
        whole=tuple(whole(config)),
    )


def test_an_extension_in_a_port_is_told_as_such_and_no_sip_telephone_may_be_it():
    config = Config(
        extensions=[
            Extension("201", secret="a-secret"), Extension("205", name="Workshop", port=5, call_waiting=True),
        ]
    )  # fmt: skip
    told = provision(config, "p1")
    assert [user.number for user in told.users] == ["201"]
    assert told.ports == (messages.PortSetup(5, "205", "Workshop", call_waiting=True),)


def test_groups_are_told_span_by_span_with_their_own_channels():
    config = Config(
        spans=[Span(1, did_digits=4, pri=Pri(overlap=True)), Span(2, clock=0, crc4=False, channels="1-3")],
        groups=[
            Group("e1", ["1:1-2", "2"], presentation="withheld"), Group("pbx", ["1:31"], hunting="up"),
        ],
    )  # fmt: skip
    told = provision(config, "p1")
    assert told.r2 == ()
    assert told.isdn == (
        messages.IsdnTrunk("e1", 1, overlap=True, digits=4, slots=(1, 2), hunting="down", withheld=True),
        messages.IsdnTrunk("e1", 2, slots=(1, 2, 3), hunting="down", withheld=True),
        messages.IsdnTrunk("pbx", 1, overlap=True, digits=4, slots=(31,), hunting="up"),
    )
    assert told.spans == (messages.SpanSetting(1), messages.SpanSetting(2, crc4=False, clock=0, slots=(1, 2, 3)))


def test_a_group_on_spans_of_both_signallings_is_told_each_by_its_own():
    r2 = R2("china", caller_digits=11, caller_first=False, category="test", double_answer=True, metering_ms=300)
    config = Config(
        spans=[Span(1), Span(2, signalling="r2", did_digits=4, r2=r2, channels="1-3")],
        groups=[Group("e1", ["1:1", "2:2-3"], presentation="withheld"), Group("pbx", ["2:1"], hunting="up")],
    )
    told = provision(config, "p1")
    assert [(trunk.name, trunk.span, trunk.slots) for trunk in told.isdn] == [("e1", 1, (1,))]
    part = messages.R2Trunk(
        "e1", 2, "china", called_digits=4, calling_digits=11, calling_first=False, category="test", double_answer=True,
        metering_ms=300, slots=(2, 3), withheld=True,
    )  # fmt: skip
    assert told.r2 == (part, structs.replace(part, name="pbx", slots=(1,), hunting="up", withheld=False))
    assert [span.signalling for span in told.spans] == ["pri", "r2"]


@pytest.mark.parametrize(("key", "known"), [("variant", VARIANTS), ("category", CATEGORIES)])
def test_what_may_be_configured_of_r2_is_what_it_knows(key, known):
    assert set(get_args(get_type_hints(R2)[key])) == set(known)
