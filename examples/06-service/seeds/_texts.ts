/** What picks: the numbers of a seed, which are the same in every run. */
interface Picker {
  below(end: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Each is a title of its own with each of the subjects. */
const openings = [
  'Twelve notes on',
  'What I learned from',
  'In praise of',
  'A field guide to',
  'Against',
  'A year with',
];
const subjects = [
  'slow queries',
  'night trains',
  'rye bread',
  'browser caches',
  'paper maps',
  'index scans',
  'sourdough',
];

const sentences = [
  'Nobody had measured it, so everybody was sure.',
  'The planner reads the statistics and then believes them.',
  'A sleeper train leaves at ten and arrives before the shops open.',
  'Fold the dough three times and leave it alone over night.',
  'Every index is a promise that somebody has to keep.',
  'We walked along the river until the map ended.',
  'The cache was warm, the team was not.',
  'Rye wants more water than you think.',
  'Two clocks in one building never agree.',
  'It took a week to find and a minute to repair.',
  'The conductor knew every passenger by name.',
  'Read the plan before you read the code.',
];

export function titleOf(number: number): string {
  const opening = openings[number % openings.length]!;
  return `${opening} ${subjects[Math.floor(number / openings.length) % subjects.length]!}`;
}

export function bodyOf(random: Picker, title: string): string {
  const length = 8 + random.below(60);
  return [`${title}.`, ...Array.from({ length }, () => random.pick(sentences))].join(' ');
}

export const remarks: readonly string[] = [
  'I disagree, but kindly.',
  'This saved my evening.',
  'Could you say more about the second half?',
  'Measured the same here.',
  'My grandmother did it the other way round.',
  'Wonderful. More of this, please.',
];
