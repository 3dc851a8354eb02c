"use strict";
// Shows what the chosen profile sets.
{
  const chosen = document.getElementById("profile");
  const profiles = document.querySelectorAll("[data-profile]");
  const show = () => { for (const one of profiles) one.hidden = one.dataset.profile !== chosen.value; };
  chosen.addEventListener("change", show);
  show();
}
