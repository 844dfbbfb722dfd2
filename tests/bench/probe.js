/* Runs in each page before its own scripts and notes when what somebody waits for is painted. */
(wanted) => {
  const ROWS = 10;
  const bench = { rows: null, facets: null, long: [] };
  window.bench = bench;

  // A task after the next frame: the frame with the change has been painted by then.
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)));

  const visibleRows = () => {
    const rows = [...document.querySelectorAll(wanted.rows)];
    return rows.filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    });
  };
  const number = (text) => Number((text.match(/[\d.,\s]+/g) ?? []).pop()?.replace(/\D/g, ''));
  const facetsKnown = () => {
    const lines = [...document.querySelectorAll(wanted.facets)].map((line) => {
      const count = line.querySelector('.badge, .count');
      return [line.textContent, count ? number(count.textContent) : NaN];
    });
    return Object.entries(wanted.expected).every(([word, count]) => lines.some(([text, has]) => has === count && text.includes(word)));
  };

  const noted = { rows: false, facets: false };
  const note = (what) => {
    noted[what] = true;
    painted().then((at) => {
      bench[what] = at;
    });
  };
  const look = () => {
    if (!noted.rows && document.querySelectorAll(wanted.rows).length >= ROWS) note('rows');
    if (!noted.facets && facetsKnown()) note('facets');
    if (noted.rows && noted.facets) observer.disconnect();
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true, characterData: true });

  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) bench.long.push([startTime, duration]);
  }).observe({ type: 'longtask', buffered: true });

  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const scrollerOf = (row) => {
    for (let each = row.parentElement; each; each = each.parentElement) {
      const { overflowY } = getComputedStyle(each);
      if (each.scrollHeight > each.clientHeight + 100 && (overflowY === 'auto' || overflowY === 'scroll')) return each;
    }
    return document.scrollingElement;
  };

  /** Three seconds of steady scrolling, then forty jumps with the scrollbar, to the end and back. */
  bench.scroll = async () => {
    const scroller = scrollerOf(document.querySelector(wanted.rows));
    const { left, width } = scroller.getBoundingClientRect();
    const from = performance.now();
    let [frames, blank, empty] = [0, 0, 0];
    const see = async () => {
      await painted();
      frames += 1;
      const shown = document.elementsFromPoint(left + Math.min(width / 2, 150), innerHeight / 2);
      if (shown.some((element) => element.closest(wanted.rows)?.textContent.trim())) return;
      blank += 1;
      if (!shown.some((element) => scroller.contains(element) && getComputedStyle(element).backgroundImage !== 'none')) empty += 1;
    };
    for (let at = 0; at < 150; at += 1) {
      scroller.scrollTop += 120;
      await see();
    }
    for (let at = 0; at < 40; at += 1) {
      scroller.scrollTop = (scroller.scrollHeight * ((at * 7) % 40)) / 39;
      for (let rest = 0; rest < 6; rest += 1) {
        await see();
      }
    }
    scroller.scrollTop = scroller.scrollHeight;
    await painted();
    scroller.scrollTop = 0;
    await new Promise((done) => setTimeout(done, 300));
    const long = bench.long.filter(([start]) => start > from).map(([, duration]) => duration);
    return { longest: Math.max(0, ...long), blank: blank / frames, empty: empty / frames, height: scroller.scrollHeight };
  };

  /** Wait for the next keystroke and then for rows that all have what the box holds; null where they did before. */
  bench.listen = () => {
    bench.done = new Promise((done) => {
      document.addEventListener('input', async (event) => {
        const text = event.target.value.toLowerCase();
        const right = () => {
          const rows = visibleRows();
          return rows.length > 0 && rows.every((row) => row.textContent.toLowerCase().includes(text));
        };
        if (right()) return done(null);
        const give = performance.now() + 20000;
        while (!right() && performance.now() < give) await frame();
        await new Promise((rest) => setTimeout(rest, 0));
        return done(performance.now() - event.timeStamp);
      }, { capture: true, once: true });
    });
  };
}
