/** Programs outside the system's folders that sandboxes get to see: which folders they need, and the PATH that finds them. */
import { execFile } from "node:child_process";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { isInside } from "../../src/lib/is-inside.ts";

const SYSTEM_PATH = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** A folder on PATH counts as a toolchain when it offers one of these. */
const PROGRAMS = ["node", "python3", "go", "rustc", "java", "ruby", "deno", "bun", "php", "dotnet"];

/** Asking a program for its version takes a few milliseconds; one that hangs is left out. */
const VERSION_TIMEOUT_MS = 3_000;

const VERSION_QUESTIONS: readonly (readonly [program: string, ...args: string[]])[] = [
  ["node", "--version"],
  ["python3", "--version"],
  ["go", "version"],
  ["cargo", "--version"],
];

/** What sandboxes get besides the system's own programs. */
export interface Toolchains {
  /** Host folders, each mounted read-only at the same path. */
  readonly roots: readonly string[];
  /** PATH inside: tools, then toolchains, then the system. */
  readonly path: string;
}

/** Where to look. */
export interface ToolchainSearch {
  /** PATH of the runner. */
  readonly path: string;
  /** The operator's `tools` folders. */
  readonly tools: readonly string[];
  readonly home?: string;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function resolved(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? realpathSync(path) : undefined;
}

/** pyenv's shims are scripts that need all of pyenv; the versions they lead to stand alone. */
function pyenvFolders(shims: string): readonly string[] {
  const pyenv = dirname(shims);
  const chosen = join(pyenv, "version");
  if (!statSync(chosen, { throwIfNoEntry: false })) return [];
  const versions = readFileSync(chosen, "utf8").split(/\s+/).filter(Boolean);
  return versions.map((version) => join(pyenv, "versions", version, "bin"));
}

/** cargo's proxies need the whole of `~/.cargo`, where its credentials are; the toolchain they lead to stands alone. */
function rustFolders(home: string): readonly string[] {
  const settings = join(home, ".rustup", "settings.toml");
  if (!statSync(settings, { throwIfNoEntry: false })) return [];
  const name = /^default_toolchain = "([\w.-]+)"/m.exec(readFileSync(settings, "utf8"))?.[1];
  return name === undefined ? [] : [join(home, ".rustup", "toolchains", name, "bin")];
}

/** The folders in which a program on this folder of PATH really is. */
function programFolders(folder: string): readonly string[] {
  if (folder.endsWith("/shims")) return pyenvFolders(folder);
  return PROGRAMS.map((program) => resolved(join(folder, program)))
    .filter((program) => program !== undefined)
    .map(dirname);
}

/** The toolchain a program folder belongs to; none for the system's, and never one that a home folder would come along with. */
function rootOf(binFolder: string, home: string): string | undefined {
  if (isInside(binFolder, "/usr") || SYSTEM_PATH.includes(binFolder)) return undefined;
  const root = binFolder.endsWith("/bin") ? dirname(binFolder) : binFolder;
  const isShared =
    isInside(home, root) || [".local", ".cargo", "/home", "/opt", "/"].some((name) => root.endsWith(name));
  return isShared ? undefined : root;
}

function toolFolder(tools: string): string {
  return [join(tools, "node_modules", ".bin"), join(tools, "bin")].find(isFolder) ?? tools;
}

/** Finds the toolchains this machine offers to the runner. */
export function findToolchains(search: ToolchainSearch): Toolchains {
  const home = search.home ?? homedir();
  const offered = [
    ...search.path.split(delimiter).filter((folder) => folder.startsWith("/") && isFolder(folder)),
    dirname(process.execPath),
    "/usr/local/go/bin",
  ];
  const folders = [...offered.flatMap(programFolders), ...rustFolders(home)]
    .filter((folder) => isFolder(folder))
    .map((bin) => ({ bin, root: rootOf(bin, home) }));
  const outside = folders.filter((folder) => folder.root !== undefined || isInside(folder.bin, "/usr/local"));
  const path = [...search.tools.map(toolFolder), ...outside.map(({ bin }) => bin), ...SYSTEM_PATH];
  const roots = [...search.tools, ...outside.flatMap(({ root }) => root ?? [])];
  return { roots: withoutNested([...new Set(roots)]), path: [...new Set(path)].join(delimiter) };
}

/** A folder inside another one of the list comes along with it. */
function withoutNested(folders: readonly string[]): readonly string[] {
  return folders.filter((folder) => !folders.some((other) => other !== folder && isInside(folder, other)));
}

async function versionOf(
  [program, ...args]: readonly [string, ...string[]],
  path: string,
): Promise<string | undefined> {
  const asked = promisify(execFile)(program, args, { timeout: VERSION_TIMEOUT_MS, env: { PATH: path } });
  return asked.then(
    ({ stdout }) => stdout.trim().split("\n")[0],
    () => undefined,
  );
}

/** The versions of the programs a gate is likely to use, as one stable text. */
export async function describeToolchains(path: string): Promise<string> {
  const versions = await Promise.all(VERSION_QUESTIONS.map((question) => versionOf(question, path)));
  return VERSION_QUESTIONS.map(([program], index) => `${program}: ${versions[index] ?? "none"}`).join(", ");
}
