"""The gateway's own beginning and end."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.link import messages as m
from tests import audio
from tests.drivers.gateway.conftest import ROOT, GatewayProcess, bench
from tests.drivers.gateway.exchange import Exchange
from tests.drivers.gateway.far_end import Dialog


async def test_told_to_end_it_says_goodbye_and_closes_what_is_open(own_gateway: GatewayProcess) -> None:
    async with bench(own_gateway, acknowledge=False) as box:
        dialog, channel = await box.talking()
        ringing = box.dial(m.ToExtension("201"))
        phone = await box.far.called()
        phone.ring()
        await box.exchange.event(m.Ringing)
        path = own_gateway.home / "recordings/x/end.wav"
        box.exchange.order(m.Record, channel=channel, path=str(path))
        await box.exchange.event(m.Recording)
        await asyncio.sleep(0.5)
        status = asyncio.create_task(asyncio.to_thread(own_gateway.stop))
        assert "Q.850;cause=41" in (await dialog.asked("BYE")).header("reason")
        await phone.asked("CANCEL")
        await box.exchange.event(m.Recorded, channel=channel)
        for ended in (channel, ringing):
            hungup = await box.exchange.event(m.Hungup, channel=ended)
            assert (hungup.cause, hungup.by) == (41, "gateway")
        await box.exchange.gone()
        assert await status == 0
        assert audio.read_wav(path).duration_s == pytest.approx(0.5, abs=0.2)
        assert not (own_gateway.home / "run/gateway.sock").exists()


async def test_a_call_that_comes_while_it_ends_is_sent_elsewhere(own_gateway: GatewayProcess) -> None:
    async with bench(own_gateway) as box:
        _, channel = await box.talking()
        stopping = asyncio.create_task(asyncio.to_thread(own_gateway.stop))
        await box.exchange.event(m.Hungup, channel=channel)
        late = Dialog(box.far, "late").call()
        assert (await late.status(503, timeout_s=2)).header("retry-after") != ""
        await stopping


async def test_killed_it_leaves_a_playable_recording_and_begins_a_new_epoch(own_gateway: GatewayProcess) -> None:
    async with bench(own_gateway) as box:
        dialog, channel = await box.talking()
        dialog.voice.tone(600)  # whole cycles in 20 ms: a block lost on a busy machine leaves it a tone
        path = own_gateway.home / "recordings/x/killed.wav"
        box.exchange.order(m.Record, channel=channel, path=str(path))
        await box.exchange.event(m.Recording)
        await asyncio.sleep(1.5)
        own_gateway.kill()
        wav = audio.read_wav(path)
        assert wav.duration_s == pytest.approx(1.5, abs=0.4)
        assert audio.hears_tone(wav.channel(0)[-4000:], 600)
        own_gateway.start()
        again = await Exchange.connect(own_gateway.home)
        assert again.hello.epoch > box.exchange.hello.epoch
        assert (again.hello.last_seq, again.snapshot.channels) == (0, ())
        await box.exchange.close()
        box.exchange = again


def run_gateway(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "drivers"], cwd=ROOT, env=os.environ | environment, capture_output=True, text=True,
        timeout=20, check=False,
    )


def test_what_moves_voices_goes_before_ordinary_work(own_gateway: GatewayProcess) -> None:
    assert own_gateway.process is not None
    tasks = Path(f"/proc/{own_gateway.process.pid}/task").iterdir()
    urgent = {(task / "comm").read_text().strip(): os.sched_getscheduler(int(task.name)) for task in tasks}
    assert {name for name, policy in urgent.items() if policy == os.SCHED_FIFO} == {"media", "pump"}


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        ended = run_gateway(BUSYHOUR_HOME=str(tmp_path), BUSYHOUR_GATEWAY_SIP=f"127.0.0.1:{port}")
    assert ended.returncode == 78
    assert ended.stderr.strip().splitlines()[-1] == (
        f"busyhour gateway: BUSYHOUR_GATEWAY_SIP is 127.0.0.1:{port}: Address already in use"
    )


@pytest.mark.parametrize("value", ["", "nonsense", "127.0.0.1", "127.0.0.1:99999", "localhost:5060"])
def test_a_wrong_address_is_named_with_what_would_be_right(tmp_path: Path, value: str) -> None:
    ended = run_gateway(BUSYHOUR_HOME=str(tmp_path), BUSYHOUR_GATEWAY_SIP=value)
    assert ended.returncode == 78
    assert f"BUSYHOUR_GATEWAY_SIP is {value!r}" in ended.stderr
    assert "such as 127.0.0.1:5060" in ended.stderr


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.write_text("")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ended = run_gateway(BUSYHOUR_HOME=str(home), BUSYHOUR_GATEWAY_SIP=f"127.0.0.1:{port}")
    assert ended.returncode == 78
    assert str(home) in ended.stderr.strip().splitlines()[-1]


async def test_a_second_gateway_of_one_home_does_not_start(own_gateway: GatewayProcess) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ended = await asyncio.to_thread(
        run_gateway, BUSYHOUR_HOME=str(own_gateway.home), BUSYHOUR_GATEWAY_SIP=f"127.0.0.1:{port}"
    )
    assert ended.returncode == 78
    assert "another gateway" in ended.stderr
    await (await Exchange.connect(own_gateway.home)).close()
