/* The status bar: how each client is doing, in words; free space; and the rates in the bar above, the title and the
   favicon. What moves here is what the clients say, and the countdown to the next try of one that fails. */

import { h, icon, reconcile, setAttr, setIcon, setText } from './dom.js';
import { age, count, limit, rate, size } from './format.js';
import { t } from './i18n.js';
import { latest } from './latest.js';
import { makeSpark, sample } from './spark.js';
import * as state from './state.js';

const NOW = 10; // seconds of age that need not be said
const LIMIT = t('limit'); // what stands in a template is not found by those who extract texts
const LITTLE = 1 << 30; // bytes of free space that are little

let bar = null;
let spark = null;
let problem = null;

export function startStatus() {
  bar = document.querySelector('#status');
  if (!bar) return;
  growRates();
  document.addEventListener('list:answer', () => {
    problem = null;
    if (!document.hidden) sample(latest.answer.down ?? 0, latest.answer.up ?? 0);
    paint();
  });
  document.addEventListener('list:problem', ({ detail }) => ((problem = detail), paint()));
  setInterval(() => document.hidden || paintTimes(), 1000);
  if (latest.answer) paint();
}

// ---- rates

function growRates() {
  const rates = document.querySelector('#rates');
  if (!rates) return;
  spark = makeSpark();
  const figures = h('span.rates-figures', {}, ...rates.childNodes);
  const sheet = h('div.menu-sheet.limits', {});
  const summary = h('summary.rates-summary.quiet', { title: t('Limits') }, spark.place, figures, h('span.sr', {}, t('Limits')));
  const details = h('details.menu', { id: 'limits' }, summary, sheet);
  details.addEventListener('toggle', () => details.open && import('./limits.js').then(({ limitsOf }) => limitsOf(sheet, latest.answer?.targets ?? [])));
  rates.replaceWith(h('div.rates', { id: 'rates' }, details));
  const [down, up] = figures.children;
  spark.figures = [down, up].map((each) => {
    const text = document.createTextNode('');
    each.replaceChildren(...each.querySelectorAll('svg, .sr'), text);
    return text;
  });
}

function paintRates({ down, up, targets }) {
  if (spark) {
    [down, up].forEach((value, at) => {
      const text = rate(value);
      if (spark.figures[at].nodeValue !== text) spark.figures[at].nodeValue = text;
    });
    spark.paint();
  }
  const words = [down > 0 && `↓ ${rate(down)}`, up > 0 && `↑ ${rate(up)}`].filter(Boolean).join(' ');
  const title = `${words || t('Torrents')} · pyroTorrent`;
  if (document.title !== title) document.title = title;
  const name = problem || targets?.some(({ status }) => status === 'failed') ? '-error' : down > 0 ? '-down' : up > 0 ? '-up' : '';
  const favicon = document.querySelector('#favicon');
  const href = favicon?.getAttribute('href').replace(/favicon(-\w+)?\.svg/, `favicon${name}.svg`);
  if (favicon && favicon.getAttribute('href') !== href) favicon.setAttribute('href', href);
}

// ---- clients

function paint() {
  const { answer } = latest;
  if (!answer) return;
  paintRates(answer);
  const targets = answer.targets ?? [];
  let list = bar.querySelector('.targets');
  if (!list) {
    list = h('div.targets');
    bar.querySelectorAll(':scope > .target').forEach((old) => old.remove());
    bar.prepend(list);
  }
  reconcile(list, targets, ({ name }) => name, make, (element, target) => paintTarget(element, target, targets.length > 1));
  paintTimes();
}

function make({ name }) {
  const summary = h('summary', {}, icon('ok'), h('bdi', {}, name), h('span.said'), h('span.target-rates'), h('span.space'));
  const sheet = h('div.menu-sheet.target-sheet');
  const details = h('details.menu.target', {}, summary, sheet);
  details.addEventListener('toggle', () => details.open && paintSheet(sheet, name));
  return details;
}

