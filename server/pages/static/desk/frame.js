// Keys that every desk has. Everything they do can be done with Tab and Enter as well; while a
// text is being written they are letters again. A desk's own script comes after this one.
const keys = document.getElementById("keys");
const opener = document.getElementById("keys-open");
opener.hidden = false;
opener.addEventListener("click", () => keys.showModal());

const writing = (target) => target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");

function move(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.defaultPrevented || keys.open || writing(event.target)) return;
  if (event.key === "?") keys.showModal();
  else if (event.key === "/" && document.querySelector("[data-search]")) {
    document.querySelector("[data-search]").focus();
  } else if (event.key === "j" && document.querySelector("[data-row]")) move(1);
  else if (event.key === "k" && document.querySelector("[data-row]")) move(-1);
  else return;
  event.preventDefault();
});
