// A tab that sleeps while a deployment writes its log comes back without losing a line; a deployment that runs is cancelled and leaves nothing.

import assert from "node:assert/strict";
import { Line } from "../lib/line.mjs";

const LINES_COUNT = 400;
// No cache knows it, so that it is built and talks.
const TALKS = `FROM busybox:latest
RUN echo "keel of ${Date.now()}"; for n in $(seq 1 ${LINES_COUNT}); do echo "plank $n is laid"; sleep 0.02; done
CMD ["httpd", "-f", "-p", "8080"]
EXPOSE 8080
`;

export async function walk(world) {
  const { page, person, look, environment } = world;
  await person.goTo(`${new URL(environment).pathname}/new?source=image`);
  await look("new-image");
  await page.locator(".choice", { hasText: "Paste one" }).click();
  await person.fill({ dockerfile: TALKS, name: "planks" });
  await look("new-dockerfile");
  await person.press("Create and deploy");
  await sleep(world);
  await cancel(world);
}

async function sleep(world) {
  const { wharf, page, person, look, waitFor } = world;
  const line = await Line.to(wharf.port);
  await person.goTo(line.url + new URL(page.url()).pathname);
  await person.mark();
  const last = () => page.evaluate(() => Number([...document.querySelectorAll(".lines li[id^=L]")].at(-1)?.textContent.match(/plank (\d+)/)?.[1] ?? 0));
  await waitFor("the build to talk", 60, async () => (await last()) > 20);
  line.cut();
  await page.locator("#live-note", { hasText: "Not live since" }).waitFor();
  const asleep = await last();
  await look("deployment-offline");
  line.mend();
  await page.locator("#live-note").waitFor({ state: "hidden", timeout: 30_000 });
  await page.locator(".lines", { hasText: `plank ${LINES_COUNT} is laid` }).waitFor({ timeout: 60_000 });
  assert.ok(asleep < LINES_COUNT, "it slept while lines were written");
  assert.ok(await person.stayed(), "the page was not loaded again");
  const seen = await person.logNumbers();
  const missing = seen.filter((number, at) => at > 0 && number !== seen[at - 1] + 1);
  assert.deepEqual(missing, [], "every line is there once, in order");
  const said = await page.locator(".lines li[id^=L]").allTextContents();
  for (let plank = 1; plank <= LINES_COUNT; plank += 1) assert.ok(said.some((words) => words.includes(`plank ${plank} is laid`)), `plank ${plank} is missing`);
  await person.seeTitle(/is live/, 60);
  await person.goTo(new URL(page.url()).pathname);
  line.close();
}

async function cancel(world) {
  const { page, person, look } = world;
  await person.press("planks", page.locator(".crumbs"));
  world.planks = new URL(page.url()).pathname;
  await page.getByRole("button", { name: "More actions for planks" }).click();
  await person.press("Deploy without cache");
  await page.locator(".lines", { hasText: "plank 5 is laid" }).waitFor({ timeout: 60_000 });
  const dialog = await person.ask("Cancel ...");
  await look("cancel-dialog");
  await person.press("Cancel the deployment", dialog);
  await person.seeTitle(/was cancelled/, 30);
  await page.locator("#log-state", { hasText: "Ended" }).waitFor();
  await look("deployment-cancelled");
}
