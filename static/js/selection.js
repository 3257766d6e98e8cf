// Rows of a <form data-list="the filter">: ticks, ranges, keys. The choice survives paging, not a new filter.
const place = location.pathname;
let filter, last;
let chosen = new Set();

function list() {
  const form = document.querySelector("form[data-list]");
  if (form && form.dataset.list !== filter) {
    const [saved, ...ids] = JSON.parse(sessionStorage.getItem(place) || "[]");
    filter = form.dataset.list;
    chosen = new Set(saved === filter ? ids : []);
  }
  return form;
}
const boxes = () => [...list().querySelectorAll("[type=checkbox][name=ids]")];

function show() {
  const find = (name) => list().querySelector(`[data-${name}]`);
  const [bar, head, all] = [find("bar"), find("head"), list().elements.scope.checked];
  const here = boxes();
  const ticked = here.filter((box) => box.checked).length;
  for (const box of here) {
    chosen[box.checked ? "add" : "delete"](box.value);
    box.closest("tr").setAttribute("aria-selected", box.checked);
  }
  sessionStorage.setItem(place, JSON.stringify([filter, ...chosen]));
  head.checked = ticked && ticked === here.length;
  head.indeterminate = ticked && !head.checked;
  bar.toggleAttribute("data-count", chosen.size);
  find("selected").textContent = all ? bar.dataset.wordsAll : bar.dataset.words.replace("$n", chosen.size);
  find("all").hidden = all || !head.checked;
  const away = [...chosen].filter((id) => !here.some((box) => box.value === id));
  find("away").replaceChildren(...away.map((id) => new Option(id, id, true, true)));
}

function tick(some, checked) {
  for (const box of some) box.checked = checked;
  if (!checked) list().elements.scope.checked = false;
  show();
}

function clear() {
  chosen.clear();
  tick(boxes(), false);
}

function choose(box, range) {
  const all = boxes();
  const [from, until] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  tick(range && from >= 0 ? all.slice(from, until + 1) : [box], box.checked);
  last = box;
}

function restore() {
  if (!list()) return;
  for (const box of boxes()) box.checked ||= chosen.has(box.value);
  show();
}

document.addEventListener("click", ({ target, shiftKey }) => {
  if (!target.closest("form[data-list]")) return;
  if (target.matches("[name=ids]")) choose(target, shiftKey);
  else if (target.matches("[data-head], [name=scope]")) tick(boxes(), target.checked);
  else if (target.closest("[data-clear]")) clear();
});

// keys.js says what is a shortcut
document.addEventListener("shortcut", ({ detail: event }) => {
  if (!list()) return;
  const key = event.key.toLowerCase();
  const all = boxes();
  const at = all.findIndex((box) => box.closest("tr").contains(document.activeElement));
  const box = all[at];
  const preview = box?.closest("tr").dataset.preview;
  if (key === "j") (all[at + 1] ?? box).focus();
  else if (key === "k") (all[at - 1] ?? all[0]).focus();
  else if (key === "a") tick(all, !all.every((one) => one.checked));
  else if (key === "escape") clear();
  else if (key === "p" && preview) window.open(preview);
  else if (key === "x" && box) {
    box.checked = !box.checked;
    choose(box, event.shiftKey);
  } else if (key === "enter" && event.target === box) {
    event.preventDefault(); // the row's link, not the form
    box.closest("tr").querySelector("a").click();
  }
});

// what was confirmed in the sheet is no longer chosen
document.getElementById("dialog").addEventListener("submit", () => sessionStorage.removeItem(place));
document.addEventListener("htmx:afterSettle", restore);
restore();
