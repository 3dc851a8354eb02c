"use strict";
// Tells what is on trial as soon as it begins or ends, wherever that was done, and counts down how long it lasts. What a
// page of the settings shows is asked for anew when another revision is in force, unless somebody is typing into it.

const bar = document.getElementById("part-bar");
let ahead_s = Number(bar.dataset.now) - Date.now() / 1000; // this computer's clock may be wrong
let typed = false;
let source = null;
let told = revision();
document.addEventListener("input", () => { typed = true; });

function revision() { return Number(bar.querySelector("[data-revision]").dataset.revision); }

function count() {
  const trial = document.getElementById("trial-bar");
  if (!trial) return;
  const left_s = Math.max(0, Math.ceil(Number(trial.dataset.deadline) - Date.now() / 1000 - ahead_s));
  const left = trial.querySelector(".left");
  left.hidden = false;
  left.querySelector("strong").textContent = `${Math.floor(left_s / 60)}:${String(left_s % 60).padStart(2, "0")}`;
}

function replace({ html, now_s }) {
  const was = bar.innerHTML;
  ahead_s = now_s - Date.now() / 1000;
  bar.innerHTML = html;
  if (revision() < told) bar.innerHTML = was; // what was drawn before this page was
  else if (revision() > told) {
    told = revision();
    if ("shows" in bar.dataset && !typed) location.assign(location.pathname + location.search);
  }
  count();
}

// Nobody sees a page in the background, and a browser has few connections to spare
function follow() {
  if (document.hidden && source) { source.close(); source = null; }
  if (document.hidden || source) return;
  source = new EventSource(bar.dataset.stream);
  source.addEventListener("part", (event) => replace(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return; // the browser asks again by itself
    source = null;
    setTimeout(follow, 5000);
  });
}

document.addEventListener("visibilitychange", follow);
setInterval(count, 500);
count();
follow();
