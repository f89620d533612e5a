/** Those of `all` that `names` names, with commas between them; all where it names none. @throws Error that says what there is */
export function chosen<T>(
  names: string | undefined,
  all: readonly T[],
  nameOf: (each: T) => string,
  what: string,
): readonly T[] {
  if (names === undefined) return all;
  const wanted = names.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !all.some((each) => nameOf(each) === name));
  if (unknown !== undefined)
    throw new Error(`There is no ${what} \`${unknown}\`. There are: ${all.map(nameOf).join(', ')}`);
  return all.filter((each) => wanted.includes(nameOf(each)));
}
