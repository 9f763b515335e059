// A variable changes: the bar says what is not live, the diff shows it, a deployment makes it live, a rollback brings the old one back, its diff shown before.

import assert from "node:assert/strict";
import { greeting } from "./02-deploy.mjs";

export async function walk(world) {
  await wrongName(world);
  await save(world);
  await discard(world);
  await save(world);
  await review(world);
  await rollback(world);
}

async function wrongName({ page, person, look, byKeyboard, application }) {
  await person.goTo(`${application}/variables`);
  await look("variables-empty");
  await person.fill({ "0.name": "2ND GREETING", "0.value": "Ahoy" });
  await page.locator("[data-unsaved][data-dirty]").waitFor();
  await person.press("Save");
  const { typed, sentence } = await person.refusedAt("0.name");
  assert.equal(typed, "2ND GREETING");
  assert.ok(sentence.length > 10);
  await look("variables-refused");
  await byKeyboard("variables-refused");
}

async function save({ page, person, look, application }) {
  await person.goTo(`${application}/variables`);
  await person.fill({ "0.name": "GREETING", "0.value": "Ahoy from the second release", "0.comment": "What the page says" });
  // The keyboard saves too.
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press("Control+s")]);
  await page.locator("#application-changes", { hasText: "1 change is not live yet." }).waitFor();
  await look("variables");
  await person.goTo(`${new URL(page.url()).pathname}?as=text`);
  assert.match(await page.locator("[name=text]").inputValue(), /GREETING=.*Ahoy from the second release/);
  await look("variables-text");
}

/** What is saved and not live is given up: the bar goes, and so does the variable. */
async function discard({ page, person, look, application }) {
  await person.goTo(`${application}/variables`);
  const dialog = await person.ask("Discard ...");
  await look("discard-dialog");
  await person.press("Go back to release 1", dialog);
  assert.equal(await page.locator("#application-changes form").count(), 0, "nothing is left that is not live");
  await person.goTo(`${application}/variables`);
  assert.equal(await page.locator("#var-GREETING").count(), 0);
}

async function review(world) {
  const { page, person, look, application, url, waitFor } = world;
  await person.goTo(application);
  await page.locator("#application-changes", { hasText: "1 change is not live yet." }).waitFor();
  await look("application-not-live");
  await person.press("Review");
  assert.match(await page.locator("main").innerText(), /GREETING/);
  await page.locator("#preview", { hasText: "Wait until it is healthy" }).waitFor();
  assert.match(await page.locator("#preview").innerText(), /Switch the routes to 1 container/, "what a deployment would do is said before it is asked for");
  await look("changes");
  assert.equal(await greeting(world), "Hello from the quay", `${url} changes with a deployment only`);
  await person.press("Deploy");
  assert.match(page.url(), /\/deployments\//);
  await person.seeTitle(/is live/, 90);
  await waitFor("the second release", 10, async () => (await greeting(world)) === "Ahoy from the second release");
  await person.goTo(application);
  await page.locator("#application-status", { hasText: /running/i }).waitFor();
  assert.equal(await page.locator("#application-changes form").count(), 0, "nothing is left that is not live");
}

/** Any two releases stand beside each other; the address keeps the choice. */
async function compare({ page, person, look, byKeyboard, application }) {
  await person.fill({ from: "1", to: "2" });
  await person.press("Compare");
  assert.match(page.url(), /compare\?from=1&to=2/);
  assert.match(await page.locator("#diff").innerText(), /\+.*variable GREETING/s);
  await look("compare");
  await byKeyboard("compare");
  await person.press("The other way round");
  assert.match(await page.locator("#diff").innerText(), /removed/);
  await person.goTo(`${application}/releases`);
}

async function rollback(world) {
  const { page, person, look, application, waitFor } = world;
  await person.goTo(`${application}/releases`);
  await look("releases");
  await compare(world);
  await person.press("Roll back ...");
  assert.match(await page.locator("#diff").innerText(), /GREETING/, "the diff is shown before the rollback");
  await look("rollback");
  const dialog = await person.ask("Roll back to release 1 ...");
  await look("rollback-dialog");
  await person.press("Roll back to release 1", dialog);
  await person.seeTitle(/Release 1 is live/, 90);
  await waitFor("the first release again", 10, async () => (await greeting(world)) === "Hello from the quay");
  await look("deployment-rolled-back");
}
