// Keys of the callers' desk. Everything they do is a form or link that works without this script.
const timer = document.getElementById("timer");
const part = (id) => document.getElementById(id); // parts of the page may be put in place anew
let places = null; // the digits of a result so far, or null outside of it
let stillUntil = 0; // until then Enter does nothing, because what it would take has just changed

if (timer) {
  const begun = Date.now() - 1000 * Number(timer.dataset.seconds);
  const tick = () => {
    const seconds = Math.floor((Date.now() - begun) / 1000);
    timer.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  tick();
  setInterval(tick, 1000);
}

// Only the times of the chosen day are shown; without a script all days are listed.
function narrow() {
  const day = part("day");
  const clock = part("clock");
  for (const group of clock.querySelectorAll("optgroup")) {
    group.hidden = group.dataset.day !== day.value;
    group.disabled = group.hidden;
  }
  if (clock.selectedOptions[0]?.parentElement.hidden !== false) {
    const free = [...clock.querySelectorAll("optgroup:not([hidden]) option:not([disabled])")][0];
    if (free) free.selected = true;
  }
}
document.addEventListener("change", (event) => { if (event.target.id === "day") narrow(); });
if (part("day") && part("clock")) narrow();

function focusOn(id) {
  const field = document.getElementById(id);
  field?.focus();
  field?.select?.();
  return Boolean(field);
}

function startResult() {
  if (!part("outcome")) return false;
  places = "";
  document.getElementById("result").scrollIntoView();
  document.getElementById("result-title").focus();
  tell();
  return true;
}

function tell() {
  const typed = part("typed");
  typed.textContent = places ? `已按 ${places}，再按一个数字；Esc 取消。` : "按两个数字记结果；Esc 取消。";
  document.getElementById("told").textContent = typed.textContent;
}

function inResult(key) {
  if (key === "Escape") {
    places = null;
    part("typed").textContent = part("answer") ? "按 o，再按两个数字。" : "按两个数字。";
    focusOn("now");
    return true;
  }
  if (!/^[0-9]$/.test(key)) return false;
  places += key;
  if (places.length < 2) { tell(); return true; }
  const button = part("outcome").querySelector(`[data-place="${places}"]`);
  places = "";
  if (button) button.click();
  else tell();
  return true;
}

function press(key) {
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!found) return false;
  if (found.matches("summary")) found.parentElement.open = !found.parentElement.open;
  else found.click();
  return true;
}

function onPage(event) {
  switch (event.key) {
    case "w": return focusOn("words");
    case "e": return focusOn("other");
    case "m": return focusOn("note");
    case "a": return focusOn("day");
    case "o": return startResult();
    case "Enter": {
      if (Date.now() < stillUntil) return true;
      if (event.target.closest("a, button, summary")) return false;
      const suggested = part("answer")?.querySelector("[data-suggested]");
      if (suggested) { suggested.click(); return true; }
      return press("Enter");
    }
  }
  // Digits are answers while somebody is asked; of somebody who is not, they are the result.
  if (/^[0-9]$/.test(event.key) && !part("answer")) return startResult() && inResult(event.key);
  return press(event.key);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (document.getElementById("keys").open) return;
  const field = event.target.matches("input:not([type=checkbox]), textarea, select");
  let done = false;
  if (field && event.key === "Escape") done = focusOn("now");
  else if (field && event.key === "Enter" && event.target.matches("[data-sends]")) {
    document.getElementById("fill").click();
    done = true;
  } else if (!field) done = (places !== null && inResult(event.key)) || onPage(event);
  if (done) event.preventDefault();
}, { capture: true });

document.addEventListener("click", (event) => {
  if (!event.target.closest('a[href="#result"]')) return;
  event.preventDefault();
  startResult();
});

function settle() {
  const focused = document.querySelector("[data-suggested]") ?? part("now");
  focused?.focus({ preventScroll: true });
}

document.addEventListener("calls:changed", (event) => {
  stillUntil = Date.now() + event.detail.still;
  if (part("day") && part("clock")) narrow();
  if (places === null) settle();
});
settle();
