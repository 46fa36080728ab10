// Follows a call through the carrier. Nothing is recorded here: what is heard only leads to a
// suggestion, which the caller takes with Enter. Without this script the page works by its forms.
const STILL = 400; // milliseconds in which Enter does nothing after a suggestion has changed
let socket = null;
let asked = ""; // the words that the suggestion on the page rests on
let busy = false;
let missed = null; // what was told last while the page was being fetched anew

const live = () => document.getElementById("live");
const field = () => document.getElementById("words");

function isTyping() {
  const at = document.activeElement;
  if (!at?.matches("input:not([type=checkbox]), textarea, select")) return false;
  return at.id !== "words" || at.value !== asked;
}

function follow() {
  const panel = live();
  if (!panel || panel.dataset.phase === "over" || socket) return;
  const address = new URL(panel.dataset.address, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  socket.addEventListener("message", (event) => take(JSON.parse(event.data)));
  socket.addEventListener("close", (event) => {
    socket = null;
    if (event.code === 4001) location.assign("/desk/calls?done=" + encodeURIComponent(event.reason));
    else setTimeout(follow, 1000);
  });
}

function take(told) {
  const panel = live();
  if (!panel) return;
  show(told.lines);
  if (busy) missed = told;
  else if (told.phase !== panel.dataset.phase || told.turn !== page().turn) {
    if (isTyping()) document.getElementById("live-words").textContent = told.words;
    else fresh({});
  } else if (told.said && told.said !== asked && !isTyping()) {
    fresh({ words: told.said });
  }
}

function page() {
  const calls = document.querySelector(".calls");
  return { turn: Number(calls.dataset.turn), item: calls.dataset.item };
}

function show(lines) {
  const list = document.getElementById("live-lines");
  list.hidden = lines.length === 0;
  list.replaceChildren(...lines.map((one) => {
    const line = document.createElement("li");
    line.className = one.side;
    if (!one.final) line.dataset.goingOn = "";
    const who = document.createElement("span");
    who.className = "quiet";
    who.textContent = one.who;
    line.append(who, ` ${one.words}`);
    return line;
  }));
}

// Fetches the page anew, with the suggestion that `words` lead to, and puts its parts in place.
async function fresh({ words = "" }) {
  if (busy) return;
  busy = true;
  const { item } = page();
  const address = location.pathname.replace(/\/(suggest|answer)$/, "");
  try {
    const answer = words
      ? await fetch(`${address}/suggest`, {
        method: "POST",
        headers: { "x-csrf-token": document.querySelector('meta[name="csrf"]').content },
        body: new URLSearchParams({ words, item }),
      })
      : await fetch(item ? `${address}?item=${encodeURIComponent(item)}` : address);
    if (!answer.ok) return;
    put(new DOMParser().parseFromString(await answer.text(), "text/html"), words);
  } finally {
    busy = false;
    const told = missed;
    missed = null;
    if (told) take(told);
  }
}

function put(made, words) {
  if (!made.querySelector(".calls")) {
    if (!socket) location.assign("/desk/calls"); // else its end tells with what result
    return;
  }
  if (isTyping()) return;
  const before = document.querySelector(".calls");
  const after = document.importNode(made.querySelector(".calls"), true);
  const open = [...before.querySelectorAll("details")].map((one) => one.open);
  before.replaceWith(after);
  if (open.length === after.querySelectorAll("details").length) {
    after.querySelectorAll("details").forEach((one, index) => { one.open = open[index]; });
  }
  asked = field()?.value ?? "";
  document.dispatchEvent(new CustomEvent("calls:changed", { detail: { still: words ? STILL : 0 } }));
  const suggested = after.querySelector("[data-suggested]");
  document.getElementById("told").textContent =
    suggested ? `建议：${suggested.querySelector(".value").firstChild.textContent.trim()}` : "";
  follow();
}

asked = field()?.value ?? "";
follow();
