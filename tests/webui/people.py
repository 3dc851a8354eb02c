"""Users of an exchange, and their passwords."""

from firmware.control.client import Client
from tests.firmware.control.door import DoorThread

PASSWORD = "correct horse battery"


class People:
    """Makes users by the exchange's door, as its owner does from the box."""

    def __init__(self, door: DoorThread) -> None:
        self._door = door

    def newcomer(self, name: str, role: str = "viewer") -> str:
        """Return the one-time password of a new user."""
        agent = "201" if role == "agent" else ""
        with Client(self._door.door.path) as client:
            given: str = client.call("user.add", name=name, role=role, agent=agent, language="en")["password"]
        return given

    def settled(self, name: str, role: str = "viewer") -> str:
        """Return the token of a new user who has chosen PASSWORD."""
        token = self.sign_in(name, self.newcomer(name, role))
        with Client(self._door.door.path) as client:
            client.call("session.resume", token=token)
            chosen: str = client.call("own.password", password=PASSWORD)["token"]
        return chosen

    def sign_in(self, name: str, password: str = PASSWORD) -> str:
        """Return the token of a new session."""
        with Client(self._door.door.path) as client:
            token: str = client.call("session.open", name=name, password=password, address="192.0.2.7")["token"]
        return token

    def signed_in(self, role: str) -> str:
        """Return the token of the user who is there for a role."""
        names = [user.name for user in self._door.door.users.all()]
        return self.sign_in(f"a-{role}") if f"a-{role}" in names else self.settled(f"a-{role}", role)

    def exchange(self) -> Client:
        """Return a connection with all rights."""
        return Client(self._door.door.path)
