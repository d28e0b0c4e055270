/** Reads from pyproject.toml which tools are configured and what is depended on. */
import { parse } from "smol-toml";
import { z } from "zod";

const Table = z.record(z.string(), z.unknown());
const Requirements = z.array(z.unknown());
const Poetry = z.object({
  dependencies: Table.optional().catch(undefined),
  "dev-dependencies": Table.optional().catch(undefined),
  group: z
    .record(z.string(), z.object({ dependencies: Table.optional().catch(undefined) }))
    .optional()
    .catch(undefined),
});
const Pyproject = z.object({
  tool: Table.optional().catch(undefined),
  project: z
    .object({
      dependencies: Requirements.optional().catch(undefined),
      "optional-dependencies": z.record(z.string(), Requirements).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  "dependency-groups": z.record(z.string(), Requirements).optional().catch(undefined),
});
type Pyproject = z.infer<typeof Pyproject>;

/** The name that a requirement such as `pytest-cov[toml]>=5` starts with. */
const REQUIREMENT_NAME = /^\s{0,8}([A-Za-z0-9][\w.-]{0,99})/;

/** What detection wants to know of a Python project. */
export interface PythonProject {
  /** Names below `[tool]`. */
  readonly tools: ReadonlySet<string>;
  /** Names of everything depended on, in any group. */
  readonly dependencies: ReadonlySet<string>;
}

/** The project, or `undefined` where the text is none; whatever the library throws at it says the same. */
export function readPyproject(text: string): PythonProject | undefined {
  let data: unknown;
  try {
    data = parse(text);
  } catch {
    return undefined;
  }
  const project = Pyproject.safeParse(data).data;
  return project && { tools: new Set(Object.keys(project.tool ?? {})), dependencies: dependenciesOf(project) };
}

function dependenciesOf({ tool, project, "dependency-groups": groups }: Pyproject): ReadonlySet<string> {
  const requirements = [
    project?.dependencies ?? [],
    ...Object.values(project?.["optional-dependencies"] ?? {}),
    ...Object.values(groups ?? {}),
  ].flat();
  const names = requirements.flatMap((text) =>
    typeof text === "string" ? (REQUIREMENT_NAME.exec(text)?.[1] ?? []) : [],
  );
  return new Set([...names, ...poetryDependencies(tool?.poetry)].map((name) => name.toLowerCase()));
}

function poetryDependencies(data: unknown): readonly string[] {
  const poetry = Poetry.safeParse(data).data;
  const groups = Object.values(poetry?.group ?? {}).map((group) => group.dependencies);
  return [poetry?.dependencies, poetry?.["dev-dependencies"], ...groups]
    .flatMap((table) => Object.keys(table ?? {}))
    .filter((name) => name !== "python");
}
