// Watches an import until it ends; without this script the page can be loaded again by hand.
const bar = document.getElementById("import-far");
const state = document.getElementById("import-state");

async function look() {
  const reply = await fetch(location.pathname, { headers: { Accept: "application/json" } });
  if (!reply.ok) {
    state.textContent = "看不到进度了，请刷新。";
    return;
  }
  const { state: now, far } = await reply.json();
  if (now !== "running") {
    location.reload();
    return;
  }
  if (far !== null) bar.value = far;
  setTimeout(look, 1000);
}

look();
