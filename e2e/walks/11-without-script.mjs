// The main path with JavaScript off: every act is a plain form, every state is on the page that is loaded again.

import assert from "node:assert/strict";
import { OWNER } from "./01-setup.mjs";

export async function walk({ visitor, environment, repository, waitFor }) {
  const { context, page, person } = await visitor({ javaScriptEnabled: false });
  await person.goTo("/sign-in");
  await person.fill({ email: OWNER.email, password: OWNER.password });
  await person.press("Sign in");
  await person.goTo(`${new URL(environment).pathname}/new`);
  await person.fill({ git_repository: repository.url });
  await person.press("Look at the repository");
  assert.match(await page.locator("#detected").innerText(), /1 branch/);
  await person.fill({ name: "plain" });
  await person.press("Create and deploy");
  const title = async (pattern) => {
    await page.reload();
    const now = await person.title();
    return pattern.test(now) ? now : Promise.reject(new Error(now));
  };
  await waitFor("the deployment", 90, () => title(/is live/));
  await person.press("plain", page.locator(".crumbs"));
  const application = new URL(page.url()).pathname;
  await person.goTo(`${application}/variables`);
  await person.fill({ "0.name": "GREETING", "0.value": "Plain" });
  await person.press("Save");
  await person.press("Review");
  assert.match(await page.locator("main").innerText(), /GREETING/);
  await person.press("Deploy");
  await waitFor("the second deployment", 90, () => title(/is live/));
  await person.goTo(`${application}/logs`);
  assert.match(await page.locator(".lines").innerText(), /listening on 8080/);
  await person.goTo(`${application}/settings`);
  await person.fill({ ports_exposes: "99999" });
  await person.press("Save");
  assert.equal((await person.refusedAt("ports_exposes")).typed, "99999");
  await context.close();
}
