// Domains, storage, webhooks, settings: what is wrong is said at its field and what was typed is kept; what is right waits for a deployment.

import assert from "node:assert/strict";

export async function walk(world) {
  await domains(world);
  await storage(world);
  await settings(world);
  const { page, person, look, application } = world;
  await person.goTo(`${application}/webhooks`);
  const github = page.locator("#hook-github");
  await github.locator("> summary").click();
  await person.fill({ secret: "a-long-secret-of-the-forge" }, github);
  await person.press("Set", github);
  await look("webhooks");
  await person.ask("Renew the address ...");
  await look("webhooks-renew");
}

async function domains({ page, person, look, byKeyboard, application }) {
  await person.goTo(`${application}/domains`);
  await page.locator("#addresses", { hasText: "Leads to this machine" }).waitFor();
  await look("domains");
  const added = page.locator("[name=domains]").last();
  await added.fill("https://not a domain");
  await person.press("Save");
  assert.equal(await page.locator("[name=domains]").nth(1).inputValue(), "https://not a domain", "what was typed is kept");
  assert.ok((await page.locator("#domains-error").innerText()).length > 10);
  await look("domains-refused");
  await byKeyboard("domains-refused");
  await page.locator("[name=domains]").nth(1).fill("http://a-name-that-is-rather-long-because-teams-are-proud.greeter.harbour.localhost");
  await person.press("Save");
  await page.locator("#application-changes", { hasText: "not live" }).waitFor();
  await look("domains-long");
}

async function storage({ page, person, look, application }) {
  await person.goTo(`${application}/storage`);
  await look("storage-empty");
  await person.fill({ kind: "volume", mount_path: "data", name: "greetings" });
  await person.press("Add the mount");
  assert.equal((await person.refusedAt("mount_path")).typed, "data");
  await look("storage-refused");
  await person.fill({ mount_path: "/data" });
  await person.press("Add the mount");
  await page.locator("#mounts", { hasText: "greetings" }).waitFor();
  await person.fill({ kind: "file" });
  await person.fill({ mount_path: "/etc/greeter/greetings.conf", content: "polite = yes\n" });
  await person.press("Add the mount");
  await page.locator("#mounts", { hasText: "greetings.conf" }).waitFor();
  await look("storage");
  const dialog = await person.ask("Remove ...");
  await look("storage-remove");
  await person.press("Remove the mount", dialog);
}

async function settings({ page, person, look, byKeyboard, application }) {
  await person.goTo(`${application}/settings`);
  await look("settings");
  await byKeyboard("settings");
  await page.getByLabel("Search the settings").fill("memory");
  await page.locator("[name=limits_memory]").waitFor();
  assert.equal(await page.locator("[name=ports_exposes]").isVisible(), false, "the search leaves what holds the word");
  await look("settings-searched");
  await page.getByLabel("Search the settings").fill("");
  await person.fill({ ports_exposes: "99999", description: "Greets whoever comes by" });
  await person.press("Save");
  assert.equal((await person.refusedAt("ports_exposes")).typed, "99999");
  assert.equal(await page.locator("[name=description]").first().inputValue(), "Greets whoever comes by", "what was right is kept as typed too");
  await look("settings-refused");
  await person.fill({ ports_exposes: "8080", limits_memory: "64 MB", stop_grace_period: "2" });
  await page.reload();
  assert.equal(await page.locator("[name=ports_exposes]").inputValue(), "8080", "a draft outlives a reload");
  await person.press("Save");
  await page.locator("#application-changes", { hasText: "not live" }).waitFor();
}
