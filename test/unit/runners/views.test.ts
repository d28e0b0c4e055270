/** Views as root, as an ordinary user, and where nothing can be mounted. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { View } from "../../../runners/sandbox/view.ts";
import { createCopiedViews } from "../../../runners/workspace/copied-views.ts";
import { openWorkspaces } from "../../../runners/workspace/git-workspaces.ts";
import { createOverlayViews } from "../../../runners/workspace/overlay-views.ts";
import { isReachableByAll } from "../../../runners/workspace/reachable.ts";
import type { Views } from "../../../runners/workspace/views.ts";
import type { Layer } from "../../../runners/workspace/workspace.ts";
import { createTestSandbox } from "../../support/workspace-bench.ts";

const MEBIBYTE = 1024 * 1024;
const isRoot = process.getuid?.() === 0;
const OWNER = isRoot ? { uid: 64_123, gid: 64_123 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync("/var/tmp/steward-views-");
  folders.push(made);
  mkdirSync(join(made, "empty"));
  return made;
}

function layer(root: string, name: string, files: Readonly<Record<string, string>>): Layer {
  const made = join(root, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(made, path, ".."), { recursive: true });
    writeFileSync(join(made, path), content);
  }
  if (isRoot) execFileSync("chown", ["-R", `${OWNER.uid}:${OWNER.gid}`, made]);
  return { folder: made };
}

/** Runs a script where the view is mounted, as the one who owns the files. */
function inView(view: View, script: string): string {
  const drop = isRoot ? ["setpriv", "--reuid", `${OWNER.uid}`, "--regid", `${OWNER.gid}`, "--clear-groups"] : [];
  const [program = "", ...args] = [...view.enter, ...drop, "sh", "-c", `cd "${view.path}" && { ${script}; } 2>&1`];
  return execFileSync(program, args, { encoding: "utf8" });
}

function overlays(root: string, diskBytes = 8 * MEBIBYTE): Views {
  return createOverlayViews({ folder: root, owner: OWNER, diskBytes, isRoot, spares: 1 });
}

/** A folder that everybody can pass, so that copies below it can be used by the job's user. */
function copies(root: string): Views {
  execFileSync("chmod", ["755", root]);
  return createCopiedViews({ folder: root, owner: OWNER, isRoot });
}

describe.each([
  ["an overlay view", overlays],
  ["a copied view", copies],
])("%s", (_name, create) => {
  test("shows its layers, the highest first, and is the job's to change", async () => {
    const root = folder();
    const layers = [layer(root, "low", { "a/x": "low\n", "a/y": "low\n" }), layer(root, "high", { "a/x": "high\n" })];
    const view = await create(root).open(layers, []);
    expect(inView(view, "cat a/x a/y; echo mine > a/y; rm a/x; ls a; cat a/y")).toBe("high\nlow\ny\nmine\n");
    await view.dispose();
    expect(readFileSync(join(root, "low/a/y"), "utf8")).toBe("low\n");
    expect(readFileSync(join(root, "high/a/x"), "utf8")).toBe("high\n");
  });

  test("of nothing is empty and can be written", async () => {
    const view = await create(folder()).open([], []);
    expect(inView(view, "ls -A; echo x > made; ls -A")).toBe("made\n");
    await view.dispose();
    await view.dispose();
  });

  test("gives what a job added as a layer, without what it deleted or replaced", async () => {
    const root = folder();
    const views = create(root);
    const below = [layer(root, "low", { "src/kept": "kept\n", "src/gone": "gone\n", "src/changed": "old\n" })];
    const view = await views.open(below, []);
    inView(view, "mkdir -p modules/m; echo m > modules/m/x; rm src/gone; echo n > src/new");
    const added = join(root, "added");
    mkdirSync(added);
    await views.takeAdded(view, below, added);
    await view.dispose();
    const files = execFileSync("find", [added, "!", "-type", "d"], { encoding: "utf8" }).replaceAll(`${added}/`, "");
    expect(files.trim().split("\n").sort()).toEqual(["modules/m/x", "src/new"]);
  });
});

