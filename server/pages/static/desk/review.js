// The review desk without page loads: rulings and rows are sent in the background and the next
// answer takes the place of this one. Without this script the same forms and links do the same.
const HOME = "/desk/review";
const csrf = document.querySelector("meta[name=csrf]").content;
const answer = () => document.getElementById("answer");
const tasks = () => document.getElementById("tasks");
const row = (task) => document.querySelector(`#tasks [data-task="${CSS.escape(task)}"]`);
let busy = false;
let decisions = 0; // how often the list has changed by what was decided here
let gain = null;
let ticking = 0;

// ---- fetching and swapping -------------------------------------------------------------------

async function bring(address, options = {}) {
  const headers = { "X-Part": "answer", "X-CSRF-Token": csrf, Accept: "text/html", ...options.headers };
  const reply = await fetch(address, { ...options, headers });
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  if (reply.redirected || !page.getElementById("answer")) location.assign(reply.url);
  return page.getElementById("answer");
}

function show(next, { decided = "", undone = false } = {}) {
  const before = answer();
  const task = next.dataset.task;
  // A refusal shows the same task again, so it stays in the list.
  if (decided && decided !== task) drop(decided);
  place(next, decided || before.dataset.task, undone);
  keepUndo(before, next);
  before.replaceWith(next);
  if (task) history.pushState({ task }, "", `${HOME}/${task}${location.search}`);
  settleIn(next);
}

// Looking at other rows does not take the ten seconds away.
function keepUndo(before, next) {
  const form = before.querySelector("#undo form");
  if (form && !next.querySelector("#undo form") && !next.dataset.undone) {
    next.querySelector("#undo").replaceChildren(form);
  }
}

function drop(task) {
  const line = row(task)?.closest("li");
  if (!line) return;
  line.hidden = true; // kept until the next list, so that undoing finds its place
  const count = document.getElementById("count");
  count.textContent = Math.max(0, Number(count.textContent) - 1);
}

function place(next, near, undone) {
  const task = next.dataset.task;
  document.querySelector("#tasks [aria-current]")?.removeAttribute("aria-current");
  if (!task || !tasks()) return;
  const known = row(task)?.closest("li");
  const line = known ?? next.querySelector("#line").content.firstElementChild.cloneNode(true);
  if (!known) {
    const beside = row(near)?.closest("li");
    if (beside) beside.after(line);
    else tasks().prepend(line);
  }
  if (undone && line.hidden) {
    const count = document.getElementById("count");
    count.textContent = Number(count.textContent) + 1;
  }
  line.hidden = false;
  const link = line.querySelector("a");
  link.setAttribute("aria-current", "true");
  link.scrollIntoView({ block: "nearest" });
  refill();
}

