/* The virtual table: as high as all rows together, with nodes for those on screen and some around them only. */

import { createRow, paintRow } from './rows.js';

const AHEAD = 14; // rows beyond the screen, on the side where it goes, so that a flick of the wheel meets rows
const BEHIND = 4;
const JUMP = 3; // screens at once are no scrolling: nobody knows where it goes next

/**
 * @typedef {Object} Source what the table shows
 * @property {number} total
 * @property {function(number): (Object|undefined)} at the row at a place, undefined where it is not here yet
 * @property {function(Object|undefined, number): {chosen: boolean, cursor: boolean, old: string}} flags
 */

export class Table {
  /**
   * @param {HTMLElement} scroller what scrolls
   * @param {HTMLTableElement} grid
   * @param {Source} source
   * @param {function(): void} onMove called when other rows are on screen
   */
  constructor(scroller, grid, source, onMove) {
    Object.assign(this, { scroller, grid, source, onMove });
    this.body = grid.tBodies[0];
    this.ready = false; // what the server put there still stands
    this.look = { columns: [], several: false };
    this.start = 0; // the place of the first node's row
    this.nodes = [];
    this.pitch = 28;
    this.head = 28;
    this.direction = 1;
    this.onPaper = false;
    this.speed = 0; // rows a second, of late
    this.top = 0;
    this._at = 0;
    this._frame = 0;
    scroller.addEventListener('scroll', () => this._scrolled(), { passive: true });
    scroller.addEventListener('scrollend', () => (this.speed = 0));
    new ResizeObserver(() => this.measure()).observe(scroller);
    // Paper does not scroll: it has all rows that are here.
    addEventListener('beforeprint', () => this._print(true));
    addEventListener('afterprint', () => this._print(false));
  }

  /** Rows on screen: the first and the one after the last. */
  get visible() {
    const first = Math.floor(this.scroller.scrollTop / this.pitch);
    const last = Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight - this.head) / this.pitch);
    const end = Math.max(0, Math.min(last, this.source.total));
    return [Math.max(0, Math.min(first, end)), end];
  }

  /** Rows on screen and those around them that are known, as far as they go without a gap. */
  get here() {
    let [from, to] = this.visible;
    while (from > 0 && this.source.at(from - 1)) from -= 1;
    while (to < this.source.total && this.source.at(to)) to += 1;
    return [from, to];
  }

  /** How many rows there is room for. */
  get room() {
    return Math.ceil((this.scroller.clientHeight - this.head) / this.pitch);
  }

  /** Rows are made anew where the columns are others. */
  setLook(look) {
    if (String(look.columns.map(({ key }) => key)) !== String(this.look.columns.map(({ key }) => key))) {
      this.nodes.forEach((node) => node.remove());
      this.nodes = [];
    }
    this.look = look;
  }

  /** Read the heights that the style sheet gives at this width and size of type. */
  measure() {
    const style = getComputedStyle(this.grid);
    const [pitch, head] = ['--pitch', '--head'].map((name) => this._pixels(style.getPropertyValue(name)));
    const anchor = this.scroller.scrollTop / this.pitch;
    const other = pitch !== this.pitch;
    Object.assign(this, { pitch: pitch || 28, head });
    if (other) this.resize();
    if (other && anchor) this.scroller.scrollTop = Math.round(anchor) * this.pitch;
    this.render();
    if (this.ready) this.onMove();
  }

  _pixels(length) {
    const root = parseFloat(getComputedStyle(document.documentElement).fontSize);
    return length.trim().endsWith('rem') ? parseFloat(length) * root : parseFloat(length) || 0;
  }

  /** Give the scrollbar its true length. */
  resize() {
    if (!this.ready) return;
    const height = `${this.head + this.source.total * this.pitch}px`;
    if (this.height === height) return;
    this.grid.style.height = this.height = height;
    this.grid.hidden = this.source.total === 0;
    this.grid.setAttribute('aria-rowcount', this.source.total + 1);
  }

  _scrolled() {
    if (this._frame) return;
    this._frame = requestAnimationFrame(() => {
      this._frame = 0;
      const top = this.scroller.scrollTop;
      this._measureSpeed(top - this.top);
      this.top = top;
      this.render();
      if (this.ready) this.onMove();
    });
  }

  _measureSpeed(pixels) {
    const [now, rows] = [performance.now(), Math.abs(pixels) / this.pitch];
    const screens = Math.abs(pixels) / Math.max(1, this.scroller.clientHeight);
    this.direction = pixels < 0 ? -1 : 1;
    this.speed = screens > JUMP ? 0 : (1000 * rows) / Math.max(16, now - this._at);
    this._at = now;
  }

  /** Scroll as little as possible for a row to be on screen. */
  reveal(index) {
    const { scroller, pitch, head } = this;
    const room = scroller.clientHeight - head;
    if (index * pitch < scroller.scrollTop) scroller.scrollTop = index * pitch;
    else if ((index + 1) * pitch > scroller.scrollTop + room) scroller.scrollTop = (index + 1) * pitch - room;
    this.render();
  }

  /** The node of the row at a place, null where it is not on screen. */
  nodeAt(index) {
    return this.nodes[index - this.start] ?? null;
  }

  indexOf(node) {
    const at = this.nodes.indexOf(node);
    return at < 0 ? -1 : this.start + at;
  }

  /** Bring the nodes to where the rows are, and paint what differs. */
  render() {
    if (!this.ready) return;
    if (this.onPaper) return void this._show(...this.here);
    const [first, last] = this.visible;
    const [above, below] = this.direction < 0 ? [AHEAD, BEHIND] : [BEHIND, AHEAD];
    this._show(Math.max(0, first - above), Math.min(this.source.total, last + below));
  }

  _print(onPaper) {
    this.onPaper = onPaper;
    this.render();
  }

  _show(from, to) {
    this._move(from, Math.max(0, to - from));
    this.nodes.forEach((node, at) => {
      const row = this.source.at(from + at);
      paintRow(node, row, from + at, this, this.source.flags(row, from + at));
    });
    this.resize();
  }

  /** Nodes that leave at one end come in again at the other. */
  _move(from, count) {
    const { nodes, body } = this;
    if (!nodes.length) body.replaceChildren();
    const shift = from - this.start;
    if (shift > 0 && shift < nodes.length) nodes.push(...nodes.splice(0, shift).map((node) => body.appendChild(node)));
    else if (shift < 0 && -shift < nodes.length) {
      const moved = nodes.splice(nodes.length + shift);
      body.prepend(...moved);
      nodes.unshift(...moved);
    }
    while (nodes.length < count) nodes.push(body.appendChild(createRow(this.look.columns)));
    while (nodes.length > count) nodes.pop().remove();
    this.start = from;
  }
}
