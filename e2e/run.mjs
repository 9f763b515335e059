// Runs every walk in `walks/` in order, in one browser, against one Wharf. A walk exports `walk(world)`; what is wrong with a page is collected, not thrown.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { byKeyboard, look } from "./lib/look.mjs";
import { Person } from "./lib/person.mjs";
import { Wharf, waitFor } from "./lib/wharf.mjs";

const { WHARF_BINARY: binary, BROWSER: browserName = "chromium", PICTURES: pictures = "pictures", EXAMPLES: examples } = process.env;
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  // Applications answer under names below localhost.
  "--host-resolver-rules=MAP *.localhost 127.0.0.1",
];
const DESK = { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" };
const MOST_SECONDS = 360;

/** Collects what a page complains of in its console, and answers that should not be. A page may be refused: the walk asserts that; what a page needs may not. */
function listen(page, wrong) {
  page.on("console", (message) => {
    const network = message.text().startsWith("Failed to load resource") || message.text().includes("net::ERR_");
    if (message.type() === "error" && !network) wrong.push({ sentence: `console: ${message.text()}`, place: page.url() });
  });
  page.on("pageerror", (error) => wrong.push({ sentence: `script: ${error.message}`, place: page.url() }));
  page.on("response", (response) => {
    // A form that is refused is answered 422, whether the page or a script sent it.
    const most = response.request().isNavigationRequest() ? 500 : 400;
    // What a page watches may have been deleted meanwhile: it asks once more and leaves.
    if (response.status() === 404 && (response.url().includes("/live?") || response.request().method() === "HEAD")) return;
    if (response.status() >= most && response.status() !== 422 && response.url().startsWith("http://127.0.0.1")) wrong.push({ sentence: `answered ${response.status()}: ${response.url()}`, place: page.url() });
  });
}

/** A browser window of its own, with a person before it. */
async function visitor(browser, wharf, wrong, options = {}) {
  const context = await browser.newContext({ ...DESK, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  listen(page, wrong);
  return { context, page, person: new Person(page, wharf) };
}

/** One walk; when it cannot be gone to its end, the next ones still show what they can. */
async function go(file, world, wrong) {
  const began = Date.now();
  const name = file.replace(/\.mjs$/, "");
  try {
    const { walk } = await import(`./walks/${file}`);
    await walk(world);
  } catch (error) {
    await world.page.screenshot({ path: join(pictures, `failed-${name}.png`), fullPage: true, caret: "initial" }).catch(() => {});
    wrong.push({ sentence: error.stack, place: world.page.url() });
  }
  console.log(`${name.padEnd(30)} ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

/** Says each thing that is wrong once, with all the places where it was seen; returns how many there are. */
function tell(wrong) {
  const places = new Map();
  for (const { sentence, place } of wrong) places.set(sentence, [...(places.get(sentence) ?? []), place]);
  for (const [sentence, seen] of places) console.error(`- ${sentence}\n    ${[...new Set(seen)].join("; ")}`);
  return places.size;
}

async function main() {
  const began = Date.now();
  const wharf = await Wharf.start(binary);
  const wrong = [];
  const browser = await chromium.launch({ executablePath: `/usr/bin/${browserName}`, args: FLAGS, headless: true });
  const { context, page, person } = await visitor(browser, wharf, wrong);
  const world = {
    wharf, context, page, person, pictures, examples, waitFor,
    repositories: fileURLToPath(new URL("repositories/", import.meta.url)),
    visitor: (options) => visitor(browser, wharf, wrong, options),
    look: async (name, at = page) => wrong.push(...(await look(at, name, pictures))),
    byKeyboard: async (name, at = page) => wrong.push(...(await byKeyboard(at, name))),
  };
  for (const file of (await readdir(new URL("walks/", import.meta.url))).sort()) await go(file, world, wrong);
  const said = await wharf.said();
  await browser.close();
  await wharf.stop();
  const seconds = (Date.now() - began) / 1000;
  if (seconds > MOST_SECONDS) wrong.push({ sentence: `the walks took more than ${MOST_SECONDS} s`, place: "all of them together" });
  const count = tell(wrong);
  if (count > 0) console.error(`Wharf's last words:\n${said.split("\n").slice(-20).join("\n")}`);
  console.log(`${count === 0 ? "Every walk went well" : `${count} things are wrong`}, in ${seconds.toFixed(0)} s.`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

await main();
