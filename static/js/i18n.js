/* Texts and figures in the language of the page. Originals are English and literal, so that they can be extracted:
 *   t('Not now')   t('{name} is gone', {name})   tn('{n} torrent', '{n} torrents', count)   tp('unit', 'd')
 * Modules that import this one wait for the texts; in English, and where they cannot be had, there is nothing to wait for.
 */

const PATIENCE = 4000;

/** Code of the language, as Intl takes it. */
export const language = document.documentElement.lang || 'en';

const texts = await load(document.querySelector('link#words')?.href);
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

async function load(address) {
  const found = Object.create(null);
  if (!address) return found;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
    return Object.assign(found, answer.ok ? await answer.json() : {});
  } catch {
    return found;
  }
}

/**
 * @param {string} text   original; {name} is replaced by a parameter
 * @param {Record<string, unknown>} [params]
 */
export const t = (text, params) => fill(texts[text] ?? text, params);

/** The same where the words mean what the context says. */
export const tp = (context, text, params) => fill(texts[`${context}\x04${text}`] ?? text, params);

/**
 * @param {string} one    for one; {n} is the number as people write it
 * @param {string} many   for any other number
 * @param {number} n
 * @param {Record<string, unknown>} [params]
 */
export function tn(one, many, n, params) {
  const forms = texts[one];
  const text = forms?.[plurals.select(n)] ?? forms?.other ?? (n === 1 ? one : many);
  return fill(text, { n: numbers.format(n), ...params });
}

const fill = (text, params) => (params ? text.replace(/\{(\w+)\}/g, (place, name) => params[name] ?? place) : text);
