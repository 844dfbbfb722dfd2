/* The page asks for itself every few seconds and takes over what changed. */

import { morph } from './morph.js';

const PERIOD = 2500;
const LONGEST = 30000;
const TIMEOUT = 15000;
const POINTER_RESTS = 10000;

/* What is alive on the list's page, on a torrent's page, on those of webhooks and of events. */
const ZONES = ['#rates', '#views', '#notices', '#list', '#status', '#torrent', '#webhooks', '#events'];
const PERIODIC = '#list, #torrent, #webhooks'; // the page of events is told when to ask
const LIVE = `${PERIODIC}, #events`;

let period = PERIOD;
let shown = Date.now();
let timer = 0;
let running = false;
let moved = 0;

export function keepLive() {
  if (!document.querySelector(PERIODIC)) return;
  document.addEventListener('visibilitychange', () => document.hidden || soon(0));
  document.addEventListener('pointermove', () => (moved = Date.now()), { passive: true });
  soon(PERIOD);
}

function soon(wait) {
  clearTimeout(timer);
  timer = setTimeout(tick, wait);
}

async function tick() {
  if (document.hidden || running) return;
  if (document.querySelector('details:is(.menu, .said)[open], dialog[open]')) return soon(PERIOD);
  const began = Date.now();
  running = true;
  try {
    await refresh();
    shown = Date.now();
    // A slow server or client is not asked more often than it can stand.
    period = Math.max(PERIOD, 5 * (shown - began));
    say('');
  } catch (problem) {
    period = Math.min(2 * period, LONGEST);
    say(`${problem.told ?? 'No connection.'} Shown: ${Math.round((Date.now() - shown) / 1000)} s ago.`);
  } finally {
    running = false;
    soon(period);
  }
}

/** Take over what is new. An error may have words for people, as `told`. */
export async function refresh() {
  const answer = await fetch(location.href.split('#')[0], {
    headers: { Accept: 'text/html' },
    signal: AbortSignal.timeout(TIMEOUT),
  });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (answer.redirected && page.querySelector('input[type=password]')) throw told('Logged out; reload to log in.');
  if (!page.querySelector(LIVE)) {
    throw told(page.querySelector('main h1 ~ p')?.textContent ?? `The server answered ${answer.status}.`);
  }
  takeOver(page);
}

const told = (sentence) => Object.assign(new Error(sentence), { told: sentence });

function takeOver(page) {
  const how = { frozen: isInUse(document.querySelector('#torrents tbody')) };
  for (const zone of ZONES) {
    const [old, next] = [document.querySelector(zone), page.querySelector(zone)];
    if (old && next) morph(old, next, how);
  }
  if (document.title !== page.title) document.title = page.title;
  const [icon, next] = [document.querySelector('#favicon'), page.querySelector('#favicon')];
  if (icon && next && icon.getAttribute('href') !== next.getAttribute('href')) icon.replaceWith(next);
  document.dispatchEvent(new Event('refreshed'));
}

/* Rows keep their places while somebody works with them. */
function isInUse(rows) {
  if (!rows) return false;
  const pointed = matchMedia('(hover: hover)').matches && rows.matches(':hover') && Date.now() - moved < POINTER_RESTS;
  return pointed || rows.contains(document.activeElement) || Boolean(rows.querySelector('[name=sel]:checked'));
}

function say(text) {
  const place = document.querySelector('#live');
  if (place && place.textContent !== text) place.textContent = text;
}
