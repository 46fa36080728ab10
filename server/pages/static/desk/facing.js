// Keeps the second screen with the clerk's, takes taps, and reads questions aloud.
const AGAIN = 3000; // milliseconds after which a refused stream is tried once more
const shown = () => document.getElementById("shown");
const spoken = document.getElementById("spoken");
let playing = null;

function quiet() {
  window.speechSynthesis?.cancel();
  playing?.pause();
  playing = null;
}

function adopt(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const next = page.getElementById("shown");
  if (!next) return location.reload();
  if (next.dataset.version === shown().dataset.version) return;
  quiet();
  shown().replaceWith(next);
  document.getElementById("progress").textContent = page.getElementById("progress").textContent;
  spoken.textContent = document.getElementById("question").textContent;
}

// Screens come as server-sent events; the browser itself opens the stream again when it ends.
function follow() {
  const stream = new EventSource(`/desk/window/facing/stream?seen=${encodeURIComponent(shown().dataset.version)}`);
  stream.addEventListener("screen", ({ data }) => adopt(JSON.parse(data)));
  stream.onerror = () => {
    if (stream.readyState !== EventSource.CLOSED) return;
    setTimeout(look, AGAIN);
  };
}

// Where no stream is to be had: one look, and then a stream again.
async function look() {
  try {
    const version = encodeURIComponent(shown().dataset.version);
    const reply = await fetch(`/desk/window/facing/now?seen=${version}`, { headers: { accept: "text/html" } });
    if (reply.status === 401 || reply.status === 403) return location.reload();
    if (reply.status === 200) adopt(await reply.text());
  } catch {
    // The line may come back; the screen keeps what it shows.
  }
  follow();
}

function byBrowser() {
  const voices = window.speechSynthesis?.getVoices() ?? [];
  const voice = voices.find((one) => one.lang.replace("_", "-").toLowerCase().startsWith("zh"));
  if (!voice) return (spoken.textContent = "这里没有能念的声音，请听工作人员念。");
  const words = new SpeechSynthesisUtterance(document.getElementById("question").textContent);
  Object.assign(words, { lang: "zh-CN", rate: 0.85, voice });
  speechSynthesis.speak(words);
}

async function readAloud() {
  quiet();
  const sound = new Audio(`/desk/window/facing/sound?of=${encodeURIComponent(shown().dataset.version)}`);
  playing = sound;
  try {
    await sound.play();
  } catch {
    if (playing === sound) byBrowser();
  }
}

document.addEventListener("click", (event) => {
  if (event.target.id === "aloud") readAloud();
});

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target, event.submitter));
  for (const button of event.target.querySelectorAll("button")) button.disabled = true;
  try {
    const reply = await fetch("/desk/window/facing", { method: "POST", body, headers: { accept: "text/html" } });
    adopt(await reply.text());
  } finally {
    for (const button of document.querySelectorAll("#shown button")) button.disabled = false;
  }
});

follow();
