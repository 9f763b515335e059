// What the team has: shared variables, keys, registries, tokens; and the person's own sessions.

import assert from "node:assert/strict";
import { OWNER } from "./01-setup.mjs";

export async function walk(world) {
  const { page, person, look, project, environment } = world;
  await tokens(world);
  await keys(world);
  await registries(world);
  await sessions(world);
  await account(world);
  await person.goTo("/variables");
  await look("shared-empty");
  await person.fill({ "0.name": "REGION", "0.value": "north", "0.hidden": true });
  await person.press("Save");
  await page.locator("#var-REGION").waitFor();
  await look("shared");
  await person.goTo(project);
  await look("project");
  await person.goTo(environment);
  await look("environment");
  const missing = await page.goto(`${new URL(project).origin}/applications/aaaaaaaaaaaaaaaaaaaaaaaa`);
  assert.equal(missing.status(), 404);
  await look("not-found");
}

async function tokens({ page, person, look, byKeyboard }) {
  await person.goTo("/tokens");
  await look("tokens-empty");
  await byKeyboard("tokens-empty");
  await person.fill({ name: "pipeline" });
  await page.locator("[name=abilities][value=deploy]").check();
  await person.press("Create the token");
  assert.match(await page.locator("#fresh").innerText() + (await page.locator("#fresh input").first().inputValue().catch(() => "")), /\d+\|\S{20,}/);
  await look("tokens");
  const dialog = await person.ask("Revoke ...");
  await look("tokens-revoke");
  await person.press("Revoke the token", dialog);
}

async function keys({ page, person, look }) {
  await person.goTo("/keys");
  await look("keys-empty");
  await person.fill({ name: "quay", private_key: "not a key" });
  await person.press("Add the key");
  const { typed } = await person.refusedAt("private_key");
  assert.equal(typed, "", "what is secret is not sent back");
  assert.equal(await page.locator("[name=name]").inputValue(), "quay");
  await look("keys-refused");
  await person.fill({ private_key: "" });
  await person.press("Add the key");
  await page.locator("#key-rows", { hasText: "ssh-ed25519" }).waitFor();
  await look("keys");
}

async function registries({ page, person, look }) {
  await person.goTo("/registries");
  await look("registries-empty");
  await person.fill({ host: "not a host", username: "ines", password: "rope and canvas" });
  await person.press("Keep the credential");
  assert.equal((await person.refusedAt("host")).typed, "not a host");
  await look("registries-refused");
  await person.fill({ host: "registry.example.org:5000", password: "rope and canvas" });
  await person.press("Keep the credential");
  await page.locator("main", { hasText: "registry.example.org:5000" }).waitFor();
  await look("registries");
}

/** The person's own name, address and password: what is wrong comes back at its field, and the old address still opens the door in the end. */
async function account({ page, person, look, byKeyboard }) {
  await person.goTo("/account");
  await byKeyboard("account");
  const [you, secret] = [page.locator("#you"), page.locator("#password-card")];
  await person.fill({ name: "Ines Duarte Reis", email: "reis@example.org" }, you);
  await person.press("Save", you);
  const refused = you.locator("[name=current_password]");
  assert.equal(await refused.getAttribute("aria-invalid"), "true");
  assert.ok(await refused.evaluate((field) => field === document.activeElement), "the field that is wrong has the focus");
  assert.equal(await you.locator("[name=email]").inputValue(), "reis@example.org", "what was typed is kept");
  await look("account-refused");
  await person.fill({ email: OWNER.email }, you);
  await person.press("Save", you);
  assert.equal(await person.title(), "Ines Duarte Reis");
  await person.fill({ current_password: "not the password", password: OWNER.password }, secret);
  await person.press("Change the password", secret);
  assert.equal(await secret.locator("[name=current_password]").getAttribute("aria-invalid"), "true");
  await person.fill({ name: OWNER.name }, you);
  await person.press("Save", you);
}

/** A second browser signs in; ending its session shuts it out. */
async function sessions({ page, person, look, visitor }) {
  const other = await visitor({ userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" });
  await other.person.goTo("/sign-in");
  await other.person.fill({ email: OWNER.email, password: OWNER.password });
  await other.person.press("Sign in");
  await person.goTo("/account");
  await page.locator("main tr", { hasText: "Firefox" }).waitFor();
  await look("account");
  const dialog = await person.ask("End ...", page.locator("main tr", { hasText: "Firefox" }));
  await look("account-end");
  await person.press("End the session", dialog);
  await other.person.goTo("/");
  assert.match(other.page.url(), /\/sign-in/, "an ended session is shut out at once");
  await other.context.close();
}
