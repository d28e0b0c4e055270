/** How much of a request's body a gateway takes into memory. */
import { describe, expect, test } from "vitest";
import { MAX_BODY_BYTES, MAX_HELD_BYTES, readBody } from "../../../../runners/gateway/request-body.ts";

const MEGABYTE = 1024 * 1024;

async function* body(megabytes: number): AsyncGenerator<Buffer> {
  const chunk = Buffer.alloc(MEGABYTE);
  for (let n = 0; n < megabytes; n += 1) yield chunk;
}

describe("a body", () => {
  test("is read whole, and counts against the gateway until it is released", async () => {
    const budget = { held: 0 };
    const { bytes, release } = await readBody(body(3), budget);
    expect(bytes).toHaveLength(3 * MEGABYTE);
    expect(budget.held).toBe(3 * MEGABYTE);
    release();
    release();
    expect(budget.held).toBe(0);
  });

  test("over the limit is refused and held no longer", async () => {
    const budget = { held: 0 };
    await expect(readBody(body(MAX_BODY_BYTES / MEGABYTE + 1), budget)).rejects.toMatchObject({ status: 413 });
    expect(budget.held).toBe(0);
  });

  test("is refused while the others fill what one gateway may hold", async () => {
    const budget = { held: MAX_HELD_BYTES - MEGABYTE };
    await expect(readBody(body(2), budget)).rejects.toMatchObject({ status: 413 });
    expect(budget.held).toBe(MAX_HELD_BYTES - MEGABYTE);
    expect((await readBody(body(1), budget)).bytes).toHaveLength(MEGABYTE);
  });
});
