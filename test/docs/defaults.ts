import ts from 'typescript';

/** What one module says of its defaults, in its comments and in its object. */
export interface ModuleDefaults {
  /** `@default` of the properties of its interfaces, by name: only those that are one literal. */
  readonly documented: ReadonlyMap<string, unknown>;
  /** The properties that have a `@default` of any kind. */
  readonly mentioned: ReadonlySet<string>;
  /** Every property of its interfaces. */
  readonly properties: ReadonlySet<string>;
  /** Names of its exported objects of defaults. */
  readonly objects: readonly string[];
}

const DEFAULTS = /(?:^|_)DEFAULTS$/;

export function defaultsOf(path: string, source: string): ModuleDefaults {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const documented = new Map<string, unknown>();
  const mentioned = new Set<string>();
  const properties = new Set<string>();
  const objects: string[] = [];
  for (const statement of file.statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text.endsWith('Options')) {
      for (const member of statement.members) {
        if (!ts.isPropertySignature(member)) continue;
        const name = member.name.getText();
        properties.add(name);
        const tag = ts.getJSDocTags(member).find((each) => each.tagName.text === 'default');
        if (tag === undefined) continue;
        mentioned.add(name);
        const literal = literalOf(ts.getTextOfJSDocComment(tag.comment) ?? '');
        if (literal !== undefined) documented.set(name, literal);
      }
    } else if (ts.isVariableStatement(statement)) {
      if (!statement.modifiers?.some((each) => each.kind === ts.SyntaxKind.ExportKeyword)) continue;
      for (const { name } of statement.declarationList.declarations) {
        if (DEFAULTS.test(name.getText())) objects.push(name.getText());
      }
    }
  }
  return { documented, mentioned, properties, objects };
}

function literalOf(text: string): unknown {
  const trimmed = text.trim();
  if (/^'[^']*'$/.test(trimmed)) return trimmed.slice(1, -1);
  return /^(?:true|false|-?[\d_]+(?:\.\d+)?)$/.test(trimmed) ? JSON.parse(trimmed.replaceAll('_', '')) : undefined;
}

/** Where the comments of a module and its object of defaults differ. */
export function defaultsProblems(said: ModuleDefaults, object: Readonly<Record<string, unknown>>): readonly string[] {
  const problems: string[] = [];
  if (!Object.isFrozen(object)) problems.push('the object is not frozen');
  for (const [name, literal] of said.documented) {
    if (!Object.hasOwn(object, name)) problems.push(`\`${name}\` has a @default but is not in the object`);
    else if (object[name] !== literal) problems.push(`\`${name}\` says ${literal} but is ${object[name]}`);
  }
  for (const name of Object.keys(object)) {
    if (said.properties.has(name) && !said.mentioned.has(name)) problems.push(`\`${name}\` has no @default`);
  }
  return problems;
}
