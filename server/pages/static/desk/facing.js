// Keeps the second screen with the clerk's, takes taps, and reads aloud by the browser's voice.
const EVERY = 800;
const shown = () => document.getElementById("shown");

function voice() {
  const voices = window.speechSynthesis?.getVoices() ?? [];
  return voices.find((one) => one.lang.replace("_", "-").toLowerCase().startsWith("zh"));
}

function offerVoice() {
  const aloud = document.getElementById("aloud");
  if (aloud) aloud.hidden = !voice();
}

function adopt(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const next = page.getElementById("shown");
  if (!next) return location.reload();
  if (next.dataset.version === shown().dataset.version) return;
  window.speechSynthesis?.cancel();
  shown().replaceWith(next);
  document.getElementById("progress").textContent = page.getElementById("progress").textContent;
  document.getElementById("spoken").textContent = document.getElementById("question").textContent;
  offerVoice();
}

async function look() {
  try {
    const version = encodeURIComponent(shown().dataset.version);
    const reply = await fetch(`/desk/window/facing/now?seen=${version}`, { headers: { accept: "text/html" } });
    if (reply.status === 200) adopt(await reply.text());
    if (reply.status === 401 || reply.status === 403) location.reload();
  } catch {
    // The line may come back; the screen keeps what it shows.
  }
  setTimeout(look, EVERY);
}

document.addEventListener("click", (event) => {
  if (event.target.id !== "aloud") return;
  const spoken = new SpeechSynthesisUtterance(document.getElementById("question").textContent);
  Object.assign(spoken, { lang: "zh-CN", rate: 0.85, voice: voice() });
  speechSynthesis.cancel();
  speechSynthesis.speak(spoken);
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

window.speechSynthesis?.addEventListener("voiceschanged", offerVoice);
offerVoice();
setTimeout(look, EVERY);
