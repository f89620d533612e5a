import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** One request and what it was answered. */
export interface Exchange {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

interface Operation {
  readonly requestBody?: { readonly content: Contents };
  readonly responses: Readonly<Record<string, Response>>;
}
type Contents = Readonly<Record<string, { readonly schema: object }>>;
interface Response {
  readonly $ref?: string;
  readonly content?: Contents;
}
interface Template {
  readonly path: string;
  readonly pattern: RegExp;
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  uuid: /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  email: /^[^@\s]+@[^@\s]+$/,
  'uri-reference': /^\S*$/,
};

/** Compares what a service answers with what its OpenAPI document says of it. */
export class Conformance {
  readonly #document: any;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, formats: FORMATS });
  readonly #validators = new Map<object, ValidateFunction>();
  readonly #templates: readonly Template[];
  /** Operations that were asked, each with the statuses that it gave: `get /posts/{slug} 200`. */
  readonly seen = new Set<string>();

  constructor(document: unknown) {
    this.#document = document;
    this.#ajv.addSchema({ $id: 'document', ...(document as object) });
    // A path without parameters goes before one that has some: `/posts/popular` is no slug.
    this.#templates = Object.keys(this.#document.paths)
      .sort((a, b) => parametersOf(a) - parametersOf(b))
      .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }));
  }

  /** What is not as the document says, as sentences; empty when all is. */
  problemsOf({ method, path, sent, status, type, body }: Exchange): readonly string[] {
    const template = this.#templates.find(({ pattern }) => pattern.test(path));
    const operation: Operation | undefined = template && this.#document.paths[template.path][method];
    if (template === undefined || operation === undefined) return [`${method} ${path} is not in the document`];
    const name = `${method} ${template.path} ${status}`;
    this.seen.add(name);
    // Only a failure of the service itself may go without a name.
    const answer = operation.responses[status] ?? (status >= 500 ? operation.responses['default'] : undefined);
    if (answer === undefined) return [`${name} is not in the document`];
    const asked = operation.requestBody?.content['application/json'];
    return [
      ...this.#problemsOfAnswer(name, this.#resolved(answer), type, body),
      ...(status < 300 && asked !== undefined ? this.#problems(`what was sent to ${name}`, asked.schema, sent) : []),
    ];
  }

  /** What the document has and nobody has asked for: operations, or successes. */
  unseen(): readonly string[] {
    const names = Object.entries<Readonly<Record<string, Operation>>>(this.#document.paths).flatMap(
      ([path, operations]) =>
        Object.entries(operations).flatMap(([method, { responses }]) =>
          Object.keys(responses).map((status) => `${method} ${path} ${status}`),
        ),
    );
    return names.filter((name) => / 2\d\d$/.test(name) && !this.seen.has(name));
  }

  #problemsOfAnswer(name: string, answer: Response, type: string | null, body: unknown): readonly string[] {
    const { content } = answer;
    if (content === undefined) return body === undefined ? [] : [`${name} has a body that is not in the document`];
    const media = type?.split(';')[0] ?? '';
    const found = content[media];
    if (found === undefined) return [`${name} is \`${media}\`, which is not in the document`];
    return this.#problems(name, found.schema, body);
  }

  #problems(name: string, schema: object, value: unknown): readonly string[] {
    let validate = this.#validators.get(schema);
    if (validate === undefined) {
      validate = this.#ajv.compile(absolute(schema) as object);
      this.#validators.set(schema, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${name}: ${instancePath || 'the whole'} ${message} ${JSON.stringify(params)}`,
    );
  }

  #resolved(answer: Response): Response {
    if (answer.$ref === undefined) return answer;
    return this.#document.components.responses[answer.$ref.split('/').at(-1)!];
  }
}

function parametersOf(path: string): number {
  return path.split('{').length;
}

/** References of a part of the document, as they are from outside of it. */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) =>
    key === '$ref' ? [key, `document${inner}`] : [key, absolute(inner)],
  );
  return Object.fromEntries(entries);
}
