// What runs is seen: logs as they are written, a terminal that answers, figures of use, the lists of deployments and of what happened.

import assert from "node:assert/strict";
import { greeting } from "./02-deploy.mjs";

export async function walk(world) {
  const { page, person, look, byKeyboard, application } = world;
  await logs(world);
  await terminal(world);
  await person.goTo(application);
  await page.locator("#application-usage", { hasText: /\d [KM]B/ }).waitFor();
  await person.goTo(`${application}/deployments`);
  await look("deployments-of-application");
  for (const [name, path] of [["deployments", "/deployments"], ["activity", "/activity"], ["servers", "/servers"], ["projects", "/projects"]]) {
    await person.goTo(path);
    await look(name);
  }
  await page.locator("main a.row, main .rows a").first().waitFor();
  await person.goTo("/servers");
  await page.locator("main a", { hasText: "localhost" }).first().click();
  await page.locator("h1", { hasText: "localhost" }).waitFor();
  await look("server");
  await byKeyboard("server");
}

async function logs(world) {
  const { page, person, look, byKeyboard, application } = world;
  await person.goTo(`${application}/logs`);
  await page.locator(".lines", { hasText: "listening on 8080 in production" }).waitFor();
  await page.locator("[id^=L].err", { hasText: "no database is set" }).waitFor();
  await person.mark();
  const before = (await person.logNumbers()).length;
  await greeting(world);
  await page.waitForFunction((count) => document.querySelectorAll(".lines li[id^=L]").length > count, before);
  assert.ok(await person.stayed(), "log lines come without a reload");
  await page.locator("[data-stream-filter]").selectOption("err");
  assert.equal(await page.locator("[id^=L]:not(.err):visible").count(), 0, "the filter leaves standard error alone");
  await page.locator("[data-stream-filter]").selectOption("");
  await times(page);
  await look("logs");
  await byKeyboard("logs");
}

/** Times are those of the viewer's zone, and can be switched off; the choice outlives a reload. */
async function times(page) {
  const first = page.locator("[id^=L] time").first();
  const [shown, here] = await first.evaluate((time) => {
    const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
    return [time.textContent, clock.format(new Date(time.dateTime))];
  });
  assert.equal(shown, here);
  await page.locator("[data-times]").uncheck();
  assert.equal(await first.isVisible(), false);
  await page.reload();
  assert.equal(await page.locator("[data-times]").isChecked(), false, "the choice is kept");
  await page.locator("[data-times]").check();
  await first.waitFor();
}

async function terminal({ page, person, look, application }) {
  await person.goTo(`${application}/terminal`);
  await page.locator("#terminal-status", { hasText: "Connected" }).waitFor();
  await page.locator(".xterm-helper-textarea").focus();
  await page.keyboard.type("ls /site\n");
  await page.locator("#terminal", { hasText: "index.html" }).waitFor();
  await look("terminal");
  await page.locator(".xterm-helper-textarea").focus();
  await page.keyboard.press("Shift+Escape");
  assert.equal(await page.evaluate(() => document.activeElement.closest(".xterm")), null, "the keyboard leaves the terminal");
}
