/** Detects gates from pyproject.toml: mypy, ruff, pytest and coverage where they are configured or depended on. */
import { type Detected, presentFiles, type RootFiles } from "./detected.ts";
import { type PythonProject, readPyproject } from "./read-pyproject.ts";

/** A tool that makes a gate, and how it is called. */
interface Tool {
  readonly name: string;
  readonly gate: string;
  readonly commands: readonly string[];
  /** Dependencies that bring the tool. */
  readonly within?: readonly string[];
  /** Another one of the tools, without which it is of no use. */
  readonly beside?: string;
}

/** `coverage report` fails below the `fail_under` of the project's configuration. */
const TOOLS: readonly Tool[] = [
  { name: "mypy", gate: "typecheck", commands: ["mypy ."] },
  { name: "ruff", gate: "lint", commands: ["ruff check ."] },
  { name: "pytest", gate: "test", commands: ["pytest"] },
  {
    name: "coverage",
    gate: "coverage",
    commands: ["coverage run -m pytest", "coverage report"],
    within: ["pytest-cov"],
    beside: "pytest",
  },
];

/** Set-up makes its environment inside the checkout, because only that is kept, and keeps it out of commits. */
const VENV = ".venv";
const IGNORE_VENV = `printf '*\\n' > ${VENV}/.gitignore`;
const MAKE_VENV = `python3 -m venv ${VENV} && ${IGNORE_VENV} && ${VENV}/bin/pip install`;

interface Installer {
  readonly file: string;
  readonly install: string;
  readonly run: string;
  /** True: only what is depended on is there, so a tool that is merely configured is no gate. */
  readonly isLocked: boolean;
}

const IN_VENV = `${VENV}/bin/`;
const INSTALLERS: readonly Installer[] = [
  {
    file: "uv.lock",
    install: `uv sync --frozen --all-extras --all-groups && ${IGNORE_VENV}`,
    run: "uv run --no-sync ",
    isLocked: true,
  },
  {
    file: "poetry.lock",
    install: `POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --all-extras && ${IGNORE_VENV}`,
    run: IN_VENV,
    isLocked: true,
  },
  { file: "requirements.txt", install: `${MAKE_VENV} -r requirements.txt`, run: IN_VENV, isLocked: false },
];
const FROM_PROJECT: Installer = { file: "pyproject.toml", install: `${MAKE_VENV} -e .`, run: IN_VENV, isLocked: false };

/** Root files that are looked at. */
export const PYTHON_FILES: readonly string[] = ["pyproject.toml", ...INSTALLERS.map((installer) => installer.file)];

/** The gates of a Python project; `undefined` when none of the tools is in use. */
export function detectPythonGates(files: RootFiles): Detected | undefined {
  const text = files["pyproject.toml"];
  const project = text === undefined ? undefined : readPyproject(text);
  if (!project) return undefined;
  const installer = installerOf(files, project);
  const inUse = TOOLS.filter(({ name, within }) => {
    const isInstalled = [name, ...(within ?? [])].some((dependency) => project.dependencies.has(dependency));
    return isInstalled || (project.tools.has(name) && installer?.isLocked !== true);
  });
  const tools = inUse.filter(({ beside }) => beside === undefined || inUse.some(({ name }) => name === beside));
  if (tools.length === 0) return undefined;
  return {
    toolchain: "python",
    source: "pyproject.toml",
    gates: tools.map(({ gate, commands }) => ({
      name: gate,
      run: commands.map((command) => `${installer?.run ?? ""}${command}`).join(" && "),
    })),
    setup:
      installer &&
      setupOf(
        installer,
        tools.map(({ name }) => name),
      ),
  };
}

/** None where nothing is depended on: the tools are the machine's own then. */
function installerOf(files: RootFiles, project: PythonProject): Installer | undefined {
  const installer = INSTALLERS.find(({ file }) => presentFiles(files, [file]).length > 0);
  return installer ?? (project.dependencies.size > 0 ? FROM_PROJECT : undefined);
}

function setupOf({ install, file, isLocked }: Installer, tools: readonly string[]): Detected["setup"] {
  const run = isLocked ? install : `${install} ${tools.join(" ")}`;
  return { run, cache: [...new Set(["pyproject.toml", file])] };
}
