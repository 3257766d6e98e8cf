// htmx: no polling in hidden tabs, and a row to try again.
const polls = ({ detail }) => /\bevery\b/.test(detail.elt.getAttribute("hx-trigger"));

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && polls(event)) event.preventDefault();
});

function offer(event) {
  const { requestConfig, target } = event.detail;
  if (polls(event) || !target) return;
  const row = document.getElementById("retry").content.firstElementChild.cloneNode(true);
  const button = row.querySelector("button");
  button.addEventListener("click", () => {
    row.remove();
    const { verb, path, elt: source, formData: values } = requestConfig;
    htmx.ajax(verb, path, { source, target, values });
  });
  target.querySelector(":scope > .retry")?.remove();
  target.prepend(row);
  if (target.id === "dialog" && !target.open) target.showModal();
  button.focus();
}
for (const name of ["responseError", "sendError", "timeout"]) document.addEventListener(`htmx:${name}`, offer);
