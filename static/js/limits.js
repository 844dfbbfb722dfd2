/* The limits of all transfers of a client, at hand: usual values to choose, or any other to type. */

import { send } from './api.js';
import { can } from './can.js';
import { h } from './dom.js';
import { limit, rate } from './format.js';
import { t } from './i18n.js';
import { refreshSoon } from './list.js';
import { toast } from './toast.js';

const binary = document.body.dataset.units !== 'decimal';
const STEP = binary ? 1024 : 1000;
const PRESETS = [64, 128, 256, 512, 1024, 2048, 5120, 10240, 20480, 51200, 102400].map((kilo) => kilo * 1024).map((bytes) => (binary ? bytes : Math.round((bytes / 1024) * 1000)));
const KINDS = [['down_limit', t('Down')], ['up_limit', t('Up')]];
const UNITS = { '': 1, b: 1, k: STEP, m: STEP ** 2, g: STEP ** 3 };

/** Fill the sheet: one line for each client. */
export function limitsOf(sheet, targets) {
  const may = document.body.dataset.writes === 'yes';
  const rows = targets.map((target) => row(target, may));
  sheet.replaceChildren(
    h('h2', {}, t('Limits of all transfers')),
    h('table', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('Client')), ...KINDS.map(([, label]) => h('th', { scope: 'col' }, label)))), h('tbody', {}, rows)),
    may ? h('p.muted', {}, t('rTorrent forgets them when it starts anew.')) : h('p.muted', {}, t('This account may look but not change them.')),
  );
}

function row(target, may) {
  const cells = KINDS.map(([key, label]) => {
    const value = target[key];
    if (!may || !can(target.name, 'settings') || value === null || value === undefined) return h('td', {}, value === null || value === undefined ? '–' : limit(value));
    return h('td', {}, chooser(target, key, `${label}, ${target.name}`, value));
  });
  return h('tr', {}, h('th', { scope: 'row' }, h('bdi', {}, target.name)), cells);
}

function chooser(target, key, label, value) {
  const values = [...new Set([...PRESETS, ...(value ? [value] : [])])].sort((a, b) => a - b);
  const select = h('select', { 'aria-label': label },
    h('option', { value: 0 }, t('unlimited')), values.map((each) => h('option', { value: each }, rate(each))), h('option', { value: 'other' }, t('other…')));
  select.value = value;
  let now = value;
  const put = async (wanted, back) => {
    if (await change(target.name, key, wanted, now)) return wanted;
    back();
    return now;
  };
  select.addEventListener('change', async () => {
    if (select.value === 'other') return type(select, now, async (wanted) => (now = await put(wanted, () => (select.value = now))));
    now = await put(Number(select.value), () => (select.value = now));
    return undefined;
  });
  return select;
}

/** A field in place of the choice, until something sensible was typed. */
function type(select, now, done) {
  const field = h('input', { 'aria-label': select.getAttribute('aria-label'), value: now ? rate(now) : '', placeholder: t('e.g. 2.5m'), size: 10, autocomplete: 'off' });
  const end = () => {
    field.replaceWith(select);
    select.value = now;
    select.focus();
  };
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') event.stopPropagation();
    if (event.key === 'Escape') return end();
    if (event.key !== 'Enter') return undefined;
    event.preventDefault();
    const wanted = parse(field.value);
    field.setAttribute('aria-invalid', String(wanted === null));
    if (wanted === null) return complain(field);
    if (![...select.options].some(({ value }) => Number(value) === wanted)) select.lastElementChild.before(h('option', { value: wanted }, rate(wanted)));
    end();
    select.value = wanted;
    return done(wanted);
  });
  select.replaceWith(field);
  field.focus();
  field.select();
}

function complain(field) {
  toast(t('“{text}” is no rate. Type one such as 700k or 2.5m, or 0 for no limit.', { text: field.value }), { kind: 'limit', level: 'error' });
  field.select();
}

/** `2.5 MiB/s`, `700k`, `0`: bytes a second, null where it is none of that. */
export function parse(text) {
  const found = /^\s*(\d+(?:[.,]\d+)?)\s*([kmg]?)(?:i?b)?(?:\/s)?\s*$/i.exec(text);
  return found ? Math.round(Number(found[1].replace(',', '.')) * UNITS[found[2].toLowerCase()]) : null;
}

async function change(target, key, value, before) {
  const path = `targets/${encodeURIComponent(target)}/limits`;
  try {
    await send('PATCH', path, { [key]: value });
    refreshSoon();
    const what = key === 'down_limit' ? t('Down limit of {target}: {limit}', { target, limit: limit(value) }) : t('Up limit of {target}: {limit}', { target, limit: limit(value) });
    toast(what, { kind: 'limit', action: before === null ? null : { label: t('Undo'), run: () => change(target, key, before, null) } });
    return true;
  } catch (problem) {
    toast(problem.message, { kind: 'limit', level: 'error' });
    return false;
  }
}
