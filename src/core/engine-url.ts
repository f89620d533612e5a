function notEncoded(option: string): TypeError {
  return new TypeError(
    `Expected the special characters of \`${option}\` to be encoded, such as %25 for %, %3F for ? and %23 for #`,
  );
}

/** A part of a connection URL as it is meant. @throws TypeError that names the option, never the part */
export function decoded(text: string, option: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notEncoded(option);
  }
}

/**
 * Behind a `/` or a `#` in a password, the rest would be the path or a fragment, and what is before it a host: errors would show both. No connection URL has
 * a fragment, nor a path of several parts. @throws TypeError
 */
export function refuseRest({ hash, pathname }: URL, option: string): void {
  if (hash !== '' || /[/@]/.test(pathname.slice(1))) throw notEncoded(option);
}

/** Behind a `?` in a password the rest would be a parameter, whose name must not be shown. @throws TypeError for what is no name */
export function refuseNoName(parameter: string, option: string): void {
  if (!/^\w{1,40}$/.test(parameter)) throw notEncoded(option);
}
