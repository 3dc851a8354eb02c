"use strict";
// Counts down how long a trial lasts; when it is over the page is asked for anew, unless somebody is typing into it.

const bar = document.getElementById("trial-bar");
const ahead_s = Number(bar.dataset.now) - Date.now() / 1000; // this computer's clock may be wrong
const left = bar.querySelector(".left");
let typed = false;
document.addEventListener("input", () => { typed = true; });

function count() {
  const left_s = Math.max(0, Math.ceil(Number(bar.dataset.deadline) - Date.now() / 1000 - ahead_s));
  left.hidden = false;
  left.querySelector("strong").textContent = `${Math.floor(left_s / 60)}:${String(left_s % 60).padStart(2, "0")}`;
  if (left_s > 0) return;
  clearInterval(counting);
  if (!typed) setTimeout(() => location.assign(location.pathname + location.search), 1500);
}

const counting = setInterval(count, 500);
count();
