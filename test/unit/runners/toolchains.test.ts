/** Sandboxes get the toolchains that the runner's PATH offers, and nothing else of the folders they lie in. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeToolchains, findToolchains } from "../../../runners/sandbox/toolchains.ts";

let home: string;

function program(...path: readonly string[]): string {
  const file = join(home, ...path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "#!/bin/sh\necho 1.2.3\n");
  chmodSync(file, 0o755);
  return dirname(file);
}

const find = (path: readonly string[], tools: readonly string[] = []) => {
  const { roots, path: inside } = findToolchains({ path: path.join(":"), tools, home });
  return { roots, first: inside.split(":")[0], inside };
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "home-"));
});

afterEach(() => rmSync(home, { recursive: true }));

test("a version manager's program leads to its own version only", () => {
  const bin = program(".nvm", "versions", "node", "v24.0.0", "bin", "node");
  expect(find([bin])).toMatchObject({ roots: expect.arrayContaining([dirname(bin)]), first: bin });
});

test("a link on PATH leads to where the program really is", () => {
  const real = program("sdk", "go1.26", "bin", "go");
  const links = join(home, "links");
  mkdirSync(links);
  symlinkSync(join(real, "go"), join(links, "go"));
  const { roots, first } = find([links]);
  expect(roots).toContain(dirname(real));
  expect(first).toBe(real);
});

test("pyenv's shims lead to the chosen version", () => {
  const shims = program(".pyenv", "shims", "python3");
  const bin = program(".pyenv", "versions", "3.12.1", "bin", "python3");
  writeFileSync(join(home, ".pyenv", "version"), "3.12.1\n");
  const { roots, first } = find([shims]);
  expect(roots).toContain(dirname(bin));
  expect(roots).not.toContain(join(home, ".pyenv"));
  expect(first).toBe(bin);
});

test("rustup's default toolchain is found without cargo's folder, where its credentials are", () => {
  const cargo = program(".cargo", "bin", "rustc");
  const bin = program(".rustup", "toolchains", "stable-x86_64", "bin", "rustc");
  writeFileSync(join(home, ".rustup", "settings.toml"), 'version = "12"\ndefault_toolchain = "stable-x86_64"\n');
  const { roots, inside } = find([cargo]);
  expect(roots).toContain(dirname(bin));
  expect(roots.some((root) => root.endsWith(".cargo"))).toBe(false);
  expect(inside.split(":")).toContain(bin);
});

test("a program that lies in a home folder itself never brings the home along", () => {
  const folders = [program("bin", "node"), program(".local", "bin", "python3"), program("go")];
  const { roots } = find(folders);
  for (const shared of [home, join(home, ".local"), dirname(home), "/"]) expect(roots).not.toContain(shared);
});

test("the operator's tools come first, with their node_modules/.bin, bin or themselves", () => {
  const agents = dirname(dirname(program("agents", "node_modules", ".bin", "claude")));
  const scripts = dirname(program("scripts", "bin", "aider"));
  const plain = program("plain", "agent");
  const { roots, inside } = find([], [agents.replace(/\/node_modules$/, ""), scripts, plain]);
  expect(roots).toEqual(expect.arrayContaining([join(home, "agents"), scripts, plain]));
  const expected = [join(home, "agents", "node_modules", ".bin"), join(scripts, "bin"), plain];
  expect(inside.split(":").slice(0, 3)).toEqual(expected);
});

test("the Node that runs us is offered, and the system comes last", () => {
  const { inside } = find(["/usr/bin", "/nonexistent", "relative"]);
  expect(inside.split(":")).toContain(dirname(process.execPath));
  expect(inside.split(":").at(-1)).toBe("/bin");
});

test("versions are asked for on the PATH inside; what is missing is said to be", async () => {
  const bin = program("tool", "bin", "node");
  expect(await describeToolchains(bin)).toBe("node: 1.2.3, python3: none, go: none, cargo: none");
});
