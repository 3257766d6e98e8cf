// Choosing rows in a <form data-list>: ticks, ranges, keys, and what was ticked on other pages of the same filter.
const form = document.querySelector("form[data-list]");
const store = form && `rows ${location.pathname} ${form.dataset.list}`; // data-list names the filter: a new filter, a new choice

function follow() {
  const bar = form.querySelector("[data-bar]");
  const scope = form.querySelector("[name=scope]");
  const boxes = () => [...form.querySelectorAll("[name=ids][type=checkbox]")];
  const head = () => form.querySelector("[data-head]");
  let away = new Set(JSON.parse(sessionStorage.getItem(store) || "[]")); // ticked here and on other pages
  let last = null;

  function show() {
    const here = boxes();
    for (const box of here) {
      box.closest("tr").setAttribute("aria-selected", box.checked);
      away[box.checked ? "add" : "delete"](box.value);
    }
    const ticked = here.filter((box) => box.checked).length;
    const number = away.size.toLocaleString("en").replaceAll(",", "\u202f");
    sessionStorage.setItem(store, JSON.stringify([...away]));
    if (head()) {
      head().checked = here.length > 0 && ticked === here.length;
      head().indeterminate = ticked > 0 && ticked < here.length;
    }
    if (scope.checked || away.size) bar.dataset.count = away.size;
    else delete bar.dataset.count;
    const others = away.size > ticked ? ` · ${bar.dataset.wordsAway.replace("$n", away.size - ticked)}` : "";
    bar.querySelector("[data-selected]").textContent = scope.checked ? bar.dataset.wordsAll : bar.dataset.words.replace("$n", number) + others;
    bar.querySelector("[data-all]").hidden = scope.checked || ticked < here.length;
    for (const old of form.querySelectorAll("[data-away]")) old.remove();
    const known = new Set(here.map((box) => box.value));
    for (const id of away) if (!known.has(id)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "ids", value: id }));
    for (const input of form.querySelectorAll("input[type=hidden][name=ids]")) input.dataset.away = "";
  }

  function set(list, checked) {
    for (const box of list) box.checked = checked;
    if (!checked) scope.checked = false;
    show();
  }

  function clear() {
    away = new Set();
    set(boxes(), false);
  }

  function to(box, range) {
    const all = boxes();
    const [from, until] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    set(range && from >= 0 ? all.slice(from, until + 1) : [box], box.checked);
    last = box;
  }

  function restore() {
    for (const box of boxes()) box.checked ||= away.has(box.value);
    show();
  }

  function step(by) {
    const rows = boxes().map((box) => box.closest("tr"));
    const at = rows.indexOf(form.querySelector("tr.is-current"));
    const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    rows[at]?.classList.remove("is-current");
    row?.classList.add("is-current");
    row?.querySelector("[name=ids]").focus();
  }

  form.addEventListener("click", (event) => {
    if (event.target.matches("[name=ids]")) to(event.target, event.shiftKey);
    else if (event.target.matches("[data-head]")) set(boxes(), event.target.checked);
    else if (event.target === scope) set(boxes(), true);
    else if (event.target.closest("[data-clear]")) clear();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, textarea, input:not([type=checkbox])")) return;
    if (document.querySelector("dialog[open], details.menu[open], :popover-open") || localStorage.getItem("keys") === "off") return;
    const current = form.querySelector("tr:focus-within, tr.is-current");
    const box = current?.querySelector("[name=ids]");
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "a") set(boxes(), !boxes().every((one) => one.checked));
    else if (event.key === "Escape" && bar.dataset.count) clear();
    else if (event.key.toLowerCase() === "x" && box) {
      box.checked = !box.checked;
      to(box, event.shiftKey);
    } else if (event.key === "Enter" && event.target === box) {
      event.preventDefault(); // not the form's first button
      current.querySelector("a")?.click();
    }
  });
  // what was confirmed is no longer chosen
  document.getElementById("dialog").addEventListener("submit", () => sessionStorage.removeItem(store));
  document.addEventListener("htmx:afterSettle", restore);
  restore();
}

if (form) follow();

// <form data-unsaved>: its bar is there while a value differs from what the page came with.
for (const edited of document.querySelectorAll("form[data-unsaved]")) {
  const now = () => new URLSearchParams(new FormData(edited)).toString();
  const saved = now();
  const look = () => (now() === saved ? delete edited.querySelector("[data-bar]").dataset.count : (edited.querySelector("[data-bar]").dataset.count = 1));
  edited.addEventListener("input", look);
  edited.addEventListener("reset", () => setTimeout(look));
}
