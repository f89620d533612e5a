import { bin, run } from './packed.js';

/** A compiler, by the path of its `tsc`. */
export type Compiler = string;

/** The compiler of this repository. */
export const OWN_COMPILER: Compiler = bin('typescript/bin/tsc');

/**
 * Compiles a project that lies in this folder, or within it; rejects with the compiler's errors, also with those that it found in the package.
 * The folder is the one that has `node_modules`.
 */
export async function compile(
  folder: string,
  { project = '.', compiler = OWN_COMPILER }: CompileOptions = {},
): Promise<void> {
  await run(process.execPath, [compiler, '-p', project], folder).catch(rethrowOwn);
}

export interface CompileOptions {
  /** Its folder or its configuration, from there. @default the folder itself */
  readonly project?: string | undefined;
  readonly compiler?: Compiler | undefined;
}

/** Lets pass what a compiler finds in packages of others: a driver's declarations may be newer than the compiler. */
function rethrowOwn(error: Error): void {
  const found = error.message.split('\n').filter((line) => /\(\d+,\d+\): error TS/.test(line));
  if (found.length === 0 || found.some((line) => !isOfOthers(line))) throw error;
}

/** Linked packages lie outside of the project, and installed ones beside ours. */
function isOfOthers(line: string): boolean {
  return line.startsWith('..') || (/^node_modules[\\/]/.test(line) && !/^node_modules[\\/]trivet[\\/]/.test(line));
}
