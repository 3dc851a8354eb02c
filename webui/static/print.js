// One click prints what is shown; without a script the browser's own menu does.
"use strict";
const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
