/** Writes the worker's coverage after each test file: a worker that is ended by its pool writes none by itself. */
import v8 from "node:v8";
import { afterAll } from "vitest";

afterAll(() => {
  if (process.env.NODE_V8_COVERAGE) v8.takeCoverage();
});
