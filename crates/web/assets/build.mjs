// Bundles the style sheets and scripts, compresses them and writes `assets.rs`: the table the binary embeds.
// Usage: node build.mjs <folder of the sources> <folder to write to>; run by build.rs.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [sources, out] = process.argv.slice(2);
const dist = join(out, "dist");
const types = { ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2" };

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

const bundled = await build({
  absWorkingDir: sources,
  entryPoints: ["css/wharf.css", "js/wharf.js", "js/terminal.js", "mark.svg"],
  nodePaths: [fileURLToPath(new URL("node_modules", import.meta.url))],
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome125", "firefox125", "safari17.5"],
  supported: { "inline-style": true },
  outdir: dist,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".svg": "copy", ".woff2": "file" },
  legalComments: "none",
  metafile: true,
  write: true,
});

const squeezed = (bytes, path) => {
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  const gzip = gzipSync(bytes, { level: 9 });
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzip);
  return `Some(Packed { brotli: include_bytes!(${JSON.stringify(`${path}.br`)}), gzip: include_bytes!(${JSON.stringify(`${path}.gz`)}) })`;
};

const entries = [];
const names = {};
for (const [output, about] of Object.entries(bundled.metafile.outputs)) {
  const path = join(sources, output);
  const name = basename(path);
  const bytes = readFileSync(path);
  const packed = extname(name) === ".woff2" ? "None" : squeezed(bytes, path);
  const tag = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  entries.push(`    Asset { name: ${JSON.stringify(name)}, tag: "\\"${tag}\\"", kind: ${JSON.stringify(types[extname(name)])}, bytes: include_bytes!(${JSON.stringify(path)}), packed: ${packed} },`);
  const constant = { "css/wharf.css": "STYLE", "js/wharf.js": "SCRIPT", "js/terminal.js": "TERMINAL_SCRIPT", "mark.svg": "MARK" }[about.entryPoint];
  if (constant) names[constant] = name;
  if (about.cssBundle) names.TERMINAL_STYLE = basename(about.cssBundle);
}
entries.sort();
const constants_ = Object.entries(names).sort().map(([constant, name]) => `/// Its path.\npub const ${constant}: &str = ${JSON.stringify(`/assets/${name}`)};`);
writeFileSync(join(out, "assets.rs"), `${constants_.join("\n")}\n\nstatic ASSETS: &[Asset] = &[\n${entries.join("\n")}\n];\n`);
