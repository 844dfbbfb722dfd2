/* The tab Trackers: how each answers, what it says of the swarm, and whether it is asked at all. */

import { mayWrite } from './actions.js';
import { send } from './api.js';
import { h, reconcile, setAttr, setText } from './dom.js';
import { age, count, eta, moment, NONE } from './format.js';
import { t, tn } from './i18n.js';
import { toast } from './toast.js';

const WORDS = { off: t('off'), announcing: t('announcing'), works: t('works'), waiting: t('not asked yet') };
const STATES = { off: 's-stopped', announcing: 's-downloading', works: 's-seeding', waiting: 's-stopped', failed: 's-error' };
const HEADS = [['on', t('On')], ['url', t('Address')], ['status', t('State')], ['seeds number', t('Seeds')], ['leeches number', t('Leeches')], ['downloaded number', t('Downloads')], ['peers number', t('New peers')], ['last number', t('Last answer')], ['next number', t('Next')]];

export function make(place, context) {
  const body = h('tbody');
  const none = h('p.nothing.muted', { hidden: true }, t('This torrent has no tracker; peers come from the DHT and from other peers.'));
  const table = h('table.trackers', {}, h('caption.sr', {}, t('Trackers')), h('thead', {}, h('tr', {}, HEADS.map(([name, label]) => h('th', { scope: 'col', class: `t-${name}` }, label)))), body);
  place.append(none, table);
  let known = [];
  body.addEventListener('change', async ({ target }) => {
    const tracker = known.find(({ index }) => String(index) === target.value);
    try {
      await send('PATCH', `${context.path}/trackers`, { index: tracker.index, enabled: target.checked });
      toast(target.checked ? t('Tracker switched on') : t('Tracker switched off'), { kind: 'tracker' });
    } catch (problem) {
      target.checked = tracker.enabled;
      toast(problem.message, { kind: 'tracker', level: 'error' });
    }
    context.again();
  });
  return {
    part: '/trackers',
    paint({ trackers }) {
      known = trackers;
      none.hidden = trackers.length > 0;
      table.hidden = !trackers.length;
      reconcile(body, trackers, ({ index }) => String(index), (tracker) => makeRow(tracker, mayWrite() && context.can('tracker_enable')), paintRow);
    },
  };
}

function makeRow(tracker, may) {
  const box = h('input', { type: 'checkbox', value: tracker.index, disabled: !may });
  return h('tr', {}, h('td.t-on', {}, h('label', {}, box)), HEADS.slice(1).map(([name, label]) => h('td', { class: `t-${name}`, 'data-label': label }, h('bdi'))));
}

function paintRow(row, tracker) {
  const [on, ...cells] = row.cells;
  const box = on.querySelector('input');
  box.checked = tracker.enabled;
  setAttr(box, 'aria-label', t('Ask {url}', { url: tracker.url }));
  setAttr(row, 'class', STATES[tracker.status] ?? '');
  const scraped = tracker.seeds || tracker.leeches || tracker.downloaded;
  const now = Date.now() / 1000;
  const texts = [
    tracker.url,
    WORDS[tracker.status] ?? tn('failed {n} time', 'failed {n} times', tracker.failures),
    scraped ? count(tracker.seeds) : NONE, scraped ? count(tracker.leeches) : NONE, scraped ? count(tracker.downloaded) : NONE,
    tracker.last_success ? count(tracker.new_peers) : NONE,
    tracker.last_success ? t('{age} ago', { age: age(now - tracker.last_success) }) : NONE,
    tracker.enabled && tracker.next_announce > now ? t('in {time}', { time: eta(Math.round(tracker.next_announce - now)) }) : NONE,
  ];
  texts.forEach((text, at) => {
    setText(cells[at].firstChild, text);
    setAttr(cells[at], 'data-none', text === NONE);
  });
  setAttr(cells[0], 'title', tracker.url);
  setAttr(cells[6], 'title', moment(tracker.last_success));
  setAttr(cells[1], 'title', [tracker.message, tracker.last_failure && t('last failure: {time}', { time: moment(tracker.last_failure) })].filter(Boolean).join(' · ') || null);
}
