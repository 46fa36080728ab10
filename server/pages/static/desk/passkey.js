// Passkeys: adding one to the own account, and using one as the second step of signing in.
const told = document.getElementById("passkey-told");
const token = document.querySelector("meta[name=csrf]").content;

async function ask(path, body) {
  const reply = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
    body: JSON.stringify(body),
  });
  const said = await reply.json();
  if (!reply.ok) throw new Error(said.message);
  return said;
}

async function trying(work) {
  told.textContent = "";
  try {
    await work();
  } catch (error) {
    told.textContent = error.name === "Error" ? error.message : "没有用上通行密钥，请再试一次。";
  }
}

document.getElementById("passkey-add")?.addEventListener("click", () => trying(async () => {
  const options = await ask("/desk/account/passkey/options", {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = await navigator.credentials.create({ publicKey });
  await ask("/desk/account/passkey", made.toJSON());
  location.assign("/desk/account?done=passkey");
}));

document.getElementById("passkey-use")?.addEventListener("click", (event) => {
  const next = event.currentTarget.dataset.next || "/desk";
  trying(async () => {
    const options = await ask("/desk/sign-in/passkey/options", {});
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const signed = await navigator.credentials.get({ publicKey });
    await ask("/desk/sign-in/passkey", signed.toJSON());
    location.assign(next);
  });
});
