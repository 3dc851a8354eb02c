"use strict";
// A call's note: saved as it is typed, told as saved when the exchange has it on disk. What could not be saved is tried
// again until it is, also after the call at hand is another one or the page was loaded anew (sessionStorage).

window.busyhourNote = (() => {
  const PAUSE_MS = 800; // after the last key
  const LONGEST_MS = 4000; // somebody who types without a pause
  const AGAIN_MS = 2000;
  const KEPT = "busyhour-note:";
  const unsaved = new Map(); // call: its editor

  function clock(at_s, zone) { // on the box's clock, as all else on the page
    return new Date(at_s * 1000).toLocaleTimeString("en-GB", zone ? { timeZone: zone } : {});
  }

  function post(section, fields) {
    const body = new URLSearchParams({ form: section.querySelector("[name=form]").value, call: section.dataset.call, ...fields });
    return fetch(section.dataset.note, { method: "POST", body, keepalive: true, headers: { Accept: "application/json" } });
  }

  class Editor {
    constructor(section) {
      this.section = section;
      this.call = section.dataset.call;
      this.version = Number(section.dataset.version);
      this.area = section.querySelector("textarea");
      this.mark = section.querySelector("select");
      this.said = section.querySelector(".said");
      this.saved = this.area.value; // on disk, as far as we know
      this.sent = null;
      this.busy = false;
      this.conflict = false;
      const kept = sessionStorage.getItem(KEPT + this.call);
      if (kept !== null && kept !== this.saved) {
        this.area.value = kept;
        this.typed();
      } else if (kept !== null) sessionStorage.removeItem(KEPT + this.call);
      this.area.addEventListener("input", () => this.typed());
      this.area.addEventListener("blur", () => this.save());
      if (this.mark) this.mark.addEventListener("change", () => this.choose());
    }

    get dirty() { return this.area.value !== this.saved; }

    say(text, bad = false) {
      this.said.textContent = text;
      this.said.classList.toggle("wrong", bad);
    }

    typed() {
      sessionStorage.setItem(KEPT + this.call, this.area.value);
      unsaved.set(this.call, this);
      if (this.conflict) return;
      const now = Date.now();
      this.since ??= now;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), Math.max(0, Math.min(PAUSE_MS, this.since + LONGEST_MS - now)));
    }

    async save() {
      clearTimeout(this.timer);
      if (this.busy || this.conflict || !this.dirty) return;
      this.busy = true;
      this.since = undefined;
      this.sent = this.area.value;
      this.say(this.section.dataset.saving);
      let again_ms = 0;
      try {
        const answer = await post(this.section, { act: "note", text: this.sent, after: this.version });
        const told = await answer.json().catch(() => ({}));
        if (answer.ok) this.kept(told);
        else if (answer.status === 409) this.met(told);
        else if (answer.status === 503) {
          if (told.version !== undefined) this.version = told.version;
          again_ms = AGAIN_MS;
          this.say(this.section.dataset.unsaved + (told.wrong ?? ""), true);
        } else {
          this.say(this.section.dataset.refused + (told.wrong ?? answer.status), true);
          if (answer.status === 401) location.reload(); // what was typed is kept meanwhile
        }
      } catch {
        again_ms = AGAIN_MS;
        this.say(this.section.dataset.unsaved, true);
      }
      this.busy = false;
      if (again_ms) this.timer = setTimeout(() => this.save(), again_ms);
    }

    kept(told) {
      this.version = told.version;
      this.saved = this.sent;
      this.say(`${this.section.dataset.saved} ${clock(told.at_s, this.section.dataset.zone)}`);
      if (this.dirty) this.typed();
      else this.settled();
    }

    settled() {
      sessionStorage.removeItem(KEPT + this.call);
      unsaved.delete(this.call);
      tellFormer();
    }

    // Somebody else wrote meanwhile, perhaps we ourselves, when the answer was lost
    met(told) {
      this.version = told.version;
      if (told.note === this.sent || told.note === this.before) {
        this.saved = told.note;
        if (this.dirty) this.typed();
        else this.settled();
        return;
      }
      this.before = this.sent;
      this.conflict = true;
      this.say(this.section.dataset.changed, true);
      const theirs = document.createElement("q");
      theirs.textContent = told.note;
      const keep = document.createElement("button");
      const take = document.createElement("button");
      for (const [button, text] of [[keep, this.section.dataset.keep], [take, this.section.dataset.take]]) {
        button.type = "button";
        button.className = "quiet";
        button.textContent = text;
      }
      keep.addEventListener("click", () => { this.conflict = false; this.saved = told.note; this.save(); });
      take.addEventListener("click", () => {
        this.conflict = false;
        this.area.value = this.saved = told.note;
        this.say(this.section.dataset.saved);
        this.settled();
      });
      this.said.append(" ", theirs, " ", keep, " ", take);
    }

    async choose() {
      this.say(this.section.dataset.saving);
      try {
        const answer = await post(this.section, { act: "disposition", disposition: this.mark.value });
        const told = await answer.json().catch(() => ({}));
        if (answer.ok) this.say(`${this.section.dataset.saved} ${clock(told.at_s, this.section.dataset.zone)}`);
        else if (answer.status === 503) this.again(told.wrong ?? "");
        else this.say(this.section.dataset.refused + (told.wrong ?? answer.status), true);
      } catch {
        this.again("");
      }
    }

    again(why) {
      this.say(this.section.dataset.unsaved + why, true);
      setTimeout(() => this.choose(), AGAIN_MS);
    }

    // The same call as the exchange tells it now: written in another window, or by a supervisor
    take(fresh) {
      const version = Number(fresh.dataset.version);
      const text = fresh.querySelector("textarea").value;
      const mark = fresh.querySelector("select");
      if (mark && this.mark && this.mark !== document.activeElement) this.mark.value = mark.value;
      if (version <= this.version || this.busy || this.dirty) return;
      this.version = version;
      this.area.value = this.saved = text;
      this.said.replaceChildren(...fresh.querySelector(".said").childNodes);
    }
  }

  let editor = null;

  function tellFormer() {
    const former = document.getElementById("note-former");
    if (former) former.hidden = ![...unsaved.keys()].some((call) => !editor || call !== editor.call);
  }

  function attach(part) {
    const section = part.querySelector("[data-note]");
    editor = section ? new Editor(section) : null;
    tellFormer();
  }

  // What was typed for calls that are not shown any more, before the page was loaded anew
  function sendKept(form, address) {
    for (const key of Object.keys(sessionStorage).filter((key) => key.startsWith(KEPT))) {
      const call = key.slice(KEPT.length);
      if (editor && editor.call === call) continue;
      const body = new URLSearchParams({ form, call, act: "note", text: sessionStorage.getItem(key) });
      fetch(address, { method: "POST", body, headers: { Accept: "application/json" } })
        .then((answer) => { if (answer.ok || answer.status === 422 || answer.status === 403) sessionStorage.removeItem(key); })
        .catch(() => {}); // at the next load
    }
  }

  addEventListener("pagehide", () => { for (const one of unsaved.values()) one.save(); });

  const shown = document.querySelector("[data-note]");
  if (shown) attach(shown.parentElement);
  const main = document.querySelector("[data-notes]");
  if (main) sendKept(main.dataset.form, main.dataset.notes);

  return {
    show(part, html) {
      const template = document.createElement("template");
      template.innerHTML = html;
      const fresh = template.content.querySelector("[data-note]");
      if (editor && fresh && fresh.dataset.call === editor.call) {
        editor.take(fresh);
        return;
      }
      if (editor) editor.save();
      part.replaceChildren(template.content);
      attach(part);
    },
  };
})();
