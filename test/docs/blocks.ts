import ts from 'typescript';

/** A block of code in a page or in a doc comment. */
export interface Block {
  /** `README.md:12`: where its code begins. */
  readonly place: string;
  readonly language: string;
  /** What follows the language, such as `no-run`. */
  readonly flags: readonly string[];
  /** Why it does not run: the HTML comment `<!-- no-run: ... -->` above it. */
  readonly reason: string | undefined;
  readonly code: string;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(path: string, markdown: string, firstLine = 1): readonly Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  for (let index = 0; index < lines.length; index++) {
    const open = /^(\s*)(`{3,})(.*)$/.exec(lines[index]!);
    if (open === null) continue;
    const [, indent, fence, info] = open as unknown as [string, string, string, string];
    const start = index + 1;
    let end = start;
    while (end < lines.length && lines[end]!.trim() !== fence) end++;
    const [language = '', ...flags] = info.trim().split(/\s+/);
    const reason = /<!--\s*no-run:\s*(.+?)\s*-->/.exec(lines[index - 1] ?? '')?.[1];
    const code = lines.slice(start, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ place: `${path}:${firstLine + start}`, language, flags, reason, code: code.join('\n') });
    index = end;
  }
  return blocks;
}

/** The names by which a page's headings are linked to: in small letters, words joined by hyphens. */
export function headingsOf(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^\s*(`{3,})[^\n]*\n[\s\S]*?^\s*\1\s*$/gm, '');
  return [...prose.matchAll(/^#{1,6}\s+(.+?)\s*$/gm)].map(([, words]) =>
    words!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}

/** The blocks of every `@example` in the doc comments of a source file. */
export function examplesOf(path: string, source: string): readonly Block[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const blocks: Block[] = [];
  const visit = (node: ts.Node): void => {
    for (const doc of ts.getJSDocCommentsAndTags(node)) {
      if (!ts.isJSDoc(doc) || doc.parent !== node) continue;
      const tag = doc.tags?.find((each) => each.tagName.text === 'example');
      if (tag === undefined) continue;
      // The tag's own text has lost its indentation; the comment's has not.
      const text = source.slice(tag.pos, doc.end).replace(/\*\/$/, '');
      const { line } = file.getLineAndCharacterOfPosition(tag.pos);
      blocks.push(...blocksOf(path, text.replace(/^[ \t]*\* ?/gm, ''), line + 1));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return blocks;
}

/** What may follow `ts` in a page: `memory` says that a server does not print the same. */
const FLAGS: readonly string[] = ['no-run', 'memory'];

/** What is wrong with the way in which a block is marked; a block of another language has nothing to keep. */
export function markingProblems({ place, language, flags, reason }: Block): readonly string[] {
  if (['typescript', 'js', 'javascript', 'tsx', 'mts'].includes(language)) {
    return [`${place} is marked \`${language}\`: only \`ts\` is compiled`];
  }
  if (language !== 'ts') return [];
  const unknown = flags.filter((flag) => !FLAGS.includes(flag)).map((flag) => `${place} has the flag \`${flag}\``);
  const silent = flags.includes('no-run') && reason === undefined;
  return silent ? [...unknown, `${place} does not run: say why in \`<!-- no-run: ... -->\` above it`] : unknown;
}
