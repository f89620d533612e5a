import { extname } from 'node:path';

/** What Node says of TypeScript that it does not read. */
const UNREAD: readonly unknown[] = ['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'];

/** Why a folder of migrations or seeds was not read, in words; `advice` is for one that is not there. */
export function whyUnreadable(cause: unknown, advice = ''): string {
  const { code } = cause as { readonly code?: unknown };
  return code === 'ENOENT' ? `there is no such folder${advice}` : `it cannot be read (${String(code)})`;
}

/** Why a file of code was not imported, and what helps, in words. */
export function whyNotImported(cause: unknown, file: string): string {
  const { code } = cause as { readonly code?: unknown };
  if (!UNREAD.includes(code)) return `it cannot be imported: ${cause instanceof Error ? cause.message : String(cause)}`;
  return `this Node (${process.version}) does not read ${extname(file)} by itself: start it by \`node --import tsx\`, build the file to JavaScript, or give \`load\``;
}
