// Keys of the guided chat: choices by number, the field by w, wishes by their letters.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const field = event.target.closest("input, textarea, select");
  if (field && (field.type === "text" ? event.key !== "Escape" : !["radio", "checkbox"].includes(field.type))) return;
  if (event.key === "Escape") document.getElementById("now")?.focus();
  else if (event.key === "w") {
    event.preventDefault();
    document.getElementById("words")?.focus();
  } else if (/^[1-9a-z]$/.test(event.key)) document.querySelector(`[data-key="${event.key}"]`)?.click();
  else if (event.key === "Enter" && !event.repeat && !event.target.closest("a, button, input, summary")) {
    const next = document.querySelector("[data-key=Enter]");
    if (!next?.matches(".choices button") || document.querySelector(".choices :checked")) next?.click();
  }
});

// What is tapped on the second screen shows here by itself, but takes nothing from under the hands
// of whoever is writing, ticking or listening; they are told.
const mine = document.querySelector(".counter").dataset.version;
const person = (version) => version.split("-")[0];
const isBusy = () => Boolean(document.getElementById("words")?.value)
  || Boolean(document.querySelector(".talking :checked, #photo :checked"))
  || document.getElementById("speak")?.textContent.trim() === "说完了";

const stream = new EventSource(`/desk/window/facing/stream?seen=${encodeURIComponent(mine)}`);
stream.addEventListener("screen", ({ lastEventId }) => {
  if (sent || lastEventId === mine || person(lastEventId) !== person(mine)) return;
  if (isBusy()) tellOfAnswer();
  else location.replace(location.pathname);
});

function tellOfAnswer() {
  if (document.getElementById("answered")) return;
  const said = document.createElement("p");
  said.id = "answered";
  said.className = "notice";
  said.setAttribute("role", "alert");
  const link = document.createElement("a");
  link.href = location.pathname;
  link.textContent = "看现在问的";
  said.append("来人在大字屏上答了，问题已经往下走了。", link);
  document.querySelector("h1").after(said);
}

// One press is one answer, however often the key repeats.
let sent = false;
document.addEventListener("submit", (event) => {
  if (!event.target.classList.contains("sends")) return;
  if (sent) event.preventDefault();
  sent = true;
});
window.addEventListener("pageshow", () => { sent = false; });
document.getElementById("now")?.focus();
