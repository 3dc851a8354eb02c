"""The exchange as a program: one thread for logic; one each that writes the journal, reads records, sees to users."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import SystemRandom

from drivers.link.address import local_addresses
from firmware.acd import check as acd
from firmware.backup import restore
from firmware.calls.link import connect
from firmware.certificate.acme import Acme
from firmware.certificate.store import Store
from firmware.clock import Clock
from firmware.config import trunks
from firmware.config.configuration import Configuration
from firmware.control.certificate import CertificateMethods
from firmware.control.server import Server
from firmware.errors import BusyhourError, Locked, NoStorage
from firmware.exchange import Exchange
from firmware.health.machine import Machine
from firmware.ivr import check as ivr
from firmware.outside.world import World
from firmware.prompts import catalogue
from firmware.proxy.runtime import Runtime
from firmware.records.database import Held, url_of
from firmware.records.records import Records
from firmware.users.users import Users

log = logging.getLogger("firmware")
LOOK_AT_WALL_S = 1.0
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
EX_CONFIG, EX_TEMPFAIL = 78, 75  # sysexits.h: starting again would not help; it may, once somebody else has let go


async def run(home: Path) -> None:
    """Run the exchange until SIGTERM or SIGINT. Raises BusyhourError when it cannot begin."""
    loop = asyncio.get_running_loop()
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    clock = Clock(loop)
    configuration = Configuration(
        home / "config",
        now=clock.now,
        wrong_with_sound=catalogue.wrong_with,
        checks=[acd.check, ivr.check, lambda config: trunks.beside_us(config, local_addresses(4) + local_addresses(6))],
    )
    with contextlib.closing(configuration):
        try:
            switched = restore.settle(home)
            if switched is not None:
                log.warning("a backup is restored; what was here before is kept in %s", home / switched.aside)
            configuration.open()
            users = Users(
                home / "users",
                clock=clock,
                working=ThreadPoolExecutor(1, "users"),
                limits=lambda: configuration.config.sign_in,
            )
            users.open()
            exchange = Exchange(
                home,
                clock=clock,
                chance=SystemRandom(),
                configuration=configuration,
                records=Records(url_of(home), ThreadPoolExecutor(1, "journal"), ThreadPoolExecutor(1, "reader")),
                users=users,
                connect=lambda: connect(home / "run" / "gateway.sock"),
                machine=Machine(home),
                outside=World(),
            )
            door = Server(home / "run" / "exchange.sock", exchange.methods, exchange.topics, users)
            await door.start()
        except OSError as error:  # such as a folder above the home that this user may not look into
            raise NoStorage(f"BUSYHOUR_HOME is {home}: {error.strerror} ({error.filename})") from error
        exchange.start()
        exchange.backups.restart = end.set
        exchange.backups.start()
        exchange.retention.start()
        watching = asyncio.create_task(keep_time(exchange))
        certificates = CertificateMethods(Store(home), Acme(home), Runtime(home), clock, exchange.records.audit)
        if switched is not None:
            await certificates.serve()
        renewing = asyncio.create_task(certificates.renew())
        gc.collect()
        gc.freeze()  # what is here now stays: the collector need not look at it again while calls wait
        log.info("the exchange runs, home %s, configuration revision %d", home, configuration.revision.number)
        await end.wait()
        log.info("the exchange ends; %d calls go on without it", len(exchange.switch.calls))
        watching.cancel()
        renewing.cancel()
        await door.close()
        await exchange.leave()


async def keep_time(exchange: Exchange) -> None:
    """Look at the machine's clock, until cancelled."""
    while True:
        await asyncio.sleep(LOOK_AT_WALL_S)
        exchange.follow(time.time())


def main() -> int:
    """Return the exit code: 0 when told to end, 78 when it cannot begin as things are, 75 when it may later."""
    level = os.environ.get("BUSYHOUR_LOG") or "INFO"
    if level not in LEVELS:
        return fail(f"BUSYHOUR_LOG is {level!r}: {', '.join(LEVELS[:-1])} or {LEVELS[-1]} is right", EX_CONFIG)
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    home = Path(os.environ.get("BUSYHOUR_HOME") or "var").resolve()
    try:
        asyncio.run(run(home))
    except (Locked, Held) as error:
        return fail(str(error), EX_TEMPFAIL)
    except BusyhourError as error:
        return fail(str(error), EX_CONFIG)
    return 0


def fail(reason: str, code: int) -> int:
    """Say in one line why there is no exchange, and return the exit code."""
    print(f"busyhour exchange: {reason}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
