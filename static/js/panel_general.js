/* The tab General: facts in groups, and what can be set for the torrent alone. */

import { PRIORITIES, mayWrite } from './actions.js';
import { send } from './api.js';
import { h, reconcile, setAttr, setText } from './dom.js';
import { count, eta, limit, moment, NONE, percent, rate, ratio, since, size } from './format.js';
import { t } from './i18n.js';
import { latest } from './latest.js';
import { refreshSoon } from './list.js';
import { STATES } from './facets.js';
import { toast } from './toast.js';

const when = (unix) => (unix > 0 ? `${moment(unix)} (${t('{age} ago', { age: since(unix) })})` : NONE);

/** What comes and goes keeps its line, so that nothing jumps. */
const LIVE = new Set([t('Left'), t('Down'), t('Up')]);

/** Groups of label and value; what the client does not tell is left out. */
function facts(row, extra) {
  return [
    [t('Transfer'), [
      [t('State'), STATES.get(row.status)?.word ?? row.status],
      [t('Done'), `${percent(row.progress)} · ${size(row.completed_bytes)}`],
      [t('Left'), row.left_bytes ? `${size(row.left_bytes)}${row.eta !== null ? ` · ${eta(row.eta)}` : ''}` : NONE],
      [t('Down'), rate(row.down_rate)],
      [t('Up'), rate(row.up_rate)],
      [t('Downloaded'), size(row.down_total)],
      [t('Uploaded'), size(row.up_total)],
      [t('Ratio'), ratio(row.ratio)],
      [t('Limits'), extra.down_limit || extra.up_limit ? t('down {down}, up {up}', { down: limit(extra.down_limit), up: limit(extra.up_limit) }) : NONE],
      [t('In the queue'), Number.isInteger(extra.queue_position) ? count(extra.queue_position + 1) : NONE],
      [t('Wasted'), extra.skip_total ? size(extra.skip_total) : NONE],
      [t('Peers'), row.peers_connected === null ? NONE : t('{n} connected, {seeds} of them seeds', { n: count(row.peers_connected), seeds: count(row.peers_complete) })],
    ]],
    [t('Torrent'), [
      [t('Size'), size(row.size_bytes)],
      [t('Files'), count(row.size_files)],
      [t('Pieces'), extra.chunks && extra.chunk_size ? `${count(extra.chunks_done)} / ${count(extra.chunks)} × ${size(extra.chunk_size)}` : NONE],
      [t('Private'), row.is_private === null ? NONE : row.is_private ? t('yes') : t('no')],
      [t('Tracker'), row.tracker || NONE],
      [t('Info hash'), row.hash],
      [t('Comment'), extra.comment || NONE],
    ]],
    [t('Times'), [
      [t('Added'), when(row.added)],
      [t('Started'), when(row.started)],
      [t('Finished'), when(row.finished)],
      [t('State changed'), when(extra.state_changed)],
      [t('Made'), when(extra.created)],
    ]],
    [t('Place'), [
      [t('Client'), row.target],
      [t('Directory'), row.directory || NONE],
      [t('Path'), row.base_path || NONE],
      [t('Free space'), size(extra.free_space)],
      [t('Added from'), extra.loaded_file || NONE],
    ]],
  ].map(([title, group]) => [title, group.filter(([label, value]) => value && (value !== NONE || LIVE.has(label)))]).filter(([, group]) => group.length);
}

export function make(place, context) {
  const groups = h('div.fact-groups');
  const message = h('p.message.s-error', { hidden: true }, h('bdi'));
  const own = h('form.own', {});
  own.addEventListener('submit', (event) => event.preventDefault());
  const owns = h('section', { 'data-key': 'own', hidden: true }, h('h2', {}, t('Set')), own);
  place.append(message, groups);
  return {
    part: '',
    paint({ row, extra, capabilities }) {
      context.know(row);
      setText(message.firstChild, row.message ?? '');
      message.hidden = !row.message;
      const all = [...facts(row, extra ?? {}), ...(mayWrite() ? [['own', null]] : [])];
      reconcile(groups, all, ([title]) => title, ([title, group]) => (group ? h('section', {}, h('h2', {}, title), h('dl.facts')) : owns), (element, [, group]) => group && paintGroup(element.lastElementChild, group));
      if (mayWrite()) paintOwn(own, row, capabilities ?? [], context);
    },
  };
}

