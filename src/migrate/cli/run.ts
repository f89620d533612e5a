import type { CommandSpec, Job } from './command.js';
import { HANDBOOK } from './commands.js';
import { EXIT, type ExitCode, worst } from './exit-codes.js';
import { type Failure, failureOf, stackOf } from './failure.js';
import { findConfig } from './find-config.js';
import { helpOf } from './help.js';
import type { Given } from './options.js';
import { Output, type OutputStyle } from './output.js';
import { type Invocation, parse } from './parse.js';
import { secretsOf } from './redact.js';
import { type Target, targetsOf } from './target.js';
import { UsageError } from './usage-error.js';
import type { World } from './world.js';

const WIDEST = 100;

/** Runs one command line, and gives the exit code. Never throws. */
export async function run(world: World): Promise<ExitCode> {
  const secrets = secretsOf(world.env);
  let invocation: Invocation;
  try {
    invocation = parse(world.argv, HANDBOOK.commands);
  } catch (error) {
    return failed(
      error,
      error instanceof UsageError ? error.command : '',
      world,
      new Output(world, styleBefore(world.argv), secrets),
    );
  }
  const output = new Output(world, styleOf(invocation.given), secrets);
  try {
    return answered(invocation, world, output) ?? (await carriedOut(invocation, invocation.command!, world, output));
  } catch (error) {
    return failed(error, invocation.name, world, output);
  }
}

/** How to answer a command line that is not understood. */
function styleBefore(argv: readonly string[]): OutputStyle {
  const has = (name: string): boolean => argv.includes(name);
  return { json: has('--json'), quiet: false, color: !has('--no-color'), verbose: false };
}

function styleOf(given: Given): OutputStyle {
  return {
    json: given.is('json'),
    quiet: given.is('quiet'),
    color: !given.is('no-color'),
    verbose: given.is('verbose'),
  };
}

function failed(error: unknown, command: string, world: World, output: Output): ExitCode {
  const failure = told(error, world, output, null);
  if (output.isJson) output.document({ command, exit: failure.exit, error: documentOf(failure, output) });
  return failure.exit;
}

/** The help and the version. */
function answered({ name, given }: Invocation, world: World, output: Output): ExitCode | null {
  if (given.is('version')) {
    if (output.isJson) output.document({ version: world.version });
    else output.line(world.version);
    return EXIT.done;
  }
  if (!given.is('help')) return null;
  const help = helpOf(name, HANDBOOK, Math.min(world.stdout.columns ?? WIDEST, WIDEST));
  if (output.isJson) output.document({ command: name, help });
  else output.line(help.trimEnd());
  return EXIT.done;
}

interface Ended {
  readonly exit: ExitCode;
  readonly document: Readonly<Record<string, unknown>>;
}

async function carriedOut(
  { given, argument, name }: Invocation,
  command: CommandSpec,
  world: World,
  output: Output,
): Promise<ExitCode> {
  const config = await findConfig(world, given.text('config'));
  const targets = targetsOf(config, given.text('database'), command.databases, name);
  const ended: Ended[] = [];
  try {
    for (const target of targets) {
      if (targets.length > 1) output.line(output.paint('bold', `${target.name}:`));
      ended.push(await endedAt(command, { argument, given, target, output, world }, targets.length > 1));
    }
  } finally {
    await Promise.all(targets.map((target) => closed(target, output)));
  }
  const exit = worst(ended.map((each) => each.exit));
  if (output.isJson) output.document({ command: name, exit, databases: ended.map((each) => each.document) });
  return exit;
}

/** One database: what fails there does not keep the others from being looked at. */
async function endedAt(command: CommandSpec, job: Job, isOneOfMany: boolean): Promise<Ended> {
  const { target, output, world } = job;
  try {
    const { exit, data, lines } = await command.run(job);
    for (const line of lines) output.line(line);
    return { exit, document: { database: target.name, exit, ...data } };
  } catch (error) {
    const failure = told(error, world, output, isOneOfMany ? target : null);
    return {
      exit: failure.exit,
      document: { database: target.name, exit: failure.exit, error: documentOf(failure, output) },
    };
  }
}

function told(error: unknown, { signal }: World, output: Output, target: Target | null): Failure {
  const failure = failureOf(error, signal);
  const whose = target === null ? '' : `${target.name}: `;
  output.error(`${output.paintError('red', 'Error:')} ${whose}${failure.message}`);
  if (failure.next !== null) output.error(`Next: ${failure.next}`);
  if (output.isVerbose) output.error(stackOf(error));
  return failure;
}

function documentOf({ code, message, next, details }: Failure, output: Output): Readonly<Record<string, unknown>> {
  return { code, message: output.clean(message), next, ...details };
}

/** A database that cannot be closed is no reason to call what was done a failure. */
async function closed(target: Target, output: Output): Promise<void> {
  try {
    await target.close();
  } catch (error) {
    output.note(`${target.name} could not be closed: ${output.clean(String(error))}`);
  }
}
