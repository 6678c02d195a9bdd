// The run pinned for each name, as the master knows them.
import { getJson, postJson } from "./http.js";

export class Baselines {
  constructor() {
    /** @type {Baseline[]} */
    this.list = [];
  }

  async load() {
    this.list = (await getJson("/api/v1/baselines")).baselines;
  }

  /** @param {Run} run */
  isPinned(run) {
    return this.list.some((known) => known.run === run.id);
  }

  // What the run is to be measured against: another run, pinned for its name. Null where there is none.
  /** @param {Run} run */
  rival(run) {
    return this.list.find((known) => known.name === run.name && known.run !== run.id) ?? null;
  }

  /**
   * @param {Run} run
   * @param {boolean} pinned
   */
  async pin(run, pinned) {
    await postJson(`/api/v1/runs/${run.id}/pin`, { pinned });
    await this.load();
  }
}
