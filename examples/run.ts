// Runs an example by its number or its name: `npm run example -- 02`, `npm run example -- blog`. Without either, the first one.
import { readdir, readFile } from 'node:fs/promises';

const folder = new URL('.', import.meta.url);
const files = (await readdir(folder)).filter((name) => /^\d{2}-.+\.ts$/.test(name)).sort();
const wanted = process.argv[2] ?? files[0]?.slice(0, 2) ?? '';
const file = files.find((name) => name.startsWith(`${wanted.padStart(2, '0')}-`) || name.slice(3, -3) === wanted);

if (file !== undefined) {
  await import(new URL(file, folder).href);
  if (process.exitCode === undefined) console.log(`\nIts code begins in examples/${file}.`);
} else {
  console.error(`There is no example \`${wanted}\`. There are:`);
  for (const name of files) console.error(`  npm run example -- ${name.slice(0, 2)}   ${await titleOf(name)}`);
  process.exitCode = 1;
}

/** An example's first line is a comment that says what it shows. */
async function titleOf(name: string): Promise<string> {
  const [first = ''] = (await readFile(new URL(name, folder), 'utf8')).split('\n');
  return first.replace(/^\/\/\s*/, '');
}
