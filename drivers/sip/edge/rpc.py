"""Commands to the running Kamailio: JSON-RPC over its datagram socket $BUSYHOUR_HOME/run/edge.sock."""

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

from drivers.link.errors import DriverError

REPLY_BYTES = 1 << 20
LISTED = 700  # entries of a table that surely fit into one answer: Kamailio's datagrams hold 128 KiB
RELOADED_WITHIN_S = 5.0  # Kamailio refuses a second reload within the same second


class EdgeError(DriverError):
    """Kamailio refused a command, or does not answer."""

    code = "edge"


class Edge:
    """A door to one box's Kamailio; blocks up to `timeout_s` a command, so keep it off an event loop."""

    def __init__(self, home: Path, timeout_s: float = 2.0) -> None:
        self._socket = home / "run/edge.sock"
        self._timeout_s = timeout_s

    def call(self, method: str, *parameters: str | int) -> Any:
        """Return the result of an RPC command; raises EdgeError when it is refused or nobody answers."""
        request = json.dumps({"jsonrpc": "2.0", "method": method, "params": parameters, "id": 1}).encode()
        own = self._socket.with_name(f"edge-{os.getpid()}-{time.monotonic_ns()}.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            door.settimeout(self._timeout_s)
            try:
                door.bind(str(own))
                os.chmod(own, 0o600)
                door.sendto(request, str(self._socket))
                reply = json.loads(door.recv(REPLY_BYTES))
            except (OSError, ValueError) as error:
                raise EdgeError(f"Kamailio does not answer {method}: {error}") from error
            finally:
                own.unlink(missing_ok=True)
        if "error" in reply:
            raise EdgeError(f"Kamailio refused {method}: {reply['error'].get('message')}")
        return reply.get("result")

    def reload(self) -> None:
        """Put in force what subscribers.sqlite now says of trunks' addresses and settings.

        Subscribers need none: they are looked up at every request.
        """
        deadline = time.monotonic() + RELOADED_WITHIN_S
        self.call("htable.reload", "settings")
        self.call("dispatcher.reload")
        while True:
            try:
                self.call("permissions.addressReload")
                return
            except EdgeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)

    def trunks_there(self) -> dict[int, bool]:
        """Return whether each trunk that is asked, by its number in the table dispatcher, answered of late."""
        try:
            told = self.call("dispatcher.list")
        except EdgeError as error:
            if isinstance(error.__cause__, OSError | ValueError):
                raise
            return {}  # it says so where there are none
        found: dict[int, bool] = {}
        for record in told["RECORDS"]:
            targets = [target["DEST"]["FLAGS"] for target in record["SET"]["TARGETS"]]
            found[record["SET"]["ID"]] = any(flags.startswith("A") for flags in targets)
        return found

    def registered(self) -> dict[str, list[str]]:
        """Return the contacts of every registered extension, as Kamailio holds them in memory."""
        found: dict[str, list[str]] = {}
        for domain in self.call("ul.dump")["Domains"]:
            for entry in domain["Domain"]["AoRs"]:
                contacts = [contact["Contact"]["Address"] for contact in entry["Info"]["Contacts"]]
                found[entry["Info"]["AoR"]] = contacts
        return found

    def values(self, table: str) -> dict[str, str] | None:
        """Return what a table in Kamailio's memory holds; None where it holds more than one answer can tell."""
        counts = {one["name"]: one["all"] for one in self.call("htable.stats")}
        if counts[table] > LISTED:
            return None
        slots = self.call("htable.dump", table) if counts[table] else []
        return {item["name"]: str(item["value"]) for slot in slots for item in slot["slot"]}

    def floods(self) -> dict[str, float] | None:
        """Return the addresses that are not listened to for all they send, and in how many seconds that ends.

        None where there are more than one answer can tell.
        """
        try:
            told = self.call("pike.top", "HOT")
        except EdgeError as error:
            if isinstance(error.__cause__, TimeoutError):  # it could not send that much
                return None
            raise
        return {str(one["ip_addr"]): float(one["expires"]) for one in told["list"]}

    def born(self) -> str:
        """Return when this Kamailio was started, in its own words: another time tells of another life."""
        return str(self.call("core.uptime")["up_since"])

    def ban(self, address: str, since_s: int, left_s: int) -> None:
        """Go on not listening to an address, for wrong passwords, until `left_s` from now."""
        self.call("htable.setxi", "banned", address, since_s, left_s)

    def lift(self, address: str) -> bool:
        """Listen to an address again, its wrong passwords forgotten; tell whether it was banned."""
        found = False
        for table in ("banned", "failures"):
            try:
                self.call("htable.delete", table, address)
                found |= table == "banned"
            except EdgeError as error:
                if isinstance(error.__cause__, OSError | ValueError):
                    raise  # else it says that there is no such entry
        return found

    def end_calls(self) -> int:
        """End every call on both sides, and return how many: for a gateway that starts and so has none.

        A call that talks gets BYE; one that still rings is cancelled or refused. Without it telephones of a gateway
        that died would stay in their calls until the edge's next question, up to 50 seconds.
        """
        ended = 0
        for call in self.call("dlg.list") or []:
            if call["state"] in (1, 2):
                self._end_ringing(call)
            elif call["state"] in (3, 4):
                self.call("dlg.end_dlg", call["h_entry"], call["h_id"])
            ended += 1
        return ended

    def _end_ringing(self, call: dict[str, Any]) -> None:
        """Refuse the caller; Kamailio then cancels the called side by itself."""
        caller = call["caller"]
        self.call("tm.reply_callid", 503, "Gateway restarted", call["call-id"], caller["cseq"], "restart", ".")
