import type { SqlStatement } from './split-sql.js';

/** Statements that PostgreSQL does not run in a transaction block, by their first words. */
const ALONE: readonly RegExp[] = [
  /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY\b/,
  /^DROP INDEX CONCURRENTLY\b/,
  /^REINDEX\b.* CONCURRENTLY\b/,
  /^REINDEX (?:DATABASE|SYSTEM)\b/,
  /^ALTER TABLE .*\bDETACH PARTITION .*\bCONCURRENTLY\b/,
  /^VACUUM\b/,
  /^CLUSTER(?: VERBOSE)?$/,
  /^(?:CREATE|DROP) (?:DATABASE|TABLESPACE)\b/,
  /^ALTER DATABASE .*\bSET TABLESPACE\b/,
  /^ALTER SYSTEM\b/,
  /^DISCARD ALL\b/,
];

/** What begins or ends a transaction. */
const CONTROL =
  /^(?:BEGIN|START TRANSACTION|COMMIT|END|ABORT|PREPARE TRANSACTION|ROLLBACK(?! (?:WORK |TRANSACTION )?TO))\b/;

/** Why a statement cannot stand in a migration that runs in a transaction; null when it can. */
export function refusalInTransaction({ words }: SqlStatement): string | null {
  const text = words.join(' ');
  if (ALONE.some((pattern) => pattern.test(text)))
    return `\`${shown(words)}\` cannot run in a transaction: write \`transaction:false\` behind the name of the section, and let it stand alone in its file`;
  if (CONTROL.test(text))
    return `\`${shown(words)}\` is not for a migration that runs in a transaction of its own: leave it out, or write \`transaction:false\``;
  return null;
}

function shown(words: readonly string[]): string {
  const concurrently = words.indexOf('CONCURRENTLY');
  return words
    .slice(0, concurrently < 0 ? 2 : concurrently + 1)
    .join(' ')
    .toLowerCase();
}
