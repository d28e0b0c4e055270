/** The README says what is true: its tables and examples are held against the code, in both directions. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { COMMANDS } from "../src/commands/registry.ts";
import { ENVIRONMENT_NAMES, loadConfig } from "../src/config.ts";
import { parseInstanceFile } from "../src/config-file.ts";
import { Limits } from "../src/domain/limits.ts";
import { loadRules } from "../src/gates/load-rules.ts";
import { DEFAULT_GATE_MINUTES, DEFAULT_SETUP_MINUTES, MAX_GATES, MAX_MINUTES } from "../src/gates/rule-limits.ts";
import { WrittenRules } from "../src/gates/rules-schema.ts";

const ROOT = new URL("../", import.meta.url);
const README = readFileSync(new URL("README.md", ROOT), "utf8");
const PackageJson = z.object({ scripts: z.record(z.string(), z.string()) });

/** Cells of the rows below the table's head. */
function table(head: string): readonly (readonly string[])[] {
  const [, after = ""] = README.split(`${head}\n|`);
  const [, ...rows] = (after.split("\n\n")[0] ?? "").split("\n");
  return rows
    .map((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|")))
    .map((cells) => cells.slice(1, -1));
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Every key of a schema and of what is in it, but for names that writers choose. */
function keysOf(shape: Readonly<Record<string, z.ZodType>>): readonly string[] {
  const schema = z.toJSONSchema(z.object(shape), { io: "input", unrepresentable: "any" });
  return [...new Set(propertiesIn(schema))].sort();
}

function propertiesIn(node: unknown): readonly string[] {
  if (typeof node !== "object" || node === null) return [];
  const own = "properties" in node && typeof node.properties === "object" ? Object.keys(node.properties ?? {}) : [];
  return [...own, ...Object.values(node).flatMap(propertiesIn)];
}

/** The examples of one language, in the order in which they stand there. */
function examples(language: string): readonly string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    ([, text = ""]) => text,
  );
}

test("the table of commands is the registry", () => {
  expect(table("| command | what it does |")).toEqual(COMMANDS.map(({ usage, summary }) => [code(usage), summary]));
});

test("the table of subcommands is what `steward --help` lists", async () => {
  const main = fileURLToPath(new URL("src/main.ts", ROOT));
  const { stdout } = await promisify(execFile)(process.execPath, [main, "--help"], { env: { COLUMNS: "500" } });
  const [, list = ""] = stdout.split("Commands:\n");
  for (const [name = "", summary = ""] of table("| subcommand | what it does |")) {
    const words = name.replaceAll("`", "");
    const help = await promisify(execFile)(process.execPath, [main, words, "--help"]);
    expect(help.stdout.replace(/\s+/g, " ")).toContain(summary);
  }
  const names = [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
  expect(table("| subcommand | what it does |").map(([name]) => name)).toEqual(names.map(code));
});

test("the table of variables has all there are, with their defaults", () => {
  const rows = table("| variable | default | meaning |");
  expect(rows.map(([name]) => name).sort()).toEqual([...ENVIRONMENT_NAMES].map(code).sort());
  const required = rows.flatMap(([name = "", value]) => (value === "required" ? [name.replaceAll("`", "")] : []));
  const given = Object.fromEntries(required.map((name) => [name, `https://${name}.example.org`]));
  const defaults = new Map(
    Object.entries(loadConfig(given).environment).map(([name, value]) => [name, code(`${value}`)]),
  );
  for (const name of required) expect(() => loadConfig({ ...given, [name]: undefined })).toThrow(name);
  for (const [name = "", value = ""] of rows)
    if (value.startsWith("`") && name !== code("PUBLIC_URL"))
      expect([name, value]).toEqual([name, defaults.get(name.replaceAll("`", ""))]);
});

test("the table of limits has all there are, with their defaults", () => {
  const limits = Object.entries(Limits.parse({})).map(([name, value]) => [code(name), `${value}`]);
  expect(table("| limit | default | meaning |").map(([name, value]) => [name, value])).toEqual(limits);
});

test("the example of a steward.yml is one", () => {
  const [instance = ""] = examples("yaml");
  expect(parseInstanceFile(instance, "README.md")).not.toHaveProperty("problems");
});

test("the example of a gates file is one, and uses every key of the table and no other", () => {
  const [, gates = ""] = examples("yaml");
  expect(loadRules(gates, "README.md")).toMatchObject({ rules: { setup: { timeoutMinutes: DEFAULT_SETUP_MINUTES } } });
  const keys = table("| key | where | meaning |").map(([key = ""]) => key.replaceAll("`", ""));
  for (const key of keys.filter((name) => name !== "name")) expect(gates).toContain(`${key}:`);
  expect([...keys].sort()).toEqual(keysOf(WrittenRules.shape));
  expect(README).toContain(`at most ${MAX_MINUTES}`);
  expect(README).toContain(`at most ${MAX_GATES}`);
  expect(README).toContain(`\`timeout-minutes\` has ${DEFAULT_GATE_MINUTES}.`);
});

test("what it links to and calls is there", () => {
  const links = [...README.matchAll(/\]\(([^)#:]+)\)|src="([^"]+)"/g)].map(([, link, image]) => link ?? image ?? "");
  expect(links.length).toBeGreaterThan(4);
  expect(links.filter((link) => !existsSync(new URL(link, ROOT)))).toEqual([]);
  const { scripts } = PackageJson.parse(JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")));
  const ownWords = README.replace(/^```yaml\n[\s\S]*?^```/gm, "");
  const called = [...ownWords.matchAll(/\bnpm (?:run )?(demo|start|test(?::\w+)?)/g)].map(([, name = ""]) => name);
  expect(called.filter((name) => !(name in scripts))).toEqual([]);
});
