import type { CommandGroup, CommandSpec, Example } from './command.js';
import { EXIT, type ExitName, MEANINGS } from './exit-codes.js';
import { COMMON, OPTIONS, type OptionName } from './options.js';

/** What the help is made from. */
export interface Handbook {
  readonly program: CommandGroup;
  readonly groups: readonly CommandGroup[];
  readonly commands: readonly CommandSpec[];
  readonly examples: readonly Example[];
}

/** The help of a command, a group or the program, for a screen of `width` columns. */
export function helpOf(name: string, handbook: Handbook, width: number): string {
  const command = handbook.commands.find((each) => each.name === name);
  const sections =
    command === undefined ? groupHelp(name, handbook, width) : commandHelp(command, handbook.commands, width);
  return `${sections
    .filter((each) => each.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

type Section = readonly string[];

function commandHelp(command: CommandSpec, commands: readonly CommandSpec[], width: number): readonly Section[] {
  const { name, does, about, options, examples, exits, argument } = command;
  const below = commands.filter((each) => each.name.startsWith(`${name} `));
  return [
    [`trivet ${name}: ${does}`],
    [`Usage: ${usageOf(command)}`],
    ...about.map((paragraph) => wrap(paragraph, width)),
    argument === null ? [] : titled('Argument', [[`<${argument.name}>`, argument.means]], width),
    titled(
      'Commands',
      below.map((each) => [signatureOf(each), each.does] as const),
      width,
    ),
    titled('Options', options.map(optionRow), width),
    titled('Options of every command', COMMON.map(optionRow), width),
    exampleSection(examples),
    titled('Exit codes', exits.map(exitRow), width),
  ];
}

function groupHelp(name: string, { program, groups, commands, examples }: Handbook, width: number): readonly Section[] {
  const group = groups.find((each) => each.name === name) ?? program;
  const within = commands.filter((each) => name === '' || each.name.split(' ')[0] === name);
  const inGroup = within.flatMap((each) => each.examples.slice(0, 1));
  return [
    [name === '' ? `trivet: ${group.does}` : `trivet ${name}: ${group.does}`],
    [`Usage: trivet ${name === '' ? '<command>' : `${name} <command>`} [options]`],
    ...group.about.map((paragraph) => wrap(paragraph, width)),
    titled(
      'Commands',
      within.map((each) => [signatureOf(each), each.does] as const),
      width,
    ),
    titled('Options of every command', COMMON.map(optionRow), width),
    exampleSection(name === '' ? examples : inGroup),
    titled('Exit codes', name === '' ? (Object.keys(EXIT) as ExitName[]).map(exitRow) : [], width),
    [`\`trivet ${name === '' ? '' : `${name} `}<command> --help\` says more about each.`],
  ];
}

/** Such as `migrate down [n]`. */
export function signatureOf({ name, argument }: CommandSpec): string {
  if (argument === null) return name;
  return argument.required ? `${name} <${argument.name}>` : `${name} [${argument.name}]`;
}

export function usageOf(command: CommandSpec): string {
  return ['trivet', signatureOf(command), ...command.options.map((name) => `[${flagOf(name)}]`), '[options]'].join(' ');
}

/** Such as `--to <version>`. */
export function flagOf(name: OptionName): string {
  const { value, multiple } = OPTIONS[name];
  if (value === null) return `--${name}`;
  return `--${name} <${value}>${multiple === true ? '...' : ''}`;
}

type Row = readonly [left: string, right: string];

export function optionRow(name: OptionName): Row {
  const { short, means } = OPTIONS[name];
  return [`${short === undefined ? '' : `-${short}, `}${flagOf(name)}`, means];
}

function exitRow(name: ExitName): Row {
  return [String(EXIT[name]), MEANINGS[name]];
}

function exampleSection(examples: readonly Example[]): Section {
  if (examples.length === 0) return [];
  return ['Examples', ...examples.flatMap(({ line, does }) => [`  ${line}`, `      ${does}`])];
}

function titled(title: string, rows: readonly Row[], width: number): Section {
  if (rows.length === 0) return [];
  const left = Math.max(...rows.map(([each]) => each.length)) + 2;
  const lines = rows.flatMap(([name, means]) =>
    wrap(means, Math.max(30, width - left - 2)).map(
      (line, index) => `  ${(index === 0 ? name : '').padEnd(left)}${line}`,
    ),
  );
  return [title, ...lines];
}

export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
