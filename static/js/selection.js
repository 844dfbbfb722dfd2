/* Which torrents are selected: some by number, or all that match but a few. */

import * as state from './state.js';

export class Selection {
  /** @param {function(): number} total how many match now */
  constructor(total) {
    this._total = total;
    this._names = new Map(); // number → target/hash
    this._except = new Set();
    this.all = false;
  }

  has(id) {
    return this.all ? !this._except.has(id) : this._names.has(id);
  }

  get count() {
    return this.all ? Math.max(0, this._total() - this._except.size) : this._names.size;
  }

  /** The numbers; of “all” those that were left out are in `select`, and this is empty. */
  get ids() {
    return new Set(this._names.keys());
  }

  /** The body of a request to /actions. */
  get select() {
    if (!this.all) return { torrents: [...this._names.values()] };
    const { q, target, view, in: included, not: excluded } = state.get();
    return { q, target, view, in: included, not: excluded, except: [...this._except] };
  }

  /** @returns {boolean} whether there was anything */
  clear() {
    const had = this.all || this._names.size > 0;
    this.all = false;
    this._names.clear();
    this._except.clear();
    return had;
  }

  selectAll() {
    this.clear();
    this.all = true;
  }

  /** @param {Iterable<{id: number, target: string, hash: string}>} rows */
  put(rows, on = true) {
    for (const row of rows) {
      if (this.all) this._except[on ? 'delete' : 'add'](row.id);
      else if (on) this._names.set(row.id, `${row.target}/${row.hash}`);
      else this._names.delete(row.id);
    }
    // What was left out of all bit by bit until nothing was left is no selection.
    if (this.all && this.count === 0) this.clear();
  }
}
