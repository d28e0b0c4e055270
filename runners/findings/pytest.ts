/** Findings of pytest: its failure sections, and the short summary for what has no section. */
import { type FindingReader, type Place, placeOf, type RawFinding } from "./raw-finding.ts";

const SUMMARY = /^(?:FAILED|ERROR) (?<file>[^\s:]+)(?:::(?<test>\S+))?(?: - (?<message>.*))?$/;
const SECTION = /^_{3,} (?<title>\S.*) _{3,}$/;
const SECTION_END = /^(?:_{3,} \S|={3,} \S)/;
const PLACE = /^(?<file>\S[^:]*):(?<line>\d+): /;
const ERROR_LINE = /^E {3}(?<text>.*)$/;
const SECTION_KIND = /^ERROR (?:at (?:setup|teardown) of|collecting) /;

interface Section {
  readonly at: number;
  readonly test: string;
  readonly message: string;
  readonly places: readonly Place[];
}

/** A section knows the line and the whole message; the summary names also what was printed without a traceback. */
export const readPytest: FindingReader = (lines) => {
  const sections = readSections(lines);
  const told = new Set(sections.map(({ test }) => test));
  const rest = lines.flatMap((line, at): Section[] => {
    const groups = SUMMARY.exec(line)?.groups;
    if (!groups) return [];
    const test = (groups.test ?? groups.file ?? "").replaceAll("::", ".");
    if (told.has(test)) return [];
    return [{ at, test, message: groups.message ?? "failed", places: [placeOf({ file: groups.file })] }];
  });
  return [...sections, ...rest].map(({ at, test, message, places }): RawFinding => {
    return { at, severity: "error", places, standsAlone: true, message: `${test}: ${message}` };
  });
};

function readSections(lines: readonly string[]): readonly Section[] {
  const root = /^rootdir: (?<folder>[^,]*)/.exec(lines.find((line) => line.startsWith("rootdir: ")) ?? "");
  return lines.flatMap((line, at): Section[] => {
    const title = SECTION.exec(line)?.groups?.title;
    if (title === undefined) return [];
    let end = at + 1;
    while (end < lines.length && !SECTION_END.test(lines[end] ?? "")) end += 1;
    const block = lines.slice(at + 1, end);
    const errors = block.map((below) => ERROR_LINE.exec(below)?.groups?.text).filter((text) => text !== undefined);
    const places = block.map((below) => PLACE.exec(below)?.groups).filter((groups) => groups !== undefined);
    if (errors.length === 0 && places.length === 0) return [];
    const test = title.replace(SECTION_KIND, "");
    return [{ at, test, message: errors[0]?.trim() ?? "failed", places: inRoot(places.map(placeOf), root?.groups) }];
  });
}

/** The deepest frame comes last; its path starts at the root folder that pytest names. */
function inRoot(places: readonly Place[], root: Readonly<Record<string, string>> | undefined): readonly Place[] {
  const folder = root?.folder ?? ".";
  return places
    .toReversed()
    .map((place) => (place.file.startsWith("/") ? place : { ...place, file: `${folder}/${place.file}` }));
}
