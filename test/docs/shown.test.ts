import { describe, expect, it } from 'vitest';
import { markShown, printedAt } from './shown.js';

async function printed(code: string): Promise<{ said: readonly string[]; printed: readonly string[] }> {
  const marked = markShown(code);
  const calls: unknown[][] = [];
  const run = new Function('console', `return (async () => { ${marked.code}\n })()`) as (to: object) => Promise<void>;
  await run({ log: (...values: unknown[]) => calls.push(values) });
  return { said: marked.shown.map(({ said }) => said), printed: printedAt(marked.shown, calls) };
}

describe('what a page shows', () => {
  it('is what the line printed, however it is spaced', async () => {
    const { said, printed: text } = await printed("console.log([1, { a: 'b' }], 'c'); // [1, { a: 'b' }] c");
    expect(said).toEqual(["[1, { a: 'b' }] c"]);
    expect(text).toEqual(said);
  });

  it('is told by what was printed when it differs', async () => {
    expect((await printed('console.log(1 + 1); // 3')).printed).toEqual(['2']);
    expect((await printed("console.log('a.c'); // abc")).printed).toEqual(['a.c']);
  });

  it('is anything where three points stand', async () => {
    const { said, printed: text } = await printed("console.log({ id: '0193', n: 1 }); // { id: '...', n: 1 }");
    expect(text).toEqual(said);
    expect((await printed("console.log({ id: '0193', n: 2 }); // { id: '...', n: 1 }")).printed).toEqual([
      "{ id: '0193', n: 2 }",
    ]);
  });

  it('may take several lines, those behind the first set in', async () => {
    const { said, printed: text } = await printed("console.log('a b c'); // a\n//   b\n//   c\n// d");
    expect(said).toEqual(['a b c']);
    expect(text).toEqual(said);
  });

  it('is each turn of a loop', async () => {
    const { said, printed: text } = await printed('for (const n of [1, 2]) console.log(n); // 1; 2');
    expect(text).toEqual(said);
  });

  it('is missed when the line never ran', async () => {
    expect((await printed('if (false) console.log(1); // 1')).printed).toEqual(['']);
  });

  it('is not looked for where no comment stands behind the line', async () => {
    expect((await printed('console.log(1);\n// 2')).said).toEqual([]);
  });
});
