// A file that is too large is refused before it is sent; the exchange would refuse it after.
"use strict";
const file = document.querySelector("input[type=file][data-most]");
if (file) {
  file.addEventListener("change", () => {
    const large = file.files.length && file.files[0].size > Number(file.dataset.most);
    file.setCustomValidity(large ? file.dataset.wrong : "");
    file.reportValidity();
  });
}
