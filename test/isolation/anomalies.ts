import { entity, integer, type Repository, text } from '../../src/index.js';
import { type Steps, type Trial, Undone } from './interleave.js';

export const Account = entity('accounts', { id: text().max(20).primaryKey(), balance: integer().default(0) });
type Accounts = Repository<typeof Account>;

/** Each starts from x = 0 and y = 0. */
export const anomalies: Readonly<Record<string, (accounts: Accounts) => Trial>> = {
  'dirty read': (accounts) => {
    let seen = 0;
    return {
      a: [async () => void (seen = (await accounts.get('x')).balance)],
      b: [
        async () => void (await accounts.update('x', { balance: 1 })),
        async () => {
          throw new Undone();
        },
      ],
      happened: async () => seen === 1,
    };
  },
  'non-repeatable read': (accounts) => {
    const seen: number[] = [];
    const read = async () => void seen.push((await accounts.get('x')).balance);
    return {
      a: [read, read],
      b: [async () => void (await accounts.update('x', { balance: 1 }))],
      happened: async ({ a }) => a && seen[0] !== seen[1],
    };
  },
  phantom: (accounts) => {
    const seen: number[] = [];
    const count = async () => void seen.push(await accounts.count({ balance: 0 }));
    return {
      a: [count, count],
      b: [async () => void (await accounts.insert({ id: 'z' }))],
      happened: async ({ a }) => a && seen[0] !== seen[1],
    };
  },
  'lost update': (accounts) => {
    const add = (): Steps => {
      let seen = 0;
      return [
        async () => void (seen = (await accounts.get('x')).balance),
        async () => void (await accounts.update('x', { balance: seen + 1 })),
      ];
    };
    return {
      a: add(),
      b: add(),
      happened: async ({ a, b }) => a && b && (await accounts.get('x')).balance === 1,
    };
  },
  'write skew': (accounts) => {
    const take = (id: string): Steps => {
      let free = false;
      return [
        async () => void (free = (await accounts.count({ balance: 0 })) === 2),
        async () => void (free && (await accounts.update(id, { balance: 1 }))),
      ];
    };
    return {
      a: take('x'),
      b: take('y'),
      happened: async () => (await accounts.count({ balance: 1 })) === 2,
    };
  },
};
