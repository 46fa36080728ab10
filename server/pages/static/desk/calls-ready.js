// Looks whether a call of the machine is offered to a caller who is ready. Without this script the
// telephone rings all the same, and the button 「回到这一位」 leads to the person.
const LOOK = 1500; // milliseconds
const panel = document.getElementById("ready");

async function look() {
  const answer = await fetch("/desk/calls/offered");
  if (!answer.ok || answer.redirected) { location.reload(); return; } // signed out, maybe
  const told = await answer.json();
  if (told.state === "taken") location.assign(`/desk/calls/${told.case}#now`);
  else if (told.state !== panel.dataset.state) {
    const missed = panel.dataset.state === "ringing" && told.state === "off";
    location.assign(missed ? "/desk/calls?done=missed" : "/desk/calls");
  } else setTimeout(look, LOOK);
}

if (panel && panel.dataset.state !== "off") setTimeout(look, LOOK);
