// Makes the chat live: sends in the background and speaks the next question to screen readers.
// Without this script the same form posts and comes back to the same place.
const UNSENT = "没有发出去，请再按一次。";
const spoken = () => document.getElementById("spoken");

// The anchor in the address brings pages without script to the question. Followed late, while the
// page is still arriving, it would take the focus from somebody who writes already.
history.replaceState(null, "", location.pathname);

// What is going on with the line is shown and spoken; the next question is spoken only, since it
// stands in the talk already.
function tell(state) {
  document.getElementById("state").textContent = state;
  spoken().textContent = state;
}

function adopt(page, writing) {
  for (const id of ["talk", "progress", "answer"]) {
    document.getElementById(id).replaceWith(page.getElementById(id));
  }
  const now = document.getElementById("now");
  const notice = page.querySelector(".notice");
  tell(notice?.textContent.trim() ?? "");
  spoken().textContent = [notice, now].map((one) => one?.textContent.trim() ?? "").join(" ");
  now?.scrollIntoView({ block: "center" });
  // Whoever writes goes on writing; whoever taps does not want the keyboard over the choices.
  const next = writing ? document.getElementById("words") : now;
  next?.focus({ preventScroll: true });
}

function hold(held) {
  const answer = document.getElementById("answer");
  answer.setAttribute("aria-busy", String(held));
  for (const button of answer.querySelectorAll("button")) button.disabled = held;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.classList.contains("sends")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  tell("正在发送……");
  hold(true);
  try {
    const reply = await fetch(location.pathname, { method: "POST", body });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (page.getElementById("talk")) adopt(page, form.querySelector("#words") !== null);
    else tell(page.querySelector(".notice")?.textContent ?? UNSENT);
    if (!reply.ok) hold(false);
  } catch {
    // The line may have failed after the answer arrived. The server knows the turn and takes it
    // once, so sending the same form again is safe.
    tell(UNSENT);
    hold(false);
  }
});
document.getElementById("now")?.scrollIntoView({ block: "center" });
