import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A copy of the migrations that may be edited. It is gone with the end of its block. */
export class EditedProject {
  readonly folder: string;
  readonly #original: string;

  private constructor(folder: string, original: string) {
    this.folder = folder;
    this.#original = original;
  }

  static async of(original: string): Promise<EditedProject> {
    const folder = await mkdtemp(join(tmpdir(), 'trivet-migrations-'));
    await cp(original, folder, { recursive: true });
    return new EditedProject(folder, original);
  }

  /** The copy lies where nothing is installed, so code is read where it came from. */
  readonly load = (file: string): Promise<unknown> => import(pathToFileURL(join(this.#original, basename(file))).href);

  append(file: string, text: string): Promise<void> {
    return appendFile(join(this.folder, file), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
