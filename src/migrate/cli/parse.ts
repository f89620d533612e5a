import { parseArgs } from 'node:util';
import { unknownName } from '../../util/nearest.js';
import type { CommandSpec } from './command.js';
import { COMMON, Given, OPTIONS, type OptionName, type Values } from './options.js';
import { UsageError } from './usage-error.js';

/** A command line that is understood. */
export interface Invocation {
  /** Null for the help of the program or of a group, and for the version. */
  readonly command: CommandSpec | null;
  /** The words of the command, or of the group whose help is asked for. */
  readonly name: string;
  readonly argument: string | undefined;
  readonly given: Given;
}

/** @throws UsageError with the nearest name where one is unknown */
export function parse(argv: readonly string[], commands: readonly CommandSpec[]): Invocation {
  const { words, tokens } = read(argv);
  const asksHelp = words[0] === 'help';
  if (asksHelp) words.shift();
  const command = longest(words, commands);
  const given = new Given({ ...valuesOf(tokens, command), ...(asksHelp ? { help: true } : {}) });
  if (command === null) return withoutCommand(words, given, commands);

  const rest = words.slice(command.name.split(' ').length);
  const invocation = { command, name: command.name, argument: rest[0], given };
  if (given.is('help') || given.is('version')) return invocation;
  checkArgument(rest, command, commands);
  const wrong = command.check?.(given, rest[0]) ?? null;
  if (wrong !== null) throw new UsageError(wrong, command.name);
  return invocation;
}

type MutableValues = { -readonly [N in OptionName]?: string | boolean | string[] };

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function read(argv: readonly string[]): { readonly words: string[]; readonly tokens: readonly OptionToken[] } {
  const options = Object.fromEntries(
    Object.entries(OPTIONS).map(([name, { value, short, multiple }]) => [
      name,
      {
        type: value === null ? ('boolean' as const) : ('string' as const),
        multiple: multiple ?? false,
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  // Not strict: its own messages know nothing of the nearest name, nor of the command that is meant.
  const { tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: false, tokens: true });
  return {
    words: tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : [])),
    tokens: tokens.flatMap((token) => (token.kind === 'option' ? [token] : [])),
  };
}

function valuesOf(tokens: readonly OptionToken[], command: CommandSpec | null): Values {
  const values: MutableValues = {};
  for (const token of tokens) {
    const name = token.name as OptionName;
    const isKnown = Object.hasOwn(OPTIONS, name);
    const fits = command === null || COMMON.includes(name) || command.options.includes(name);
    if (!isKnown || !fits) throw unknownOption(token.rawName, command);
    set(values, name, token, command?.name ?? '');
  }
  return values;
}

function set(
  values: MutableValues,
  name: OptionName,
  { rawName, value, inlineValue }: OptionToken,
  command: string,
): void {
  const spec = OPTIONS[name];
  if (spec.value === null) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`, command);
    values[name] = true;
    return;
  }
  if (value === undefined || value === '' || (inlineValue !== true && value.startsWith('-'))) {
    throw new UsageError(`${rawName} needs a value: ${rawName} <${spec.value}>`, command);
  }
  const wrong = spec.check?.(value) ?? null;
  if (wrong !== null) throw new UsageError(`\`${rawName} ${value}\` ${wrong}`, command);
  if (spec.multiple === true) values[name] = [...((values[name] as string[] | undefined) ?? []), value];
  else if (values[name] === undefined) values[name] = value;
  else throw new UsageError(`${rawName} was given twice`, command);
}

function longest(words: readonly string[], commands: readonly CommandSpec[]): CommandSpec | null {
  for (let length = words.length; length > 0; length--) {
    const name = words.slice(0, length).join(' ');
    const found = commands.find((each) => each.name === name);
    if (found !== undefined) return found;
  }
  return null;
}

function withoutCommand(words: readonly string[], given: Given, commands: readonly CommandSpec[]): Invocation {
  const [first, second] = words;
  const seconds = commands.map(({ name }) => name.split(' ')).filter(([group]) => group === first);
  if (first !== undefined && seconds.length === 0) {
    const firsts = new Set(commands.map(({ name }) => name.split(' ')[0]!));
    const inGroup = commands.find(({ name }) => name.endsWith(` ${first}`));
    const sentence = `There is no command \`${first}\``;
    const meant = inGroup === undefined ? null : `${sentence}; did you mean \`${inGroup.name}\`?`;
    throw new UsageError(meant ?? unknownName(first, firsts, sentence), '');
  }
  if (second !== undefined) {
    const known = seconds.map(([, word]) => word!);
    throw new UsageError(unknownName(second, known, `There is no command \`${first} ${second}\``), first!);
  }
  if (given.is('help') || given.is('version')) return { command: null, name: first ?? '', argument: undefined, given };
  const which = first === undefined ? 'Which command?' : `Which \`${first}\`?`;
  const choice =
    first === undefined ? new Set(commands.map(({ name }) => name.split(' ')[0]!)) : seconds.map(([, word]) => word!);
  throw new UsageError(`${which} There are ${[...choice].join(', ')}`, first ?? '');
}

function checkArgument(
  rest: readonly string[],
  { name, argument }: CommandSpec,
  commands: readonly CommandSpec[],
): void {
  const [value, ...more] = rest;
  if (value === undefined) {
    if (argument?.required === true)
      throw new UsageError(`\`${name}\` needs a ${argument.name}: ${argument.means}`, name);
    return;
  }
  const extra = argument === null ? value : more[0];
  if (extra !== undefined) {
    const below = commands
      .filter((each) => each.name.startsWith(`${name} `))
      .map((each) => each.name.slice(name.length + 1));
    throw new UsageError(unknownName(extra, below, `\`${name}\` does not know what to do with \`${extra}\``), name);
  }
  const wrong = argument!.check(value);
  if (wrong !== null) throw new UsageError(`\`${value}\` ${wrong}`, name);
}

function unknownOption(rawName: string, command: CommandSpec | null): UsageError {
  const known = command === null ? (Object.keys(OPTIONS) as OptionName[]) : [...command.options, ...COMMON];
  const whose = command === null ? 'There is no option' : `\`${command.name}\` has no option`;
  const sentence = unknownName(
    rawName,
    known.map((name) => `--${name}`),
    `${whose} \`${rawName}\``,
  );
  return new UsageError(sentence, command?.name ?? '');
}
