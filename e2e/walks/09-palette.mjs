// The palette, by keyboard only: `/` and Ctrl K open it, arrows choose, Enter goes, Escape closes and gives the focus back.

import assert from "node:assert/strict";

export async function walk({ page, person, look }) {
  await person.goTo("/");
  await page.locator("#palette").waitFor({ state: "attached" });
  await page.keyboard.press("/");
  await page.locator("#palette[open]").waitFor();
  await page.keyboard.type("greet");
  await page.locator("#palette-list li", { hasText: "greeter" }).first().waitFor();
  await look("palette");
  await page.keyboard.press("Escape");
  await page.locator("#palette:not([open])").waitFor({ state: "attached" });
  await page.keyboard.press("Control+k");
  await page.locator("#palette[open]").waitFor();
  await page.keyboard.type("greet");
  const wanted = page.locator("#palette-list li", { hasText: "Variables of greeter" });
  await wanted.waitFor();
  const reached = () => wanted.evaluate((choice) => choice.contains(document.activeElement));
  for (let step = 0; step < 12 && !(await reached()); step += 1) await page.keyboard.press("ArrowDown");
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press("Enter")]);
  assert.match(page.url(), /\/applications\/\w+\/variables/);
  await acts(page);
  await page.locator("[name='0.name']").focus();
  await page.keyboard.press("/");
  assert.equal(await page.locator("#palette[open]").count(), 0, "/ in a field is a character");
  await person.goTo("/search?q=greet");
  await look("search");
}

/** A name leads to what has it; a verb before it comes first, to be done. */
async function acts(page) {
  const first = page.locator("#palette-list li").first();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("greeter");
  await first.filter({ hasText: /^greeter/ }).waitFor();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("restart greeter");
  await first.filter({ hasText: /^Restart greeter/ }).waitFor();
  await page.keyboard.press("Escape");
}