function paintGroup(list, group) {
  const cells = group.flatMap(([label, value]) => [{ key: `k${label}`, tag: 'dt', text: label }, { key: `v${label}`, tag: 'dd', text: value }]);
  reconcile(list, cells, ({ key }) => key, ({ tag }) => h(tag, {}, h('bdi')), (element, { text }) => setText(element.firstChild, text));
}

/** What can be set; a field that somebody is in keeps what they type, and so does one that was refused. */
function paintOwn(form, row, can, context) {
  const fields = [
    can.includes('priority') && { key: 'priority', label: t('Priority'), choices: PRIORITIES },
    can.includes('label') && { key: 'label', label: t('Label'), list: 'label' },
    can.includes('throttle') && { key: 'throttle', label: t('Throttle group') },
    can.includes('directory') && { key: 'directory', label: t('Directory'), list: 'directory', title: can.includes('move') ? t('Files are not moved.') : t('Possible only while nothing is downloaded; files are not moved.') },
  ].filter(Boolean);
  form.parentElement.hidden = !fields.length;
  reconcile(form, fields, ({ key }) => key, (field) => makeField(field, context), (element, { key }) => {
    const input = element.querySelector('input, select');
    const value = row[key] ?? '';
    const kept = document.activeElement === input || input.ariaInvalid === 'true';
    if (!kept && input.value !== String(value)) input.value = value;
    setAttr(input, 'data-was', value);
  });
}

function makeField({ key, label, choices, list, title }, context) {
  const id = `own-${key}`;
  const values = list ? (latest.answer?.facets?.[list] ?? []).map(([value]) => value).filter(Boolean) : [];
  const field = choices
    ? h('select', { id }, choices.map((word, at) => h('option', { value: at }, word)))
    : h('input', { id, list: values.length ? `${id}-list` : null, maxlength: key === 'directory' ? 4096 : 255, autocomplete: 'off', spellcheck: 'false', title });
  const put = () => change(context, key, label, field);
  field.addEventListener('change', put);
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || choices || field.value === field.dataset.was) return;
    field.value = field.dataset.was;
    field.ariaInvalid = null;
    event.preventDefault();
    event.stopPropagation();
  });
  return h('p', {}, h('label', { for: id }, label), field, values.length > 0 && h('datalist', { id: `${id}-list` }, values.map((value) => h('option', { value }))));
}

async function change(context, key, label, field) {
  const [before, wanted] = [field.dataset.was, field.value];
  field.ariaInvalid = null;
  if (before === wanted) return;
  const typed = (value) => (key === 'priority' ? Number(value) : value);
  try {
    await send('PATCH', context.path, { [key]: typed(wanted) });
    field.dataset.was = wanted;
    const undo = async () => {
      await send('PATCH', context.path, { [key]: typed(before) }).catch((problem) => toast(problem.message, { level: 'error', kind: 'own' }));
      context.again();
      refreshSoon();
    };
    toast(t('{what}: {value}', { what: label, value: field.selectedOptions?.[0].text ?? (wanted || t('none')) }), { kind: 'own', action: { label: t('Undo'), run: undo } });
    refreshSoon();
  } catch (problem) {
    // A choice falls back; what was typed stays, to be put right. Esc takes it away.
    if (key === 'priority') field.value = before;
    else field.ariaInvalid = 'true';
    toast(`${label}: ${problem.message}`, { level: 'error', kind: 'own' });
  }
  context.again();
}
