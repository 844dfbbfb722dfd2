/* The page of what happened is live: a stream says that something is new, and the page asks for itself. */

import { apiUrl, get } from './api.js';
import { since } from './format.js';
import { t, tn } from './i18n.js';
import { refresh } from './live.js';

const OPENS = 8_000; // milliseconds in which a stream has to begin; behind a server that keeps it back it never does
const WAIT = 15; // seconds of a long poll
const REST = 10_000; // milliseconds after which one that failed is tried again
const GATHER = 400; // milliseconds in which events are shown together
const SPEAK = 15_000; // milliseconds between two announcements
const AGES = 15_000;
const NO_STREAM = 'events:no-stream';

const zone = document.querySelector('#events');
const news = document.querySelector('#events-news');
const said = document.querySelector('#events-said');
const live = document.querySelector('#live');
const asked = { kinds: zone.dataset.kinds, target: zone.dataset.target, q: zone.dataset.q };

let after = Number(zone.dataset.after);
let fresh = 0; // events that are not shown yet
let unsaid = 0; // and that were not announced
let spoke = 0;
let timer = 0;
let source = null;
let poll = null;

export function startEvents() {
  setInterval(tellAges, AGES);
  if ('still' in zone.dataset) return;
  news.firstElementChild.addEventListener('click', () => (scrollTo(0, 0), show()));
  document.addEventListener('visibilitychange', () => (document.hidden ? rest() : listen()));
  addEventListener('pagehide', rest);
  listen();
}

function listen() {
  if (source || poll || document.hidden) return;
  if (sessionStorage.getItem(NO_STREAM) || !window.EventSource) return void ask();
  source = new EventSource(apiUrl('events', { ...asked, after }));
  const late = setTimeout(giveUp, OPENS);
  source.addEventListener('open', () => (clearTimeout(late), tell(t('live'))));
  for (const kind of ['gap', ...asked.kinds.split(',')]) {
    source.addEventListener(kind, (event) => event.data !== undefined && heard(1, Number(event.lastEventId)));
  }
  source.addEventListener('error', (event) => {
    if (event.data !== undefined || !source) return; // an event that is called so
    tell('');
    if (source.readyState === EventSource.CLOSED) {
      clearTimeout(late);
      instead();
    }
  });
}

/** Nothing came of the stream in time: the web server keeps it back, and will do so the next time. */
function giveUp() {
  if (!source || source.readyState === EventSource.OPEN) return;
  sessionStorage.setItem(NO_STREAM, '1');
  instead();
}

/** Long polls in place of the stream. */
function instead() {
  source?.close();
  source = null;
  ask();
}

async function ask() {
  const mine = (poll = new AbortController());
  let wait = 0; // at first, to see that it works
  while (poll === mine) {
    try {
      const answer = await get('events', { ...asked, after, wait, limit: 500 }, { signal: mine.signal });
      if (poll !== mine) return;
      tell(t('live'));
      if (answer.events.length || answer.gap) heard(answer.events.length, answer.next);
      after = answer.next;
      wait = WAIT;
    } catch (problem) {
      if (poll !== mine) return;
      if (problem.code !== 'busy' && problem.code !== 'too_much') tell(problem.message);
      if (problem.code === 'logged-out') return;
      wait = 0; // where there is no place to wait in, something is told all the same
      await pause(REST);
    }
  }
}

const pause = (time) => new Promise((done) => setTimeout(done, time));

function rest() {
  source?.close();
  poll?.abort();
  source = poll = null;
}

function heard(count, id) {
  after = Math.max(after, id);
  fresh += count;
  unsaid += count;
  timer ||= setTimeout(() => ((timer = 0), isInUse() ? offer() : show()), GATHER);
}

/** Rows keep their places while somebody reads further down, points at one or has the focus in one. */
function isInUse() {
  const rows = zone.querySelector('tbody');
  return Boolean(rows) && (scrollY > 120 || rows.matches(':hover') || rows.contains(document.activeElement));
}

function offer() {
  news.hidden = false;
  news.firstElementChild.textContent = tn('Show {n} new event', 'Show {n} new events', fresh);
  speak();
}

async function show() {
  try {
    await refresh();
    news.hidden = true;
    speak();
    fresh = 0;
  } catch (problem) {
    tell(problem.told ?? t('No connection to pyroTorrent.'));
  }
}

/** How many came, not which, and not all the time. */
function speak() {
  if (Date.now() - spoke < SPEAK || !unsaid) return;
  spoke = Date.now();
  said.textContent = tn('{n} new event', '{n} new events', unsaid);
  unsaid = 0;
}

function tellAges() {
  if (document.hidden) return;
  for (const time of zone.querySelectorAll('time')) {
    const age = since(Number(time.dataset.at));
    if (time.textContent !== age) time.textContent = age;
  }
  speak();
}

const tell = (text) => live.textContent !== text && (live.textContent = text);
