/** Prints the size of the code next to execa's, for the eye; nothing fails by it. */
import ts from "typescript";
import { nodesOf, readSources, type SourceFile } from "./source-tree.ts";

const source = readSources(process.cwd(), ["src", "runners"]);
const tests = readSources(process.cwd(), ["test"]);
const files = source.map(linesOf);
const nodes = source.map((file) => [...nodesOf(file.tree)]);
const functions = nodes.flatMap((list) => list.filter(hasBody).map(lineCount));
const count = (is: (node: ts.Node) => boolean) => nodes.reduce((sum, list) => sum + list.filter(is).length, 0);
const anys = count((node) => node.kind === ts.SyntaxKind.AnyKeyword);
const bangs = count(ts.isNonNullExpression);
const ratio = (sum(tests.map(linesOf)) / Math.max(1, sum(files))).toFixed(2);

console.log("          files  lines/file p50 p90 max  lines/function p50 p90 max  any  !  test:source");
console.log(
  `steward   ${pad(source.length, 5)}  ${pad(figures(files), 22)}  ${pad(figures(functions), 26)}  ${pad(anys, 3)}  ${bangs}  ${ratio}`,
);
console.log("execa     109    54 136 243              11 24 -                     -    -  -");

function linesOf(file: SourceFile): number {
  return file.text.trimEnd().split("\n").length;
}

function hasBody(node: ts.Node): boolean {
  return (
    (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) || ts.isClassStaticBlockDeclaration(node)
  );
}

function lineCount(node: ts.Node): number {
  return node.getText().split("\n").length;
}

function figures(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return [at(0.5), at(0.9), at(1)].join(" ");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function pad(value: string | number, width: number): string {
  return String(value).padEnd(width);
}
