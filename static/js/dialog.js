// What data-dialog sends opens its answer in the one dialog; without script it is a plain form to the same URL.
const dialog = document.getElementById("dialog");

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !(submitter ?? form).closest("[data-dialog]")) return;
  event.preventDefault();
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  const url = submitter?.getAttribute("formaction") || form.getAttribute("action");
  const values = submitter?.name && { [submitter.name]: submitter.value };
  htmx.ajax(form.method, url, { source: form, target: dialog, values }).finally(() => (form.ariaBusy = null));
});

document.addEventListener("click", (event) => {
  const closer = event.target.closest("dialog [data-close]");
  if (closer) event.preventDefault(); // it is a link where there is no script
  if (closer || event.target === dialog) dialog.close(); // outside its content the dialog is its scrim
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== dialog) return;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[autofocus]")?.focus();
});

// On its select, where the sheet begins, Enter is enough
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !dialog.open || !(event.ctrlKey || event.target.matches("select:not(:open)"))) return;
  event.preventDefault();
  dialog.querySelector(".button--primary")?.click();
});
