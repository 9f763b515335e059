// How a page looks to people: every width, light and dark, without an accessibility violation, without sideways scrolling.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const WIDTHS = [360, 768, 1440];
const SCHEMES = ["light", "dark"];
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Looks at the page as it is now and takes pictures; returns what is wrong with it. */
export async function look(page, name, pictures) {
  const wrong = [];
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const place = `${name} at ${width} px, ${colorScheme}`;
      await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) wrong.push(`${place}: ${over} px wider than the window`);
      wrong.push(...(await violations(page)).map((violation) => `${place}: ${violation}`));
    }
  }
  await page.setViewportSize(before);
  return wrong;
}

async function violations(page) {
  // Handed over by the debugger, so the page's own policy on scripts stays as strict as it is.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map((violation) => `${violation.id}: ${violation.help} (${violation.nodes.map((node) => node.target.join(" ")).join(", ")})`);
}

/** Walks through what can be focused by the Tab key alone; returns what is wrong. */
export async function byKeyboard(page, name, most = 60) {
  const wrong = [];
  await page.evaluate(() => document.activeElement?.blur());
  const seen = new Set();
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const style = getComputedStyle(element);
      const marked = style.outlineStyle !== "none" || style.boxShadow !== "none";
      return { what: `${element.tagName.toLowerCase()} ${element.getAttribute("name") ?? element.textContent.trim().slice(0, 30)}`, marked };
    });
    if (!focus) break;
    if (!focus.marked) wrong.push(`${name}: the focus is not to be seen on ${focus.what}`);
    seen.add(focus.what);
  }
  if (seen.size === 0) wrong.push(`${name}: nothing can be reached by the keyboard`);
  return wrong;
}
