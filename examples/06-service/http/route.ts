import type { Request, Response } from 'express';
import type { JsonSchema } from 'trivet';

/** One way to ask the service: what the application serves, and what its document says of it. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As Express writes it: `/posts/:slug`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: 'users' | 'posts' | 'comments' | 'analytics' | 'admin';
  readonly access: 'anyone' | 'user' | 'admin';
  /** Names of query parameters. */
  readonly query?: Readonly<Record<string, JsonSchema>>;
  /** Of JSON. */
  readonly body?: JsonSchema;
  /** Largest body, as `express.json` has it. @default '256kb' */
  readonly bodyLimit?: string;
  /** Successes, and errors of its own; those that all routes have in common are not named. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: JsonSchema }>>;
  readonly handle: (request: Request, response: Response) => Promise<void>;
}
