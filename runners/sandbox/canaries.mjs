/** Runs inside a sandbox to find out what it can reach: prints one JSON object, `true` for each thing that could be done. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";

const [hostPort, hostPidNamespace] = process.argv.slice(1);

function can(action) {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 1000 });
    socket
      .once("connect", () => resolve(true))
      .once("error", () => resolve(false))
      .once("timeout", () => resolve(false));
    socket.once("close", () => resolve(false));
    socket.unref();
  });
}

async function connectsToItself() {
  const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const connected = await connects(server.address().port);
  server.close();
  return connected;
}

function variableNames() {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const texts = processes.map((pid) =>
    can(() => readFileSync(`/proc/${pid}/environ`)) ? readFileSync(`/proc/${pid}/environ`, "utf8") : "",
  );
  return [
    ...new Set(
      texts
        .flatMap((text) => text.split("\0"))
        .filter(Boolean)
        .map((pair) => pair.split("=")[0]),
    ),
  ];
}

const CORE_PATTERN = "/proc/sys/kernel/core_pattern";
const status = readFileSync("/proc/self/status", "utf8");
const statusField = (name) => new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1];

process.stdout.write(
  JSON.stringify({
    alive: true,
    uid: process.getuid(),
    capabilities: statusField("CapEff"),
    noNewPrivileges: statusField("NoNewPrivs") === "1",
    seccomp: statusField("Seccomp") === "2",
    readsCorePattern: can(() => readFileSync(CORE_PATTERN)),
    writesCorePattern: can(() => writeFileSync(CORE_PATTERN, readFileSync(CORE_PATTERN))),
    variables: variableNames(),
    sockets: ["/run/docker.sock", "/var/run/docker.sock", "/run/redis", "/run/podman", "/run/user"].filter((path) =>
      existsSync(path),
    ),
    readsMounts: can(() => readFileSync("/proc/self/mountinfo")),
    remounts: can(() => execFileSync("mount", ["-o", "remount,rw,bind", "/usr"], { stdio: "ignore" })),
    writesSystem: can(() => writeFileSync("/usr/steward-canary", "")),
    writesWork: can(() => writeFileSync("steward-canary", "")) && can(() => rmSync("steward-canary")),
    writesRoot: can(() => writeFileSync("/steward-canary", "")),
    reachesItself: await connectsToItself(),
    reachesHost: await connects(Number(hostPort)),
    ownPidNamespace: readlinkSync("/proc/self/ns/pid") !== hostPidNamespace,
    processes: readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length,
    readsPasswd: can(() => readFileSync("/etc/passwd")),
    readsShadow: existsSync("/etc/shadow"),
    rootsHome: existsSync("/root")
      ? readdirSync("/root").filter((name) => /^\.(?:ssh|bash|profile|config|aws|docker|npmrc|git)/.test(name))
      : [],
  }),
);
