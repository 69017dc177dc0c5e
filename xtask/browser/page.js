// What page.py runs inside a page. Functions that check return failures: [what, path, text].
const all = (css, root = document) => [...root.querySelectorAll(css)];
const style = (e, part) => getComputedStyle(e, part);
const seen = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true});
const said = e => (e?.textContent ?? '').trim().replace(/\s+/g, ' ');
const up = function* (e) { for (; e; e = e.parentElement) yield e; };
const step = e => {
  const same = [...(e.parentElement?.children ?? [])].filter(x => x.localName === e.localName);
  return e.id ? '#' + e.id : e.localName + (same.length > 1 ? `:nth-of-type(${same.indexOf(e) + 1})` : '');
};
const path = e => {
  const steps = [];
  for (const x of up(e)) { steps.unshift(step(x)); if (x.id || steps.length > 3) break; }
  return steps.join('>');
};
const fail = (what, e, text = said(e)) => [what, path(e), text];
// What is read as text: not what only scripts, styles and assistive technology see.
const texts = () => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) if (walk.currentNode.data.trim()) found.push(walk.currentNode);
  return found.filter(n => !n.parentElement.closest('script,style,noscript,template,title,desc,option'));
};
const boxes = n => {
  if (n.parentElement.closest('text')) return [n.parentElement.getBoundingClientRect()];
  const range = document.createRange();
  range.selectNodeContents(n);
  return [...range.getClientRects()].filter(r => r.width > 0);
};
// A line of text may be taller than its box without losing ink: hence some slack above and below.
const sticksOut = (r, b) => r.left < b.left - 1 || r.right > b.right + 1
  || r.top < b.top - r.height / 4 - 1 || r.bottom > b.bottom + r.height / 4 + 1;
const inner = e => {
  const r = e.getBoundingClientRect(), left = r.left + e.clientLeft, top = r.top + e.clientTop;
  return {left, top, right: left + e.clientWidth, bottom: top + e.clientHeight, height: e.clientHeight};
};
const cutInSvg = (n, r) => {
  const svg = [...up(n.parentElement)].filter(e => e.localName === 'svg').pop();
  if (!svg) return [];
  const b = svg.getBoundingClientRect(), low = /[gjpqy,;()]/.test(n.data) ? .5 : r.height / 4;
  const out = r.left < b.left - 1 || r.right > b.right + 1
    || r.top < b.top - r.height / 4 || r.bottom > b.bottom + low;
  return out ? [fail('text outside its svg', n.parentElement)] : [];
};
const memo = f => {
  const known = new Map();
  return e => { if (!known.has(e)) known.set(e, f(e)); return known.get(e); };
};
// The boxes around an element that cut or scroll what is in them. The viewport takes over the
// overflow of body and html; inline boxes and svg have none of their own.
const frames = memo(e => {
  if (!e) return [];
  const s = style(e), flow = s.overflowX + ' ' + s.overflowY, outer = frames(e.parentElement);
  const none = flow === 'visible visible' || s.display === 'inline' || e.matches('html,body,svg,svg *');
  if (none) return outer;
  const wide = e.scrollWidth > e.clientWidth + 1, high = e.scrollHeight > e.clientHeight + 1;
  return [{e, box: inner(e), scrolls: /auto|scroll/.test(flow),
    dots: s.textOverflow === 'ellipsis' && wide,
    lost: (wide || high) && !(e.hasAttribute('tabindex') && e.tabIndex === 0)}, ...outer];
});
const cut = n => {
  let rects = boxes(n);
  const p = n.parentElement, found = rects.length && p.closest('text') ? cutInSvg(n, rects[0]) : [];
  for (const {e, box, scrolls, dots, lost} of frames(p)) {
    if (e.offsetWidth <= 1 && e.offsetHeight <= 1) return found;  // meant for screen readers alone
    if (scrolls) {
      if (lost) found.push(fail('scrolls, but has no tabindex=0', e));
      rects = [e.getBoundingClientRect()];  // further out, only what shows through counts
    } else if (dots || rects.some(r => sticksOut(r, box)))
      found.push(fail('text is clipped', e, said(p)));
  }
  // A skip link waits to the left of the screen; the walk with Tab sees to it that it comes in.
  const waits = p.closest('a[href]') && rects.every(r => r.right <= 0);
  const width = document.documentElement.clientWidth;
  const off = r => r.right > width + 1 || r.left + scrollX < -1 || r.top + scrollY < -1;
  if (!waits && rects.some(off)) found.push(fail('text beyond the viewport', p));
  return found;
};
const pen = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true}), known = {};
// A canvas understands every notation of a colour that a computed style may have.
const colour = c => known[c] ??= (pen.clearRect(0, 0, 1, 1), pen.fillStyle = c, pen.fillRect(0, 0, 1, 1),
  [...pen.getImageData(0, 0, 1, 1).data].map((v, i) => i < 3 ? v : v / 255));
