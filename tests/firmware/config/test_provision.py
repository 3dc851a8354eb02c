"""What the gateway is told."""

from drivers.link import messages
from firmware.config.provision import ha1, provision
from firmware.config.schema import Config, Extension, Line, MediaAddress, Sip, Trunk


def test_ha1_is_that_of_the_standard():
    # RFC 2617 §3.5 prints the response that follows from it: 6629fae49393a05397450978507c4ef1
    assert ha1("Mufasa", "testrealm@host.com", "Circle Of Life") == "939e7578ed9e3c518a452acee763bce9"


def test_the_gateway_learns_all_it_needs_and_no_extension_secret():
    config = Config(
        sip=Sip(
            realm="shop", rtp_first=30000, rtp_last=30999, media_addresses=[MediaAddress("10.0.0.0/8", "10.0.0.1")]
        ),
        lines=[Line(3), Line(1)],
        extensions=[Extension("201", secret="very-secret"), Extension("202", secret="a-secret", srtp=True)],
        trunks=[
            Trunk(
                "carrier", "sip.example.cn", username="u", secret="s", register=True, addresses=["192.0.2.1"],
                numbers=["01088886666"],
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
            ),
        ),
        media_addresses=(messages.MediaAddress("10.0.0.0/8", "10.0.0.1"),),
    )
