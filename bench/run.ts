// Runs a measurement by its name: `npm run bench -- telemetry`. Without one it tells what there is.
import { readdir } from 'node:fs/promises';

const folder = new URL('.', import.meta.url);
const names = (await readdir(folder)).filter((name) => /^[a-z-]+\.ts$/.test(name) && name !== 'run.ts');
const wanted = `${process.argv[2] ?? ''}.ts`;

if (names.includes(wanted)) {
  await import(new URL(wanted, folder).href);
} else {
  console.error(
    `There is no measurement \`${process.argv[2] ?? ''}\`. There are: ${names.map((name) => name.slice(0, -3)).join(', ')}`,
  );
  process.exitCode = 1;
}
