"use strict";
// Keeps the page fresh: replaces each part when the server sends it anew (its HTML comes escaped), lets the durations
// count between two messages, and sends what a button asks for without leaving the page. All else is plain HTML.

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
  for (const element of main.querySelectorAll("[data-until]")) element.textContent = written(Number(element.dataset.until) - now_s);
  main.classList.toggle("stale", Boolean(lost) || !pageLost.hidden);
}

function replace({ name, html, now_s }) {
  const part = document.getElementById(`part-${name}`);
  if (!part) return;
  serverAhead_ms = now_s * 1000 - Date.now();
  if (name === "note") window.busyhourNote.show(part, html);
  else {
    const open = [...part.querySelectorAll("details[open][data-key]")].map((details) => details.dataset.key);
    part.innerHTML = html;
    for (const key of open) part.querySelector(`details[data-key="${CSS.escape(key)}"]`)?.setAttribute("open", "");
  }
  const told = part.querySelector("[data-news]");
  if (told && news.textContent !== told.dataset.news) news.textContent = told.dataset.news;
  count();
}

// ---- buttons ---------------------------------------------------------------------------------------------------------

const wrong = document.getElementById("act-wrong");

function tell(text) {
  wrong.textContent = text;
  wrong.hidden = !text;
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  if (!body.has("form")) body.set("form", main.dataset.form); // parts drawn for everybody do not know whose they are
  button.disabled = true;
  tell("");
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.status === 401) location.reload();
    else if (!answer.ok) tell((await answer.json()).wrong);
    else if ("clear" in form.dataset) form.reset();
  } catch {
    tell(pageLost.textContent);
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("quiet" in form.dataset)) return;
  event.preventDefault();
  const button = event.submitter;
  const dialog = document.getElementById("sure");
  if (!dialog || !button.dataset.sure) {
    send(form, button);
    return;
  }
  dialog.querySelector("p").textContent = button.dataset.sure;
  dialog.querySelector("button[value=yes]").textContent = button.textContent;
  dialog.onclose = () => { if (dialog.returnValue === "yes") send(form, button); };
  dialog.returnValue = "";
  dialog.showModal();
  dialog.querySelector("[value=no]").focus(); // whoever presses Enter too early changes nothing
});

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
