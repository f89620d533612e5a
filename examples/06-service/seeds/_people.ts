import type { GeoPoint } from 'trivet';

/** Who may do everything, for the demonstration only: whoever reads this knows the password. */
export const DEMO_ADMIN: { readonly email: string; readonly username: string; readonly password: string } =
  Object.freeze({ email: 'admin@blog.example', username: 'admin', password: 'demo-admin-password' });

/** What all other users of the demonstration log in with. */
export const DEMO_PASSWORD = 'correct horse battery';

export const firstNames: readonly string[] = ['Ada', 'Bruno', 'Chiara', 'Dmitri', 'Emeka', 'Freya', 'Gorō', 'Hanna'];
export const lastNames: readonly string[] = ['Berg', 'Costa', 'Donati', 'Eisen', 'Fashola', 'Grön', 'Ilves', 'Lartey'];

/** Where they live: longitude, then latitude. */
export const places: readonly GeoPoint[] = [
  [13.405, 52.52],
  [-9.139, 38.722],
  [16.373, 48.208],
  [3.379, 6.524],
  [18.069, 59.329],
  [139.692, 35.69],
].map(([longitude, latitude]) => ({ type: 'Point', coordinates: [longitude!, latitude!] }));
