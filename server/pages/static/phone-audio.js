// Both ends of the line inside the audio thread: what the microphone hears, what is played.

const PIECE = 320; // 20 ms at 16 kHz

class Ear extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Int16Array(PIECE);
    this.length = 0;
    this.loudest = 0;
  }

  process(inputs) {
    const heard = inputs[0][0];
    if (!heard) return true;
    for (const sample of heard) {
      const whole = Math.max(-1, Math.min(1, sample));
      this.loudest = Math.max(this.loudest, Math.abs(whole));
      this.piece[this.length++] = whole * 32767;
      if (this.length === PIECE) this.send();
    }
    return true;
  }

  send() {
    const sound = this.piece.buffer;
    this.port.postMessage({ sound, level: this.loudest }, [sound]);
    this.piece = new Int16Array(PIECE);
    this.length = 0;
    this.loudest = 0;
  }
}

class Mouth extends AudioWorkletProcessor {
  constructor() {
    super();
    this.waiting = []; // sound and marks, in order
    this.place = 0;
    this.port.onmessage = ({ data }) => {
      if (data.clear) this.clear();
      else if (data.sound) this.waiting.push(new Int16Array(data.sound));
      else if (data.mark) this.waiting.push(data.mark);
    };
  }

  clear() {
    for (const one of this.waiting) if (typeof one === "string") this.port.postMessage(one);
    this.waiting = [];
    this.place = 0;
  }

  process(_inputs, outputs) {
    const played = outputs[0][0];
    let at = 0;
    while (this.waiting.length) {
      const next = this.waiting[0];
      if (typeof next === "string") {
        this.port.postMessage(next);
      } else {
        while (at < played.length && this.place < next.length) {
          played[at++] = next[this.place++] / 32768;
        }
        if (this.place < next.length) break;
        this.place = 0;
      }
      this.waiting.shift();
    }
    for (const other of outputs[0].slice(1)) other.set(played);
    return true;
  }
}

registerProcessor("ear", Ear);
registerProcessor("mouth", Mouth);
