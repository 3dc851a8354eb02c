"use strict";
// Draws a recording's two sides as waves, and plays it: seek by mouse or keys, speed, each side to be heard or not.
// The sound itself is the <audio> element's, which asks for the file piece by piece; without this script it plays too.

const STEP_S = 5;
const GAP = 1; // between two bars

function written(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

class Player {
  constructor(box) {
    this.box = box;
    this.find = (name) => box.querySelector(name);
    this.audio = this.find("audio");
    this.wave = this.find(".wave");
    this.canvas = this.find("canvas");
    this.wrong = this.find(".player-wrong");
    this.seconds = 0;
    this.sides = [[], []];
    this.audio.removeAttribute("controls");
    this.find(".player-parts").hidden = false;
    this.listen();
    fetch(box.dataset.peaks)
      .then((answer) => { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
      .then((told) => { this.seconds = told.seconds; this.sides = [told.left, told.right]; this.draw(); })
      .catch(() => this.fail());
  }

  listen() {
    const audio = this.audio;
    this.find(".play").addEventListener("click", () => this.toggle());
    this.find(".speed").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });
    for (const box of this.box.querySelectorAll(".hear")) box.addEventListener("change", () => this.hear());
    for (const name of ["timeupdate", "seeked", "durationchange", "play", "pause", "ended"]) {
      audio.addEventListener(name, () => this.show());
    }
    audio.addEventListener("playing", () => { this.wrong.hidden = true; this.follow(); });
    audio.addEventListener("error", () => this.fail());
    this.wave.addEventListener("pointerdown", (event) => {
      this.wave.setPointerCapture(event.pointerId);
      this.seekTo(event);
    });
    this.wave.addEventListener("pointermove", (event) => { if (event.buttons) this.seekTo(event); });
    this.wave.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.wave);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  get length() {
    return this.seconds || (Number.isFinite(this.audio.duration) ? this.audio.duration : 0);
  }

  toggle() {
    if (!this.audio.paused) { this.audio.pause(); return; }
    this.hear();
    this.audio.play().catch(() => this.fail());
  }

  // Each side has a valve of its own; they are made when first played, since browsers let no page sound before a click
  hear() {
    if (!this.valves) {
      const context = new AudioContext();
      const split = context.createChannelSplitter(2);
      const join = context.createChannelMerger(2);
      context.createMediaElementSource(this.audio).connect(split);
      this.valves = [0, 1].map((side) => {
        const valve = context.createGain();
        split.connect(valve, side);
        valve.connect(join, 0, side);
        return valve;
      });
      join.connect(context.destination);
      this.context = context;
    }
    this.context.resume();
    for (const box of this.box.querySelectorAll(".hear")) this.valves[box.dataset.side].gain.value = box.checked ? 1 : 0;
    this.draw();
  }

  go(seconds) {
    const wanted = Math.min(Math.max(0, seconds), this.length);
    if (this.audio.readyState) { this.audio.currentTime = wanted; return; }
    this.audio.addEventListener("loadedmetadata", () => { this.audio.currentTime = wanted; }, { once: true });
    this.audio.load();
  }

  seekTo(event) {
    const place = this.wave.getBoundingClientRect();
    this.go(((event.clientX - place.left) / place.width) * this.length);
  }

  key(event) {
    const acts = {
      " ": () => this.toggle(), ArrowLeft: () => this.go(this.audio.currentTime - STEP_S),
      ArrowRight: () => this.go(this.audio.currentTime + STEP_S), Home: () => this.go(0), End: () => this.go(this.length),
      1: () => this.find('[data-side="0"]').click(), 2: () => this.find('[data-side="1"]').click(),
    };
    if (!(event.key in acts) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    acts[event.key]();
  }

  follow() {
    this.show();
    if (!this.audio.paused && !this.audio.ended) requestAnimationFrame(() => this.follow());
  }

  show() {
    const play = this.find(".play");
    play.textContent = this.audio.paused ? play.dataset.play : play.dataset.pause;
    this.find(".at").textContent = `${written(this.audio.currentTime)} / ${written(this.length)}`;
    this.wave.setAttribute("aria-valuemax", Math.round(this.length));
    this.wave.setAttribute("aria-valuenow", Math.round(this.audio.currentTime));
    this.wave.setAttribute("aria-valuetext", written(this.audio.currentTime));
    this.draw();
  }

  draw() {
    const { clientWidth: wide, clientHeight: high } = this.canvas;
    const scale = devicePixelRatio || 1;
    if (!wide) return;
    if (this.canvas.width !== Math.round(wide * scale)) this.canvas.width = Math.round(wide * scale);
    if (this.canvas.height !== Math.round(high * scale)) this.canvas.height = Math.round(high * scale);
    const pen = this.canvas.getContext("2d");
    const colours = getComputedStyle(this.wave);
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, wide, high);
    const played = this.length ? (this.audio.currentTime / this.length) * wide : 0;
    const bars = Math.max(1, Math.floor(wide / 3));
    this.sides.forEach((side, number) => {
      const muted = !this.box.querySelector(`[data-side="${number}"]`).checked;
      const middle = (high / 4) * (2 * number + 1);
      for (let bar = 0; bar < bars && side.length; bar += 1) {
        const from = Math.floor((bar / bars) * side.length);
        const to = Math.max(from + 1, Math.floor(((bar + 1) / bars) * side.length));
        const loud = Math.max(...side.slice(from, to)) / 100;
        const tall = Math.max(1, Math.sqrt(loud) * (high / 2 - 4)); // the root: quiet speech is to be seen too
        const x = (bar / bars) * wide;
        pen.globalAlpha = muted ? 0.25 : 1;
        pen.fillStyle = colours.getPropertyValue(x < played ? "--wave-played" : number ? "--wave-right" : "--wave-left");
        pen.fillRect(x, middle - tall / 2, wide / bars - GAP, tall);
      }
    });
    pen.globalAlpha = 1;
    pen.fillStyle = colours.color;
    pen.fillRect(Math.min(played, wide - 2), 0, 2, high);
    this.wave.dataset.drawn = String(this.sides[0].length);
  }

  fail() {
    this.wrong.textContent = this.box.dataset.wrong;
    this.wrong.hidden = false;
  }
}

for (const box of document.querySelectorAll(".player")) new Player(box).show();
