import { defineConfig } from 'tsup';

/** One entry per subpath export: `package.json` lists the same names. */
const library = {
  index: 'src/index.ts',
  'postgres/index': 'src/postgres/index.ts',
  'mongo/index': 'src/mongo/index.ts',
  'memory/index': 'src/memory/index.ts',
  'cache/index': 'src/cache/index.ts',
  'pool/index': 'src/pool/index.ts',
  'migrate/index': 'src/migrate/index.ts',
  'http/index': 'src/http/index.ts',
  'telemetry/index': 'src/telemetry/index.ts',
  'testing/index': 'src/testing/index.ts',
};

export default defineConfig({
  // The program is run and never imported: it has no types, and of its two formats the package takes one.
  entry: { ...library, cli: 'src/migrate/cli/main.ts' },
  format: ['esm', 'cjs'],
  target: 'node20',
  dts: { entry: library },
  splitting: true,
  treeshake: true,
  clean: true,
  sourcemap: false,
});
