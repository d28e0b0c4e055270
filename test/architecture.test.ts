/** The import table bites: each kind of forbidden import is found in a small tree, and the real tree has none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findForbiddenImports } from "../tools/check-imports.ts";

describe("the import table", () => {
  let root = "";

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "steward-architecture-"));
    write("package.json", '{"type":"module","dependencies":{"bullmq":"1"},"devDependencies":{"nock":"1"}}');
    for (const name of ["bullmq", "nock", "stranger"]) {
      write(`node_modules/${name}/package.json`, `{"name":"${name}","type":"module","exports":"./index.js"}`);
      write(`node_modules/${name}/index.js`, "export const it = 1;");
    }
    write("src/lib/clock.ts", "export const now = 1;");
    write("src/domain/task.ts", "export interface Task { id: string }\nexport const first = 1;");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function write(file: string, text: string): void {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }

  const forbidden: [what: string, rule: string, files: Record<string, string>][] = [
    [
      "a slice that imports another",
      "level-src/queue/: src/queue/order.ts -> src/gates/verdict.ts",
      {
        "src/gates/verdict.ts": "export const a = 1;",
        "src/queue/order.ts": 'import { a } from "../gates/verdict.ts";\nexport const b = a;',
      },
    ],
    [
      "a type-only import of another slice",
      "level-src/queue/: src/queue/order.ts -> src/gates/verdict.ts",
      {
        "src/gates/verdict.ts": "export type A = 1;",
        "src/queue/order.ts": 'import type { A } from "../gates/verdict.ts";\nexport type B = A;',
      },
    ],
    [
      "an import upwards",
      "level-src/domain/: src/domain/up.ts -> src/ports/forge.ts",
      { "src/ports/forge.ts": "export const a = 1;", "src/domain/up.ts": 'export { a } from "../ports/forge.ts";' },
    ],
    [
      "a runner that knows a slice",
      "level-runners/: runners/runner.ts -> src/gates/verdict.ts",
      {
        "src/gates/verdict.ts": "export const a = 1;",
        "runners/runner.ts": 'export { a } from "../src/gates/verdict.ts";',
      },
    ],
    [
      "source that imports a test",
      "level-src/lib/: src/lib/a.ts -> test/b.ts",
      { "test/b.ts": "export const a = 1;", "src/lib/a.ts": 'export { a } from "../../test/b.ts";' },
    ],
    [
      "a handler that imports another command than the one it may",
      "level-src/handlers/: src/handlers/comment.ts -> src/commands/parse.ts",
      {
        "src/commands/parse.ts": "export const a = 1;",
        "src/commands/run-commands.ts": "export const b = 1;",
        "src/handlers/comment.ts":
          'export { a } from "../commands/parse.ts";\nexport { b } from "../commands/run-commands.ts";',
      },
    ],
    [
      "a client library in a concept file",
      "clients-in-technology-files: src/queue/order.ts -> node_modules/bullmq/index.js",
      { "src/queue/order.ts": 'import { it } from "bullmq";\nexport const b = it;' },
    ],
    [
      "a child process in a concept file",
      "clients-in-technology-files: src/gates/run.ts -> child_process",
      { "src/gates/run.ts": 'import { spawn } from "node:child_process";\nexport const b = spawn;' },
    ],
    [
      "a file system among the words",
      "words-are-pure: src/domain/read.ts -> fs/promises",
      { "src/domain/read.ts": 'import { readFile } from "node:fs/promises";\nexport const b = readFile;' },
    ],
    [
      "a client library among the words",
      "words-know-only-zod: src/domain/queue.ts -> node_modules/bullmq/index.js",
      { "src/domain/queue.ts": 'export { it } from "bullmq";' },
    ],
    [
      "a client library in the lowest level",
      "lib-knows-few-packages: src/lib/queue.ts -> node_modules/bullmq/index.js",
      { "src/lib/queue.ts": 'export { it } from "bullmq";' },
    ],
    [
      "a concept file that imports a technology file",
      "concepts-do-not-import-technology: src/coordinator/a.ts -> src/queue/redis-store.ts",
      {
        "src/queue/redis-store.ts": "export const a = 1;",
        "src/coordinator/a.ts": 'export { a } from "../queue/redis-store.ts";',
      },
    ],
    [
      "a cycle of values",
      "no-cycles: src/domain/a.ts -> src/domain/b.ts -> src/domain/a.ts",
      {
        "src/domain/a.ts": 'import { b } from "./b.ts";\nexport const a = () => b;',
        "src/domain/b.ts": 'import { a } from "./a.ts";\nexport const b = () => a;',
      },
    ],
    [
      "an import of nothing",
      "everything-resolves: src/domain/a.ts -> ./gone.ts",
      { "src/domain/a.ts": 'export { a } from "./gone.ts";' },
    ],
    [
      "a development package in source",
      "no-development-packages: src/lib/a.ts -> node_modules/nock/index.js",
      { "src/lib/a.ts": 'export { it } from "nock";' },
    ],
    [
      "a package that package.json does not name",
      "no-undeclared-packages: src/lib/a.ts -> node_modules/stranger/index.js",
      { "src/lib/a.ts": 'export { it } from "stranger";' },
    ],
  ];

  test.each(forbidden)("catches %s", async (_what, violation, files) => {
    for (const [file, text] of Object.entries(files)) write(file, text);
    expect((await findForbiddenImports(root)).violations).toContain(violation);
  });

  test("lets pass what the table allows", async () => {
    write(
      "src/queue/bullmq-queue.ts",
      'import { it } from "bullmq";\nimport { first } from "../domain/task.ts";\nexport const a = [it, first];',
    );
    write(
      "src/queue/order.ts",
      'import type { it } from "bullmq";\nimport { now } from "../lib/clock.ts";\nexport const b: typeof it = now;',
    );
    write("src/coordinator/advance.ts", 'import { b } from "../queue/order.ts";\nexport const c = b;');
    write("src/domain/a.ts", 'import type { B } from "./b.ts";\nexport type A = B;\nexport const a = 1;');
    write("src/domain/b.ts", 'import { a } from "./a.ts";\nexport type B = typeof a;');
    write("src/main.ts", 'import "./queue/bullmq-queue.ts";\nimport "../runners/runner.ts";');
    write("runners/runner.ts", 'import { first } from "../src/domain/task.ts";\nexport const r = first;');
    write("test/a.test.ts", 'import "nock";\nimport "../src/main.ts";');
    const { violations, files } = await findForbiddenImports(root);
    expect(violations).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining(["src/main.ts", "src/domain/a.ts", "runners/runner.ts", "test/a.test.ts"]),
    );
  });

  test("holds in this repository, all of which is read", async () => {
    const { violations, files } = await findForbiddenImports(process.cwd());
    expect(violations).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining(["src/domain/task.ts", "runners/sandbox/sandbox.ts", "test/architecture.test.ts"]),
    );
  });
});
