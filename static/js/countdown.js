// m:ss to data-leaves-at by the server's clock (data-now), every second; spoken only at one minute and at the end.
const skews = new WeakMap(); // ms by which the server's clock is ahead
const live = document.getElementById("live");

function left(element) {
  if (!skews.has(element)) skews.set(element, element.dataset.now ? Date.parse(element.dataset.now) - Date.now() : 0);
  return Math.max(0, Math.round((Date.parse(element.dataset.leavesAt) - Date.now() - skews.get(element)) / 1000));
}

function tick() {
  for (const element of document.querySelectorAll("[data-leaves-at]")) {
    const seconds = left(element);
    const two = (number) => String(number).padStart(2, "0");
    const minutes = Math.floor(seconds / 60);
    element.textContent =
      minutes < 60 ? `${minutes}:${two(seconds % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
    const ring = element.closest(".outgoing")?.querySelector("[data-ring]");
    ring?.lastElementChild.setAttribute("stroke-dashoffset", 100 - Math.min(100, (100 * seconds) / ring.dataset.ring));
    const word = seconds === 60 ? element.dataset.sayMinute : seconds === 0 ? element.dataset.sayEnd : "";
    if (word && element.dataset.said !== word) live.textContent = element.dataset.said = word;
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSettle", tick);
