/** Secrets out of text: known ones in every form they are likely to be printed in, unknown ones by their shape. */

/** What a secret is replaced by. */
const MASK = "***";

/** Shorter secrets are not masked: they would blot out ordinary words and so give themselves away. */
const MINIMUM_SECRET_LENGTH = 6;

/** A piece of base64 shorter than this occurs by chance. */
const MINIMUM_BASE64_LENGTH = 8;

/** Text without a line end is held back no longer than this. */
const MAXIMUM_HELD = 64 * 1024;

/** Longest text that a shape below matches, and so the least that is held back where a line is cut. */
const LONGEST_SHAPE = 1024;

/** Tokens of well-known services, credentials in URLs and headers; what a `keep` group matches stays. */
const SHAPES: readonly string[] = [
  "sk-ant-[\\w-]{16,512}",
  "sk-[A-Za-z0-9][\\w-]{30,512}",
  "gh[pousr]_[A-Za-z0-9]{30,255}",
  "github_pat_\\w{22,255}",
  "glpat-[\\w-]{20,255}",
  "xox[abeoprs]-[\\w-]{10,255}",
  "npm_[A-Za-z0-9]{36}",
  "AKIA[0-9A-Z]{16}",
  "eyJ[\\w-]{10,300}\\.eyJ[\\w-]{10,300}\\.[\\w-]{10,300}",
  "(?<keep>\\b(?:[Tt]oken|[Bb]earer)[ :=]{1,3})[0-9a-f]{40}\\b",
  "(?<keep>://[^\\s/:@]{1,128}:)[^\\s/@]{3,256}(?=@)",
];

const PRIVATE_KEY_START = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const PRIVATE_KEY_END = /-----END [A-Z ]*PRIVATE KEY-----/;
const PRIVATE_KEY_BLOCK = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** Masks secrets in a finished text. */
export type Redactor = (text: string) => string;

/** Masks secrets in text that comes in pieces; a secret cut by a border between pieces is still found. */
export interface RedactingStream {
  /** Returns what can be told by now: everything up to the last line end. */
  write(piece: string): string;
  /** Returns the rest. */
  end(): string;
}

/** What the base64 text of anything that contains `secret` must contain, for each place its first byte can have in a group of three. */
function base64Forms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor(((shift + bytes.length) * 8) / 6);
    return encoded.slice(first, last);
  });
}

function encodedForms(secret: string): readonly string[] {
  const url = encodeURIComponent(secret.toWellFormed());
  const base64 = base64Forms(secret).filter((form) => form.length >= MINIMUM_BASE64_LENGTH);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    url,
    url.replace(/%20/g, "+"),
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    ...base64,
    ...base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

/** The secret, and its lines when it has several: they are printed, and looked for, one by one. */
function partsOf(secret: string): readonly string[] {
  return [secret, secret.trim(), ...secret.split(/\r?\n/).map((line) => line.trim())];
}

/** All texts to look for, longest first, so that a secret which contains another one is masked as a whole. */
function literalsFrom(secrets: readonly string[]): readonly string[] {
  const parts = secrets.flatMap(partsOf).filter((part) => part.length >= MINIMUM_SECRET_LENGTH);
  return [...new Set(parts.flatMap(encodedForms))].sort((a, b) => b.length - a.length);
}

function escapePattern(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function patternFrom(literals: readonly string[]): RegExp {
  return new RegExp([...literals.map(escapePattern), ...SHAPES].join("|"), "g");
}

function maskAll(text: string, pattern: RegExp): string {
  return text.replace(pattern, `$<keep>${MASK}`);
}

/** A function that masks these secrets, and whatever has the shape of one. */
export function createRedactor(secrets: readonly string[]): Redactor {
  const pattern = patternFrom(literalsFrom(secrets));
  return (text) => maskAll(text.replace(PRIVATE_KEY_BLOCK, MASK), pattern);
}

/** Where to cut a text without a line end: no possible secret lies across the cut. */
function safeCut(text: string, holdBack: number, pattern: RegExp): number {
  const cut = Math.max(0, text.length - holdBack);
  for (const match of text.matchAll(pattern)) {
    if (match.index >= cut) break;
    if (match.index + match[0].length > cut) return match.index + match[0].length;
  }
  return cut;
}

/** Replaces lines of private keys, which are told by where they are and not by what they look like. */
function createKeyBlockFilter(): (lines: string) => string {
  let inside = false;
  const filterLine = (line: string): string => {
    if (!inside) {
      const start = PRIVATE_KEY_START.exec(line);
      if (!start) return line;
      inside = !PRIVATE_KEY_END.test(line);
      return inside ? `${line.slice(0, start.index)}${MASK}\n` : line.replace(PRIVATE_KEY_BLOCK, MASK);
    }
    const end = PRIVATE_KEY_END.exec(line);
    if (!end) return "";
    inside = false;
    return line.slice(end.index + end[0].length).replace(/^\r?\n/, "");
  };
  return (lines) => {
    if (!inside && !PRIVATE_KEY_START.test(lines)) return lines;
    return (lines.match(/[^\n]*\n|[^\n]+$/g) ?? []).map(filterLine).join("");
  };
}

/** Like `createRedactor`, for text that comes in pieces. */
export function createRedactingStream(secrets: readonly string[]): RedactingStream {
  const literals = literalsFrom(secrets);
  const pattern = patternFrom(literals);
  const holdBack = Math.max(LONGEST_SHAPE, literals[0]?.length ?? 0);
  const filterKeyBlocks = createKeyBlockFilter();
  let held = "";
  const release = (length: number): string => {
    const ready = held.slice(0, length);
    held = held.slice(length);
    return maskAll(filterKeyBlocks(ready), pattern);
  };
  return {
    write(piece) {
      held += piece;
      const lineEnd = Math.max(held.lastIndexOf("\n"), held.lastIndexOf("\r")) + 1;
      if (lineEnd > 0) return release(lineEnd);
      return held.length > MAXIMUM_HELD + holdBack ? release(safeCut(held, holdBack, pattern)) : "";
    },
    end: () => release(held.length),
  };
}
