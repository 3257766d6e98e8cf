// A toast leaves after ten seconds in which nobody was on it; an error stays.
function begin() {
  for (const toast of document.querySelectorAll("[data-toast]:not([data-seen])")) {
    toast.dataset.seen = "";
    document.getElementById("live").textContent = toast.querySelector("p").textContent; // the text, not the buttons
    if (toast.dataset.toast === "stays") continue;
    let seconds = 10;
    const clock = setInterval(() => {
      if (!toast.matches(":hover, :focus-within") && !document.hidden && --seconds === 0) toast.remove();
      if (!toast.isConnected) clearInterval(clock);
    }, 1000);
  }
}

setTimeout(begin, 100); // a live region speaks only of what changes
document.addEventListener("htmx:afterSettle", begin);
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-close]")) target.closest("[data-toast]")?.remove();
});
