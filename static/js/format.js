/* Figures as people read them, in the words of lib/format.py and the digits of the page's language. What is not known
   is a dash, never a zero. */

import { language, t, tn, tp } from './i18n.js';

export const NONE = '–';

const binary = document.body.dataset.units !== 'decimal';
const STEP = binary ? 1024 : 1000;
const UNITS = binary ? ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] : ['kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** Rounded as Python rounds, so that what the server wrote does not change when scripts take over. */
const fixed = (digits) => {
  const { format } = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });
  return (value) => format(Number(value.toFixed(digits)));
};
const [whole, tenths, hundredths] = [0, 1, 2].map(fixed);
const grouped = new Intl.NumberFormat(language).format;
// English is everybody's second language, so that its dates leave no doubt which is the month: as Sweden writes them.
const clock = language === 'en' ? 'sv' : language;
const dated = new Intl.DateTimeFormat(clock, { day: '2-digit', month: '2-digit', year: 'numeric' });
const timed = new Intl.DateTimeFormat(clock, { hour: '2-digit', minute: '2-digit' });
const [S, MIN, H, D, MO, Y] = [tp('unit', 's'), tp('unit', 'min'), tp('unit', 'h'), tp('unit', 'd'), tp('unit', 'mo'), tp('unit', 'y')];

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH = 30 * DAY;
const YEAR = 365 * DAY;

/** Bytes, e.g. `4.7 GiB`; at most three digits before the unit. */
export function size(bytes) {
  if (bytes === null || bytes === undefined || bytes < 0) return NONE;
  if (bytes < 1000) return `${whole(bytes)} B`;
  let value = bytes;
  for (const unit of UNITS) {
    value /= STEP;
    if (value < 99.95) return `${tenths(value)} ${unit}`;
    if (value < 999.5) return `${whole(value)} ${unit}`;
  }
  return `${whole(value)} ${UNITS.at(-1)}`;
}

/** Bytes a second; what does not move is a dash, so that what moves stands out. */
export const rate = (bytes) => (bytes > 0 ? `${size(bytes)}/s` : NONE);

/** A limit in bytes a second; 0 means that there is none. */
export const limit = (bytes) => (bytes === 0 ? t('unlimited') : rate(bytes));

/** A fraction as whole percent, rounded down: only what is complete has 100. */
export const wholePercent = (fraction) => Math.max(0, Math.min(100, Math.floor((fraction ?? 0) * 100 + 1e-9)));

export const percent = (fraction) => `${whole(wholePercent(fraction))} %`;

/** rTorrent's ratio, in thousandths, e.g. `3.40`. */
export function ratio(thousandths) {
  if (thousandths === null || thousandths === undefined || thousandths < 0) return NONE;
  const value = thousandths / 1000;
  return thousandths < 9995 ? hundredths(value) : thousandths < 99950 ? tenths(value) : whole(value);
}

/** Time that is left: `45 s`, `12 min`, `3 h 20 min`, `9 d`. */
export function eta(seconds) {
  if (seconds === null || seconds === undefined || seconds < 0) return NONE;
  if (seconds < 90) return `${seconds} ${S}`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} ${MIN}`;
  if (seconds < 10 * HOUR) return `${Math.floor(seconds / HOUR)} ${H} ${Math.floor((seconds % HOUR) / MINUTE)} ${MIN}`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} ${H}`;
  return seconds < YEAR ? `${Math.floor(seconds / DAY)} ${D}` : `> 1 ${Y}`;
}

/** How long ago, in one unit: `12 s`, `3 min`, `2 h`, `9 d`, `5 mo`, `1 y`. */
export function age(seconds) {
  if (seconds < MINUTE) return `${Math.max(0, Math.floor(seconds))} ${S}`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} ${MIN}`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} ${H}`;
  if (seconds < 2 * MONTH) return `${Math.floor(seconds / DAY)} ${D}`;
  return seconds < YEAR ? `${Math.floor(seconds / MONTH)} ${MO}` : `${Math.floor(seconds / YEAR)} ${Y}`;
}

/** The same of a time in Unix seconds; 0 is not known. */
export const since = (unix) => (unix > 0 ? age(Date.now() / 1000 - unix) : NONE);

/** A time in Unix seconds as date and time of the reader's clock. */
export function moment(unix) {
  const date = new Date(unix * 1000);
  return unix > 0 && !Number.isNaN(date.getTime()) ? `${dated.format(date)} ${timed.format(date)}` : '';
}

/** A whole number with its thousands apart. */
export const count = (number) => (number === null || number === undefined ? NONE : grouped(number));

export const torrents = (number) => tn('{n} torrent', '{n} torrents', number);
