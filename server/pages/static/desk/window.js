// Keys of the guided chat: choices by number, the field by w, wishes by their letters.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const field = event.target.closest("input, textarea, select");
  if (field && (field.type === "text" ? event.key !== "Escape" : !["radio", "checkbox"].includes(field.type))) return;
  if (event.key === "Escape") document.getElementById("now")?.focus();
  else if (event.key === "w") {
    event.preventDefault();
    document.getElementById("words")?.focus();
  } else if (/^[1-9a-z]$/.test(event.key)) document.querySelector(`button[data-key="${event.key}"]`)?.click();
});
// One press is one answer, however often the key repeats.
let sent = false;
document.addEventListener("submit", (event) => {
  if (!event.target.classList.contains("sends")) return;
  if (sent) event.preventDefault();
  sent = true;
});
window.addEventListener("pageshow", () => { sent = false; });
document.getElementById("now")?.focus();
