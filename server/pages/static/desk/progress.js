// Shows the numbers of now on a page that stands open; without it they are those of when it was
// opened. Only what has changed is put in place, so that nobody loses where they are.
const EVERY = 30000; // milliseconds

const cells = (part) => [...part.querySelectorAll("th, td, div > dd")];
const same = (one, other) => one.innerHTML === other.innerHTML && one.className === other.className;

function put(part, anew) {
  const [old, fresh] = [cells(part), cells(anew)];
  const names = (some) => some.filter((one) => one.matches("th")).map((one) => one.textContent).join("\n");
  if (!old.length || old.length !== fresh.length || names(old) !== names(fresh)) {
    const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.replaceChildren(...anew.childNodes);
    if (focused) part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    return;
  }
  old.forEach((cell, number) => {
    if (same(cell, fresh[number])) return;
    cell.replaceChildren(...fresh[number].childNodes);
    cell.parentElement.className = fresh[number].parentElement.className;
  });
}

async function look() {
  if (document.hidden) return;
  const answer = await fetch(`/desk/progress/now${location.search}`).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-now]")) {
    const anew = page.querySelector(`[data-now="${part.dataset.now}"]`);
    if (anew && !same(part, anew)) put(part, anew);
  }
}

setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
