// From nothing to a URL that answers: a project, an application out of a real repository that is looked at first, the deployment watched as it moves.

import assert from "node:assert/strict";
import { join } from "node:path";

export async function walk(world) {
  const { wharf, person, look, byKeyboard, repositories } = world;
  await person.goTo("/projects/new");
  await look("project-new");
  await person.fill({ name: "Harbour", description: "What greets visitors" });
  await person.press("Create the project");
  world.project = person.page.url();
  await look("project-empty");
  world.repository = await wharf.repository("greeter", join(repositories, "greeter"));
  await person.press("New application");
  world.environment = person.page.url().replace(/\/new$/, "");
  await lookFirst(world);
  await byKeyboard("new-application");
  await watch(world);
}

async function lookFirst({ page, person, look, repository }) {
  await look("new-application");
  const see = () => page.getByRole("button", { name: "Look at the repository" }).click();
  await person.fill({ git_repository: `${repository.url}.nowhere` });
  await see();
  const wrong = page.locator("#look-error");
  await wrong.waitFor();
  await look("new-application-refused");
  assert.equal(await page.locator("[name=git_repository]").inputValue(), `${repository.url}.nowhere`, "what was typed is kept");
  await person.fill({ git_repository: repository.url });
  await see();
  await wrong.waitFor({ state: "detached" });
  await page.locator("#detected", { hasText: "1 branch" }).waitFor();
  assert.equal(await page.locator("[name=build_pack]").inputValue(), "dockerfile");
  assert.equal(await page.locator("[name=git_branch]").inputValue(), "main");
  await person.fill({ name: "greeter" });
  await look("new-application-found");
}

async function watch(world) {
  const { page, person, look, byKeyboard, wharf, waitFor } = world;
  await person.press("Create and deploy");
  assert.match(page.url(), /\/deployments\//);
  await person.mark();
  await page.locator("#plan .step").first().waitFor();
  await page.locator(".lines li[id^=L]").first().waitFor();
  await look("deployment-running");
  await person.seeTitle(/is live/, 90);
  assert.ok(await person.stayed(), "the page of a deployment is not loaded again while it moves");
  const lines = await person.logNumbers();
  await page.reload();
  assert.deepEqual(lines, await person.logNumbers(), "the log that came line by line is the log that is kept");
  await look("deployment-live");
  await byKeyboard("deployment-live");
  await person.press("greeter", page.locator(".crumbs"));
  await page.locator("#application-status", { hasText: /running/i }).waitFor();
  world.application = new URL(page.url()).pathname;
  world.url = await page.locator("#application-head .facts a[rel=noopener]").getAttribute("href");
  assert.ok(world.url.includes(`:${wharf.httpPort}`), `the address ${world.url} names the edge's port`);
  await waitFor("the application's address", 10, async () => (await greeting(world)) === "Hello from the quay");
  await look("application");
  await byKeyboard("application");
}

/** What a visitor of the application reads. */
export async function greeting(world) {
  return (await visited(world)).text.trim();
}

/** How the application's address answers in a browser. */
export async function visited({ context, url }) {
  const page = await context.newPage();
  try {
    const answer = await page.goto(url);
    return { status: answer.status(), text: await page.locator("body").innerText() };
  } finally {
    await page.close();
  }
}
