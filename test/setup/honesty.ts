import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProvidedContext } from 'vitest';
import { OLDER_DRIVERS } from './drivers.js';

/** How one test file of a contract ended. */
export interface ContractRun {
  readonly engine: string;
  /** Names of the tests that passed. */
  readonly passed: readonly string[];
  /** Every test of the file by name, whatever became of it. */
  readonly all: readonly string[];
}

export interface Judgement {
  /** One line per server and per engine. */
  readonly lines: readonly string[];
  /** Why a green run is no proof; empty when it is. */
  readonly problems: readonly string[];
}

/** The engines whose contract a whole run must have seen. */
export const ENGINES: readonly string[] = ['postgres', 'mongo', 'memory', `mongo, ${OLDER_DRIVERS.project}`];

/** The name under which an engine's contract counts: a run with the older drivers is one of its own. */
export function engineOf(engine: string, project: string): string {
  return project === OLDER_DRIVERS.project ? `${engine}, ${project}` : engine;
}

/** What was seen of the servers: version numbers come from queries, never from the name of a binary. */
export type Servers = Partial<
  Pick<ProvidedContext, 'postgresVersion' | 'postgresReal' | 'mongoVersion' | 'redisVersion'>
>;

/** Real servers: an engine that only looks like one must not pass for it. */
export function judgeServers(servers: Servers): Judgement {
  const versions: readonly (readonly [string, string | undefined])[] = [
    ['PostgreSQL', servers.postgresVersion],
    ['MongoDB', servers.mongoVersion],
    ['Redis', servers.redisVersion],
  ];
  const problems = versions
    .filter(([, version]) => version === undefined || !/^\d+\.\d+/.test(version))
    .map(([name]) => `${name} did not say its version`);
  if (servers.postgresReal !== true) problems.push('PostgreSQL was not a server of its own');
  return { lines: [`servers: ${versions.map(([name, version]) => `${name} ${version ?? '?'}`).join(', ')}`], problems };
}

/** Every rule of the contract ran on every engine: as itself, or as an exception that says why. */
export function judgeContracts(rules: readonly string[], runs: readonly ContractRun[]): Judgement {
  const lines: string[] = [];
  const problems: string[] = [];
  for (const engine of ENGINES) {
    const run = runs.find((each) => each.engine === engine);
    if (run === undefined) {
      problems.push(`the contract did not run on ${engine}`);
      continue;
    }
    const passed = new Set(run.passed);
    const kept = rules.filter((rule) => passed.has(rule));
    const excepted = rules.filter((rule) => run.all.some((name) => name.startsWith(`${rule} (not on this engine: `)));
    const lost = rules.filter((rule) => !passed.has(rule) && !excepted.includes(rule));
    lines.push(
      `contract on ${engine}: ${kept.length} of ${rules.length} rules kept, ${excepted.length} excepted by name`,
    );
    if (rules.length === 0) problems.push('the contract has no rules');
    if (lost.length > 0) problems.push(`on ${engine}, ${lost.length} rules were not kept, the first: ${lost[0]}`);
  }
  return { lines, problems };
}

/** Every test file of a folder, by the pattern that the configuration includes. */
export function testFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join(folder, path))
    .sort();
}
