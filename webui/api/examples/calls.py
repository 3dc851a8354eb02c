"""Read the records of answered calls, page by page."""

import os

import httpx

box = httpx.Client(base_url=os.environ["BOX"], headers={"Authorization": f"Bearer {os.environ['TOKEN']}"})
address = "/api/v1/calls?outcome=answered&limit=100"
while address:
    answer = box.get(address).raise_for_status()
    for call in answer.json()["calls"]:
        print(call["call_id"], call["number"], call["talk_s"])
    address = answer.links.get("next", {}).get("url", "")
