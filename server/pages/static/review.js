// Keys for the review list. Everything they do can be done with Tab and Enter as well; while a
// text is being written they are letters again.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches('input[type="text"], textarea, select')) return;
  const wanted = document.querySelector(`.verdict [data-key="${CSS.escape(event.key)}"]`);
  if (wanted?.matches("input")) wanted.click();
  else if (wanted && event.key !== "Enter") wanted.click();
  else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else return;
  event.preventDefault();
});

function step(by) {
  const links = [...document.querySelectorAll(".queue a")];
  const at = links.findIndex((link) => link.hasAttribute("aria-current"));
  links[at + by]?.click();
}
