/** What bubblewrap is told: an explicit list of mounts, and nothing else of the host. */
import type { SandboxCommand } from "./sandbox.ts";
import type { Toolchains } from "./toolchains.ts";

/** Where the view is inside. A name no host is likely to have, so that no exposed path ever lies below it. */
export const WORK_FOLDER = "/checkout";

const HOME = "/home/job";

/** User and group inside; the same on every machine, whoever owns the view outside. */
const INNER_ID = 1000;

/** Read-only, where the host has it: certificates, the system's choice of programs, where libraries are, the time zone. */
const ETC = ["/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime"];

/** Small files of the sandbox's own, by their path inside. */
export const ETC_FILES: Readonly<Record<string, string>> = {
  "/etc/passwd": `root:x:0:0::/:/usr/sbin/nologin\njob:x:${INNER_ID}:${INNER_ID}::${HOME}:/bin/sh\n`,
  "/etc/group": `root:x:0:\njob:x:${INNER_ID}:\n`,
  "/etc/hosts": "127.0.0.1 localhost job\n::1 localhost\n",
};

/** How a folder of the system is there: some systems have `/bin` as a link into `/usr`, some as a folder. */
export type SystemFolder = readonly ["--symlink" | "--ro-bind", source: string, path: string];

/** What does not change between two sandboxes of a driver. */
export interface SandboxSurroundings {
  readonly systemFolders: readonly SystemFolder[];
  readonly toolchains: Toolchains;
}

/** File descriptors bubblewrap reads from and writes to. */
export interface SandboxDescriptors {
  readonly status: number;
  readonly seccomp: number | undefined;
  /** By path inside. */
  readonly files: ReadonlyMap<string, number>;
}

const NAMESPACES = ["--unshare-all", "--unshare-user", "--disable-userns", "--hostname", "job"];
const LIFE = ["--die-with-parent", "--new-session", "--cap-drop", "ALL"];

function environment(command: SandboxCommand, path: string): readonly string[] {
  const own = { PATH: path, HOME, TMPDIR: "/tmp", LANG: "C.UTF-8", USER: "job" };
  const pairs = Object.entries({ ...own, ...command.env });
  return ["--clearenv", ...pairs.flatMap(([name, value]) => ["--setenv", name, value])];
}

function temporary(path: string, bytes: number): readonly string[] {
  return ["--size", String(bytes), "--tmpfs", path];
}

function bind(option: "--bind" | "--ro-bind", paths: readonly string[], { view }: SandboxCommand): readonly string[] {
  return paths.flatMap((path) => [option, view.exposed.get(path) ?? path, path]);
}

/** The host paths that this command needs and that its view does not expose. */
export function unexposed(command: SandboxCommand, surroundings: SandboxSurroundings): readonly string[] {
  const needed = [...surroundings.toolchains.roots, ...command.readable, ...command.writable];
  return needed.filter((path) => !command.view.exposed.has(path));
}

/** All of bubblewrap's options for one command; the command itself is not part of them. */
export function bubblewrapArguments(
  command: SandboxCommand,
  { systemFolders, toolchains }: SandboxSurroundings,
  { status, seccomp, files }: SandboxDescriptors,
): readonly string[] {
  const { memoryBytes } = command.limits;
  return [
    ...NAMESPACES,
    ...LIFE,
    ...["--uid", String(INNER_ID), "--gid", String(INNER_ID)],
    ...["--json-status-fd", String(status)],
    ...(seccomp === undefined ? [] : ["--seccomp", String(seccomp)]),
    ...["--ro-bind", "/usr", "/usr"],
    ...systemFolders.flat(),
    ...["--perms", "0755", "--dir", "/etc"],
    ...ETC.flatMap((path) => ["--ro-bind-try", path, path]),
    ...[...files].flatMap(([path, descriptor]) => ["--perms", "0644", "--ro-bind-data", String(descriptor), path]),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...temporary("/dev/shm", memoryBytes),
    ...["--remount-ro", "/dev"],
    ...temporary("/tmp", memoryBytes),
    ...temporary(HOME, memoryBytes),
    ...bind("--ro-bind", toolchains.roots, command),
    ...bind("--ro-bind", command.readable, command),
    ...bind("--bind", command.writable, command),
    ...["--bind", command.view.path, WORK_FOLDER],
    ...["--remount-ro", "/"],
    ...["--chdir", WORK_FOLDER],
    ...environment(command, toolchains.path),
  ];
}
