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
  for (const id of ["talk", "far", "answer"]) {
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
  for (const button of document.querySelectorAll(".sends button")) button.disabled = held;
}

// What the respondent said, as the page will show it: words, or the labels of what was tapped.
function said(form, submitter) {
  const chosen = [...form.querySelectorAll("input:checked")].map((box) => box.parentElement);
  const words = form.querySelector("#words")?.value;
  return words ?? (chosen.length ? chosen : [submitter]).map((one) => one?.textContent.trim()).join("、");
}

function bubble(kind, text) {
  const line = document.createElement("li");
  line.className = kind;
  line.textContent = text;
  return line;
}

// Until the answer is there, the talk shows what was sent and that somebody is at it.
function waiting(words) {
  const dots = bubble("said typing", "");
  for (let count = 0; count < 3; count += 1) dots.append(document.createElement("i"));
  dots.setAttribute("aria-hidden", "true");
  const shown = [bubble("mine", words), dots];
  document.getElementById("talk").append(...shown);
  dots.scrollIntoView({ block: "nearest" });
  return shown;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.classList.contains("sends")) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  tell("");
  spoken().textContent = "正在发送……";
  const shown = waiting(said(form, event.submitter));
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
  for (const line of shown) line.remove();
});
document.getElementById("now")?.scrollIntoView({ block: "center" });
