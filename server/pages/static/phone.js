// The telephone in a browser: asks for a line, connects microphone and loudspeaker to it.
const RATE = 16000;
const byId = (id) => document.getElementById(id);
const state = byId("phone-state");
const begin = byId("phone-begin");
const end = byId("phone-end");
const keys = byId("phone-keys");
const level = byId("phone-level");
const talk = byId("phone-talk");
const SHOWN = 3; // sentences of the talk that stay in sight, so that the buttons do too
const UNREACHED = "现在接不通，请稍后再试。";
let line = null;

function say(sentence) {
  state.textContent = sentence;
}

function show(sentence, kind) {
  const last = [...talk.querySelectorAll(".said")].at(-1);
  if (kind === "said" && last && last.textContent === sentence) return; // it goes on
  const shown = document.createElement("li");
  shown.className = kind;
  shown.textContent = kind === "mine" ? `听到：${sentence}` : sentence;
  talk.append(shown);
  while (talk.children.length > SHOWN) talk.firstElementChild.remove();
  talk.hidden = false;
}

async function ticket() {
  const whom = byId("phone-whom");
  const address = (whom || byId("main")).dataset.ring;
  const token = document.querySelector('meta[name="csrf"]');
  const answer = await fetch(address, {
    method: "POST",
    headers: token ? { "x-csrf-token": token.content } : {},
    body: whom ? new URLSearchParams(new FormData(whom)) : undefined,
    credentials: "same-origin",
  });
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  say(told.message || UNREACHED);
  return null;
}

async function microphone() {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
    });
  } catch {
    say("没有话筒可用，请允许使用话筒，或者打字回答。");
    return null;
  }
}

async function start() {
  const whom = byId("phone-whom");
  if (whom && !whom.reportValidity()) return;
  begin.disabled = true;
  talk.replaceChildren();
  say("正在接通……");
  const sound = await microphone();
  let context = null;
  try {
    const given = sound && (await ticket());
    if (given) {
      context = new AudioContext({ sampleRate: RATE });
      await context.audioWorklet.addModule("/static/phone-audio.js");
      await context.resume();
      connect(given, sound, context);
      return;
    }
  } catch {
    say(UNREACHED);
  }
  if (context) context.close();
  if (sound) sound.getTracks().forEach((track) => track.stop());
  begin.disabled = false;
}

function connect(given, sound, context) {
  const address = new URL(given.media, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  line = { socket, sound, context };
  const tell = (fields) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(fields));
  };
  line.tell = tell;
  const ear = new AudioWorkletNode(context, "ear", { numberOfOutputs: 0 });
  const mouth = new AudioWorkletNode(context, "mouth", { numberOfInputs: 0 });
  mouth.connect(context.destination);
  mouth.port.onmessage = ({ data }) => tell({ event: "mark", name: data });
  ear.port.onmessage = ({ data }) => {
    level.value = Math.round(data.level * 100);
    if (socket.readyState === WebSocket.OPEN) socket.send(data.sound);
  };
  socket.onopen = () => {
    line.open = true;
    tell({ event: "start", call: given.call, token: given.token, rate: RATE });
    context.createMediaStreamSource(sound).connect(ear);
    end.disabled = keys.disabled = false;
    say("已接通，请听问题，听完直接说。");
    end.focus();
  };
  socket.onmessage = ({ data }) => receive(data, mouth);
  socket.onclose = finish;
}

function receive(data, mouth) {
  if (typeof data !== "string") {
    mouth.port.postMessage({ sound: data }, [data]);
    return;
  }
  const { event, name, text } = JSON.parse(data);
  if (event === "mark") mouth.port.postMessage({ mark: name });
  if (event === "clear") mouth.port.postMessage({ clear: true });
  if (event === "said") show(text, "said");
  if (event === "heard") show(text, "mine");
}

function finish() {
  if (!line) return;
  const { sound, context, open } = line;
  line = null;
  sound.getTracks().forEach((track) => track.stop());
  context.close();
  level.value = 0;
  end.disabled = keys.disabled = true;
  begin.disabled = false;
  say(open ? "通话结束了。" : UNREACHED);
  begin.focus();
}

if (begin) {
  begin.addEventListener("click", start);
  end.addEventListener("click", () => {
    if (!line) return;
    line.tell({ event: "stop" });
    line.socket.close();
  });
  keys.addEventListener("click", ({ target }) => {
    if (line && target.dataset.key) line.tell({ event: "key", digit: target.dataset.key });
  });
  window.addEventListener("pagehide", () => line && line.socket.close());
}
