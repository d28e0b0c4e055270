/** Reads a sandbox's properties back from real ones: every "cannot" stands beside a "can" of the same run. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { parseJson } from "../../src/lib/parse-json.ts";
import type { SandboxCheck, SandboxCommand, SandboxDriver, SandboxResult } from "./sandbox.ts";
import type { View } from "./view.ts";

/** All probes together are over by then. */
const PROBE_TIMEOUT_MS = 5_000;
/** What a probe starts is there by then, or does not come. */
const APPEARS_MS = 2_000;
const LOOK_MS = 5;

const MEBIBYTE = 1024 * 1024;
const PROBE_LIMITS = {
  timeoutMs: PROBE_TIMEOUT_MS,
  memoryBytes: 512 * MEBIBYTE,
  processes: 64,
  cpus: 2,
  outputBytes: MEBIBYTE,
};

/** Node needs about 50 MiB to start; `tail` of an endless line needs as much as it gets. */
const HOG_LIMITS = { ...PROBE_LIMITS, memoryBytes: 32 * MEBIBYTE };
const HOG = "echo alive; head -c 256m /dev/zero | tail";

/** Set by drivers and by the shells a command runs through. */
const EXPECTED_VARIABLES = ["PATH", "HOME", "TMPDIR", "LANG", "USER", "PWD", "OLDPWD", "SHLVL", "_", "STEWARD_CANARY"];

/** A runner's own processes are few; a host has many. */
const MOST_PROCESSES = 10;

const Findings = z.object({
  alive: z.literal(true),
  uid: z.number(),
  capabilities: z.string(),
  noNewPrivileges: z.boolean(),
  seccomp: z.boolean(),
  readsCorePattern: z.boolean(),
  writesCorePattern: z.boolean(),
  variables: z.array(z.string()),
  sockets: z.array(z.string()),
  readsMounts: z.boolean(),
  remounts: z.boolean(),
  writesSystem: z.boolean(),
  writesWork: z.boolean(),
  writesRoot: z.boolean(),
  reachesItself: z.boolean(),
  reachesHost: z.boolean(),
  ownPidNamespace: z.boolean(),
  processes: z.number(),
  readsPasswd: z.boolean(),
  readsShadow: z.boolean(),
  rootsHome: z.array(z.string()),
});
type Findings = z.infer<typeof Findings>;

interface Probed extends SandboxResult {
  readonly output: string;
}

type RunProbe = (command: Partial<SandboxCommand> & Pick<SandboxCommand, "argv">) => Promise<Probed>;

function probeRunner(driver: SandboxDriver, view: View): RunProbe {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  return async (command) => {
    let output = "";
    const onOutput = (chunk: Buffer) => {
      output += chunk.toString();
      command.onOutput?.(chunk);
    };
    const env = { STEWARD_CANARY: "alive" };
    const common = { view, env, readable: [], writable: [], limits: PROBE_LIMITS, signal };
    const result = await driver.run({ ...common, ...command, onOutput });
    return { ...result, output };
  };
}

/** `can` is the positive control: where it is false the sandbox did not do what was asked at all, and nothing is proven. */
function denied(name: string, can: boolean, could: boolean, detail = ""): SandboxCheck {
  if (!can) return { name, ok: false, detail: "the positive control failed" };
  return { name, ok: !could, detail: could ? detail || "was possible" : "denied" };
}

function held(name: string, ok: boolean, detail: string): SandboxCheck {
  return { name, ok, detail };
}

function checksFrom(found: Findings): readonly SandboxCheck[] {
  const unexpected = found.variables.filter((name) => !EXPECTED_VARIABLES.includes(name));
  const seesOwnVariable = found.variables.includes("STEWARD_CANARY");
  return [
    held("not root", found.uid !== 0, `uid ${found.uid}`),
    held("no capabilities", /^0+$/.test(found.capabilities), found.capabilities),
    held("no new privileges", found.noNewPrivileges, found.noNewPrivileges ? "set" : "not set"),
    held("system call filter", found.seccomp, found.seccomp ? "on" : "off"),
    held("work folder writable", found.writesWork, found.writesWork ? "yes" : "no"),
    denied("system read-only", found.writesWork, found.writesSystem || found.writesRoot),
    denied("core pattern", found.readsCorePattern, found.writesCorePattern),
    denied("environment of the runner", seesOwnVariable, unexpected.length > 0, unexpected.join(", ")),
    denied("sockets of the host", found.readsPasswd, found.sockets.length > 0, found.sockets.join(", ")),
    denied("remount", found.readsMounts, found.remounts),
    denied("network", found.reachesItself, found.reachesHost),
    denied("processes of the host", found.processes > 0, !found.ownPidNamespace || found.processes > MOST_PROCESSES),
    denied(
      "files of the host",
      found.readsPasswd,
      found.readsShadow || found.rootsHome.length > 0,
      found.rootsHome.join(", "),
    ),
  ];
}

async function probeReach(run: RunProbe): Promise<readonly SandboxCheck[]> {
  const canaries = readFileSync(fileURLToPath(new URL("./canaries.mjs", import.meta.url)), "utf8");
  const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const hostNamespace = readlinkSync("/proc/self/ns/pid");
  const node = [process.execPath, "--input-type=module", "-e", canaries, String(port), hostNamespace];
  const { output } = await run({ argv: node }).finally(() => server.close());
  const parsed = z.preprocess((text) => parseJson(String(text)), Findings).safeParse(output);
  if (!parsed.success) return [held("starts", false, output.trim().slice(-300) || "no output")];
  return [held("starts", true, "yes"), ...checksFrom(parsed.data)];
}

async function probeMemory(run: RunProbe, limitedBy: string | undefined): Promise<SandboxCheck> {
  if (limitedBy === undefined) {
    return held("limits", true, "limits: processes only, no writable control group: memory and cpu are not limited");
  }
  const { end, output } = await run({ argv: ["sh", "-c", HOG], limits: HOG_LIMITS });
  const ok = output.startsWith("alive") && end === "out-of-memory";
  return held("limits", ok, ok ? `limits: ${limitedBy}` : `a process above its memory limit ended by ${end}`);
}

function isRunning(argument: string): boolean {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return processes.some((pid) => readCommandLine(pid).includes(argument));
}

function readCommandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** A shell says that it started a program before the program is there. */
async function appears(argument: string): Promise<boolean> {
  const deadline = performance.now() + APPEARS_MS;
  while (!isRunning(argument)) {
    if (performance.now() > deadline) return false;
    await sleep(LOOK_MS);
  }
  return true;
}

async function probeKill(run: RunProbe): Promise<SandboxCheck> {
  const seconds = `${randomInt(1_000_000, 9_000_000)}`;
  const stop = new AbortController();
  let ran = false;
  const onOutput = async () => {
    ran = await appears(seconds);
    stop.abort();
  };
  const script = `trap '' TERM; setsid sleep ${seconds} & sleep ${seconds} & echo alive; wait`;
  const { end } = await run({ argv: ["sh", "-c", script], signal: stop.signal, onOutput });
  return denied("survivors of a kill", ran && end === "aborted", isRunning(seconds), "a process is still there");
}

/** All checks of an isolating driver; `limitedBy` names what enforces memory and process limits, if anything does. */
export async function probeSandbox(
  driver: SandboxDriver,
  view: View,
  limitedBy: string | undefined,
): Promise<readonly SandboxCheck[]> {
  const run = probeRunner(driver, view);
  const [reach, memory, kill] = await Promise.all([probeReach(run), probeMemory(run, limitedBy), probeKill(run)]);
  return [...reach, memory, kill];
}
