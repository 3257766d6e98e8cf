// m:ss to data-leaves-at by the server's clock; spoken only at one minute and at the end.
const skews = new WeakMap(); // ms by which the server's clock is ahead

function tick() {
  for (const element of document.querySelectorAll("[data-leaves-at]")) {
    const { leavesAt, now, said, sayMinute, sayEnd } = element.dataset;
    if (!skews.has(element)) skews.set(element, now ? Date.parse(now) - Date.now() : 0);
    const seconds = Math.max(0, Math.round((Date.parse(leavesAt) - Date.now() - skews.get(element)) / 1000));
    element.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const ring = element.closest("form")?.querySelector("[data-ring]");
    ring?.lastElementChild.setAttribute("stroke-dashoffset", 100 - Math.min(100, (100 * seconds) / ring.dataset.ring));
    const say = { 60: sayMinute, 0: sayEnd }[seconds];
    if (say && say !== said) document.getElementById("live").textContent = element.dataset.said = say;
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSettle", tick);
