/* What happened, in words for people: the kinds of events and their details. */

import { ACTIONS } from './actions.js';
import { age, ratio } from './format.js';
import { t } from './i18n.js';

const KINDS = {
  added: () => t('added'), removed: () => t('removed'), started: () => t('started'), stopped: () => t('stopped'),
  paused: () => t('paused'), resumed: () => t('resumed'), checking: () => t('check began'), checked: () => t('check ended'),
  finished: () => t('download complete'), error: (message) => t('error: {message}', { message }),
  tracker_error: (message) => t('tracker: {message}', { message: complaint(message) }),
  stalled: (seconds) => t('nothing came for {time}', { time: age(Number(seconds)) }),
  label: (label) => (label ? t('label: {label}', { label }) : t('label taken away')), moved: (path) => t('directory: {path}', { path }),
  ratio: (reached) => t('ratio {ratio} reached', { ratio: ratio(Number(reached) * 1000) }),
  updated: (keys) => t('changed: {fields}', { fields: keys.split(' ').map((key) => FIELDS[key] ?? key).join(', ') }),
  disk_low: (path) => (path ? t('little space left in {path}', { path }) : t('little space left')),
  offline: (code) => t('does not answer ({code})', { code }), online: () => t('answers again'),
  webhook: (detail) => t('webhook paused: {detail}', { detail }),
  did: (detail) => verbOf(detail),
};

/** The fields whose change is an event, as the list calls them. */
const FIELDS = {
  name: t('Name'), size_bytes: t('Size'), state: t('State'), is_open: t('Open'), is_active: t('Active'), hashing: t('Checking'),
  complete: t('Complete'), message: t('Message'), label: t('Label'), priority: t('Priority'), size_files: t('Files'),
  directory: t('Directory'), base_path: t('Path'), is_private: t('Private'), is_multi_file: t('Several files'),
  is_meta: t('Waiting for metadata'), throttle: t('Throttle'), tracker: t('Tracker'),
};

function verbOf(detail) {
  const [id, ...rest] = detail.split(' ');
  const label = ACTIONS.find((action) => action.id === id)?.label.replace('…', '') ?? id;
  return [label, ...rest].join(' ');
}

/** What a tracker said, without the frame that the client puts around it. */
const complaint = (message) => message.replace(/^Tracker: \[(.*?)\]?$/s, '$1');

/**
 * @param {{kind: string, detail: string | null}} event
 * @returns {string}
 */
export const wordsOf = ({ kind, detail }) => KINDS[kind]?.(detail ?? '') ?? [kind, detail].filter(Boolean).join(': ');

/**
 * The events without those updates that only say again what stands beside them.
 * @template {{kind: string, at: number}} E
 * @param {E[]} events
 * @returns {E[]}
 */
export function telling(events) {
  const said = new Set(events.filter((event) => !['updated', 'did'].includes(event.kind)).map((event) => event.at));
  return events.filter((event) => event.kind !== 'updated' || !said.has(event.at));
}
