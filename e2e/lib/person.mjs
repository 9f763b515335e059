// What a person does at a page, named as people name it.

import assert from "node:assert/strict";

export class Person {
  constructor(page, wharf) {
    this.page = page;
    this.wharf = wharf;
  }

  /** Goes to a page of Wharf that must be there. */
  async goTo(path) {
    const answer = await this.page.goto(path.startsWith("http") ? path : this.wharf.url + path);
    assert.ok(answer.status() < 400, `${path} is answered ${answer.status()}`);
  }

  /** Presses the button or the link of this name, and waits until the page that follows is there. */
  async press(name, within = this.page.locator("main")) {
    const target = within.getByRole("button", { name, exact: true }).or(within.getByRole("link", { name, exact: true })).first();
    await Promise.all([this.page.waitForNavigation({ waitUntil: "load" }), target.click()]);
  }

  /** Opens the dialog of this button and returns it. */
  async ask(name, within = this.page.locator("main")) {
    await within.getByRole("button", { name, exact: true }).first().click();
    const dialog = this.page.locator("dialog[open]");
    await dialog.waitFor();
    return dialog;
  }

  /** Fills a form: by field name, a text, or whether a box is checked. */
  async fill(fields, within = this.page.locator("main")) {
    for (const [name, value] of Object.entries(fields)) {
      const field = within.locator(`[name="${name}"]:not([type=hidden]):not([disabled])`).first();
      const kind = await field.evaluate((element) => (element.tagName === "SELECT" ? "select" : element.type));
      if (kind === "select") await field.selectOption(value);
      else if (kind === "checkbox" || kind === "radio") await field.setChecked(value, { force: true });
      else await field.fill(value);
    }
  }

  /** What is said at the field that was refused; that field has the focus. */
  async refusedAt(name) {
    const field = this.page.locator(`main [name="${name}"]:not([type=hidden])`).first();
    assert.equal(await field.getAttribute("aria-invalid"), "true", `${name} is not marked as wrong at ${this.page.url()}`);
    const described = await field.getAttribute("aria-describedby");
    return { typed: await field.inputValue(), sentence: (await this.page.locator(`[id="${described}"]`).innerText()).trim() };
  }

  /** The page's own sentence. */
  async title() {
    return (await this.page.locator("h1").innerText()).trim();
  }

  /** Waits until the title reads like this, without going anywhere. */
  async seeTitle(pattern, seconds = 60) {
    await this.page.locator("h1", { hasText: pattern }).waitFor({ timeout: seconds * 1000 });
  }

  /** Marks the page, so that it shows whether it was loaded again. */
  async mark() {
    await this.page.evaluate(() => { globalThis.stayed = true; });
  }

  async stayed() {
    return this.page.evaluate(() => globalThis.stayed === true);
  }

  /** The numbers of the log's lines that are on the page. */
  async logNumbers() {
    return this.page.locator(".lines li[id^=L]").evaluateAll((lines) => lines.map((line) => Number(line.id.slice(1))));
  }
}
