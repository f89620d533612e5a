import type { Database } from 'trivet';
import type { Project, ProjectDraft } from './entities.js';
import { serviceError } from './errors.js';
import type { Projects } from './repositories.js';

/** A service that knows no engine. */
export class Planning {
  readonly #database: Database;
  readonly #projects: Projects;

  constructor(database: Database, projects: Projects) {
    this.#database = database;
    this.#projects = projects;
  }

  async begin(drafts: readonly ProjectDraft[]): Promise<Project[]> {
    try {
      return await this.#database.transaction(async () => {
        const made: Project[] = [];
        for (const draft of drafts) made.push(await this.#projects.insert(draft));
        return made;
      });
    } catch (error) {
      throw serviceError(error);
    }
  }

  async close(id: string, version: number): Promise<Project> {
    try {
      return await this.#projects.update(id, { state: 'closed' }, { version });
    } catch (error) {
      throw serviceError(error);
    }
  }
}
