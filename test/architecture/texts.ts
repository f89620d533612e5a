/** What no file of the repository says, in words that this file itself does not contain. */
const FORBIDDEN: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  // Not after a letter or a dot: `https://host/home/page` and `./work/x` are no path of a machine.
  { pattern: /(?<![\w.-])\/(?:work|root|home|Users)\/[\w.]/, what: 'a path of one machine' },
  { pattern: /(?<![\w.-])\/tmp\/[\w.]/, what: 'a fixed path in the temporary folder' },
  { pattern: /registry[.](?:npmjs|yarnpkg)[.](?:org|com)|npm[.]pkg[.]github[.]com/, what: 'the address of a registry' },
  { pattern: /files[.]pythonhosted[.]org|(?:\/\/|\b)pypi[.]org/, what: 'the address of a registry' },
];

/** Lines of a text file that name one machine or one registry; none for a binary file. */
export function placesNamed(path: string, text: string): readonly string[] {
  if (text.includes('\0')) return [];
  return text
    .split('\n')
    .flatMap((line, index) =>
      FORBIDDEN.filter(({ pattern }) => pattern.test(line)).map(({ what }) => `${path}:${index + 1} holds ${what}`),
    );
}
