// Keeps whoever is at work signed in: writing and reading count, though no page is asked for. Who
// does nothing is told before the sitting ends, and stays with any key; nobody is signed out in
// the middle of a word. After the eight hours there is only a word of warning.
const EVERY = 5; // seconds between two looks
const REPORT = 60; // seconds between two reports that somebody is there
const BEFORE = { still: 90, over: 300 }; // seconds before the end in which somebody is told

const dialog = document.getElementById("still");
const part = (name) => document.getElementById(`still-${name}`);
const csrf = document.querySelector("meta[name=csrf]").content;
const title = document.title;
let ends = Date.now() + 1000 * Number(document.querySelector("meta[name=sitting]").content);
let longer = true; // whether being here makes it longer
let acted = false;
let reported = Date.now();
let known = false; // whether the end of the eight hours has been read

const left = () => Math.max(0, Math.ceil((ends - Date.now()) / 1000));

async function ask(method) {
  const reply = await fetch("/desk/sitting", { method, headers: { "x-csrf-token": csrf } }).catch(() => null);
  if (reply?.status === 401) leave();
  if (!reply?.ok) return; // the line may come back
  const told = await reply.json();
  ends = Date.now() + 1000 * told.left;
  longer = told.longer;
}

// What stands on the page is not for whoever comes by next.
function leave() {
  location.assign(`/desk/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

async function report() {
  acted = false;
  reported = Date.now();
  await ask("POST");
}

const isNear = () => left() <= (longer ? BEFORE.still : BEFORE.over) && !(known && !longer);

async function look() {
  if (acted && !dialog.open && Date.now() - reported >= 1000 * REPORT) await report();
  else if (isNear() || left() === 0) await ask("GET");
  if (isNear()) warn();
  else if (dialog.open) close();
}

function warn() {
  part("title").textContent = longer ? "您还在吗" : "登录快满八小时了";
  part("here").textContent = longer ? "我还在" : "知道了";
  part("words").textContent = longer
    ? `很久没有动过了，${left()} 秒后自动退出登录，没存下的会丢。按任意键接着做。`
    : `${Math.ceil(left() / 60)} 分钟后要重新登录一次，请先把手上的做完、存下。`;
  document.title = `${part("title").textContent} · ${title}`;
  if (!dialog.open) dialog.showModal();
}

function close() {
  dialog.close();
  document.title = title;
}

function stay() {
  known = !longer;
  close();
  report();
}

// On the window, so that no desk takes the key for one of its own.
addEventListener("keydown", (event) => {
  if (!dialog.open) { acted = true; return; }
  event.stopImmediatePropagation();
  if (["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  event.preventDefault();
  stay();
}, { capture: true });

for (const kind of ["pointerdown", "wheel", "touchmove", "input"]) {
  addEventListener(kind, () => { acted = true; }, { capture: true, passive: true });
}
part("here").addEventListener("click", stay);

setInterval(look, 1000 * EVERY);
