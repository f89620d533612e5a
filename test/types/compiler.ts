import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '..', '..');

function options(): ts.CompilerOptions {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, files: [], include: [] }, ts.sys, ROOT);
  return { ...options, noEmit: false, declaration: true };
}

/** Parsed files of the library and of its dependencies: the same for every program of a test file. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** What a compiled program says of one of its files. */
export interface Diagnosed {
  /** Errors of the file, each with the lines of its message joined. */
  errorsOf(name: string): string[];
  /** The declarations that an application would emit for a file. */
  declarationsOf(name: string): string;
  /** Type instantiations of the whole program, counted after everything was checked. */
  readonly instantiations: number;
}

/** Compiles files that exist only here, as if they lay beside the tests, against the sources. */
export function compile(files: Readonly<Record<string, string>>): Diagnosed {
  const settings = options();
  const host = ts.createCompilerHost(settings, true);
  const texts = new Map(Object.entries(files).map(([name, text]) => [join(HERE, name), text]));
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists.call(host, path);
  host.readFile = (path) => texts.get(path) ?? readFile.call(host, path);
  host.getSourceFile = (path, language, ...rest) => {
    const text = texts.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, language, true);
    if (!parsed.has(path)) parsed.set(path, getSourceFile.call(host, path, language, ...rest));
    return parsed.get(path);
  };
  const program = ts.createProgram([...texts.keys()], settings, host);
  const errors = new Map<string, string[]>();
  for (const path of texts.keys()) {
    const source = program.getSourceFile(path)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    errors.set(
      path,
      found.map((each) => ts.flattenDiagnosticMessageText(each.messageText, '\n')),
    );
  }
  return {
    errorsOf: (name) => errors.get(join(HERE, name)) ?? [`no file ${name}`],
    declarationsOf: (name) => {
      let text = '';
      const source = program.getSourceFile(join(HERE, name));
      program.emit(source, (_path, emitted) => (text += emitted), undefined, true);
      return text;
    },
    // Not in the public declarations of TypeScript, but what `--extendedDiagnostics` prints.
    instantiations: (program as unknown as { getInstantiationCount(): number }).getInstantiationCount(),
  };
}