describe("an overlay view", () => {
  test("holds no more than its limit, in bytes and in files", async () => {
    const view = await overlays(folder(), 4 * MEBIBYTE).open([], []);
    expect(inView(view, "head -c 8M /dev/zero > big || echo full")).toContain("full\n");
    expect(inView(view, "rm big; seq 3000 | xargs touch || echo full")).toMatch(
      /No space left on device[\s\S]*full\n$/,
    );
    await view.dispose();
  });

  test("is mounted nowhere but in its own namespace, and is gone with it", async () => {
    const view = await overlays(folder()).open([], []);
    expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain("steward");
    const namespace = view.enter.find((part) => part.startsWith("--mount="))?.slice("--mount=".length) ?? "";
    expect(readlinkSync(namespace)).toMatch(/^mnt:/);
    await view.dispose();
    expect(() => readlinkSync(namespace)).toThrow();
  });

  test.for([
    ["that nobody spoke of", false],
    ["that most views expose", true],
  ] as const)(
    "makes closed folders of the host %s reachable under another name, and leaves open ones where they are",
    async ([, isUsual]) => {
      const root = folder();
      const closed = join(root, `it's "closed" $(exit 1)`);
      mkdirSync(closed, { mode: 0o700 });
      writeFileSync(join(closed, "tool"), "tool\n");
      const views = overlays(root);
      if (isUsual) views.prepareFor(["/usr/lib", closed]);
      const view = await views.open([], [closed, "/usr/lib"]);
      expect(view.exposed.get("/usr/lib")).toBe("/usr/lib");
      const place = view.exposed.get(closed) ?? "";
      expect(isReachableByAll(closed)).toBe(false);
      execFileSync("chmod", ["755", closed]);
      expect(inView(view, `cat ${place}/tool`)).toBe("tool\n");
      const file = join(closed, "tool");
      const more = await views.expose(view, [file]);
      expect(inView(more, `cat ${more.exposed.get(file)}`)).toBe("tool\n");
      await view.dispose();
    },
  );

  test("takes no layer from elsewhere", async () => {
    const root = folder();
    const opened = overlays(root).open([{ folder: "/etc" }], []);
    await expect(opened).rejects.toMatchObject({ code: "WORKSPACE_FAILED" });
    const odd = overlays(root).open([layer(root, "a:b,upperdir=x", { f: "" })], []);
    await expect(odd).rejects.toMatchObject({ code: "WORKSPACE_FAILED" });
  });

  test("is gone when the runner is killed", async () => {
    const script = `
      import { openWorkspaces } from "${process.cwd()}/runners/workspace/git-workspaces.ts";
      const forge = { login: "a", token: "not-a-real-token", email: "c" };
      const workspaces = await openWorkspaces({ folder: process.argv[1], forge, limits: { diskBytes: 1 << 24 } });
      const view = await workspaces.openEmptyView([]);
      console.log(view.enter.join(" "));
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, folder()], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = await once(child.stdout, "data");
    const namespace = /\/proc\/\d+\/ns\/mnt/.exec(String(said))?.[0] ?? "";
    expect(readlinkSync(namespace)).toMatch(/^mnt:/);
    child.kill("SIGKILL");
    const isThere = () => {
      try {
        return readlinkSync(namespace) !== "";
      } catch {
        return false;
      }
    };
    await expect.poll(isThere).toBe(false);
  });

  test("works for a runner that is an ordinary user, in a sandbox, too", async () => {
    const root = folder();
    execFileSync("chown", ["65534:65534", root]);
    const script = `
      import { openWorkspaces } from "${process.cwd()}/runners/workspace/git-workspaces.ts";
      import { createBubblewrapSandbox } from "${process.cwd()}/runners/sandbox/bubblewrap-sandbox.ts";
      const folder = process.argv[1];
      const forge = { login: "a", token: "not-a-real-token", email: "c" };
      const workspaces = await openWorkspaces({ folder, forge, limits: { diskBytes: 1 << 24 } });
      const sandbox = await createBubblewrapSandbox({ tools: [] }, { path: "/usr/bin:/bin", home: "/nonexistent" });
      const view = await workspaces.openEmptyView(sandbox.exposes);
      const limits = { timeoutMs: 10000, memoryBytes: 1 << 28, processes: 64, cpus: 1, outputBytes: 1 << 20 };
      let output = "";
      await sandbox.run({ view, argv: ["sh", "-c", "echo x > made; mkdir d; rm -r d; mkdir d; ls; id -u"], env: {}, readable: [], writable: [],
        limits, signal: new AbortController().signal, onOutput: (chunk) => { output += chunk; } });
      console.log(JSON.stringify({ describe: workspaces.describe(), output }));
      await view.dispose();
      await workspaces.close();`;
    const args = ["--input-type=module", "-e", script, root];
    const asOther = isRoot ? { uid: 65_534, gid: 65_534 } : {};
    const output = execFileSync(process.execPath, args, {
      ...asOther,
      cwd: "/",
      env: { PATH: "/usr/bin:/bin" },
      encoding: "utf8",
    });
    expect(JSON.parse(output)).toEqual({ describe: "overlay, 0.02 GiB each", output: "d\nmade\n1000\n" });
  });
});

describe("a runner's folder", () => {
  const config = (path: string) => ({
    folder: path,
    slots: 1,
    forge: { login: "a", token: "not-a-real-token", email: "c" },
    limits: { diskBytes: 16 * MEBIBYTE },
  });

  test("belongs to one runner at a time", async () => {
    const root = folder();
    const first = await openWorkspaces(config(root));
    await expect(openWorkspaces(config(root))).rejects.toMatchObject({
      ...{ name: "UserError", code: "WORKSPACE_FAILED" },
    });
    await first.close();
    const second = await openWorkspaces(config(root));
    await second.close();
  });

  test("is cleared at start of what a killed runner left unfinished", async () => {
    const root = folder();
    for (const left of ["staging/x/git", "jobs/y", "checkouts/name.unfinished-1234/files"])
      mkdirSync(join(root, left), { recursive: true });
    const workspaces = await openWorkspaces(config(root));
    await workspaces.sweep();
    expect(["staging", "jobs", "checkouts", "trash"].flatMap((place) => readdirSync(join(root, place)))).toEqual([]);
    await workspaces.close();
  });

  test("is where a probed sandbox gets an empty view from", async () => {
    const workspaces = await openWorkspaces(config(folder()));
    const sandbox = await createTestSandbox();
    const view = await workspaces.openEmptyView(sandbox.exposes);
    const checks = await sandbox.probe(view);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    await view.dispose();
    await workspaces.close();
  });
});
