/* What somebody meets who uses a page with the Tab key, with a thumb, or enlarged. Each function names what is wrong. */
window.walk = (() => {
  /* What can be reached and hit; what is hidden or off the screen on purpose is not asked. */
  const CONTROLS =
    'a[href], button:not(:disabled), input:not(:disabled, [type=hidden]), select:not(:disabled), ' +
    'textarea:not(:disabled), summary, [tabindex="0"]';
  const FIELDS = 'input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), select, textarea';

  const shown = (e) =>
    e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) &&
    !e.closest('[inert], .sr') && e.getClientRects().length > 0;
  const words = (e) => (e.ariaLabel || e.textContent || e.name || '').trim().replace(/\s+/g, ' ').slice(0, 30);
  const nameOf = (e) => `${e.localName}${e.id && '#' + e.id} “${words(e)}”`;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
  const controls = () => all(CONTROLS).filter((e) => e.tabIndex >= 0);

  /* Numbers the controls in the order of the page; one of several radio buttons stands for all. Not in the page, which
     may refresh itself meanwhile. */
  let numbered = [];

  function mark() {
    const groups = new Set();
    const once = (e) => e.type !== 'radio' || (!groups.has(e.name) && groups.add(e.name));
    numbered = controls().filter(once);
    return numbered.length;
  }

  const marked = (numbers) => numbers.map((at) => nameOf(numbered[at]));
  const place = () => numbered.indexOf(document.activeElement);

  const channel = (part) => ((part /= 255) <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);

  function luminance(colour) {
    const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
    return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  }

  function contrast(one, other) {
    const [most, least] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (most + 0.05) / (least + 0.05);
  }

  function groundOf(e) {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (!/, 0\)|transparent/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  }

  /* A ring of two pixels, in a colour that stands out from what is around it. */
  function invisibleFocus() {
    return controls().flatMap((e) => {
      e.focus({ preventScroll: true, focusVisible: true });
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(e);
      if (outlineStyle === 'none' || parseFloat(outlineWidth) < 2) return [`no ring: ${nameOf(e)}`];
      return contrast(outlineColor, groundOf(e.parentElement)) < 3 ? [`faint ring: ${nameOf(e)}`] : [];
    });
  }

  /* What is hit in the place of a control: the card it is stretched over, the label around a box. */
  function hitOf(e) {
    const after = getComputedStyle(e, '::after');
    if (after.content !== 'none' && after.position === 'absolute') return e.closest('tr, li, [role=row]') ?? e;
    return e.matches('[type=checkbox], [type=radio]') ? (e.closest('label') ?? e) : e;
  }

  /* A link among other words is as the text is. */
  function isInText(e) {
    const around = e.closest('p, dd, li, .help, .empty');
    return e.localName === 'a' && getComputedStyle(e).display === 'inline' &&
      around?.textContent.trim().length > e.textContent.trim().length + 3;
  }

  /* A hairline may be missing, and a narrow column may be narrow. */
  function tooSmall(least) {
    return controls().flatMap((e) => {
      if (e.matches('.skip, [role=region], main') || isInText(e)) return [];
      const { width, height } = hitOf(e).getBoundingClientRect();
      const small = Math.round(height) < least - 1 || Math.round(width) < 24;
      return small ? [`${Math.round(width)}×${Math.round(height)}: ${nameOf(e)}`] : [];
    });
  }

  function sideways() {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const right = (e) => Math.round(e.getBoundingClientRect().right);
    return all('body *').filter((e) => right(e) > innerWidth + 1).slice(0, 5)
      .map((e) => `${right(e)}: ${nameOf(e)}.${e.className}`);
  }

  /* Words that do not fit into what they stand in. */
  function cutOff() {
    return all('button, .button, label, h1, h2, legend, p').filter((e) => {
      const clips = getComputedStyle(e).overflow !== 'visible';
      return clips && (e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2);
    }).map(nameOf);
  }

  function moving() {
    const lasts = (text) => text.split(',').some((part) => parseFloat(part) > 0.011);
    const found = document.getAnimations().map((animation) => `runs: ${nameOf(animation.effect.target)}`);
    for (const e of document.querySelectorAll('*')) {
      for (const part of [null, '::before', '::after', '::-webkit-progress-value']) {
        const style = getComputedStyle(e, part);
        const animated = style.animationName !== 'none' && lasts(style.animationDuration);
        const changes = style.transitionProperty !== 'none' && lasts(style.transitionDuration);
        if (animated || changes) found.push(`${nameOf(e)} ${part ?? ''}`);
      }
    }
    const smooth = getComputedStyle(document.documentElement).scrollBehavior === 'smooth';
    return smooth ? [...found, 'smooth scrolling'] : found;
  }

  /* With pinned colours only edges tell a button, a field and a bar from the ground. */
  function withoutEdge() {
    return all('button:not(:disabled), .button, progress, input:not([type=hidden]), select, textarea').filter((e) => {
      const { borderTopWidth, borderTopStyle } = getComputedStyle(e);
      const plain = e.matches('[type=checkbox], [type=radio], .menu-item');
      return !plain && (parseFloat(borderTopWidth) === 0 || borderTopStyle === 'none');
    }).map(nameOf);
  }

  /* Phones zoom into fields whose letters are smaller than 16 pixels. */
  const smallFields = () => all(FIELDS).filter((e) => parseFloat(getComputedStyle(e).fontSize) < 16).map(nameOf);

  return { mark, marked, place, invisibleFocus, tooSmall, sideways, cutOff, moving, withoutEdge, smallFields };
})();