function paintTarget(element, target, several) {
  const failed = target.status === 'failed';
  element.classList.toggle('bad', failed);
  element.classList.toggle('ok', target.status === 'ok');
  const [shape, , said, rates, space] = element.firstElementChild.children;
  setIcon(shape, failed ? 'off' : target.status === 'ok' ? 'ok' : 'queue');
  setText(said, words(target));
  setText(rates, several && !failed && (target.down || target.up) ? `↓ ${rate(target.down)} ↑ ${rate(target.up)}` : '');
  const free = freeOf(target);
  setText(space, free === null ? '' : t('{size} free', { size: size(free) }));
  setAttr(space, 'data-little', free !== null && free < LITTLE);
  if (element.open) paintSheet(element.lastElementChild, target.name);
}

/** The least there is anywhere: that is what runs out first. */
function freeOf({ free, spaces }) {
  const all = (spaces ?? []).map(([, left]) => left).filter((left) => left !== null);
  return all.length ? Math.min(...all) : (free ?? null);
}

/** Seconds since the client was seen: what the answer said, and the time since. Of one that fails nothing is told while
 *  only that time passes. */
const ageOf = ({ age: seconds, status }) => (seconds === null || seconds === undefined ? null : seconds + secondsSince(status === 'failed' ? 'told' : 'at'));

const secondsSince = (what) => (Date.now() - (latest.answer[what] || Date.now())) / 1000;

function words(target) {
  const old = ageOf(target);
  if (target.status === 'starting') return t('is being asked');
  if (target.status === 'ok') return old === null || old < NOW ? '' : t('{age} ago', { age: age(old) });
  const shown = old === null ? t('nothing to show yet') : t('shown: {age} ago', { age: age(old) });
  const left = target.retry === null || target.retry === undefined ? 0 : target.retry - secondsSince('told');
  return [t('does not answer'), shown, left >= 1 && t('next try in {n} s', { n: Math.ceil(left) })].filter(Boolean).join(' · ');
}

function paintTimes() {
  const { answer } = latest;
  if (!answer || !bar.querySelector('.targets')) return;
  for (const target of answer.targets ?? []) {
    const element = [...bar.querySelectorAll('.targets > .target')].find((each) => each.dataset.key === target.name);
    if (element) setText(element.querySelector('.said'), words(target));
  }
}

// ---- one client, when somebody asks

function paintSheet(sheet, name) {
  const target = latest.answer.targets.find((each) => each.name === name);
  if (!target) return;
  const facts = [
    [t('State'), target.status === 'ok' ? t('answers') : words(target)],
    target.error && [t('Reason'), target.error],
    target.remedy && [t('How to fix'), target.remedy],
    [t('Program'), [target.kind, target.client_version].filter(Boolean).join(' ')],
    [t('Torrents'), count(target.count)],
    [t('Down'), `${rate(target.down)} · ${LIMIT}: ${limit(target.down_limit)}`],
    [t('Up'), `${rate(target.up)} · ${LIMIT}: ${limit(target.up_limit)}`],
    ...(target.spaces ?? []).map(([path, free, total]) => [path, total ? t('{free} free of {total}', { free: size(free), total: size(total) }) : t('{size} free', { size: size(free) })]),
    !target.spaces?.length && target.free !== null && [t('Free space'), size(target.free)],
  ].filter((fact) => fact && fact[1]);
  let list = sheet.querySelector('dl');
  if (!list) {
    list = h('dl.facts');
    const only = state.get().target === name;
    const show = h('a.button', { href: state.address({ target: only ? '' : name }) }, only ? t('Show all clients') : t('Show only this'));
    const settings = h('a.button', { href: `${document.body.dataset.base.replace(/\/$/, '')}/settings/${encodeURIComponent(name)}` }, t('Settings'));
    sheet.append(list, h('p.sheet-buttons', {}, latest.answer.targets.length > 1 && show, settings));
  }
  reconcile(list, facts.flatMap(([label, value], at) => [{ at: `k${at}${label}`, tag: 'dt', text: label }, { at: `v${at}${label}`, tag: 'dd', text: value }]),
    ({ at }) => at, ({ tag }) => h(tag, {}, h('bdi')), (element, { text }) => setText(element.firstElementChild, text));
}
