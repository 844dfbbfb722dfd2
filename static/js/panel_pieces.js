/* The tab Pieces: a map of what is there, one cell for each piece or, of large torrents, for several. */

import { h, setText } from './dom.js';
import { count, percent, size } from './format.js';
import { t, tn } from './i18n.js';

const LEAST = 5; // pixels of a cell and its gap
const MOST = 14;

export function make(place) {
  const words = h('p.pieces-words');
  const canvas = h('canvas.pieces', { role: 'img', 'aria-label': t('Pieces') });
  const key = h('p.legend', {}, h('span.key.whole'), t('there'), h('span.key.some'), t('in part'), h('span.key.lacking'), t('missing'));
  const frame = h('div.pieces-frame', {}, canvas);
  place.append(words, frame, key);
  let map = null;
  const again = () => map && draw(canvas, frame, map);
  const watch = new ResizeObserver(again);
  watch.observe(frame);
  // Colours are read from the style sheet at each drawing; another theme needs one.
  const themes = new MutationObserver(again);
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', again);
  return {
    part: '/pieces',
    paint(answer) {
      const { count: pieces, size: bytes, done, bits, buckets } = answer;
      const text = pieces
        ? t('{done} of {pieces} pieces of {size}: {percent}', { done: count(done), pieces: count(pieces), size: size(bytes), percent: percent(pieces ? done / pieces : 0) })
        : t('The pieces are not known yet.');
      setText(words, text);
      canvas.setAttribute('aria-label', text);
      const drawn = Boolean(bits && buckets);
      frame.hidden = !drawn;
      key.hidden = !drawn || done === pieces; // then there is one colour, and the words say it
      if (drawn && buckets < pieces) words.append(h('span.muted', {}, ` · ${tn('a cell is {n} piece', 'a cell is about {n} pieces', Math.round(pieces / buckets))}`));
      if (pieces && !drawn) words.append(h('span.muted', {}, ' · ', t('which ones, the client does not tell')));
      if (!drawn) return;
      map = { cells: buckets, whole: bytesOf(bits), some: bytesOf(answer.some ?? bits) };
      again();
    },
    end() {
      watch.disconnect();
      themes.disconnect();
      system.removeEventListener('change', again);
    },
  };
}

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const bit = (bytes, at) => (bytes[at >> 3] >> (7 - (at & 7))) & 1;

/** Cells as large as there is room for, in rows. */
function draw(canvas, frame, { cells, whole, some }) {
  const width = frame.clientWidth;
  if (!width) return;
  const room = Math.max(60, frame.parentElement.clientHeight - 90);
  let pitch = MOST;
  while (pitch > LEAST && Math.ceil(cells / Math.floor(width / pitch)) * pitch > room) pitch -= 1;
  const columns = Math.floor(width / pitch);
  const height = Math.ceil(cells / columns) * pitch;
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.height = `${height}px`;
  const style = getComputedStyle(canvas);
  const colours = ['--track', '--downloading', '--seeding'].map((name) => style.getPropertyValue(name).trim());
  const complete = [...Array(cells).keys()].every((at) => bit(whole, at));
  const pen = canvas.getContext('2d');
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  const gap = pitch > 6 ? 2 : 1;
  for (let at = 0; at < cells; at++) {
    const [x, y] = [(at % columns) * pitch, Math.floor(at / columns) * pitch];
    const full = bit(whole, at);
    pen.fillStyle = full ? colours[complete ? 2 : 1] : colours[0];
    pen.fillRect(x, y, pitch - gap, pitch - gap);
    if (full || !bit(some, at)) continue;
    pen.fillStyle = colours[1];
    pen.fillRect(x, y + Math.floor((pitch - gap) / 2), pitch - gap, Math.ceil((pitch - gap) / 2));
  }
}
