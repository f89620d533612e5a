import type { Call } from './call.js';
import type { Document } from './client.js';
import type { Concerns } from './concerns.js';
import { sentPipeline } from './sending.js';
import type { Target } from './target.js';

/** Documents of a batch where all are wanted: the server ends a batch at 16 MiB anyhow. */
export const WHOLE_BATCH = 10_000;

/** What a read carries of the concerns of its call. */
function readConcerns({ concerns: { readConcern, readPreference } }: Call): Concerns {
  return {
    ...(readConcern !== undefined && { readConcern }),
    ...(readPreference !== undefined && { readPreference }),
  };
}

/** All that a pipeline gives, as bytes. */
export async function runPipeline({ collection }: Target, pipeline: Document[], call: Call): Promise<unknown[]> {
  const cursor = collection.aggregate(sentPipeline(call, pipeline), {
    raw: true,
    batchSize: WHOLE_BATCH,
    allowDiskUse: true,
    maxTimeMS: call.left(),
    signal: call.signal,
    session: call.session,
    ...readConcerns(call),
  });
  const documents = await cursor.toArray();
  call.watch?.answered();
  return documents;
}
