import { MigrationFileError } from '../errors/migration.js';
import { unknownName } from '../util/nearest.js';
import type { MigrationDirection, MigrationWay } from './migration.js';
import { scanSql, UnendedSql } from './scan-sql.js';

type SqlWay = Extract<MigrationWay, { readonly kind: 'sql' }>;

/** The sections of a file. */
export interface SqlSections {
  readonly up: SqlWay;
  /** Null: it says no way back. */
  readonly down: SqlWay | null;
}

interface Head {
  readonly direction: MigrationDirection;
  readonly transaction: boolean;
  readonly line: number;
  /** Where its text begins. */
  readonly from: number;
  /** Where the line of its name begins. */
  readonly start: number;
}

/** Any comment that looks as if it were to begin a section. */
const LIKE = /^--\s*(?:migrate\s*:|migrate\s+(?:up|down)\s*$)/i;
const EXACT = /^-- ?migrate:(\w+)(.*)$/;
const OPTIONS: readonly string[] = ['transaction'];

/** Reads the sections `-- migrate:up` and `-- migrate:down`. @throws MigrationFileError with the line */
export function readSqlFile(text: string, file: string): SqlSections {
  const heads = headsOf(text, file);
  const up = sectionOf(text, heads, 'up');
  if (up === null) throw fault('a file of SQL needs a line `-- migrate:up`, and its statements below it', file, null);
  return { up, down: sectionOf(text, heads, 'down') };
}

function fault(message: string, file: string, line: number | null): MigrationFileError {
  return new MigrationFileError(message, { file, line, version: null });
}

/** Statements keep their lines in the file: what is before a section counts as empty lines. */
function sectionOf(text: string, heads: readonly Head[], direction: MigrationDirection): SqlWay | null {
  const index = heads.findIndex((head) => head.direction === direction);
  const head = heads[index];
  if (head === undefined) return null;
  const body = text.slice(head.from, heads[index + 1]?.start ?? text.length);
  return { kind: 'sql', text: '\n'.repeat(head.line - 1) + body, transaction: head.transaction };
}

function headsOf(text: string, file: string): Head[] {
  const heads: Head[] = [];
  let line = 1;
  let begins = true;
  for (const token of scanSql(text)) {
    // Splitting it says what and where.
    if (token instanceof UnendedSql) break;
    const piece = text.slice(token.start, token.end);
    if (token.kind === 'line-comment' && begins && LIKE.test(piece)) {
      const head = { ...readHead(piece, file, line), line, from: token.end, start: token.start };
      const twin = heads.find(({ direction }) => direction === head.direction);
      if (twin !== undefined) throw fault(`\`migrate:${head.direction}\` stands in line ${twin.line} too`, file, line);
      heads.push(head);
    } else if (heads.length === 0 && !/^(?:space|line-comment|block-comment)$/.test(token.kind)) {
      throw fault('a statement stands before the line `-- migrate:up`', file, line);
    }
    line += piece.split('\n').length - 1;
    begins = token.kind === 'space' ? piece.includes('\n') : false;
  }
  return heads;
}

function readHead(comment: string, file: string, line: number): Pick<Head, 'direction' | 'transaction'> {
  const [, direction = '', rest = ''] = EXACT.exec(comment.trimEnd()) ?? [];
  if (direction !== 'up' && direction !== 'down')
    throw fault(`expected \`-- migrate:up\` or \`-- migrate:down\`, got \`${comment.trim()}\``, file, line);
  let transaction = true;
  for (const option of rest.split(/[\s,]+/).filter((each) => each !== '')) {
    const [name = '', value] = option.split(':');
    if (!OPTIONS.includes(name))
      throw fault(
        unknownName(name, OPTIONS, `\`${name}\` is no option of a section: known is \`transaction:false\``),
        file,
        line,
      );
    if (value !== 'true' && value !== 'false')
      throw fault(`expected \`transaction:false\` or \`transaction:true\`, got \`${option}\``, file, line);
    transaction = value === 'true';
  }
  return { direction, transaction };
}
