/** The example files say what is true: they load, show every setting, and name the real defaults. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ENVIRONMENT_NAMES, loadConfig } from "../../../src/config.ts";

const REQUIRED = {
  GITEA_URL: "http://git.example",
  GITEA_TOKEN: "the-token-of-the-bot",
  GITEA_WEBHOOK_SECRET: "a-secret-of-sixteen",
};

/** Lines `NAME=value` of .env.example, those that are commented out apart. */
function exampleVariables(): { readonly set: Map<string, string>; readonly shown: Map<string, string> } {
  const lines = readFileSync(".env.example", "utf8").matchAll(/^(# )?([A-Z_]+)=(.*)$/gm);
  const set = new Map<string, string>();
  const shown = new Map<string, string>();
  for (const [, comment, name = "", value = ""] of lines) (comment === undefined ? set : shown).set(name, value);
  return { set, shown };
}

test("steward.example.yml loads, and has the defaults but for agents and endpoints", () => {
  const defaults = loadConfig(REQUIRED);
  const example = loadConfig({ ...REQUIRED, STEWARD_CONFIG: "steward.example.yml" });
  expect({ ...example.file, agents: undefined, endpoints: {} }).toEqual({ ...defaults.file, agents: undefined });
  expect(example.endpoints.anthropic).toEqual(defaults.endpoints.anthropic);
  expect(example.profiles.sonnet).toEqual(defaults.profiles.sonnet);
});

test("steward.example.yml shows every setting", () => {
  const { file } = loadConfig({ ...REQUIRED, STEWARD_CONFIG: "steward.example.yml" });
  const text = readFileSync("steward.example.yml", "utf8");
  const settings = [file, file.limits, file.runner, ...Object.values(file.agents ?? {})].flatMap((part) =>
    Object.keys(part),
  );
  expect(settings.length).toBeGreaterThan(20);
  expect(settings.filter((setting) => !new RegExp(`^ *${setting}:`, "m").test(text))).toEqual([]);
});

test(".env.example shows every variable, and sets those without which nothing starts", () => {
  const { set, shown } = exampleVariables();
  expect([...set.keys()]).toEqual(Object.keys(REQUIRED));
  expect([...set.keys(), ...shown.keys()].sort()).toEqual([...ENVIRONMENT_NAMES, "ANTHROPIC_API_KEY"].sort());
});

test("the values that .env.example shows for what has a default are the defaults", () => {
  const { environment } = loadConfig(REQUIRED);
  const { shown } = exampleVariables();
  const defaults = Object.entries(environment).filter(([name]) => !(name in REQUIRED));
  expect(defaults.length).toBeGreaterThan(4);
  for (const [name, value] of defaults) expect(`${name}=${shown.get(name)}`).toBe(`${name}=${value}`);
});
