/* The tab History: what happened to the torrent, the newest first. */

import { h, reconcile, setAttr, setText } from './dom.js';
import { moment, since } from './format.js';
import { t } from './i18n.js';
import { ACTIONS } from './actions.js';

const KINDS = {
  added: () => t('added'), removed: () => t('removed'), started: () => t('started'), stopped: () => t('stopped'),
  paused: () => t('paused'), resumed: () => t('resumed'), checking: () => t('check began'), checked: () => t('check ended'),
  finished: () => t('download complete'), error: (detail) => t('error: {message}', { message: detail }),
  label: (detail) => (detail ? t('label: {label}', { label: detail }) : t('label taken away')), moved: (detail) => t('directory: {path}', { path: detail }),
  did: (detail) => verbOf(detail),
};

function verbOf(detail) {
  const [id, ...rest] = detail.split(' ');
  const label = ACTIONS.find((action) => action.id === id)?.label.replace('…', '') ?? id;
  return [label, ...rest].join(' ');
}

const wordsOf = ({ kind, detail }) => KINDS[kind]?.(detail ?? '') ?? [kind, detail].filter(Boolean).join(': ');

export function make(place) {
  const list = h('ol.history');
  const none = h('p.nothing.muted', { hidden: true }, t('Nothing has been noted about this torrent yet.'));
  place.append(none, list);
  return {
    part: '/history',
    paint(answer) {
      const { events } = answer;
      none.hidden = events.length > 0;
      reconcile(list, events, (event) => `${event.at} ${event.kind} ${event.detail}`, makeEvent, (element, event) => {
        const [time, text, who] = element.children;
        setText(time, moment(event.at));
        setAttr(time, 'title', t('{age} ago', { age: since(event.at) }));
        setText(text, wordsOf(event));
        setText(who, event.who ? t('by {name}', { name: event.who }) : '');
      });
    },
  };
}

const makeEvent = () => h('li', {}, h('time'), h('bdi'), h('span.muted'));
