/* The rates of the last five minutes as two small lines; the exact figures by pointing, and as a sentence. */

import { h, s, setAttr, setText } from './dom.js';
import { age, rate } from './format.js';
import { t } from './i18n.js';

const SPAN = 300; // seconds
const STEP = 2; // seconds for which one point stands
const [WIDTH, HEIGHT] = [88, 20];
const SPOKEN = 30; // seconds between changes of the sentence
const KEPT = 'pyrotorrent.rates';

/** Rates as [Unix seconds, down, up], the oldest first. */
const samples = restore();

function restore() {
  try {
    const from = Date.now() / 1000 - SPAN;
    return JSON.parse(sessionStorage.getItem(KEPT) ?? '[]').filter(([at]) => at > from);
  } catch {
    return [];
  }
}

export function sample(down, up, now = Date.now() / 1000) {
  const last = samples.at(-1);
  if (last && now - last[0] < STEP) last.splice(1, 2, down, up);
  else samples.push([Math.round(now * 10) / 10, down, up]);
  while (samples[0] && samples[0][0] < now - SPAN) samples.shift();
}

addEventListener('pagehide', () => {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(samples));
  } catch {
    // Then the next page begins with an empty line.
  }
});

export function makeSpark() {
  const down = s('polyline', { class: 's-downloading', fill: 'none' });
  const up = s('polyline', { class: 's-seeding', fill: 'none' });
  const hair = s('line', { class: 'spark-hair', y1: 0, y2: HEIGHT, visibility: 'hidden' });
  const svg = s('svg', { class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, 'aria-hidden': 'true' }, up, down, hair);
  const tip = h('span.spark-tip', { hidden: true, 'aria-hidden': 'true' });
  const words = h('span.sr');
  const place = h('span.spark-place', {}, svg, tip, words);
  svg.addEventListener('pointermove', (event) => point(event, svg, hair, tip));
  const rest = () => {
    tip.hidden = true;
    setAttr(hair, 'visibility', 'hidden');
  };
  svg.addEventListener('pointerleave', rest);
  svg.addEventListener('click', rest); // which opens the limits, where the tip would lie
  let said = 0;
  return {
    place,
    paint(now = Date.now() / 1000) {
      const top = Math.max(1024, ...samples.map(([, one, other]) => Math.max(one, other)));
      setAttr(down, 'points', line(1, now, top));
      setAttr(up, 'points', line(2, now, top));
      if (now - said < SPOKEN) return;
      said = now;
      setText(words, sentence());
    },
  };
}

const x = (at, now) => (WIDTH * (1 - (now - at) / SPAN)).toFixed(1);

const line = (which, now, top) =>
  samples.map((each) => `${x(each[0], now)},${(HEIGHT - 1 - (each[which] / top) * (HEIGHT - 2)).toFixed(1)}`).join(' ');

function sentence() {
  if (samples.length < 2) return '';
  const [downs, ups] = [1, 2].map((which) => samples.map((each) => each[which]));
  const mean = (values) => rate(values.reduce((sum, value) => sum + value, 0) / values.length);
  return t('Last 5 minutes: down {down} on average, {most} at most; up {up} on average, {upmost} at most.', {
    down: mean(downs), most: rate(Math.max(...downs)), up: mean(ups), upmost: rate(Math.max(...ups)),
  });
}

function point(event, svg, hair, tip) {
  if (!samples.length || svg.closest('details')?.open) return;
  const now = Date.now() / 1000;
  const box = svg.getBoundingClientRect();
  const at = now - SPAN * (1 - (event.clientX - box.left) / box.width);
  const nearest = samples.reduce((best, each) => (Math.abs(each[0] - at) < Math.abs(best[0] - at) ? each : best));
  for (const end of ['x1', 'x2']) setAttr(hair, end, x(nearest[0], now));
  setAttr(hair, 'visibility', 'visible');
  setText(tip, `↓ ${rate(nearest[1])}  ↑ ${rate(nearest[2])}  ·  ${t('{age} ago', { age: age(now - nearest[0]) })}`);
  tip.hidden = false;
}
