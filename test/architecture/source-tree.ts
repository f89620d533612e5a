import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** Files of `src` by their path in it, such as `core/repository.ts`. */
export type SourceTree = ReadonlyMap<string, string>;

/** The TypeScript files below a folder. */
export function readTree(folder: string): SourceTree {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  return new Map(
    paths
      .filter((path) => path.endsWith('.ts'))
      .sort()
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
}

/** How a module names another one: erased types, a static import or export, or one made when it is reached. */
export type ImportKind = 'type' | 'static' | 'dynamic';

export interface Import {
  readonly kind: ImportKind;
  readonly specifier: string;
}

export interface ModuleShape {
  readonly imports: readonly Import[];
  readonly exportsAll: boolean;
  readonly exportsDefault: boolean;
}

/** What a module imports, and the two ways of exporting that the library does without. */
export function shapeOf(path: string, text: string): ModuleShape {
  const imports: Import[] = [];
  let exportsAll = false;
  let exportsDefault = false;
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      // `import { type A } from 'x'` still loads `x`: only `import type` is erased whole.
      imports.push(named(node.moduleSpecifier, node.importClause?.isTypeOnly === true));
    } else if (ts.isExportDeclaration(node)) {
      if (node.moduleSpecifier !== undefined) imports.push(named(node.moduleSpecifier, node.isTypeOnly));
      exportsAll ||= node.exportClause === undefined || ts.isNamespaceExport(node.exportClause);
      exportsDefault ||= exportedNames(node).includes('default');
    } else if (ts.isImportTypeNode(node)) {
      if (ts.isLiteralTypeNode(node.argument)) imports.push(named(node.argument.literal, true));
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument !== undefined && ts.isStringLiteralLike(argument)) {
        imports.push({ kind: 'dynamic', specifier: argument.text });
      }
    } else if (ts.isExportAssignment(node)) {
      exportsDefault = true;
    } else if (ts.canHaveModifiers(node)) {
      exportsDefault ||= ts.getModifiers(node)?.some((each) => each.kind === ts.SyntaxKind.DefaultKeyword) === true;
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return { imports, exportsAll, exportsDefault };
}

function named(specifier: ts.Node, isType: boolean): Import {
  return { kind: isType ? 'type' : 'static', specifier: (specifier as ts.StringLiteralLike).text };
}

function exportedNames(node: ts.ExportDeclaration): readonly string[] {
  const { exportClause } = node;
  return exportClause !== undefined && ts.isNamedExports(exportClause)
    ? exportClause.elements.map((each) => each.name.text)
    : [];
}

/** The file of the tree that a relative specifier of `from` names, or the bare specifier as it is. */
export function resolveImport(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}
