/* What is known of the list: rows by number, and which row is at which place, for a stretch around the screen. */

const MOST = 1000; // places kept; those farthest from the screen go first

export class Cache {
  constructor() {
    this.rows = new Map();
    this.places = new Map();
    this.total = 0;
    this.latest = { offset: 0, ids: [] };
  }

  at(index) {
    return index < this.total ? this.rows.get(this.places.get(index)) : undefined;
  }

  /** Where a torrent is, -1 where that is not known. */
  indexOf(id) {
    for (const [index, each] of this.places) if (each === id && index < this.total) return index;
    return -1;
  }

  /** Another list: no place means anything any more. */
  forget() {
    this.places.clear();
  }

  /**
   * Take in rows of an answer.
   * @param {string[]} columns names of the values
   */
  takeRows(columns, rows) {
    for (const values of rows) {
      const row = {};
      for (let at = 0; at < columns.length; at += 1) row[columns[at]] = values[at];
      this.rows.set(row.id, row);
    }
  }

  /** Put the newest order in its places, but for those that are `held`. */
  arrange(held = [0, 0]) {
    const { offset, ids } = this.latest;
    ids.forEach((id, at) => {
      const index = offset + at;
      if (index < held[0] || index >= held[1] || !this.rows.has(this.places.get(index))) this.places.set(index, id);
    });
    for (const index of this.places.keys()) if (index >= this.total) this.places.delete(index);
  }

  /**
   * How far the rows on screen move with the newest order: what most of them do.
   * @param {[number, number]} visible first place and the one after the last
   * @param {number|null} pointed the torrent under the pointer: it stays where it is, whatever the others do
   */
  shift([first, last], pointed = null) {
    const now = new Map(this.latest.ids.map((id, at) => [id, this.latest.offset + at]));
    const moves = [];
    for (let index = first; index < last; index += 1) {
      const id = this.places.get(index);
      if (!now.has(id)) continue;
      if (id === pointed) return now.get(id) - index;
      moves.push(now.get(id) - index);
    }
    return moves.sort((a, b) => a - b)[moves.length >> 1] ?? 0;
  }

  /** Keep memory bounded. */
  trim(center, pinned) {
    if (this.places.size > MOST) {
      const far = [...this.places.keys()].sort((a, b) => Math.abs(b - center) - Math.abs(a - center));
      far.slice(0, this.places.size - MOST).forEach((index) => this.places.delete(index));
    }
    if (this.rows.size <= MOST + 400) return;
    const used = new Set([...this.places.values(), ...pinned]);
    for (const id of this.rows.keys()) if (!used.has(id)) this.rows.delete(id);
  }
}
