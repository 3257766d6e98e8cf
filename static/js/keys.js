// Shortcuts: [data-key] is pressed or focused, the rest goes to selection.js. data-off: WCAG 2.1.4.
const help = document.getElementById("keys");
let first = ""; // g of "g i"

for (const row of help.querySelectorAll("[data-for]")) row.hidden = !document.querySelector(row.dataset.for);

function closeMenus(but) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== but && menu.contains(document.activeElement)) menu.firstElementChild.focus();
    menu.open = menu === but;
  }
}
document.addEventListener("click", ({ target }) => closeMenus(target.closest("details.menu")));

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key === "Escape" && document.querySelector("details.menu[open]")) return closeMenus();
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open], :popover-open")) return;
  if (target.matches("select, textarea, input:not([type=checkbox], [type=radio])")) return;
  // the sheet scrolls without the focus too
  if (/^(Page|Home|End)/.test(key) && target === document.body) document.querySelector("[data-scroll]")?.focus();
  if ("off" in help.dataset) return;
  if (key === "?") return help.showPopover();
  const button = document.querySelector(`[data-key="${CSS.escape(first + key)}"]`);
  first = key === "g" ? "g " : "";
  if (button?.checkVisibility()) {
    event.preventDefault();
    button.focus();
    if (!button.matches("input")) button.click();
  } else document.dispatchEvent(new CustomEvent("shortcut", { detail: event }));
});
