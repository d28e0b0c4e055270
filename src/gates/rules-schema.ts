/** The shape of `.gitea/steward.yml`. Its messages are the ends of sentences that start with the key. */
import { z } from "zod";
import { MAX_MINUTES } from "./rule-limits.ts";

/** The same words for a value that is missing and one that is wrong. */
function must(be: string): { error: (issue: { readonly input?: unknown }) => string } {
  return { error: ({ input }) => (input === undefined ? `is missing; it must be ${be}` : `must be ${be}`) };
}

function isCleanPath(path: string): boolean {
  return path !== "" && !path.startsWith("/") && !path.includes("\0") && !path.split(/[/\\]/).includes("..");
}

const COMMAND = must("a shell command");
const Command = z.string(COMMAND).refine((command) => command.trim() !== "" && !command.includes("\0"), COMMAND);

const MINUTES = must(`a number of minutes above 0 and up to ${MAX_MINUTES}`);
const Minutes = z.number(MINUTES).positive(MINUTES).max(MAX_MINUTES, MINUTES);

const PERCENT = must("a percentage from 0 to 100");
const Percent = z.number(PERCENT).min(0, PERCENT).max(100, PERCENT);

const PATH = must("a path below the checkout");
const Path = z.string(PATH).refine(isCleanPath, PATH);

const LABELS = must("a runner label or a list of them");
const Label = z.string(LABELS).regex(/^[\w.-]{1,64}$/, LABELS);
const Labels = z.union([Label.transform((label) => [label]), z.array(Label)], LABELS);

const ENV_VALUE = must("text, a number, true or false");
const EnvValue = z
  .union([z.string().refine((value) => !value.includes("\0")), z.number(), z.boolean(), z.null()], ENV_VALUE)
  .transform((value) => (value === null ? "" : String(value)));
const ENV_NAME = /^[A-Za-z_]\w*$/;
const Env = z.record(
  z.string().regex(ENV_NAME, "is no name for a variable; use letters, digits and `_`"),
  EnvValue,
  must("a mapping of variables to values"),
);

/** A step of a gate; its name is for readers of the file only. */
const Step = z.strictObject({ name: z.string(must("text")).optional(), run: Command }, must("a mapping with `run`"));

const Coverage = z.strictObject(
  { report: Path, minimum: Percent.optional(), "changed-lines": Percent.optional() },
  must("a mapping with `report`"),
);

const STEPS = must("a list of steps, each with `run`");
/** One gate as it is written. */
export const WrittenGate = z.strictObject(
  {
    run: Command.optional(),
    steps: z.array(Step, STEPS).min(1, STEPS).optional(),
    env: Env.optional(),
    "timeout-minutes": Minutes.optional(),
    "runs-on": Labels.optional(),
    coverage: Coverage.optional(),
  },
  must("a mapping with `run` or `steps`"),
);
export type WrittenGate = z.infer<typeof WrittenGate>;

const CACHE = must("a path or a list of paths; their content decides whether an earlier result is used again");
const WrittenSetup = z.strictObject(
  {
    run: Command,
    cache: z.union([Path.transform((path) => [path]), z.array(Path)], CACHE),
    "timeout-minutes": Minutes.optional(),
  },
  must("a mapping with `run` and `cache`"),
);

/** The whole file as it is written. */
export const WrittenRules = z.strictObject(
  {
    setup: WrittenSetup.optional(),
    gates: z.record(z.string(), WrittenGate, must("a mapping of gate names to gates")),
    integrity: z.enum(["withhold", "report"], must("`withhold` or `report`")).optional(),
    merge: z
      .literal("manual", {
        error: ({ input }) => (input === "auto" ? "as `auto` is not supported yet; use `manual`" : "must be `manual`"),
      })
      .optional(),
  },
  must("a mapping with `gates`"),
);
export type WrittenRules = z.infer<typeof WrittenRules>;
