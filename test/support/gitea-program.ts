/**
 * Where a real Gitea for tests comes from, in this order:
 * 1. `GITEA_BIN` (the program) and `GITEA_SRC` (the source tree it was built from: it reads templates and options there);
 * 2. one that `buildGitea` made earlier in `${XDG_CACHE_HOME:-~/.cache}/steward/gitea-<version>/`;
 * 3. `buildGitea`: the released module from the Go module proxy, built with go and gcc.
 */
import { execFile } from "node:child_process";
import { accessSync, constants, cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** The released version that the suites are written for. */
export const GITEA_VERSION = "1.26.0";

/** From nothing the build takes up to five minutes on two cores; a slow proxy may double that. */
const BUILD_TIMEOUT_MS = 30 * 60_000;

/** A built Gitea and the tree it reads templates and options from. */
export interface GiteaProgram {
  readonly binary: string;
  readonly source: string;
}

const run = promisify(execFile);

/** The Gitea that is at hand, if any; builds nothing. */
export function findGitea(): GiteaProgram | undefined {
  const { GITEA_BIN: binary, GITEA_SRC: source } = process.env;
  if (binary && source) return { binary, source };
  const cached = programIn(cacheFolder());
  return existsSync(cached.binary) && existsSync(cached.source) ? cached : undefined;
}

/** The Gitea that is at hand, or else a freshly built one; rejects with a sentence that says what to install. */
export async function obtainGitea(): Promise<GiteaProgram> {
  return findGitea() ?? (await buildGitea());
}

/** Builds the release into the cache folder. A build that is cut short leaves nothing behind that looks finished. */
export async function buildGitea(folder = cacheFolder()): Promise<GiteaProgram> {
  const missing = ["go", "gcc", "git"].filter((program) => !isOnPath(program));
  if (missing.length > 0) {
    throw new Error(
      `No real Gitea here: install ${missing.join(" and ")} to build one, or set GITEA_BIN and GITEA_SRC.`,
    );
  }
  mkdirSync(join(folder, ".."), { recursive: true });
  const building = mkdtempSync(`${folder}-building-`);
  try {
    await buildIn(building);
    rmSync(folder, { recursive: true, force: true });
    renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return programIn(folder);
}

async function buildIn(folder: string): Promise<void> {
  const { binary, source } = programIn(folder);
  const module = `code.gitea.io/gitea@v${GITEA_VERSION}`;
  const options = { cwd: folder, timeout: BUILD_TIMEOUT_MS, maxBuffer: 2 ** 26 };
  const { stdout } = await run("go", ["mod", "download", "-json", module], options);
  const { Dir }: { Dir: string } = JSON.parse(stdout);
  cpSync(Dir, source, { recursive: true });
  await run("chmod", ["-R", "u+w", source], options); // The module cache is read-only.
  const flags = `-X main.Version=${GITEA_VERSION}`;
  const build = ["build", "-tags", "sqlite sqlite_unlock_notify", "-ldflags", flags, "-o", binary, "."];
  await run("go", build, { ...options, cwd: source, env: { ...process.env, CGO_ENABLED: "1" } });
}

function programIn(folder: string): GiteaProgram {
  return { binary: join(folder, "gitea"), source: join(folder, "src") };
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "steward", `gitea-${GITEA_VERSION}`);
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

if (import.meta.main) {
  const { binary } = await obtainGitea();
  console.log(`Gitea ${GITEA_VERSION}: ${binary}`);
}
