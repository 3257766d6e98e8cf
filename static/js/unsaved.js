// The bar of a <form data-unsaved> is there while a value differs from the saved one.
for (const form of document.querySelectorAll("form[data-unsaved]")) {
  const now = () => `${new URLSearchParams(new FormData(form))}`;
  const saved = now();
  const look = () => form.querySelector("[data-bar]").toggleAttribute("data-count", now() !== saved);
  form.addEventListener("input", look);
  form.addEventListener("reset", () => setTimeout(look));
}
