/** The launcher in a small checkout of its own, with programs of our making on its PATH. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const LOCK = {
  packages: {
    "": { name: "checkout" },
    "node_modules/one": { version: "1.0.0" },
    "node_modules/for-another-platform": { version: "1.0.0", optional: true },
  },
};
const INSTALLED = { packages: { "node_modules/one": { version: "1.0.0" } } };
const GIVEN_REDIS = { REDIS_URL: "redis://127.0.0.1" };
const ON_DEBIAN_AS_ROOT = existsSync("/etc/debian_version") && process.getuid?.() === 0;

describe("the launcher", () => {
  let root = "";
  let calls = "";

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "steward-launch-"));
    calls = join(root, "calls");
    for (const folder of ["tools", "bin", "node_modules"]) mkdirSync(join(root, folder));
    copyFileSync("tools/launch.js", join(root, "tools/launch.js"));
    write("package.json", '{"type":"module"}');
    write("package-lock.json", JSON.stringify(LOCK));
    write("node_modules/.package-lock.json", JSON.stringify(INSTALLED));
    write(
      "tools/check.ts",
      'const words: string[] = process.argv.slice(2);\nconsole.log("checked", ...words);\nprocess.exitCode = 7;',
    );
    symlinkSync(process.execPath, join(root, "bin/node"));
    program("git", "exit 0");
    program("npm", `echo "npm $*" >> ${calls}`);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }

  function program(name: string, script: string): void {
    write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(join(root, "bin", name), 0o755);
  }

  function launch(...args: string[]): Promise<{ code: unknown; out: string; said: string }> {
    return launchWith({}, ...args);
  }

  function launchWith(
    variables: NodeJS.ProcessEnv,
    ...args: string[]
  ): Promise<{ code: unknown; out: string; said: string }> {
    const env = { PATH: join(root, "bin"), ...variables };
    return new Promise((done) => {
      execFile(
        join(root, "bin/node"),
        [join(root, "tools/launch.js"), ...args],
        { env, cwd: tmpdir() },
        (error, out, said) => {
          done({ code: error ? error.code : 0, out, said });
        },
      );
    });
  }

  const called = () => (existsSync(calls) ? readFileSync(calls, "utf8") : "");

  test("says nothing when nothing is to do, and hands over arguments and exit code", async () => {
    expect(await launch("check", "a", "b c")).toEqual({ code: 7, out: "checked a b c\n", said: "" });
    expect(called()).toBe("");
  });

  test("installs the packages when there are none", async () => {
    rmSync(join(root, "node_modules"), { recursive: true });
    expect((await launch("check")).said).toBe("steward: installing npm packages (npm ci)\n");
    expect(called()).toMatch(/^npm ci /);
  });

  test("installs the packages when the lock names another version", async () => {
    write("package-lock.json", JSON.stringify(LOCK).replace("1.0.0", "1.0.1"));
    await launch("check");
    expect(called()).toMatch(/^npm ci /);
  });

  test("shows npm's own words and stops when npm fails", async () => {
    rmSync(join(root, "node_modules"), { recursive: true });
    program("npm", "echo no such registry >&2; exit 1");
    const { code, out, said } = await launch("check");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(said).toContain("no such registry\n");
    expect(said).toMatch(/^steward: "npm ci .*" failed; its own words are above\.$/m);
  });

  test("names the commands when it does not know one", async () => {
    const { code, said } = await launch("chekc");
    expect(code).toBe(1);
    expect(said).toBe(
      'steward: There is no command "chekc". There are: start, demo, test, test:gitea, check, bench, soak.\n',
    );
  });

  test("installs what is missing on Debian as root, and elsewhere says in one sentence what to install", async () => {
    rmSync(join(root, "bin/git"));
    program("apt-get", `echo "apt-get $*" >> ${calls}`);
    const { said } = await launch("check");
    if (ON_DEBIAN_AS_ROOT) {
      expect(said).toBe("steward: installing Debian packages (git)\n");
      expect(called()).toBe("apt-get -qq update\napt-get -qq install --yes --no-install-recommends git\n");
    } else {
      expect(said).toMatch(/^steward: This needs git: install [^.]*\.\n$/);
      expect(called()).toBe("");
    }
  });

  test("needs no private Redis where Steward is given one, and bubblewrap even beside docker", async () => {
    write("src/main.ts", 'console.log("up", process.argv[2]);');
    program("docker", "exit 0");
    program("apt-get", `echo "apt-get $*" >> ${calls}`);
    const missing = (await launchWith(GIVEN_REDIS, "start")).said;
    expect(missing).toContain("bubblewrap");
    expect(missing).not.toContain("redis-server");
    program("bwrap", "exit 0");
    expect((await launchWith(GIVEN_REDIS, "start")).out).toBe("up up\n");
  });

  test("passes a termination on and waits for the command's own end", async () => {
    write(
      "tools/check.ts",
      'process.on("SIGTERM", () => { console.log("ended in order"); process.exit(3); });\nsetInterval(() => {}, 1000);\nconsole.log("ready");',
    );
    const child = spawn(join(root, "bin/node"), [join(root, "tools/launch.js"), "check"], {
      env: { PATH: join(root, "bin") },
    });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([3, null]);
    expect(out).toBe("ready\nended in order\n");
  });
});
