/* What is wrong, above the list: clients that do not answer, and pyroTorrent itself. With cause, remedy and age. */

import { siteUrl } from './api.js';
import { h, icon, reconcile, setText } from './dom.js';
import * as fmt from './format.js';
import { t } from './i18n.js';

const GRACE = 2; // failures in a row before anybody is told
const STALE = 10; // seconds after which what is shown is not called live any more

let problem = null;
let targets = [];
let shownAt = 0;
let toldAt = 0; // of the clients; while nothing is new but their age, nothing is told
let said = '';

export function startNotices() {
  document.addEventListener('list:problem', ({ detail }) => {
    problem = detail;
    draw();
  });
  document.addEventListener('list:answer', ({ detail }) => {
    [targets, shownAt, toldAt] = [detail.targets, detail.at, detail.told];
    draw();
  });
  setInterval(() => (problem || targets.some(({ status }) => status === 'failed')) && !document.hidden && draw(), 1000);
}

const age = (seconds) => t('Shown: as it was {age} ago.', { age: fmt.age(seconds) });

function draw() {
  const items = targets.filter(({ status }) => status === 'failed').map(ofTarget);
  const ours = problem && ofProblem();
  if (ours) items.unshift(ours);
  const place = document.querySelector('#notices');
  reconcile(place, items, ({ key }) => key, make, paint);
  const since = (Date.now() - shownAt) / 1000;
  document.querySelector('#list').classList.toggle('stale', Boolean(ours) && since > STALE);
  tell(items.map(({ title }) => title).join(' '));
}

function ofTarget(target) {
  const passed = (Date.now() - toldAt) / 1000;
  const parts = [
    target.remedy,
    target.age === null ? '' : age(target.age + passed),
    target.retry === null || target.retry - passed < 1 ? '' : t('Next try in {time}.', { time: fmt.age(target.retry - passed) }),
  ];
  return { key: `target ${target.name}`, title: t('{name} does not answer', { name: target.name }), text: target.error, more: parts.filter(Boolean).join(' ') };
}

function ofProblem() {
  const { error, failures, next } = problem;
  if (error.code === 'logged-out') {
    const link = h('a', { href: siteUrl(`login?next=${encodeURIComponent(location.pathname + location.search)}`) }, t('Log in again'));
    return { key: 'login', title: error.message, text: t('What is shown does not change any more.'), more: '', link };
  }
  if (failures < GRACE && error.status !== 400 && error.status !== 429) return null;
  const more = [shownAt ? age((Date.now() - shownAt) / 1000) : '', t('Next try in {time}.', { time: fmt.age(Math.max(0, (next - Date.now()) / 1000)) })];
  return { key: 'connection', title: error.message, text: error.status ? '' : t('Is it running, and is this device online? The page goes on by itself.'), more: more.filter(Boolean).join(' ') };
}

const make = ({ title, link }) => h('section.notice', { 'aria-label': title }, icon('error'), h('div', {}, h('h2'), h('p'), h('p.muted'), link ? h('p', {}, link) : null));

function paint(section, { title, text, more }) {
  const [heading, first, second] = section.lastElementChild.children;
  setText(heading, title);
  for (const [element, words] of [[first, text], [second, more]]) {
    setText(element, words ?? '');
    element.hidden = !words;
  }
}

/** For those who do not see it: once when it begins, once when it ends. */
function tell(now) {
  if (now === said) return;
  const over = t('Everything answers again.');
  setText(document.querySelector('#live'), now || (said ? over : ''));
  said = now;
}
