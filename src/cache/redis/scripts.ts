import { createHash } from 'node:crypto';

const shas = new Map<string, string>();

/** The name by which the server knows a script. */
export function shaOf(lua: string): string {
  let sha = shas.get(lua);
  if (sha === undefined) {
    sha = createHash('sha1').update(lua).digest('hex');
    shas.set(lua, sha);
  }
  return sha;
}
