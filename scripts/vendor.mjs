// Copies the files named under "vendor" in package.json from node_modules to
// fangxin/web/static/vendor/<package>-<version>/ and writes MANIFEST.json.
// Run `npm ci --ignore-scripts` first. The copies are committed, so nobody needs node to run the site.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "fangxin/web/static/vendor");
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const { dependencies, vendor } = readJson(join(root, "package.json"));

rmSync(target, { recursive: true, force: true });
const files = {};
for (const [name, wanted] of Object.entries(vendor)) {
  const source = join(root, "node_modules", name);
  const { version, license } = readJson(join(source, "package.json"));
  if (version !== dependencies[name]) {
    throw new Error(`${name}: package.json pins ${dependencies[name]}, node_modules has ${version}; run npm ci`);
  }
  const folder = `${name.replaceAll("/", "-")}-${version}`;
  mkdirSync(join(target, folder), { recursive: true });
  for (const path of wanted) {
    // A source map that is not shipped breaks the hashed static storage.
    const text = readFileSync(join(source, path), "utf8").replace(/^\/[/*][#@] sourceMappingURL=.*$/gm, "").trimEnd() + "\n";
    const copy = `${folder}/${basename(path)}`;
    writeFileSync(join(target, copy), text);
    files[copy] = { sha256: createHash("sha256").update(text).digest("hex"), package: `${name}@${version}`, license };
  }
}
writeFileSync(join(target, "MANIFEST.json"), JSON.stringify(files, null, 2) + "\n");
