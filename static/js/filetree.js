/* The part of a torrent's tree of files that was opened, as one long list of rows, of which some are not known yet. */

const PAGE = 200;

/** @typedef {{path: string, depth: number, total: number, entries: Array<Object>, asked: Map<number, Promise>}} Dir */

export class Tree {
  /**
   * @param {function(string, number, number): Promise<Object>} ask one page of a directory
   * @param {function(): void} changed
   * @param {function(Error): void} failed
   */
  constructor(ask, changed, failed) {
    Object.assign(this, { ask, changed, failed, dirs: new Map(), parts: [], length: 0 });
    this.dirs.set('', { path: '', depth: 0, total: 0, entries: [], asked: new Map() });
  }

  isOpen(path) {
    return this.dirs.has(path);
  }

  /** Open a directory, or close it with all below it. */
  async toggle(path) {
    if (this.dirs.has(path)) {
      for (const each of [...this.dirs.keys()]) if (each === path || each.startsWith(`${path}/`)) this.dirs.delete(each);
    } else {
      const dir = { path, depth: path.split('/').length, total: 0, entries: [], asked: new Map() };
      this.dirs.set(path, dir);
      await this.load(dir, 0);
    }
    this.lay();
  }

  /** Ask for a page of a directory, once at a time. */
  load(dir, page) {
    if (!dir.asked.has(page)) {
      const asked = this.ask(dir.path, page * PAGE, PAGE)
        .then((answer) => this.take(dir, page, answer))
        .finally(() => dir.asked.delete(page));
      dir.asked.set(page, asked);
    }
    return dir.asked.get(page);
  }

  take(dir, page, { total, entries }) {
    dir.total = total;
    dir.entries.length = Math.min(dir.entries.length, total);
    entries.forEach((entry, at) => (dir.entries[page * PAGE + at] = entry));
    this.lay();
  }

  /** Lay the opened directories out: stretches of rows between those that are open. */
  lay() {
    this.parts = [];
    this.length = 0;
    this.layDir(this.dirs.get(''));
  }

  layDir(dir) {
    let from = 0;
    const close = (to) => {
      if (to > from) this.parts.push({ dir, from, at: this.length, count: to - from });
      this.length += Math.max(0, to - from);
      from = to;
    };
    if (this.dirs.size > 1) {
      dir.entries.forEach((entry, index) => {
        const below = entry.type === 'dir' && this.dirs.get(entry.path);
        if (!below) return;
        close(index + 1);
        this.layDir(below);
      });
    }
    close(dir.total);
  }

  /** The row at a place: its directory, its number there, its depth and, once it is known, the entry. */
  item(at) {
    let [low, high] = [0, this.parts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.parts[middle].at <= at) low = middle;
      else high = middle - 1;
    }
    const part = this.parts[low];
    if (!part) return { dir: this.dirs.get(''), index: 0, depth: 0, entry: undefined };
    const index = part.from + at - part.at;
    return { dir: part.dir, index, depth: part.dir.depth, entry: part.dir.entries[index] };
  }

  /** Where the row of an opened directory is. */
  placeOf(path) {
    const part = this.parts.find(({ dir, from, count }) => {
      for (let index = from; index < from + count; index++) if (dir.entries[index]?.path === path) return true;
      return false;
    });
    return part ? part.at + part.dir.entries.findIndex((entry) => entry?.path === path) - part.from : 0;
  }

  pages(from, to) {
    const found = new Map();
    for (let at = from; at < to; at++) {
      const { dir, index, entry } = this.item(at);
      const page = Math.floor(index / PAGE);
      const known = found.get(`${dir.path}\n${page}`);
      found.set(`${dir.path}\n${page}`, { dir, page, missing: known?.missing || !entry });
    }
    return [...found.values()];
  }

  /** Ask for what is on screen and not known. */
  want(from, to) {
    for (const { dir, page, missing } of this.pages(from, to)) {
      if (missing && !dir.asked.has(page)) this.load(dir, page).then(this.changed, (problem) => problem.name === 'AbortError' || this.failed(problem));
    }
  }

  /** Ask again for what is on screen. */
  async refresh(from, to) {
    const pages = this.length ? this.pages(from, Math.min(to, this.length)) : [{ dir: this.dirs.get(''), page: 0 }];
    await Promise.all(pages.map(({ dir, page }) => this.load(dir, page)));
  }
}
