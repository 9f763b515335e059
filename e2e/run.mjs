// Runs every walk in `walks/` in order, in one browser, against one Wharf. A walk exports `walk(world)`; what is wrong with a page is collected, not thrown.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { byKeyboard, look } from "./lib/look.mjs";
import { Wharf, waitFor } from "./lib/wharf.mjs";

const { WHARF_BINARY: binary, BROWSER: browserName = "chromium", PICTURES: pictures = "pictures", EXAMPLES: examples } = process.env;
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  // Applications answer under names below localhost.
  "--host-resolver-rules=MAP *.localhost 127.0.0.1",
];

async function browse() {
  const folder = await mkdtemp(join(tmpdir(), "wharf-browser-"));
  const executablePath = `/usr/bin/${browserName}`;
  const context = await chromium.launchPersistentContext(folder, { executablePath, args: FLAGS, headless: true, viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(15_000);
  return { context, close: () => context.close().then(() => rm(folder, { recursive: true, force: true })) };
}

/** Collects what a page complains of in its console, and answers that should not be. A page may be refused: the walk asserts that; what a page needs may not. */
function listen(page, wrong) {
  page.on("console", (message) => message.type() === "error" && !message.text().startsWith("Failed to load resource") && wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
  page.on("response", (response) => {
    const most = response.request().isNavigationRequest() ? 500 : 400;
    if (response.status() >= most) wrong.push(`${response.status()} ${response.url()}`);
  });
}

async function main() {
  const wharf = await Wharf.start(binary);
  const { context, close } = await browse();
  const wrong = [];
  const page = context.pages()[0] ?? (await context.newPage());
  listen(page, wrong);
  const world = {
    wharf, context, page, examples, waitFor,
    look: async (name) => wrong.push(...(await look(page, name, pictures))),
    byKeyboard: async (name) => wrong.push(...(await byKeyboard(page, name))),
  };
  try {
    for (const file of (await readdir(new URL("walks/", import.meta.url))).sort()) {
      const began = Date.now();
      const { walk } = await import(`./walks/${file}`);
      await walk(world);
      console.log(`${file.replace(/\.mjs$/, "").padEnd(30)} ${((Date.now() - began) / 1000).toFixed(1)} s`);
    }
  } catch (error) {
    await page.screenshot({ path: join(pictures, "failed.png"), fullPage: true }).catch(() => {});
    wrong.push(`${error.stack}\nat ${page.url()}; Wharf's last words:\n${(await wharf.said()).split("\n").slice(-30).join("\n")}`);
  } finally {
    await close();
    await wharf.stop();
  }
  wrong.forEach((line) => console.error(line));
  console.log(wrong.length === 0 ? "Every walk went well." : `${wrong.length} things are wrong.`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

await main();
