/** The few shell words that the simulated sandbox understands, taken apart. */

/** One simple command. */
export interface Directive {
  readonly words: readonly string[];
  /** The file that its output goes to. */
  readonly target: string | undefined;
}

const SEPARATOR = /\s*(?:;|&&|\n)\s*/;
const WORD = /'([^']*)'|"([^"]*)"|(\S+)/g;

function wordsOf(statement: string): readonly string[] {
  return [...statement.matchAll(WORD)].map(([, single, double, bare]) => single ?? double ?? bare ?? "");
}

function directiveFrom(statement: string): Directive {
  const words = wordsOf(statement.replace(/\s*(?:1?>&2|2>&1)\s*/g, " ").replace(/>\s*/, " > "));
  const arrow = words.indexOf(">");
  if (arrow === -1) return { words, target: undefined };
  return { words: words.filter((_word, index) => index !== arrow && index !== arrow + 1), target: words[arrow + 1] };
}

/** The directives of an argv: of the script behind `sh -c`, or the argv itself as the only one. */
export function parseScript(argv: readonly string[]): readonly Directive[] {
  const [shell = "", option, script = ""] = argv;
  if (!shell.endsWith("sh") || option !== "-c") return [{ words: argv, target: undefined }];
  return script.split(SEPARATOR).filter(Boolean).map(directiveFrom);
}
