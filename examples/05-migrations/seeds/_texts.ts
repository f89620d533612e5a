// A file that begins with `_` lies beside the seeds and is none.
export const firstNames = ['Ada', 'Bruno', 'Chiara', 'Dmitri', 'Emeka', 'Freya', 'Goro', 'Hanna', 'Ivo', 'Jun'];
export const lastNames = ['Berg', 'Costa', 'Donati', 'Eisen', 'Fashola', 'Holm', 'Ilves', 'Jansen', 'Kim', 'Lartey'];

export const openings = ['Twelve notes on', 'What I learned from', 'In praise of', 'A field guide to', 'Against'];
export const subjects = ['slow queries', 'night trains', 'rye bread', 'browser caches', 'paper maps', 'index scans'];

export const sentences = [
  'Nobody had measured it, so everybody was sure.',
  'A sleeper train leaves at ten and arrives before the shops open.',
  'Fold the dough three times and leave it alone over night.',
  'Every index is a promise that somebody has to keep.',
  'We walked along the river until the map ended.',
  'Two clocks in one building never agree.',
];

export const remarks = [
  'I disagree, but kindly.',
  'This saved my evening.',
  'Measured the same here.',
  'More, please.',
];
