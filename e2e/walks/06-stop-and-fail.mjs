// A release that never gets healthy: nothing changes for visitors, the page says why and what to do next. Then stop and start.

import assert from "node:assert/strict";
import { join } from "node:path";
import { greeting, visited } from "./02-deploy.mjs";

export async function walk(world) {
  await unhealthy(world);
  await stopAndStart(world);
}

async function stopAndStart(world) {
  const { page, person, look, application, waitFor } = world;
  await person.goTo(application);
  await page.getByRole("button", { name: "More actions for greeter" }).click();
  await look("application-menu");
  const dialog = await person.ask("Stop ...");
  await look("stop-dialog");
  await person.press("Stop greeter", dialog);
  await person.seeTitle(/greeter was stopped/, 60);
  await waitFor("503 while it is stopped", 10, async () => (await visited(world)).status === 503);
  await person.goTo(application);
  await page.locator("#application-status", { hasText: /stopped/i }).waitFor();
  await look("application-stopped");
  await person.press("Start");
  await person.seeTitle(/greeter was started/, 60);
  await waitFor("it to answer again", 10, async () => (await greeting(world)) === "Hello from the quay");
}

async function unhealthy(world) {
  const { wharf, page, person, look, byKeyboard, environment, examples } = world;
  const { url } = await wharf.repository("unhealthy", join(examples, "unhealthy"));
  await person.goTo(`${new URL(environment).pathname}/new`);
  await person.fill({ git_repository: url, name: "a-worker-with-quite-a-long-name-indeed" });
  await person.press("Create only");
  world.unhealthy = new URL(page.url()).pathname;
  await look("application-never-deployed");
  await person.goTo(`${world.unhealthy}/settings`);
  await person.fill({ health_check_interval: "1", health_check_retries: "2", health_check_start_period: "1", health_check_timeout: "1", stop_grace_period: "2" });
  await person.press("Save");
  await person.goTo(world.unhealthy);
  await person.press("Deploy");
  await person.mark();
  await person.seeTitle(/did not go live/, 90);
  assert.ok(await person.stayed(), "a failure is told without a reload");
  await page.locator("#cause").waitFor();
  await page.locator("#cause .excerpt", { hasText: "waiting for a database that does not exist" }).waitFor();
  await look("deployment-failed");
  await byKeyboard("deployment-failed");
  await person.goTo("/");
  assert.equal(await person.title(), "One thing needs you.");
  await look("overview-attention");
}
