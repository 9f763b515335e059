// The overview with applications that run: the picture of the README is this one, at 1440 px by day.

import { join } from "node:path";

export async function walk({ page, person, pictures, look, byKeyboard, unhealthy }) {
  await remove(page, person, unhealthy, "a-worker-with-quite-a-long-name-indeed", look);
  await person.goTo("/");
  await page.locator("h1", { hasText: "All is well." }).waitFor();
  await look("overview");
  await byKeyboard("overview");
  await page.screenshot({ path: join(pictures, "overview.png") });
}

/** Deletes an application: the button waits for its name. */
export async function remove(page, person, application, name, look) {
  await person.goTo(`${application}/settings`);
  const dialog = await person.ask("Delete ...");
  if (look) await look("delete-dialog");
  await dialog.locator("[name=confirm]").fill("something else");
  await dialog.getByRole("button", { name: `Delete ${name}` }).click({ force: true });
  if (!(await dialog.isVisible())) throw new Error(`${name} is deleted without its name`);
  await dialog.locator("[name=confirm]").fill(name);
  await person.press(`Delete ${name}`, dialog);
  // The page of the deletion leads on by itself once there is nothing left to show.
  await page.waitForURL((url) => url.pathname === "/deployments" || url.pathname.startsWith("/environments/"), { timeout: 30_000 });
}
