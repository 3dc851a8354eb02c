"""Follow events, and go on after a break."""

import json
import os
import time

import httpx

headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
while True:
    try:
        with httpx.stream(
            "GET", f"{os.environ['BOX']}/api/v1/events?kinds=call.*,agent.state", headers=headers, timeout=30
        ) as stream:
            for line in stream.raise_for_status().iter_lines():
                if line.startswith("id: "):
                    headers["Last-Event-ID"] = line[4:]  # after a break the stream goes on behind it
                if line.startswith("data: "):
                    print(json.loads(line[6:]), flush=True)
    except httpx.TransportError as error:
        print("once more:", error)
    time.sleep(2)
