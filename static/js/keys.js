// One-key shortcuts: [data-key] is pressed or focused. Off on this device when the switch in the help says so (WCAG 2.1.4).
const help = document.getElementById("keys");
const toggle = document.getElementById("keys-on");
const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
let first = "";

toggle.checked = localStorage.getItem("keys") !== "off";
toggle.addEventListener("change", () => localStorage.setItem("keys", toggle.checked ? "on" : "off"));
for (const row of help.querySelectorAll("[data-for]")) row.hidden = !document.querySelector(row.dataset.for);

function closeMenus(but) {
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (menu !== but) {
      if (menu.contains(document.activeElement)) menu.firstElementChild.focus();
      menu.open = false;
    }
}
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

document.addEventListener("keydown", (event) => {
  const { key } = event;
  if (key === "Escape") return closeMenus();
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  // the sheet is what scrolls, also when nothing has the focus
  if (/^(Page|Home|End)/.test(key) && event.target === document.body) document.querySelector("[data-scroll]")?.focus({ preventScroll: true });
  if (!toggle.checked) return;
  if (key === "?") return help.showModal();
  const chord = first ? `${first} ${key}` : key;
  first = key === "g" ? key : "";
  const target = document.querySelector(`[data-key="${CSS.escape(chord)}"]`);
  if (!target || target.offsetParent === null) return;
  event.preventDefault();
  target.matches("input") ? target.focus() : target.click();
});
