import { defineConfig } from 'tsup';

/** One entry per subpath export, and the program: `package.json` lists the same names. */
export default defineConfig({
  entry: {
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
    cli: 'src/migrate/cli/main.ts',
  },
  format: ['esm', 'cjs'],
  target: 'node20',
  dts: true,
  splitting: true,
  treeshake: true,
  clean: true,
  sourcemap: false,
});
