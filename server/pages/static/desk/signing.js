// Two pads to sign on by finger, pen or mouse; whoever does not draw types instead.
const form = document.getElementById("signing");

function way(pad) {
  return form.querySelector(`input[name="${pad.dataset.way}"]:checked`)?.value;
}

function arrange() {
  for (const pad of form.querySelectorAll(".pad")) pad.hidden = way(pad) !== "drawn";
}

function prepare(pad) {
  const canvas = pad.querySelector("canvas");
  const ink = canvas.getContext("2d");
  Object.assign(ink, { lineWidth: 4, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
  let drawing = false;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * (canvas.width / box.width), (event.clientY - box.top) * (canvas.height / box.height)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    ink.beginPath();
    ink.moveTo(...at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    ink.lineTo(...at(event));
    ink.stroke();
    pad.dataset.drawn = "1";
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { drawing = false; });
  pad.querySelector("button").addEventListener("click", () => {
    ink.clearRect(0, 0, canvas.width, canvas.height);
    delete pad.dataset.drawn;
  });
}

if (form) {
  for (const pad of form.querySelectorAll(".pad")) prepare(pad);
  form.addEventListener("change", arrange);
  form.addEventListener("submit", () => {
    for (const pad of form.querySelectorAll(".pad")) {
      const drawn = way(pad) === "drawn" && pad.dataset.drawn;
      form.elements[pad.dataset.field].value = drawn ? pad.querySelector("canvas").toDataURL("image/png") : "";
    }
  });
  arrange();
}
