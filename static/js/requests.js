// htmx: no polling in hidden tabs, and a row to try again where an answer did not come.
const polls = (event) => /\bevery\b/.test(event.detail.elt.getAttribute("hx-trigger") || "");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && polls(event)) event.preventDefault();
});

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"])
  document.addEventListener(name, (event) => {
    const { requestConfig, target } = event.detail;
    if (polls(event) || !target) return; // the next poll is the next try
    const row = document.getElementById("retry").content.firstElementChild.cloneNode(true);
    row.querySelector("button").addEventListener("click", () => {
      row.remove();
      htmx.ajax(requestConfig.verb, requestConfig.path, {
        source: requestConfig.elt, target, values: requestConfig.formData, swap: target.id === "dialog" ? "innerHTML" : undefined,
      });
    });
    target.querySelector(":scope > .retry")?.remove();
    target.prepend(row);
    if (target.id === "dialog" && !target.open) target.showModal();
    row.querySelector("button").focus();
  });
