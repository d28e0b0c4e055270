/**
 * Adds to package-lock.json what a registry without packages for other platforms leaves out; `npm ci` refuses a lock with such gaps.
 * `node tools/complete-lock.ts` writes, `--check` only tells.
 */
import { readFileSync, writeFileSync } from "node:fs";

interface LockEntry {
  readonly version?: string;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly os?: readonly string[];
  readonly optionalDependencies?: Record<string, string>;
}
type Packages = Record<string, LockEntry>;

const SYSTEMS = new Set("aix android darwin freebsd linux netbsd openbsd openharmony sunos win32".split(" "));
const PROCESSORS = new Set("arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x wasm32 x64".split(" "));
const EXACT_VERSION = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;

const lock: { packages: Packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
const missing = missingEntries(lock.packages);
const count = Object.keys(missing).length;

if (count > 0 && process.argv.includes("--check")) {
  console.error(`package-lock.json lacks ${count} packages for other platforms: run \`npm run lock\`.`);
  process.exitCode = 1;
} else if (count > 0) {
  const all = Object.entries({ ...lock.packages, ...missing });
  const packages = Object.fromEntries(all.sort(([a], [b]) => a.localeCompare(b, "en")));
  writeFileSync("package-lock.json", `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
  console.log(`package-lock.json: added ${count} packages for other platforms.`);
}

function missingEntries(packages: Packages): Packages {
  const found: Packages = {};
  for (const [place, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const known = `node_modules/${name}` in packages || `${place}/node_modules/${name}` in packages;
      if (!known && EXACT_VERSION.test(version)) {
        found[`node_modules/${name}`] = platformEntry(name, version, entry.dev ?? false);
      }
    }
  }
  return found;
}

function platformEntry(name: string, version: string, dev: boolean): LockEntry {
  const words = name.split(/[-/]/);
  const cpu = words.filter((word) => PROCESSORS.has(word));
  const os = words.filter((word) => SYSTEMS.has(word));
  const libc = words.flatMap((word) => (word.startsWith("musl") ? ["musl"] : word.startsWith("gnu") ? ["glibc"] : []));
  return {
    version,
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(dev ? { dev } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  };
}
