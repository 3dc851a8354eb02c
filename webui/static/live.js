"use strict";
// Keeps the page fresh: replaces each part when the server sends it anew (its HTML comes escaped), and lets the
// durations count between two messages. All else is plain HTML.

const main = document.getElementById("live");
const pageLost = document.getElementById("page-lost");
const pageFull = document.getElementById("page-full");
const news = document.getElementById("news");
let serverAhead_ms = Number(main.dataset.now) * 1000 - Date.now(); // this computer's clock may be wrong

function written(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function count() {
  const now_s = (Date.now() + serverAhead_ms) / 1000;
  const lost = main.querySelector("[data-lost]");
  for (const element of main.querySelectorAll("[data-since]")) {
    // While the exchange is silent only the silence itself is known to last
    const until_s = lost && !lost.contains(element) ? Number(lost.dataset.lost) : now_s;
    element.textContent = written(until_s - Number(element.dataset.since));
  }
  main.classList.toggle("stale", Boolean(lost) || !pageLost.hidden);
}

function replace({ name, html, now_s }) {
  const part = document.getElementById(`part-${name}`);
  if (!part) return;
  serverAhead_ms = now_s * 1000 - Date.now();
  part.innerHTML = html;
  const told = part.querySelector("[data-news]");
  if (told && news.textContent !== told.dataset.news) news.textContent = told.dataset.news;
  count();
}

function follow() {
  const source = new EventSource(main.dataset.stream);
  source.addEventListener("hello", (event) => {
    pageLost.hidden = pageFull.hidden = true;
    count();
    if (JSON.parse(event.data).build !== document.documentElement.dataset.build) location.reload();
  });
  source.addEventListener("part", (event) => replace(JSON.parse(event.data)));
  source.addEventListener("signed-out", () => location.reload()); // which asks to sign in again
  source.addEventListener("full", () => { pageFull.hidden = false; });
  source.addEventListener("error", () => {
    if (!pageFull.hidden) return; // the server ended it on purpose; the browser asks again later
    pageLost.hidden = false;
    count();
    if (source.readyState === EventSource.CLOSED) { // an error page: the browser itself would not try again
      source.close();
      fetch(main.dataset.stream, { method: "HEAD", redirect: "manual" })
        .then((answer) => { if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") location.reload(); })
        .catch(() => {}); // the server is gone; it is asked again below
      setTimeout(follow, 5000);
    }
  });
}

count();
setInterval(count, 1000);
follow();
