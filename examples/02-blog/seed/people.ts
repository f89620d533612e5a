import type { Insert } from 'trivet';
import type { User } from '../../06-service/entities/user.js';
import { seedId } from './ids.js';

type Line = readonly [
  username: string,
  role: 'reader' | 'author' | 'admin',
  firstName: string,
  lastName: string,
  bio: string | null,
  location: readonly [longitude: number, latitude: number] | null,
];

const lines: readonly Line[] = [
  ['ada_admin', 'admin', 'Ada', 'Berg', 'Keeps the lights on.', [13.405, 52.52]],
  ['bruno', 'author', 'Bruno', 'Costa', 'Writes about databases and bread.', [-9.139, 38.722]],
  ['chiara', 'author', 'Chiara', 'Donati', 'Trains, maps and slow travel.', [12.496, 41.903]],
  ['dmitri', 'author', 'Dmitri', 'Eisen', 'Query planner, by day.', [16.373, 48.208]],
  ['emeka', 'author', 'Emeka', 'Fashola', null, [3.379, 6.524]],
  ['freya', 'author', 'Freya', 'Grön', 'Has not written a word yet.', [18.069, 59.329]],
  ['goro', 'reader', 'Gorō', 'Hayashi', 'Reads everything.', [139.692, 35.69]],
  ['hanna', 'reader', 'Hanna', 'Ilves', null, [24.753, 59.437]],
  ['ivo', 'reader', 'Ivo', 'Jansen', 'Bread, mostly.', [4.904, 52.367]],
  ['jun', 'reader', 'Jun', 'Kim', null, [126.978, 37.567]],
  ['kofi', 'reader', 'Kofi', 'Lartey', 'Wants more posts about trains.', [-0.187, 5.604]],
  ['lena', 'reader', 'Lena', 'Meier', null, null],
];

/** Number 10 has left, 11 is not active. */
export const LEFT = 10;
const INACTIVE = 11;

/** A reader of the seed logs in with this. Nothing prints it. */
export const SEED_PASSWORD = 'correct horse battery';

export function seedUsers(start: Date): Insert<typeof User>[] {
  return lines.map(([username, role, firstName, lastName, bio, location], i) => ({
    id: seedId('user', i),
    username,
    email: `${username}@blog.example`,
    password: SEED_PASSWORD,
    role,
    isActive: i !== INACTIVE,
    profile: { firstName, lastName, bio, location: location && { type: 'Point', coordinates: location } },
    preferences: { theme: i % 3 === 0 ? 'dark' : 'light', newsletter: i % 2 === 0 },
    createdAt: new Date(start.getTime() + i * 3_600_000),
  }));
}
