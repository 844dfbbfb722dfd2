/* Questions of actions that only some clients have: moving and renaming data, limits of a torrent, removing with data. */

import { get } from './api.js';
import { ask } from './dialogs.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { perform } from './jobs.js';

const KILO = document.body.dataset.units === 'decimal' ? 1000 : 1024;
const UNIT = KILO === 1024 ? 'KiB/s' : 'kB/s';

const line = (label, field, help = '') => h('p.line', {}, h('label', { for: field.id }, label), field, help && h('span.help', {}, help));
const typed = (name, value, more = {}) => h('input', { id: `ask-${name}`, name, value, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', ...more });

/** @param {{label: string}} action @param {import('./actions.js').Chosen} what @param {{title: string, list: Array<string>}} how */
export async function askMove(action, what, { title, list }) {
  const field = typed('directory', what.rows.length === 1 ? what.rows[0].directory ?? '' : '', { maxlength: 4096, list: 'ask-list', required: true });
  const options = h('datalist', { id: 'ask-list' }, list.map((value) => h('option', { value })));
  const values = await ask({ title, body: [line(t('Directory'), field, t('The client moves the files there. Large ones take a while.')), options], yes: t('Move') });
  return values && perform(action, values, what.select, { said: t('Move data') });
}

export async function askRename(action, what) {
  const [row] = what.rows;
  const field = typed('name', row.name ?? '', { maxlength: 255, required: true });
  const values = await ask({ title: t('Rename “{name}”', { name: row.name }), body: [line(t('Name'), field, t('Its file or directory on the disk is renamed as well.'))], yes: t('Rename') });
  return values && values.name !== row.name && perform(action, values, what.select, { said: t('Rename') });
}

export async function askLimits(action, what, { title }) {
  const known = what.rows.length === 1 ? await present(what.rows[0]) : {};
  const fields = [['down_limit', t('Download limit')], ['up_limit', t('Upload limit')]].map(([name, label]) => line(`${label} (${UNIT})`,
    typed(name, known[name] ? Math.floor(known[name] / KILO) : 0, { type: 'number', min: 0, max: 1048576, step: 1, required: true })));
  const values = await ask({ title, body: [...fields, h('p.help', {}, t('0 means no limit of its own.'))], yes: t('Set') });
  if (!values) return undefined;
  const args = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value) * KILO]));
  return perform(action, args, what.select, { said: t('Limits') });
}

/** Its present limits; none where they cannot be read. */
async function present({ target, hash }) {
  try {
    return (await get(`torrents/${encodeURIComponent(target)}/${hash}`)).extra ?? {};
  } catch {
    return {};
  }
}
