// The first run: the one-time address opens a form that works, looks right and can be reached by the keyboard; without the secret nobody gets in.

import assert from "node:assert/strict";

export async function walk({ wharf, page, look, byKeyboard }) {
  const address = await wharf.setupUrl();
  const stranger = await page.goto(address.replace(/\/setup\/.*/, "/setup/not-the-secret"));
  assert.ok([403, 404, 410].includes(stranger.status()), `a wrong secret is answered ${stranger.status()}`);
  await page.goto(address);
  await look("setup");
  await byKeyboard("setup");
}
