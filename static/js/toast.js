// A toast goes after ten seconds that nobody pointed at it or was in it; an error stays. What it offers stays in the top bar.
const live = document.getElementById("live");

function start(toast) {
  toast.dataset.seen = "1";
  live.textContent = toast.querySelector("p").textContent; // read aloud: the text, not the buttons
  if (toast.dataset.toast === "stays") return;
  let seconds = 10;
  const clock = setInterval(() => {
    if (!toast.matches(":hover, :focus-within") && !document.hidden) seconds -= 1;
    if (seconds > 0) return;
    clearInterval(clock);
    toast.remove();
  }, 1000);
}

const begin = () => document.querySelectorAll("[data-toast]:not([data-seen])").forEach(start);

setTimeout(begin, 100); // a live region speaks only of what changes after the page is there
document.addEventListener("htmx:afterSettle", begin);
document.addEventListener("click", (event) => event.target.closest("[data-toast] [data-close]")?.closest("[data-toast]").remove());
