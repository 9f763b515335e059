// The first run: the one-time address makes the owner, once, and nobody gets in without its secret; then the door opens by password.

import assert from "node:assert/strict";

export const OWNER = { name: "Ines Duarte", email: "ines@example.org", password: "sailcloth anchors twelve lanterns" };

export async function walk(world) {
  const { wharf, page, person, look, byKeyboard } = world;
  const address = await wharf.setupUrl();
  const stranger = await page.goto(address.replace(/\/setup\/.*/, "/setup/not-the-secret"));
  assert.ok([403, 404, 410].includes(stranger.status()), `a wrong secret is answered ${stranger.status()}`);
  await look("setup-refused");
  await page.goto(address);
  await look("setup");
  await byKeyboard("setup");
  await weakPassword(person, look);
  await person.fill({ password: OWNER.password });
  await person.press("Create the owner");
  assert.equal(await person.title(), "Nothing runs yet.");
  await look("overview-empty");
  await byKeyboard("overview-empty");
  const again = await page.goto(address);
  assert.ok(again.status() >= 400, `the address serves once, and is answered ${again.status()} the second time`);
  await signInAgain(world);
}

async function weakPassword(person, look) {
  await person.fill({ name: OWNER.name, email: OWNER.email, password: "1234567890" });
  await person.press("Create the owner");
  const { sentence } = await person.refusedAt("password");
  assert.ok(sentence.length > 10, `a weak password is refused without words: ${sentence}`);
  assert.equal(await person.page.locator("[name=email]").inputValue(), OWNER.email, "what was typed is kept");
  await look("setup-weak-password");
}

async function signInAgain({ page, person, look, byKeyboard }) {
  await person.goTo("/");
  await page.getByRole("button", { name: new RegExp(OWNER.name) }).click();
  await person.press("Sign out", page.locator("#me"));
  await person.goTo("/servers");
  assert.match(page.url(), /\/sign-in/, "nothing is shown to whoever is signed out");
  await look("sign-in");
  await byKeyboard("sign-in");
  await person.fill({ email: OWNER.email, password: "not the password" });
  await person.press("Sign in");
  await person.refusedAt("password");
  await look("sign-in-refused");
  await person.fill({ password: OWNER.password });
  await person.press("Sign in");
  assert.match(page.url(), /\/servers$/, "signing in goes on to where the person was");
}
