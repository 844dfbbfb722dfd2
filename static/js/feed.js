/* Asks for the window on screen, again and again: differences while it stays the same, the whole where it is another. */

import { get } from './api.js';

const PERIOD = 1000;
const HIDDEN = 15_000; // nobody looks, but the title tells the rates
const LONGEST = 15_000; // between tries while nothing answers
const SHARE = 4; // a slow answer is followed by a rest of that many times as long

export class Feed {
  /**
   * @param {Object} owner
   * @param {function(): Object} owner.wanted   the parameters of the window to ask for
   * @param {function(Object|null, Object): void} owner.answered  the answer (null: nothing changed) and what was asked
   * @param {function(Error, Object): void} owner.failed
   */
  constructor(owner) {
    this.owner = owner;
    this.token = '';
    this.tokenOf = '';
    this.failures = 0;
    this.rest = PERIOD;
    this.nextAt = 0;
    document.addEventListener('visibilitychange', () => this.soon(document.hidden ? HIDDEN : 0));
    addEventListener('online', () => this.soon(0));
  }

  /** What the embedded first answer was to; the next one tells differences. */
  begin(token, asked) {
    Object.assign(this, { token, tokenOf: keyOf(asked) });
  }

  /** Ask in a while; an earlier wish is forgotten. */
  soon(wait) {
    clearTimeout(this.timer);
    this.nextAt = Date.now() + wait;
    this.timer = setTimeout(() => this.ask(), wait);
  }

  /** Ask right now. With `anew` what is being asked is of no use any more. */
  ask({ anew = false } = {}) {
    if (this.running && !anew) {
      this.again = true;
      return;
    }
    this.running?.abort();
    clearTimeout(this.timer);
    this.again = false;
    this._ask((this.running = new AbortController()));
  }

  async _ask(running) {
    const asked = this.owner.wanted();
    const since = this.tokenOf === keyOf(asked) ? this.token : '';
    const began = performance.now();
    try {
      const answer = await get('torrents', { ...asked, since }, { signal: running.signal });
      if (this.running !== running) return;
      this.failures = 0;
      if (answer) this.begin(answer.token, asked);
      this.owner.answered(answer, asked);
      this.rest = Math.max(PERIOD, SHARE * (performance.now() - began));
    } catch (problem) {
      if (this.running !== running) return;
      this.failures += 1;
      this.rest = Math.min(PERIOD * 2 ** Math.min(this.failures - 1, 5), LONGEST);
      this.nextAt = Date.now() + this.rest;
      this.owner.failed(problem, asked);
    }
    this.running = null;
    if (this.again) this.ask();
    else this.soon(document.hidden ? Math.max(HIDDEN, this.rest) : this.rest);
  }
}

/** Differences are told of the same window only. */
const keyOf = ({ facets, ...window }) => JSON.stringify(window);
