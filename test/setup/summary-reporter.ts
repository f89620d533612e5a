import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Reporter, TestModule, TestSpecification, Vitest } from 'vitest/node';
import { contractCases } from '../../src/testing/index.js';
import { type ContractRun, engineOf, type Judgement, judgeContracts, judgeServers, testFiles } from './honesty.js';

/** What a run is about. */
export interface SummaryOptions {
  /** Where its files are. @default 'test' */
  readonly folder?: string;
  /** Name of the file of its totals. @default 'summary.json' */
  readonly file?: string;
  /** Whether it has to show that every engine keeps the contract. @default true */
  readonly contracts?: boolean;
}

/** The faults are a run of their own. */
const FAULTS = join('test', 'faults');

/**
 * Ends a run with its totals, and fails a whole run that proves less than it seems to: see `honesty.ts`.
 *
 * A run of chosen files is only counted, unless the environment says `CI`.
 */
export default class SummaryReporter implements Reporter {
  readonly #folder: string;
  readonly #file: string;
  readonly #contracts: boolean;
  #vitest: Vitest | undefined;
  #whole = false;

  constructor({ folder = 'test', file = 'summary.json', contracts = true }: SummaryOptions = {}) {
    this.#folder = folder;
    this.#file = file;
    this.#contracts = contracts;
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    const { root, testNamePattern, project } = this.#vitest!.config;
    const chosen = new Set(specifications.map((each) => each.moduleId));
    const isNarrowed = testNamePattern !== undefined || project.length > 0;
    this.#whole = Boolean(process.env.CI) || (!isNarrowed && this.#files(root).every((file) => chosen.has(file)));
  }

  #files(root: string): readonly string[] {
    const files = testFiles(join(root, this.#folder));
    return this.#folder.startsWith(FAULTS) ? files : files.filter((file) => !file.startsWith(join(root, FAULTS)));
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const totals = count(modules, unhandled.length);
    const judgements = this.#whole ? this.#judge(modules) : [];
    const problems = judgements.flatMap((each) => each.problems);
    totals.failed += problems.length;
    if (problems.length > 0) process.exitCode = 1;

    const line = `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`;
    const folder = join(this.#vitest!.config.root, 'test-results');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, this.#file), `${JSON.stringify({ ...totals, whole: this.#whole, line, problems })}\n`);
    // The servers that stop after the last test have something to say as well.
    process.once('exit', () => {
      for (const each of judgements.flatMap((judgement) => judgement.lines)) console.log(each);
      for (const problem of problems) console.log(`NO PROOF: ${problem}`);
      console.log(line);
    });
  }

  #judge(modules: readonly TestModule[]): readonly Judgement[] {
    const rules = contractCases().map((each) => each.name);
    const servers = this.#vitest!.getRootProject().getProvidedContext();
    if (!this.#contracts) return [judgeServers(servers)];
    return [judgeServers(servers), judgeContracts(rules, modules.flatMap(contractRun))];
  }
}

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** A file that could not be loaded, a hook that failed and an error outside of all tests are failures too. */
function count(modules: readonly TestModule[], unhandled: number): Totals {
  const totals: Totals = { passed: 0, failed: unhandled, skipped: 0 };
  for (const module of modules) {
    totals.failed += module.errors().length;
    for (const suite of module.children.allSuites()) totals.failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test that never came to an end is no pass: the run was stopped, or its file broke.
      totals[state === 'pending' ? 'failed' : state] += 1;
    }
  }
  return totals;
}

function contractRun(module: TestModule): readonly ContractRun[] {
  const [, engine] = /^(\w+)\.contract\.test\.ts$/.exec(basename(module.moduleId)) ?? [];
  if (engine === undefined) return [];
  const tests = [...module.children.allTests()];
  return [
    {
      engine: engineOf(engine, module.project.name),
      passed: tests.filter((test) => test.result().state === 'passed').map((test) => test.name),
      all: tests.map((test) => test.name),
    },
  ];
}