// When the list runs short, its next page is brought while the caseworker goes on.
async function refill() {
  const left = [...tasks().querySelectorAll("li:not([hidden])")].length;
  if (left > 8 || !document.getElementById("further") || refill.going) return;
  refill.going = true;
  const before = decisions;
  try {
    const reply = await fetch(`${HOME}/${answer().dataset.task}${location.search}`, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (before !== decisions) return; // the next answer asks again; this list is of before
    const fresh = page.getElementById("queue");
    // Asked for while another answer was shown, perhaps.
    fresh?.querySelector("[aria-current]")?.removeAttribute("aria-current");
    if (fresh) document.getElementById("queue").replaceWith(fresh);
    const count = page.getElementById("count");
    if (count) document.getElementById("count").textContent = count.textContent;
    row(answer().dataset.task)?.setAttribute("aria-current", "true");
  } finally {
    refill.going = false;
  }
}

function settleIn(next) {
  document.title = `${next.dataset.title} · 审核 · 听问`;
  const notice = next.querySelector(".notice")?.textContent ?? "";
  const words = next.querySelector(".said")?.textContent.replace(/\s+/g, " ") ?? "";
  document.getElementById("told").textContent = [notice, next.dataset.title, words].join(" ").trim();
  next.querySelector("#title").focus({ preventScroll: true });
  countDown(next);
  player(next);
}

async function post(form, submitter) {
  if (busy) return;
  busy = true;
  answer().setAttribute("aria-busy", "true");
  const body = new URLSearchParams(new FormData(form, submitter));
  const decided = form.id === "ruling" ? answer().dataset.task : "";
  try {
    const next = await bring(form.getAttribute("action"), { method: "POST", body });
    const undone = form.getAttribute("action").includes("/undo");
    if (undone && next) next.dataset.undone = "yes";
    decisions += 1;
    if (next) show(next, { decided, undone });
  } catch {
    // The line may have failed after the ruling arrived. Its key is the same when it is sent
    // again, so nothing is counted twice.
    document.getElementById("told").textContent = "没有发出去，请再按一次。";
    complain("没有发出去，请再按一次。");
  } finally {
    busy = false;
    answer().removeAttribute("aria-busy");
  }
}

function complain(words) {
  const said = document.createElement("p");
  said.className = "notice";
  said.setAttribute("role", "alert");
  said.textContent = words;
  answer().querySelector(".notice")?.remove();
  document.getElementById("undo").after(said);
}

async function open(link) {
  if (busy) return;
  busy = true;
  try {
    const next = await bring(link.href);
    if (next) show(next);
  } finally {
    busy = false;
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("#answer form.acts")) return;
  event.preventDefault();
  post(event.target, event.submitter);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("#tasks a[data-task]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link);
});

addEventListener("popstate", () => location.reload());

// ---- the ten seconds -------------------------------------------------------------------------

function countDown(within) {
  clearInterval(ticking);
  const left = within.querySelector("[data-left]");
  if (!left) return;
  left.dataset.until ??= performance.now() + 1000 * Number(left.dataset.left);
  const until = Number(left.dataset.until);
  ticking = setInterval(() => {
    const seconds = Math.ceil((until - performance.now()) / 1000);
    left.textContent = Math.max(0, seconds);
    if (seconds > 0) return;
    clearInterval(ticking);
    const bar = left.closest("form");
    if (bar.contains(document.activeElement)) answer().querySelector("#title").focus();
    bar.remove();
  }, 250);
}

// ---- the sound -------------------------------------------------------------------------------

function player(within) {
  const sound = within.querySelector("#sound");
  if (!sound) return;
  gain = null;
  sound.controls = false;
  for (const button of within.querySelectorAll("[data-sound]")) {
    button.hidden = false;
    button.addEventListener("click", () => turn(sound, button));
  }
  const words = [...within.querySelectorAll("#heard .word")];
  const follow = () => {
    for (const word of words) {
      const now = sound.currentTime;
      word.classList.toggle("now", !sound.ended && now >= word.dataset.start && now < word.dataset.end);
    }
    if (!sound.paused) requestAnimationFrame(follow);
  };
  sound.addEventListener("play", follow);
  for (const happening of ["ended", "pause", "seeked"]) sound.addEventListener(happening, follow);
  const play = within.querySelector("[data-sound=play]");
  const label = (word) => { play.firstChild.textContent = `${word} `; };
  sound.addEventListener("play", () => label("停"));
  for (const happening of ["ended", "pause"]) sound.addEventListener(happening, () => label("播放"));
  for (const word of words) {
    word.addEventListener("click", () => { sound.currentTime = Number(word.dataset.start); sound.play(); });
  }
}

function turn(sound, button) {
  if (button.dataset.sound === "play") {
    if (sound.paused) sound.play();
    else sound.pause();
    return;
  }
  const on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(on));
  if (button.dataset.sound === "slow") sound.playbackRate = on ? 0.7 : 1;
  else louder(sound, on);
}

function louder(sound, on) {
  if (!gain) {
    const context = new AudioContext();
    gain = context.createGain();
    context.createMediaElementSource(sound).connect(gain).connect(context.destination);
  }
  gain.gain.value = on ? 3 : 1;
}

// ---- keys ------------------------------------------------------------------------------------

const isField = (target) => target.matches("input, textarea, select");

function beside(by) {
  const links = [...document.querySelectorAll("#tasks li:not([hidden]) a")];
  const at = links.findIndex((link) => link.hasAttribute("aria-current"));
  const link = links[at < 0 ? 0 : at + by];
  if (link) open(link);
}

function inField(event) {
  const field = event.target;
  if (event.key === "Escape") answer().querySelector("#title").focus();
  else if (event.key === "Enter" && field.dataset.sends) {
    answer().querySelector(`#ruling [name=act][value=${field.dataset.sends}]`).click();
  } else if (event.key === "Enter" && field.matches("[name=choice]")) {
    answer().querySelector("#ruling [name=act][value=change]").click();
  } else return false;
  return true;
}

function toField(id) {
  const field = document.getElementById(id);
  const focused = field?.matches("fieldset") ? field.querySelector("input") : field;
  focused?.closest("details")?.setAttribute("open", "");
  focused?.focus();
  return Boolean(focused);
}

// Where all values are rows already, there is nothing to type: Tab and Enter choose one.
function toRows() {
  const first = answer().querySelector(".rows button");
  first?.focus();
  return Boolean(first);
}

function press(key) {
  const button = answer().querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button || button.hidden) return false;
  button.click();
  return true;
}

function onPage(event) {
  switch (event.key) {
    case "j": beside(1); return true;
    case "k": beside(-1); return true;
    case "e": return toField("other") || toRows();
    case "n": return toField("note");
    case "Enter": {
      if (event.target.closest("a, button, summary")) return false;
      const suggested = answer().querySelector("[data-suggested]");
      suggested?.click();
      return Boolean(suggested);
    }
  }
  if (event.key === " " && event.target.closest("button, summary, a")) return false;
  return press(event.key);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.getElementById("keys").open || event.repeat) return;
  const done = isField(event.target) ? inField(event) : onPage(event);
  if (done) event.preventDefault();
}, { capture: true });

settleIn(answer());
history.replaceState({ task: answer().dataset.task }, "", location.pathname === HOME && answer().dataset.task
  ? `${HOME}/${answer().dataset.task}${location.search}` : location.href);
