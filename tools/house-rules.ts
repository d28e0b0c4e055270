/** Rules of the house that no linter has: purpose lines, no module-level `let`, no clock or chance in rules, no mocks of own modules. */
import ts from "typescript";
import { isConceptFile } from "./import-levels.ts";
import { lineOf, nodesOf, readSources, type SourceFile } from "./source-tree.ts";

/** Breaks of the rules below `root`, as `rule: file:line`. */
export function findHouseRuleBreaks(root: string): string[] {
  const source = readSources(root, ["src", "runners"]);
  const tests = readSources(root, ["test"]);
  return [
    ...source.flatMap((file) => [
      ...purposeOfFile(file),
      ...purposeOfExports(file),
      ...moduleState(file),
      ...doubleCasts(file),
    ]),
    ...source.filter((file) => isConceptFile(file.path)).flatMap(clockAndChance),
    ...tests.flatMap(mocksAndSkips),
  ];
}

function purposeOfFile(file: SourceFile): string[] {
  const first = file.text.startsWith("#!") ? file.text.slice(file.text.indexOf("\n") + 1) : file.text;
  return /^\/[/*]/.test(first) ? [] : [`the first line says what the file is for: ${file.path}:1`];
}

function purposeOfExports(file: SourceFile): string[] {
  const documented = new Set<string>();
  const bare = new Map<string, string>();
  for (const statement of file.tree.statements) {
    if (!isExported(statement)) continue;
    for (const name of namesOf(statement)) {
      if (ts.getJSDocCommentsAndTags(statement).length > 0) documented.add(name);
      else bare.set(name, `an exported thing has a line of purpose (${name}): ${file.path}:${lineOf(file, statement)}`);
    }
  }
  return [...bare].flatMap(([name, problem]) =>
    documented.has(name) || isFileNamedAfter(file.path, name) ? [] : [problem],
  );
}

/** What the file is named after is explained by its first line: `Channel` in `bullmq-channel.ts`. */
function isFileNamedAfter(path: string, name: string): boolean {
  const words = path.split("/").at(-1)?.replace(/\.ts$/, "").split("-") ?? [];
  return words
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("")
    .endsWith(name);
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return named && statement.name ? [statement.name.text] : [];
}

function moduleState(file: SourceFile): string[] {
  return file.tree.statements
    .filter(
      (statement) => ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.Let) !== 0,
    )
    .map((statement) => `no module-level let: ${file.path}:${lineOf(file, statement)}`);
}

function doubleCasts(file: SourceFile): string[] {
  return [...nodesOf(file.tree)]
    .filter((node) => ts.isAsExpression(node) && ts.isAsExpression(node.expression))
    .map((node) => `no cast through unknown: ${file.path}:${lineOf(file, node)}`);
}

function clockAndChance(file: SourceFile): string[] {
  return [...nodesOf(file.tree)]
    .filter(
      (node) => isNow(node) || isCallOf(node, /^(?:Date\.now|Math\.random|performance\.now|setTimeout|setInterval)$/),
    )
    .map(
      (node) =>
        `rules take time and chance as arguments (${node.getText().slice(0, 20)}): ${file.path}:${lineOf(file, node)}`,
    );
}

function mocksAndSkips(file: SourceFile): string[] {
  return [...nodesOf(file.tree)]
    .filter((node) => isCallOf(node, /^vi\.(?:mock|doMock)$|^(?:test|it|describe)\.(?:skip|only|todo)$/))
    .map((node) => `no mocks of modules, no skipped tests: ${file.path}:${lineOf(file, node)}`);
}

function isNow(node: ts.Node): boolean {
  return ts.isNewExpression(node) && node.expression.getText() === "Date" && (node.arguments?.length ?? 0) === 0;
}

function isCallOf(node: ts.Node, callee: RegExp): boolean {
  return ts.isCallExpression(node) && callee.test(node.expression.getText());
}

if (import.meta.main) {
  const breaks = findHouseRuleBreaks(process.cwd());
  for (const line of breaks) console.error(line);
  if (breaks.length > 0) process.exitCode = 1;
}
