// <form data-dialog>, <button data-dialog> and <a data-dialog> open their answer in the one dialog of the page.
// Without script they are plain forms and links to the same URL. Focus goes back by itself when the dialog closes.
const dialog = document.getElementById("dialog");

const load = (verb, url, source, values) =>
  htmx.ajax(verb, url, { source, target: dialog, swap: "innerHTML", values });

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !(form.matches("[data-dialog]") || submitter?.matches("[data-dialog]"))) return;
  event.preventDefault();
  const busy = submitter || form;
  if (busy.ariaBusy === "true") return;
  busy.ariaBusy = "true";
  const action = submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href;
  const values = submitter?.name ? { [submitter.name]: submitter.value } : {};
  load(form.method, action, form, values).finally(() => (busy.ariaBusy = null));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    load("get", link.href, link);
  }
  const closer = event.target.closest("dialog [data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open).showModal();
  if (event.target.matches("dialog")) event.target.close(); // a click on the scrim
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== dialog) return;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[data-focus], [autofocus], select, input:not([type=hidden])")?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && dialog.open) dialog.querySelector("form")?.requestSubmit();
});

document.querySelector("[data-focus]")?.focus(); // the error summary of a whole page