const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
const light = c => [.2126, .7152, .0722].reduce((sum, w, i) => {
  const v = c[i] / 255;
  return sum + w * (v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
}, 0);
const ratio = (a, b) => {
  const [x, y] = [light(a), light(b)].sort((m, n) => n - m);
  return (x + .05) / (y + .05);
};
const canvas = () => {
  const probe = document.documentElement.appendChild(document.createElement('i'));
  probe.style.color = 'Canvas';
  const c = colour(style(probe).color);
  probe.remove();
  return c;
};
const behind = memo(e => {  // null: a picture or a filter, so nobody can tell
  if (!e) return canvas();
  const s = style(e), own = colour(s.backgroundColor);
  if (s.backgroundImage !== 'none' || s.filter !== 'none') return null;
  const outer = own[3] === 1 ? own : behind(e.parentElement);
  return outer && over(own, outer);
});
const opaque = memo(e => e ? style(e).opacity * opaque(e.parentElement) : 1);
const behindInSvg = (text, base) => {
  const t = text.getBoundingClientRect(), found = [base];
  for (const shape of all('rect,circle,ellipse,polygon,path', text.ownerSVGElement)) {
    const b = shape.getBoundingClientRect(), fill = style(shape).fill;
    const apart = b.left > t.right - 1 || b.right < t.left + 1
      || b.top > t.bottom - 1 || b.bottom < t.top + 1;
    if (apart || fill === 'none' || shape.closest('defs,symbol')
      || shape.compareDocumentPosition(text) !== 4) continue;
    if (fill.startsWith('url')) return null;
    if (b.left <= t.left && b.right >= t.right) found.length = 0;
    found.push(over(colour(fill), base));
  }
  return found;
};
// Returns a failure, nothing, or 'skip' where the background cannot be known.
const faint = (e, part) => {
  const s = style(e, part), svg = e.closest('text'), base = behind(e);
  const backs = base && (svg ? behindInSvg(e, base) : [base]);
  if (!backs || (svg && s.fill.startsWith('url'))) return 'skip';
  const ink = [...colour(svg ? s.fill : s.color)];
  const size = parseFloat(s.fontSize) * (svg ? e.getScreenCTM().a : 1);
  ink[3] *= opaque(e);
  const need = size >= 24 || (size >= 18.66 && s.fontWeight >= 700) ? 3 : 4.5;
  const least = Math.min(...backs.map(b => ratio(over(ink, b), b)));
  return least < need ? fail(`contrast ${least.toFixed(2)}, needs ${need}`, e,
    part ? part + ' ' + s.content : said(e)) : null;
};
const painted = () => {
  const holders = new Set(texts().map(n => n.parentElement)
    .concat(all('input,select,textarea')));
  const whole = [...holders].filter(e => seen(e) && !e.closest(':disabled')).map(e => faint(e));
  const written = s => s.content.includes('"') && s.content !== '""';
  const parts = all('body *').filter(seen).flatMap(e =>
    ['::before', '::after'].filter(p => written(style(e, p))).map(p => faint(e, p)));
  return whole.concat(parts).filter(x => x);
};
const named = e => {
  const by = (e.getAttribute('aria-labelledby') ?? '').split(/\s+/).map(id => said(document.getElementById(id)));
  const labels = [...(e.labels ?? [])].map(l => {
    const copy = l.cloneNode(true);
    all('select,input,textarea', copy).forEach(x => x.remove());
    return said(copy);
  });
  const own = e.matches('a,button,summary') ?
    [said(e), ...all('img', e).map(x => x.alt)]
    : e.matches('[type=submit],[type=button]') ? [e.value] : [];
  return [e.ariaLabel, e.title, ...by, ...labels, ...own,
    ...all(':scope>title,:scope>caption', e).map(said)].some(x => x?.trim?.());
};
const built = script => {
  const root = document.documentElement, headings = all('h1,h2,h3,h4,h5,h6');
  const levels = headings.map(h => +h.localName[1]), ids = all('[id]').map(e => e.id);
  const here = id => ids.includes(id);
  const refs = e => ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls']
    .flatMap(a => (e.getAttribute(a) ?? '').split(/\s+/)).filter(id => id && !here(id));
  const not = (what, list) => list.map(e => fail(what, e));
  const target = e => decodeURIComponent(e.getAttribute('href').slice(1));
  const controls = 'input:not([type=hidden]),button,select,textarea';
  return [
    ...(root.lang.trim() ? [] : not('html has no lang', [root])),
    ...(document.title.trim() ? [] : not('no title', [document.head])),
    ...(all('meta[name=viewport][content*="width=device-width"]').length ? []
      : not('no meta viewport', [document.head])),
    ...(all('h1').length === 1 ? [] : [fail(`${all('h1').length} h1, not one`, document.body, '')]),
    ...not('heading level jumps', headings.filter((h, i) => levels[i] > (levels[i - 1] ?? 0) + 1)),
    ...not('svg is neither a named img nor hidden', all('svg').filter(e =>
      !e.closest('[aria-hidden=true]') && !e.parentElement.closest('svg')
      && !(e.getAttribute('role') === 'img' && named(e)))),
    ...not('img has no alt', all('img:not([alt])')),
    ...not('table has no caption or label', all('table').filter(e => !named(e))),
    ...not('table has no th', all('table').filter(e => !all('th', e).length)),
    ...not('th has no scope', all('th:not([scope])')),
    ...not('control has no name', all(controls + ',summary,a[href]').filter(e => !named(e))),
    ...(script ? [] : not('control does nothing without script', all(controls)
      .filter(e => seen(e) && !e.closest('form')))),
    ...not('id is not unique', all('[id]').filter((e, i) => ids.indexOf(e.id) !== i)),
    ...not('link to an id that is not there', all('[href^="#"]').filter(e =>
      !['', 'top'].includes(target(e)) && !here(target(e)))),
    ...not('names an id that is not there',
      all('[for],[aria-labelledby],[aria-describedby],[aria-controls]').filter(e => refs(e).length)),
  ];
};
// What the page names to be loaded, used or not: small data: addresses show in no request.
const wanted = () => {
  const css = all('style').map(e => e.textContent).concat(all('[style]').map(e => e.getAttribute('style')));
  const urls = css.flatMap(text => [...text.matchAll(/url\(\s*["']?([^"')\s]+)/g)].map(m => m[1]));
  const named = all('link,[src],[srcset],[poster],object,use,image').flatMap(e =>
    ['href', 'xlink:href', 'src', 'srcset', 'poster', 'data'].map(a => e.getAttribute(a)));
  return [...new Set(urls.concat(named))].filter(x => x && !x.startsWith('#'));
};
const look = (script, print) => {
  scrollTo(0, 0);
  const shut = print ? [] : all('details:not([open])'), root = document.scrollingElement;
  shut.forEach(e => { e.open = true; });  // what is folded must be sound as well
  const contrast = painted();
  const found = texts().filter(n => seen(n.parentElement)).flatMap(cut);
  if (root.scrollWidth > innerWidth)
    found.push(fail('page is wider than the viewport', root, `${root.scrollWidth} > ${innerWidth}`));
  shut.forEach(e => { e.open = false; });
  return {found: found.concat(contrast.filter(x => x !== 'skip'), built(script)),
    wanted: wanted(), skipped: contrast.filter(x => x === 'skip').length};
};
// What only serves the screen need not be on paper. What is folded on the screen is folded on paper.
const unprinted = () => texts().map(n => n.parentElement)
  .filter(e => !seen(e) && !e.closest('a,button,label,select,summary,nav,output,dialog,.screen,details:not([open])'))
  .map(e => fail('text is not printed', e));
const stops = () => all('a[href],button,input,select,textarea,summary,[tabindex],[contenteditable]')
  .filter(e => e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && seen(e));
const stop = i => {
  const e = document.activeElement, list = stops(), s = style(e);
  const r = e.getBoundingClientRect(), base = behind(e.parentElement ?? e);
  if (e !== list[i]) return [fail('Tab does not reach it in order', list[i])];
  // The ring that the browser itself draws ("auto") has two tones and shows on everything.
  const ring = s.outlineStyle === 'auto' || (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1
    && (!base || ratio(over(colour(s.outlineColor), base), base) >= 3));
  return [...(ring ? [] : [fail('no visible outline when focused', e)]),
    ...(r.right <= 0 || r.bottom <= 0 || r.left >= innerWidth ? [fail('focused, but not on the screen', e)] : [])];
};
const rows = () => all('tbody tr').filter(seen).map(said);
const fields = () => all('input[type=search],input[type=text],input:not([type])').filter(seen);
const sorts = async () => {
  const found = [];
  for (const b of all('th button,th [role=button]').filter(seen)) {
    const before = b.closest('th').ariaSort;
    b.click();
    await new Promise(done => setTimeout(done, 50));
    if (b.closest('th').ariaSort === before)
      found.push(fail('sort control does not change aria-sort', b));
  }
  return found;
};
