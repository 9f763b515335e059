// Deleting asks for the name, shows what goes, and leaves nothing behind.

import assert from "node:assert/strict";
import { visited } from "./02-deploy.mjs";
import { remove } from "./10-overview.mjs";

export async function walk(world) {
  const { page, person, look, application, project, waitFor } = world;
  await remove(page, person, application, "greeter");
  await look("deleted");
  await waitFor("its address to be gone", 30, async () => (await visited(world)).status === 404);
  await person.goTo(project);
  assert.equal(await page.locator("main").getByText("greeter", { exact: true }).count(), 0, "it is on no page any more");
}
