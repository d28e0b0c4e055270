/**
 * Starts a command of package.json from a bare clone: brings Node 24, the npm packages and, on Debian as root, the programs the command needs.
 * Plain JavaScript without dependencies, because the `node` that starts it may be as old as 18.
 */
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { arch, constants as osConstants, platform } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_MAJOR = 24;

/** What each command runs, and the programs it needs. */
const COMMANDS = {
  start: { run: ["src/main.ts", "up"], programs: ["git", "redis-server", "bwrap"] },
  demo: { run: ["demo/main.ts"], programs: ["git", "redis-server", "bwrap"] },
  test: { run: ["tools/test.ts"], programs: ["git", "redis-server", "bwrap", "unshare", "setpriv", "faketime"] },
  "test:gitea": { run: ["tools/test.ts", "--gitea"], programs: ["git", "redis-server", "bwrap", "unshare", "setpriv"] },
  check: { run: ["tools/check.ts"], programs: ["git"] },
  bench: { run: ["bench/main.ts"], programs: ["git", "redis-server", "bwrap"] },
  soak: { run: ["test/faults/soak.ts"], programs: ["git", "redis-server", "bwrap"] },
};

/** Debian's package for each program, and what makes the program unnecessary for running Steward itself. */
const PROGRAMS = {
  git: { debian: "git" },
  "redis-server": { debian: "redis-server", unless: () => Boolean(process.env.REDIS_URL) },
  bwrap: { debian: "bubblewrap" },
  unshare: { debian: "util-linux" },
  setpriv: { debian: "util-linux" },
  faketime: { debian: "faketime" },
};

const [name = "", ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) fail(`There is no command "${name}". There are: ${Object.keys(COMMANDS).join(", ")}.`);
process.chdir(ROOT);
if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR) useNode(bringNode());
else useNode(process.execPath);
bringPackages();
bringPrograms(command.programs);
start([...command.run, ...args]);

function bringNode() {
  const packageName = `${platform() === "darwin" && arch() === "arm64" ? "node-bin" : "node"}-${platform()}-${arch()}`;
  const node = join(ROOT, ".node", "node_modules", packageName, "bin", "node");
  if (runs(node)) return node;
  say(`Node ${process.versions.node} is too old for Steward: bringing Node ${NODE_MAJOR} into .node/`);
  npm(["install", "--prefix", ".node", "--no-save", "--ignore-scripts", `${packageName}@${NODE_MAJOR}`]);
  if (!runs(node))
    fail(`npm's package ${packageName} does not run here. Install Node ${NODE_MAJOR} or newer and try again.`);
  return node;
}

/** Children find this Node first. */
function useNode(node) {
  process.env.PATH = [dirname(node), process.env.PATH].join(delimiter);
}

function bringPackages() {
  if (packagesAreThere()) return;
  say("installing npm packages (npm ci)");
  npm(["ci"]);
}

/** Whether node_modules holds what package-lock.json says; packages for other platforms may be absent. */
function packagesAreThere() {
  const marker = join("node_modules", ".package-lock.json");
  if (!existsSync(marker)) return false;
  const wanted = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
  const present = JSON.parse(readFileSync(marker, "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    return path in present ? present[path].version === entry.version : entry.optional;
  });
}

function bringPrograms(programs) {
  const testing = name.startsWith("test");
  const missing = programs.filter((program) => !onPath(program) && (testing || !PROGRAMS[program].unless?.()));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => PROGRAMS[program].debian))];
  const install = `apt-get install ${packages.join(" ")}`;
  if (!existsSync("/etc/debian_version") || process.getuid() !== 0) {
    fail(
      `This needs ${missing.join(", ")}: install with your package manager (on Debian: sudo ${install}) and try again.`,
    );
  }
  say(`installing Debian packages (${packages.join(", ")})`);
  apt(["update"]);
  apt(["install", "--yes", "--no-install-recommends", ...packages]);
}

function start(argv) {
  const child = spawn("node", ["--disable-warning=ExperimentalWarning", ...argv], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`node does not start: ${error.message}.`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + osConstants.signals[signal]));
}

function npm(argv) {
  const { npm_config_prefix: _, ...env } = process.env;
  quietly("npm", [...argv, "--loglevel=error", "--no-fund", "--no-audit", "--no-progress"], env);
}

function apt(argv) {
  quietly("apt-get", ["-qq", ...argv], { ...process.env, DEBIAN_FRONTEND: "noninteractive" });
}

function quietly(program, argv, env) {
  const done = spawnSync(program, argv, {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 27,
  });
  if (done.error) fail(`${program} does not run: ${done.error.message}.`);
  if (done.status === 0) return;
  console.error(`${done.stdout}${done.stderr}`.trimEnd());
  fail(`"${program} ${argv.join(" ")}" failed; its own words are above.`);
}

function runs(node) {
  return existsSync(node) && spawnSync(node, ["--version"]).status === 0;
}

function onPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function say(text) {
  console.error(`steward: ${text}`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
