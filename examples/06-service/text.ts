const WORDS_PER_MINUTE = 200;

/** `Crème brûlée, twice!` is `creme-brulee-twice`. It is cut where it is longer than `most`: one sign, such as ㎉, can be many letters. */
export function slugOf(title: string, most = 120): string {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const slug = plain.replace(/[^a-z0-9]+/g, '-').slice(0, most);
  return slug.replace(/^-|-$/g, '') || 'untitled';
}

export function wordCountOf(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

export function readingMinutesOf(words: number): number {
  return Math.max(1, Math.ceil(words / WORDS_PER_MINUTE));
}

/** The beginning of a text, ended between two words. */
export function excerptOf(text: string, most = 160): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= most) return line;
  const end = line.lastIndexOf(' ', most - 1);
  return `${line.slice(0, end > 0 ? end : most)}…`;
}
