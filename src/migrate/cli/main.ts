#!/usr/bin/env node
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT } from './exit-codes.js';
import { OWN_PARTS } from './own-parts.js';
import { run } from './run.js';
import { Interruption } from './world.js';

const controller = new AbortController();
const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The first ends what runs and gives the lock back; who cannot wait for that says so again.
    if (controller.signal.aborted) process.exit(SIGNALS[signal]);
    controller.abort(new Interruption(signal));
  });
}

// Who reads the output may go away, as `head` does.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** The version in the package's own manifest, above this file. */
function version(): string {
  let folder = dirname(realpathSync(process.argv[1]!));
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
      if (manifest['name'] === 'trivet') return manifest['version']!;
    } catch {
      // It is further above.
    }
  }
  return 'unknown';
}

const { env, stdout, stderr } = process;
run({
  argv: process.argv.slice(2),
  cwd: process.cwd(),
  env,
  stdout,
  stderr,
  signal: controller.signal,
  now: () => performance.now(),
  version: version(),
  parts: OWN_PARTS,
}).then((code) => {
  process.exitCode = code;
  // What the configuration has opened, and nobody closes, must not keep the process; but all that was said has to arrive.
  stdout.write('', () => stderr.write('', () => process.exit(code)));
});
