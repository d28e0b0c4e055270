// What the scripted agent does, by issue and attempt. `expects` is what its prompt must say before it goes on.

const assertAndTest = `import assert from "node:assert/strict";\nimport { test } from "node:test";\n`;

const trimName = `/** A file name that every server takes: no white space around it, no path. */
export function trimName(name) {
  return name.trim().split(/[\\\\/]/).at(-1);
}
`;

const trimNameTest = `${assertAndTest}import { trimName } from "../src/trim-name.js";

test("takes white space and folders off a name", () => {
  assert.equal(trimName("  C:\\\\data\\\\a.txt "), "a.txt");
});
`;

const retry = `import { trimName } from "./trim-name.js";
import { upload } from "./upload.js";

/** Uploads a file and tries again, up to \`tries\` times in all. */
export async function uploadWithRetry(file, send, tries = 3) {
  for (let turn = 1; ; turn += 1) {
    try {
      return await upload({ ...file, name: trimName(file.name) }, send);
    } catch (error) {
      if (turn >= tries) throw error;
    }
  }
}
`;

const retryTest = `${assertAndTest}import { uploadWithRetry } from "../src/retry.js";

function failing(times) {
  let calls = 0;
  return async () => {
    calls += 1;
    return calls <= times ? { status: 503 } : { status: 200, location: "/a.txt" };
  };
}

test("tries again until it works", async () => {
  assert.equal(await uploadWithRetry({ name: "a.txt" }, failing(2)), "/a.txt");
});

test("gives up after the last try", async () => {
  await assert.rejects(uploadWithRetry({ name: "a.txt" }, failing(9), 2), /503/);
});
`;

const size = `const UNITS = ["B", "KB", "MB", "GB"];

/** A size for people: 1,536 bytes are "1.5 KB". */
export function formatSize(bytes) {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return \`\${Math.round((bytes / 1024 ** step) * 10) / 10} \${UNITS[step]}\`;
}
`;

const sizeTest = `${assertAndTest}import { formatSize } from "../src/size.js";

test("chooses the unit by the size", () => {
  assert.equal(formatSize(0), "0 B");
  assert.equal(formatSize(1536), "1.5 KB");
  assert.equal(formatSize(5 * 1024 ** 4), "5120 GB");
});
`;

const empty = `/** Throws for a file without content: servers answer it in many ways, none of them helpful. */
export function rejectEmpty(file) {
  if (file.size === 0) throw new RangeError(\`\${file.name} is empty\`);
  return file;
}
`;

const emptyTest = `${assertAndTest}import { rejectEmpty } from "../src/empty.js";

test("refuses an empty file", () => {
  assert.throws(() => rejectEmpty({ name: "a.txt", size: 0 }), /a\\.txt is empty/);
});

test("passes on any other file", () => {
  assert.deepEqual(rejectEmpty({ name: "a.txt", size: 3 }), { name: "a.txt", size: 3 });
});
`;

export const sessions = {
  1: [{ says: "Done, with a test.", writes: { "src/trim-name.js": trimName, "test/trim-name.test.js": trimNameTest } }],
  2: [
    {
      says: "Done. Tests can follow later.",
      writes: {
        "src/retry.js": retry,
        "test/retry.test.js": `${assertAndTest}import "../src/retry.js";\n\ntest("retries", () => {\n  assert.ok(true);\n});\n`,
      },
    },
    { says: "Covered what was missing.", expects: "src/retry.js", writes: { "test/retry.test.js": retryTest } },
  ],
  3: [
    { says: "This looks fine already.", writes: {} },
    { says: "I still think that nothing is to do.", writes: {} },
    { says: "Written and tested.", writes: { "src/size.js": size, "test/size.test.js": sizeTest } },
  ],
  5: [{ says: "Done.", writes: { "src/empty.js": empty, "test/empty.test.js": emptyTest } }],
};
