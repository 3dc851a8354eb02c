"use strict";
// Plays what is chosen beside a button; choosing something else, or pressing again, ends it.
const sound = new Audio();
let playing = null;

function show(button, plays) {
  button.firstElementChild.textContent = plays ? "■" : "▶";
  button.lastElementChild.textContent = plays ? button.dataset.stop : button.dataset.play;
}

function end() {
  sound.pause();
  if (playing) show(playing, false);
  playing = null;
}

for (const button of document.querySelectorAll("button.play")) {
  const choice = button.parentElement.querySelector("select");
  const look = () => { button.hidden = !choice.selectedOptions[0]?.dataset.heard; };
  choice.addEventListener("change", () => { end(); look(); });
  button.addEventListener("click", () => {
    const again = playing === button;
    end();
    if (again) return;
    playing = button;
    show(button, true);
    sound.src = choice.selectedOptions[0].dataset.heard;
    sound.play().catch(end);
  });
  look();
}
sound.addEventListener("ended", end);
sound.addEventListener("error", end);
