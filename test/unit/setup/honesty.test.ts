import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OLDER_DRIVERS } from '../../setup/drivers.js';
import { type ContractRun, ENGINES, engineOf, judgeContracts, judgeServers } from '../../setup/honesty.js';

const servers = { postgresVersion: '15.4', postgresReal: true, mongoVersion: '7.0.2', redisVersion: '7.2.1' };
const rules = ['keeps rows', 'counts rows'];
const run = (engine: string, passed: readonly string[] = rules, all = passed): ContractRun => ({ engine, passed, all });
const whole = ENGINES.map((engine) => run(engine));
const but = (other: ContractRun) => whole.map((each) => (each.engine === other.engine ? other : each));

describe('a whole run', () => {
  it('is proof when every server said its version and every rule passed everywhere', () => {
    expect(judgeServers(servers).problems).toEqual([]);
    expect(judgeContracts(rules, whole).problems).toEqual([]);
    expect(judgeContracts(rules, whole).lines).toHaveLength(ENGINES.length);
  });

  it.each(['postgresVersion', 'mongoVersion', 'redisVersion'] as const)('is no proof without %s', (name) => {
    expect(judgeServers({ ...servers, [name]: undefined }).problems).toHaveLength(1);
    expect(judgeServers({ ...servers, [name]: 'unknown' }).problems).toHaveLength(1);
  });

  it('is no proof on a stand-in for PostgreSQL', () => {
    expect(judgeServers({ ...servers, postgresReal: false }).problems).toHaveLength(1);
  });

  it.each(ENGINES)('is no proof when %s was left out', (engine) => {
    const others = whole.filter((each) => each.engine !== engine);
    expect(judgeContracts(rules, others).problems).toEqual([`the contract did not run on ${engine}`]);
  });

  it('is no proof when a rule failed, was skipped or was never registered', () => {
    expect(judgeContracts(rules, but(run('mongo', ['keeps rows'], rules))).problems).toHaveLength(1);
    expect(judgeContracts(rules, but(run('mongo', ['keeps rows']))).problems).toHaveLength(1);
  });

  it('is no proof when the contract is empty', () => {
    expect(judgeContracts([], whole).problems).toContain('the contract has no rules');
  });

  it('may leave out a rule by name, with the reason', () => {
    const excepted = run(
      'mongo',
      ['keeps rows'],
      ['keeps rows', 'counts rows (not on this engine: it has no numbers)'],
    );
    const { lines, problems } = judgeContracts(rules, but(excepted));
    expect(problems).toEqual([]);
    expect(lines).toContain('contract on mongo: 1 of 2 rules kept, 1 excepted by name');
  });

  it('counts the contract with the older drivers apart', () => {
    expect(engineOf('mongo', OLDER_DRIVERS.project)).not.toBe(engineOf('mongo', ''));
    expect(ENGINES).toEqual(expect.arrayContaining(['mongo', engineOf('mongo', OLDER_DRIVERS.project)]));
  });

  it.each(OLDER_DRIVERS.include)('has %s for the older drivers', (file) => {
    expect(existsSync(file)).toBe(true);
  });
});
