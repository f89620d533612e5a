/** What can be a URL with all that stands before and behind it. */
const UNBROKEN = /[^\s"'`<>]+/g;
const PARAMETER = /\b(\w*(?:password|passwd|pwd|secret|token))("\s*:\s*|\s*=\s*)("[^"]*"|'[^']*'|[^\s&"'`,;]+)/gi;

/** Short ones are words of every other sentence, so they are left to the patterns. */
const LEAST_SECRET = 6;

/** A text without the credentials of URLs, and without any of `secrets`. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text.replace(UNBROKEN, withoutCredentials);
  for (const secret of secrets) clean = clean.replaceAll(secret, '***');
  return clean;
}

/** From the first `://` to the last `@`, whatever lies between: a pattern for it would look for the end from each of many beginnings. */
function withoutCredentials(unbroken: string): string {
  const begin = unbroken.search(/[a-z\d+.-]:\/\//i);
  const end = unbroken.lastIndexOf('@');
  return begin < 0 || end < begin + 4 ? unbroken : `${unbroken.slice(0, begin + 4)}***${unbroken.slice(end)}`;
}

/** The same for what others have written, such as the message of a driver: without what stands behind `password=` either. */
export function redactMessage(text: string, secrets: readonly string[] = []): string {
  return redact(text, secrets).replace(PARAMETER, '$1$2***');
}

/** The passwords in URLs of the environment, as they are written and as they are sent. */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const found = new Set<string>();
  const add = (secret: string, user: string): void => {
    if (secret.length >= LEAST_SECRET && secret !== user) found.add(secret);
  };
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (name === 'PGPASSWORD') add(value, env['PGUSER'] ?? '');
    const match = /^[a-z][a-z\d+.-]*:\/\/([^\s/:@]*):([^\s]*)@/i.exec(value);
    if (match === null) continue;
    const [, user, password] = match as unknown as [string, string, string];
    add(password, user);
    try {
      add(decodeURIComponent(password), user);
    } catch {
      // It is no encoded text, and has been added as it is.
    }
  }
  return [...found].sort((a, b) => b.length - a.length);
}
