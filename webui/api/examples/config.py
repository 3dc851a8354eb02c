"""Change one thing of the configuration."""

import os

import httpx

box = httpx.Client(base_url=os.environ["BOX"], headers={"Authorization": f"Bearer {os.environ['TOKEN']}"})
read = box.get("/api/v1/config").raise_for_status()
config = read.json()["config"]
config["box"]["name"] = "Mingde"
written = box.put(
    "/api/v1/config",
    params={"why": "another name"},
    json=config,
    headers={"If-Match": read.headers["ETag"]},  # refused with 412 if somebody else was quicker
)
if written.status_code == 422:
    for problem in written.json()["problems"]:
        print(problem["path"], problem["rule"])
print("revision", written.raise_for_status().json()["revision"]["number"])
