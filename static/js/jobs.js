/* Doing something to torrents: one request, the progress of what takes longer, and an honest word at the end. */

import { get, send } from './api.js';
import { ask } from './dialogs.js';
import { h, icon, setAttr, setText } from './dom.js';
import { count, torrents } from './format.js';
import { t } from './i18n.js';
import { refreshSoon } from './list.js';
import { toast } from './toast.js';

/**
 * @param {{label: string, id: string}} action
 * @param {Object} args of the verb
 * @param {Object} select the body's `select`
 * @param {{sure?: boolean, undo?: function(): void, said?: string}} [how]
 * @returns {Promise<Object|null>} the job at its end, null where the request was refused
 */
export async function perform(action, args, select, { sure = false, expect = undefined, digest = undefined, undo = null, said = action.label } = {}) {
  try {
    const body = { verb: action.id, args, select, ...(sure && { sure: true, expect, digest }) };
    const job = await watch(await send('POST', '/api/v1/actions', body), said);
    refreshSoon();
    report(job, said, undo);
    return job;
  } catch (problem) {
    toast(`${said}: ${problem.message}`, { level: 'error', kind: 'job' });
    return null;
  }
}

/** Wait for the end of a job; one that takes longer shows how far it is, and goes on when that is put away. */
async function watch(job, said) {
  let view = null;
  for (let turn = 0; job.state === 'running'; turn++) {
    view ??= progressOf(said);
    view.show(job);
    await new Promise((resolve) => setTimeout(resolve, Math.min(250 * (turn + 1), 1500)));
    job = { ...job, ...(await get(`/api/v1/actions/${encodeURIComponent(job.job)}`)) };
    if (turn % 3 === 2) refreshSoon();
  }
  view?.close();
  return job;
}

function progressOf(said) {
  const text = h('span', {});
  const bar = h('progress', { max: 1, value: 0, 'aria-label': said });
  const view = h('div.job', {}, text, bar, h('button.quiet', { type: 'button', on: { click: () => (view.hidden = true) } }, t('Hide')));
  document.body.append(view);
  return {
    show({ total, done, failed_count }) {
      const settled = done + failed_count;
      setText(text, t('{what}: {done} of {total}', { what: said, done: count(settled), total: count(total ?? 0) }));
      setAttr(bar, 'max', total || 1);
      bar.value = settled;
    },
    close: () => view.remove(),
  };
}

function report(job, said, undo) {
  const failed = job.failed ?? [];
  const more = job.failed_count + (job.unknown ?? 0);
  const action = undo && job.done ? { label: t('Undo'), run: undo } : null;
  if (action) lastUndo = action.run;
  if (!more) return toast(`${said}: ${torrents(job.done)}`, { kind: 'job', action });
  if (more === 1 && !job.done && failed.length) return toast(`${said}: ${failed[0].message}`, { level: 'error', kind: 'job' });
  const text = t('{what}: {done} done, {failed} not', { what: said, done: count(job.done), failed: count(more) });
  return toast(text, { level: 'error', kind: 'job', action, more: () => showFailures(said, job.done, failed, more) });
}

let lastUndo = null;

/** Take back the last thing that can be; once. */
export function undoLast() {
  const run = lastUndo;
  lastUndo = null;
  if (run) run();
  else toast(t('There is nothing to undo.'), { kind: 'undo' });
}

function showFailures(said, done, failed, all) {
  const reasons = new Map();
  for (const each of failed) reasons.set(each.message, [...(reasons.get(each.message) ?? []), each]);
  // The server names the first hundred only: how many of all had the same reason is not known then.
  const beyond = all - failed.length;
  const groups = [...reasons].map(([message, items]) =>
    h('section.failures', {}, h('h3', {}, icon('error'), h('bdi', {}, message), ' ', !beyond && h('span.muted', {}, count(items.length))),
      h('ul', {}, items.map((each) => h('li', {}, h('bdi', {}, each.name || each.hash), ' ', h('span.muted', {}, each.target))))));
  const line = beyond
    ? t('{done} done, {failed} not. The first {n} of them:', { done: torrents(done), failed: count(all), n: count(failed.length) })
    : t('{done} done, {failed} not:', { done: torrents(done), failed: count(all) });
  const rest = beyond ? [h('p.muted', {}, t('{n} more are not named here.', { n: count(beyond) }))] : [];
  return ask({ title: said, body: [h('p', {}, line), h('div.scroll', { tabindex: 0 }, groups), ...rest], yes: '', no: t('Close') });
}
