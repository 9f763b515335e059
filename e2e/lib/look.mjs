// How a page looks to people: every width, light and dark, without an accessibility violation, without sideways scrolling, and readable as one document.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const WIDTHS = [360, 768, 1440];
const SCHEMES = ["light", "dark"];
// By night the colours alone are others.
const RULES = {
  light: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
  dark: { type: "rule", values: ["color-contrast", "link-in-text-block"] },
};
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Looks at the page as it is now and takes pictures; returns what is wrong with it and where. */
export async function look(page, name, pictures) {
  const wrong = new Map();
  const note = (sentence, place) => wrong.set(sentence, [...(wrong.get(sentence) ?? []), place]);
  const before = page.viewportSize();
  // Handed over by the debugger, so the page's own policy on scripts stays as strict as it is.
  await page.evaluate(axe);
  await page.evaluate(() => scrollTo(0, 0));
  (await page.evaluate(faults)).forEach((fault) => note(fault, "everywhere"));
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) note(`${over} px wider than the window`, `${width} px`);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      // The caret stays: hiding it would need the inline styles that the page's policy refuses.
      await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true, caret: "initial" });
      for (const violation of await page.evaluate(violations, RULES[colorScheme])) note(violation, `${width} px ${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize(before);
  return [...wrong].map(([sentence, places]) => ({ sentence, place: `${name} (${places.length === 6 ? "everywhere" : places.join(", ")})` }));
}

/** What the checker finds; runs in the page. */
async function violations(rules) {
  const { violations } = await globalThis.axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.any.map((check) => check.message).slice(0, 1)}`).join("; ")}${nodes.length > 3 ? ` and ${nodes.length - 3} more` : ""}`);
}

/** One h1, unique ids, references that lead somewhere; runs in the page. */
function faults() {
  const found = [];
  const headings = document.querySelectorAll("h1").length;
  if (headings !== 1) found.push(`${headings} h1`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const twice of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`the id ${twice} is there more than once`);
  for (const attribute of ["for", "aria-describedby", "aria-labelledby", "aria-controls", "commandfor", "popovertarget", "form", "list"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) if (!document.getElementById(id)) found.push(`${attribute}="${id}" leads nowhere`);
    }
  }
  for (const element of document.querySelectorAll("[style]:not(.xterm *, .xterm)")) found.push(`a style attribute: ${element.cloneNode(false).outerHTML}`);
  return found;
}

/** Walks through what can be focused by the Tab key alone; returns what is wrong. */
export async function byKeyboard(page, name, most = 80) {
  const wrong = new Set();
  await page.evaluate(() => { document.activeElement?.blur(); getSelection()?.removeAllRanges(); });
  let reached = 0;
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(focused);
    if (!focus) break;
    reached += 1;
    if (!focus.marked) wrong.add(`the focus is not to be seen on ${focus.what}`);
    if (!focus.inside) wrong.add(`the focus goes out of sight on ${focus.what}`);
  }
  if (reached === 0) wrong.add("nothing can be reached by the keyboard");
  return [...wrong].map((sentence) => ({ sentence, place: name }));
}

/** What has the focus, and whether that can be seen on it or on the label around it; runs in the page. */
function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const ring = (at) => at && ((getComputedStyle(at).outlineStyle !== "none" && parseFloat(getComputedStyle(at).outlineWidth) > 0) || getComputedStyle(at).boxShadow !== "none");
  const shown = element.closest("label.use, label.choice") ?? element;
  const { bottom, right, left } = shown.getBoundingClientRect();
  return {
    what: `${element.tagName.toLowerCase()} ${element.getAttribute("name") ?? element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 30)}`,
    marked: Boolean(ring(element) || ring(shown) || ring(element.closest(".xterm"))),
    inside: bottom > 0 && right > 0 && left < innerWidth,
  };
}
