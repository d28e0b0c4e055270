/** Cycles of blockers. */
import { describe, expect, it } from "vitest";
import { findCycle } from "../../../src/dependencies/find-cycle.ts";
import { TaskId } from "../../../src/domain/ids.ts";

function task(number: number): TaskId {
  return TaskId.parse(`acme/widgets#${number}`);
}

function graph(edges: Readonly<Record<number, readonly number[]>>): (of: TaskId) => readonly TaskId[] {
  return (of) => (edges[Number(of.split("#")[1])] ?? []).map(task);
}

describe("findCycle", () => {
  it.each([
    ["no blockers", {}, undefined],
    ["a chain", { 1: [2], 2: [3] }, undefined],
    ["a diamond", { 1: [2, 3], 2: [4], 3: [4] }, undefined],
    ["itself", { 1: [1] }, [1, 1]],
    ["two that wait for each other", { 1: [2], 2: [1] }, [1, 2, 1]],
    ["a long way round", { 1: [2], 2: [3], 3: [4], 4: [5], 5: [1] }, [1, 2, 3, 4, 5, 1]],
    ["the shorter of two ways", { 1: [2, 5], 2: [3], 3: [1], 5: [1] }, [1, 5, 1]],
    ["a cycle further on that it is no part of", { 1: [2], 2: [3], 3: [2] }, undefined],
  ] as const)("answers for %s", (_title, edges, expected) => {
    expect(findCycle(task(1), graph(edges))).toEqual(expected?.map(task));
  });

  it("ends on a cycle of ten thousand", () => {
    const size = 10_000;
    const cycle = findCycle(task(1), (of) => [task((Number(of.split("#")[1]) % size) + 1)]);
    expect(cycle).toHaveLength(size + 1);
  });

  it("looks at each task once however many ways lead to it", () => {
    const asked: TaskId[] = [];
    const layers = (of: TaskId) => {
      asked.push(of);
      const number = Number(of.split("#")[1]);
      return number > 40 ? [] : [task(number + 2 - (number % 2)), task(number + 3 - (number % 2))];
    };
    expect(findCycle(task(1), layers)).toBeUndefined();
    expect(asked.length).toBe(new Set(asked).size);
  });
});
