// Deleting asks for the name, shows what goes, and leaves nothing behind.

import assert from "node:assert/strict";
import { remove } from "./10-overview.mjs";

export async function walk({ page, person, look, application, project, url, waitFor, wharf }) {
  await remove(page, person, application, "greeter");
  await look("deleted");
  await waitFor("its address to be gone", 30, async () => (await fetch(wharf.at(url), { headers: { host: new URL(url).host } })).status === 404);
  await person.goTo(project);
  assert.equal(await page.locator("main").getByText("greeter", { exact: true }).count(), 0, "it is on no page any more");
}
