/** What is made in advance: not while somebody waits, never more than wanted, and nothing of it stays. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSpares, type Spare, type Spares } from "../../../runners/spares.ts";

interface Numbered extends Spare {
  readonly number: number;
  dies(): void;
}

const MOST = 2;

let made: Numbered[];
let released: number[];
let spares: Spares<Numbered>;
let fails: boolean;

async function make(): Promise<Numbered> {
  if (fails) throw new Error("there is no room");
  const number = made.length + 1;
  let alive = true;
  const spare: Numbered = {
    number,
    isAlive: () => alive,
    dies: () => (alive = false),
    release: async () => void released.push(number),
  };
  made.push(spare);
  return spare;
}

beforeEach(() => {
  vi.useFakeTimers();
  [made, released, fails] = [[], [], false];
  spares = createSpares(MOST, make);
});
afterEach(() => vi.useRealTimers());

test("the first one is made when it is asked for, others only when nobody asks any more", async () => {
  expect(await spares.take()).toMatchObject({ number: 1 });
  await vi.advanceTimersByTimeAsync(200);
  expect(await spares.take()).toMatchObject({ number: 2 });
  await vi.advanceTimersByTimeAsync(200);
  expect(made).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(200);
  expect(made).toHaveLength(2 + MOST);
  const [one, another, last] = [await spares.take(), await spares.take(), await spares.take()];
  expect([one.number, another.number, last.number].sort()).toEqual([3, 4, 5]);
});

test("one that died while it waited is not handed out", async () => {
  await spares.take();
  await vi.advanceTimersByTimeAsync(1_000);
  for (const spare of made.slice(1)) spare.dies();
  expect(await spares.take()).toMatchObject({ number: 2 + MOST });
});

test("what cannot be made in advance is heard by whoever needs one, and made when that is possible again", async () => {
  await spares.take();
  fails = true;
  await vi.advanceTimersByTimeAsync(1_000);
  await expect(spares.take()).rejects.toThrow("there is no room");
  fails = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(made).toHaveLength(1 + MOST);
});

test("those that nobody takes for long are released", async () => {
  await spares.take();
  await vi.advanceTimersByTimeAsync(14 * 60_000);
  expect(released).toEqual([]);
  await vi.advanceTimersByTimeAsync(2 * 60_000);
  expect(released.sort()).toEqual([2, 3]);
  expect(await spares.take()).toMatchObject({ number: 2 + MOST });
});

test("closing releases what nobody took, and what is being made", async () => {
  await spares.take();
  await vi.advanceTimersByTimeAsync(1_000);
  await spares.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(released.sort()).toEqual([2, 3]);
  expect(made).toHaveLength(1 + MOST);
});
