/* The tab History: what happened to the torrent, the newest first. */

import { h, reconcile, setAttr, setText } from './dom.js';
import { moment, since } from './format.js';
import { t } from './i18n.js';
import { telling, wordsOf } from './eventwords.js';

export function make(place, { isGone }) {
  const list = h('ol.history');
  const none = h('p.nothing.muted', { hidden: true }, t('Nothing has been noted about this torrent yet.'));
  place.append(none, list);
  return {
    part: '/history',
    paint(answer) {
      const events = telling(answer.events);
      none.hidden = events.length > 0;
      // What happened to a torrent is told when it is gone, too: its head must not say that it still seeds.
      const last = events.find(({ kind }) => kind === 'added' || kind === 'removed');
      if (last) isGone(last.kind === 'removed');
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
