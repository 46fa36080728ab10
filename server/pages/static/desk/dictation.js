// The clerk speaks instead of typing: the words appear in the field, to be corrected and sent.
const RATE = 16000;
const button = document.getElementById("speak");
const field = document.getElementById("words");
const told = document.getElementById("heard");
let line = null;

function say(sentence) {
  told.textContent = sentence;
}

async function begin() {
  button.disabled = true;
  let sound = null;
  try {
    sound = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } });
  } catch {
    button.disabled = false;
    return say("没有话筒可用，请允许使用话筒，或者打字。");
  }
  const context = new AudioContext({ sampleRate: RATE });
  await context.audioWorklet.addModule("/static/phone-audio.js");
  await context.resume();
  listen(sound, context);
}

function listen(sound, context) {
  const address = new URL(button.dataset.ear, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  line = { socket, sound, context, stopped: false };
  const ear = new AudioWorkletNode(context, "ear", { numberOfOutputs: 0 });
  ear.port.onmessage = ({ data }) => {
    if (socket.readyState === WebSocket.OPEN && !line?.stopped) socket.send(data.sound);
  };
  socket.onopen = () => {
    socket.send(JSON.stringify({ event: "start", rate: RATE }));
    context.createMediaStreamSource(sound).connect(ear);
    button.disabled = false;
    button.textContent = "说完了";
    say("正在听，请说。说完再按一次。");
  };
  socket.onmessage = ({ data }) => hear(JSON.parse(data));
  socket.onclose = finish;
}

function hear({ event, words, message }) {
  if (event === "error") return say(message);
  field.value = words;
  if (event !== "final") return;
  say(words ? "听到了，请看对不对，改好后按“记下”。" : "没有听到话，请再说一次，或者打字。");
  field.focus();
}

function stop() {
  line.stopped = true;
  line.socket.send(JSON.stringify({ event: "stop" }));
  button.disabled = true;
  button.textContent = "正在写出来";
}

function finish() {
  if (!line) return;
  line.sound.getTracks().forEach((track) => track.stop());
  line.context.close();
  line = null;
  button.disabled = false;
  button.textContent = "说话";
}

if (button && navigator.mediaDevices) {
  button.hidden = false;
  button.addEventListener("click", () => (line ? stop() : begin()));
  window.addEventListener("pagehide", () => line?.socket.close());
}
